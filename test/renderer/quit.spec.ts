import { expect, expectAccessible, expectRoomy, picture, tabOrder, test } from './harness.ts';
import { ANNA, ANNA_GPT, FRESH, MINUTE, NOW, ONE, TWO } from './states.ts';

const QUIT = { view: 'quit' } as const;
const SOON = { ...ANNA, expiresAt: NOW + 5 * MINUTE };

test('⌘Q asks first, and the safe answer has the focus', async ({ page, open }) => {
  const bridge = await open({ ...TWO, accounts: [SOON, ANNA_GPT] });
  await page.keyboard.press('Meta+q');
  const keep = page.getByRole('button', { name: 'Keep running' });
  await expect(keep).toBeFocused();
  const warning = 'Your logins stop renewing. Some tools may stop working after 14:05.';
  await expect(page.getByText(warning, { exact: true }).first()).toBeVisible();
  await expect
    .poll(async () => (await bridge.said()).slice(-2))
    .toEqual(['Quit Authbar?', warning]);
  await expect.poll(() => bridge.made('window:hold')).toEqual([{ held: true }]);
  expect(await tabOrder(page)).toEqual(['Keep running', 'Quit']);
  expect(bridge.made('app:quit')).toEqual([]);
  await picture(page, bridge, 'quit');
  await expectAccessible(page);
  await expectRoomy(page);
});

test('Return and Escape keep it running', async ({ page, open }) => {
  const bridge = await open(ONE);
  for (const key of ['Enter', 'Escape']) {
    await page.keyboard.press('Meta+q');
    await expect(page.getByRole('button', { name: 'Keep running' })).toBeFocused();
    // Later than the focus: a key in between would take the question away before it held the window.
    await expect.poll(() => bridge.made('window:hold').at(-1)).toEqual({ held: true });
    await page.keyboard.press(key);
    await expect(page.getByRole('heading', { name: 'Quit Authbar?' })).toHaveCount(0);
  }
  expect(bridge.made('app:quit')).toEqual([]);
  await expect.poll(() => bridge.made('window:hold').at(-1)).toEqual({ held: false });
});

test('the focus comes back to where it was', async ({ page, open }) => {
  await open(FRESH);
  const claude = page.getByRole('button', { name: 'Sign in to Claude' });
  await claude.focus();
  await page.keyboard.press('Meta+q');
  await page.getByRole('button', { name: 'Keep running' }).click();
  await expect(claude).toBeFocused();
});

test('Quit quits', async ({ page, open }) => {
  const bridge = await open(ONE, QUIT);
  await page.getByRole('button', { name: 'Quit', exact: true }).click();
  await expect.poll(() => bridge.made('app:quit')).toHaveLength(1);
});

test('without a login nothing stops', async ({ page, open }) => {
  const bridge = await open(FRESH, QUIT);
  await expect(page.getByRole('button', { name: 'Keep running' })).toBeFocused();
  await expect(page.getByText('Your logins stop renewing', { exact: false })).toHaveCount(0);
  await expect.poll(async () => (await bridge.said()).at(-1)).toBe('Quit Authbar?');
  await picture(page, bridge, 'quit-empty');
});
