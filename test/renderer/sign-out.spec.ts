import type { Page } from '@playwright/test';
import { expect, expectAccessible, expectRoomy, picture, tabOrder, test } from './harness.ts';
import { ANNA, ANNA_GPT, CODEX, entry, error, ONE, TWO } from './states.ts';

const PLACE = { view: 'sign-out', account: ANNA.id } as const;

const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });
const heading = (page: Page, name: string) =>
  page.getByRole('heading', { level: 1, name, exact: true });

test('the question: what is taken away, and the safe answer first', async ({ page, open }) => {
  const bridge = await open(ONE, PLACE);
  await expect(heading(page, 'Sign out of Claude?')).toBeVisible();
  await expect(page.getByText('Authbar removes anna@example.com from:')).toBeVisible();
  await expect(page.getByRole('listitem')).toHaveText(['Claude Code', 'Pi', 'Your Mac’s keychain']);
  await expect(
    page.getByText(
      'They stop working with Claude until you sign in again. Your Claude account isn’t changed.',
    ),
  ).toBeVisible();
  expect(await tabOrder(page)).toEqual(['Cancel', 'Sign out']);
  await expect
    .poll(() => bridge.said())
    .toEqual(['Sign out of Claude?', 'From Claude Code, Pi and your keychain.']);
  await expect.poll(() => bridge.made('window:hold')).toEqual([{ held: true }]);
  await picture(page, bridge, 'sign-out');
  await expectAccessible(page);
  await expectRoomy(page);
});

test('another person’s login is not taken away', async ({ page, open }) => {
  const codex = { ...CODEX, serves: ['anthropic'] };
  await open(
    { ...ONE, tools: [{ ...codex, entries: [entry(ANNA, { state: 'other-account' })] }] },
    PLACE,
  );
  await expect(page.getByRole('listitem')).toHaveText(['Your Mac’s keychain']);
  await expect(page.getByText('They stop working')).toHaveCount(0);
});

test('where a file keeps the logins, the question says so', async ({ page, open }) => {
  const bridge = await open({ ...ONE, vault: { kind: 'file', state: 'open' } }, PLACE);
  await expect(page.getByRole('listitem').last()).toHaveText('A file that only you can read');
  await expect
    .poll(async () => (await bridge.said()).at(-1))
    .toBe('From Claude Code, Pi and a file that only you can read.');
});

test('a login that no tool and no keychain has goes from this computer', async ({ page, open }) => {
  const accounts = [{ ...ANNA, provider: 'custom-login-example-com' }];
  const bridge = await open({ ...ONE, accounts, tools: [] }, PLACE);
  await expect(heading(page, 'Sign out of Login-example-com?')).toBeVisible();
  await expect(page.getByRole('listitem')).toHaveText(['This Mac']);
  await expect(
    page.getByText('Whatever uses this login stops working with Login-example-com'),
  ).toBeVisible();
  await expect.poll(async () => (await bridge.said()).at(-1)).toBe('From this Mac.');
});

for (const key of ['Enter', 'Escape']) {
  test(`${key} takes nothing away`, async ({ page, open }) => {
    const bridge = await open(TWO, { view: 'details', account: ANNA.id });
    await button(page, 'Sign out…').click();
    await expect(button(page, 'Cancel')).toBeFocused();
    // Later than the focus: a key in between would take the question away before it held the window.
    await expect.poll(() => bridge.made('window:hold')).toEqual([{ held: true }]);
    await page.keyboard.press(key);
    await expect(button(page, 'Sign out…')).toBeFocused();
    expect(bridge.made('account:sign-out')).toEqual([]);
    await expect.poll(() => bridge.made('window:hold')).toEqual([{ held: true }, { held: false }]);
  });
}

test('the end tells place by place, and leads to the accounts', async ({ page, open }) => {
  const bridge = await open(TWO, { view: 'details', account: ANNA.id });
  bridge.answer('account:sign-out', async () => {
    await bridge.push({ accounts: [ANNA_GPT] });
    return { removed: ['Claude Code', 'Pi', 'your keychain'], kept: [], ended: true };
  });
  await button(page, 'Sign out…').click();
  await button(page, 'Sign out').click();
  await expect(heading(page, 'Signed out of Claude')).toBeFocused();
  await expect(page.getByRole('listitem')).toHaveText([
    'Removed from Claude Code',
    'Removed from Pi',
    'Removed from your keychain',
    'Ended at Claude',
  ]);
  await expect(page.locator('.row .shape.good')).toHaveCount(4);
  await expect
    .poll(async () => (await bridge.said()).at(-1))
    .toBe('Signed out of Claude. Removed from 3 places.');
  await expect.poll(() => bridge.made('account:sign-out')).toEqual([{ account: ANNA.id }]);
  await picture(page, bridge, 'signed-out');
  await expectAccessible(page);
  await button(page, 'Done').click();
  await expect(heading(page, 'Signed in')).toBeFocused();
});

test('what could not be removed or ended is told, with a way to it', async ({ page, open }) => {
  const bridge = await open(ONE, PLACE);
  bridge.answer('account:sign-out', async () => {
    await bridge.push({ accounts: [] });
    return { removed: ['Pi'], kept: [{ tool: 'codex', name: 'Codex' }], ended: false };
  });
  await button(page, 'Sign out').click();
  await expect(page.getByRole('listitem')).toHaveText([
    'Removed from Pi',
    'Couldn’t remove it from CodexShow in Finder',
    'Couldn’t reach Claude to end it there too. No copy is left on this Mac.',
  ]);
  await button(page, 'Show in Finder').click();
  await expect.poll(() => bridge.made('tool:show-file')).toEqual([{ tool: 'codex' }]);
  await expect
    .poll(async () => (await bridge.said()).at(-1))
    .toBe('Signed out of Claude. Removed from 1 place.');
  await picture(page, bridge, 'signed-out-in-part');
  await expectAccessible(page);
  await expectRoomy(page);
  await page.keyboard.press('Escape');
  await expect(heading(page, 'Stay signed in')).toBeFocused();
});

test('a sign-out that fails says why, and can be tried again', async ({ page, open }) => {
  const bridge = await open(ONE, PLACE);
  bridge.answer('account:sign-out', () => ({ ok: false, error: error('keychain-locked') }));
  await button(page, 'Sign out').click();
  await expect(page.locator('.banner')).toContainText('Your keychain is locked');
  bridge.answer('account:sign-out', () => ({ removed: [], kept: [], ended: null }));
  await button(page, 'Sign out').click();
  await expect(heading(page, 'Signed out of Claude')).toBeFocused();
  await expect.poll(async () => (await bridge.said()).at(-1)).toBe('Signed out of Claude.');
});
