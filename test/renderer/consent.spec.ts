import { TEXTS } from '../../src/shared/ui/texts.ts';
import { wordsFor } from '../../src/shared/words.ts';
import { expect, expectAccessible, expectRoomy, picture, tabOrder, test } from './harness.ts';
import { JUST_SIGNED_IN } from './states.ts';

const BODY =
  'Claude Code keeps its login in your keychain. Your Mac will ask whether Authbar may change it. Choose Always Allow, and it won’t ask again.';
const NEEDS_OK = /Claude Code.*Needs your OK/;

test('before the system asks, Authbar says that it will', async ({ page, open }) => {
  const bridge = await open(JUST_SIGNED_IN);
  await page.getByRole('button', { name: NEEDS_OK }).click();
  const heading = page.getByRole('heading', { level: 1, name: 'One question from your Mac' });
  await expect(heading).toBeFocused();
  await expect(heading).toHaveAccessibleDescription(BODY);
  await expect(page.getByText('Claude Code', { exact: true })).toBeVisible();
  expect(TEXTS.consent.body({ ...wordsFor('darwin'), tool: 'Claude Code' })).toBe(BODY);
  await expect
    .poll(async () => (await bridge.said()).slice(-2))
    .toEqual(['One question from your Mac', BODY]);
  expect(await tabOrder(page)).toEqual(['One question from your Mac', 'Continue', 'Not now']);
  expect(bridge.made('tool:ask-consent')).toEqual([]);
  await picture(page, bridge, 'consent');
  await expectAccessible(page);
  await expectRoomy(page);
});

test('“Not now” asks nobody', async ({ page, open }) => {
  const bridge = await open(JUST_SIGNED_IN);
  const row = page.getByRole('button', { name: NEEDS_OK });
  await row.click();
  await page.getByRole('button', { name: 'Not now' }).click();
  await expect(row).toBeFocused();
  expect(bridge.made('tool:ask-consent')).toEqual([]);
});

test('after a no the row says so, and asks again when it is pressed', async ({ page, open }) => {
  const bridge = await open(JUST_SIGNED_IN);
  bridge.answer('tool:ask-consent', () => ({ granted: false }));
  await page.getByRole('button', { name: NEEDS_OK }).click();
  await page.getByRole('button', { name: 'Continue' }).click();
  const row = page.getByRole('button', { name: /Claude Code.*Not allowed yet/ });
  await expect(row).toBeVisible();
  await row.click();

  bridge.answer('tool:ask-consent', () => {
    const tools = JUST_SIGNED_IN.tools.map((tool) => ({ ...tool, needsConsent: false }));
    void bridge.push({ tools });
    return { granted: true };
  });
  await page.getByRole('button', { name: 'Continue' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('You’re signed in to Claude');
  await expect(row).toHaveCount(0);
  await expect.poll(() => bridge.made('tool:ask-consent')).toHaveLength(2);
});

test('who has left before the answer is not taken anywhere', async ({ page, open }) => {
  const bridge = await open(JUST_SIGNED_IN, { view: 'settings' });
  let answer = (_: { granted: boolean }) => {};
  bridge.answer('tool:ask-consent', () => {
    const later = new Promise<{ granted: boolean }>((resolve) => {
      answer = resolve;
    });
    return later as never;
  });
  await page.getByRole('switch', { name: 'Claude Code' }).click();
  const goOn = page.getByRole('button', { name: 'Continue' });
  await goOn.click();
  await goOn.click();
  await expect.poll(() => bridge.made('tool:ask-consent')).toHaveLength(1);
  await page.getByRole('button', { name: 'Not now' }).click();
  answer({ granted: false });
  await expect(page.getByRole('switch', { name: 'Claude Code' })).toHaveAccessibleDescription(
    'Not allowed yet',
  );
  await expect(page.getByRole('heading', { level: 1, name: 'Settings' })).toBeVisible();
  await expect.poll(() => bridge.made('tool:ask-consent')).toHaveLength(1);
});
