import {
  expect,
  expectAccessible,
  expectRoomy,
  picture,
  stopTime,
  tabOrder,
  test,
} from './harness.ts';
import { ONE } from './states.ts';

/** Longer than its box, with a line longer than any window. */
const REPORT = [
  'Authbar 1.0.0',
  'darwin 26.0.0 arm64 (mac26), en-GB',
  'Written 2026-11-22 14:00:00',
  'Logins are kept in: keychain (open)',
  'Online: yes, icon hidden: no',
  'Open at login: yes, blocked: no',
  'Notifications: yes, blocked: no',
  '',
  'Accounts',
  '  Claude 1: signed-in, in use, plan Max, ends 2026-11-22 20:00:00, renewed 2026-11-22 11:20:00',
  '',
  'Tools',
  '  Claude Code: shared, ~/.claude/.credentials.json',
  '    Claude 1: in-step since 2026-11-22 11:20:00',
  '  Pi: shared, ~/.pi/agent/auth.json',
  '    Claude 1: in-step since 2026-11-22 11:20:00',
  '',
  'What happened',
  ...Array.from({ length: 12 }, (_, n) => `  2026-11-${10 + n} 11:20:00 Claude 1: renewed`),
].join('\n');

test('the report is shown before it leaves the window', async ({ page, open }) => {
  const bridge = await open(ONE, { view: 'settings' });
  bridge.answer('report:read', () => ({ text: REPORT }));
  await page.getByRole('button', { name: 'Save a report…' }).click();
  const heading = page.getByRole('heading', { level: 1, name: 'What’s in it' });
  await expect(heading).toBeFocused();
  await expect(heading).toHaveAccessibleDescription(
    'It holds no logins, no codes and no e-mail addresses.',
  );
  const box = page.getByRole('region', { name: 'What’s in it' });
  await expect(box).toHaveText(REPORT, { useInnerText: true });
  await expect(box).toHaveAttribute('aria-busy', 'false');
  expect((await tabOrder(page)).map((name) => name.split('\n')[0])).toEqual([
    'What’s in it',
    'Back',
    'What’s in it',
    'Save…',
    'Copy',
  ]);
  await expect.poll(() => bridge.said()).toEqual(['Settings', 'What’s in it']);

  await box.press('End');
  await expect.poll(() => box.evaluate((element) => element.scrollTop)).toBeGreaterThan(0);
  await picture(page, bridge, 'report');
  await expectAccessible(page);
  await expectRoomy(page);
});

test('it is copied, and says so for two seconds', async ({ page, open }) => {
  const bridge = await open(ONE, { view: 'settings' });
  bridge.answer('report:read', () => ({ text: REPORT }));
  await page.getByRole('button', { name: 'Save a report…' }).click();
  await expect(page.getByRole('button', { name: 'Copy' })).toBeVisible();
  await stopTime(page);
  await page.getByRole('button', { name: 'Copy' }).click();
  const copied = page.getByRole('button', { name: 'Copied' });
  await expect(copied).toBeFocused();
  await expect.poll(() => bridge.made('report:copy')).toHaveLength(1);
  await expect.poll(() => bridge.said()).toEqual(['Settings', 'What’s in it', 'Report copied.']);
  await page.clock.runFor(2_100);
  await expect(page.getByRole('button', { name: 'Copy' })).toBeFocused();
});

test('it is saved, unless the person thinks better of it', async ({ page, open }) => {
  const bridge = await open(ONE, { view: 'settings' });
  bridge.answer('report:read', () => ({ text: REPORT }));
  bridge.answer('report:save', () => ({ saved: false }));
  await page.getByRole('button', { name: 'Save a report…' }).click();
  const save = page.getByRole('button', { name: 'Save…' });
  await save.click();
  await expect.poll(() => bridge.made('report:save')).toHaveLength(1);
  await expect(save).toBeVisible();
  await expect.poll(() => bridge.said()).toEqual(['Settings', 'What’s in it']);

  bridge.answer('report:save', () => ({ saved: true }));
  await stopTime(page);
  await save.click();
  await expect(page.getByRole('button', { name: 'Saved' })).toBeFocused();
  await expect.poll(() => bridge.said()).toEqual(['Settings', 'What’s in it', 'Report saved.']);
});

test('a disk that is full is told', async ({ page, open }) => {
  const bridge = await open(ONE, { view: 'settings' });
  bridge.answer('report:read', () => ({ text: REPORT }));
  bridge.answer('report:save', () => ({
    ok: false,
    error: {
      code: 'disk-full',
      title: 'Your disk is full',
      sentence: 'The login is safe. Your tools get it when there’s room.',
      action: 'Try again',
    },
  }));
  await page.getByRole('button', { name: 'Save a report…' }).click();
  await page.getByRole('button', { name: 'Save…' }).click();
  await expect(page.getByText('Your disk is full', { exact: true })).toBeVisible();
  await expect(page.getByRole('button', { name: 'Saved' })).toHaveCount(0);
});
