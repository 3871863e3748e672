import type { Page } from '@playwright/test';
import { BEN } from './account-states.ts';
import {
  expect,
  expectAccessible,
  expectRoomy,
  focused,
  picture,
  tabOrder,
  test,
} from './harness.ts';
import { ANNA, CLAUDE_CODE, entry, error, ONE, PI } from './states.ts';

/** Two logins to one service: Anna’s is in use, and Ben’s has a name. */
const NAMED = { ...BEN, name: 'At work' };
const BOTH = {
  ...ONE,
  accounts: [ANNA, NAMED],
  tools: [CLAUDE_CODE, PI].map((tool) => ({ ...tool, entries: [entry(ANNA)] })),
};
const RENAME = { view: 'rename', account: BEN.id } as const;

const card = (page: Page, nth = 0) => page.getByRole('listitem').nth(nth);

test('of two logins to one service each says whether the tools get it', async ({ page, open }) => {
  const bridge = await open(BOTH);
  await expect(card(page)).toContainText('Signed in · in use');
  await expect(card(page, 1)).toContainText('At work · ben@work.example · Acme');
  await expect(card(page, 1)).toContainText('Signed in · on standby');
  await expect(card(page, 1)).toContainText('Not given to any tool');
  expect(await tabOrder(page)).toEqual([
    'All signed in',
    'Add a login',
    'Settings',
    'Claude, anna@example.com, Max. Signed in, in use. Details',
    'More for Claude, anna@example.com',
    'Claude, At work, ben@work.example, Team. Signed in, on standby. Details',
    'More for Claude, ben@work.example',
  ]);
  await picture(page, bridge, 'several');
  await expectAccessible(page);
  await expectRoomy(page);
});

test('a switch is said, and shows on both cards', async ({ page, open }) => {
  const bridge = await open(BOTH);
  const accounts = [
    { ...ANNA, inUse: false },
    { ...NAMED, inUse: true },
  ];
  await bridge.push({ accounts, tools: [{ ...PI, entries: [entry(BEN)] }] });
  await expect(card(page)).toContainText('Signed in · on standby');
  await expect(card(page, 1)).toContainText('Signed in · in use');
  await expect
    .poll(() => bridge.said())
    .toEqual(expect.arrayContaining([expect.stringContaining('Signed in, in use.')]));
});

for (const [platform, keys] of [
  ['darwin', 'Alt+Meta'],
  ['linux', 'Control+Alt'],
] as const) {
  test(`the focused card is moved by keys, and keeps the focus: ${platform}`, async ({
    page,
    open,
  }) => {
    const bridge = await open({ ...BOTH, system: { ...BOTH.system, platform } });
    bridge.answer('account:move', async () => {
      await bridge.push({ accounts: [...bridge.state.accounts].reverse() });
    });
    await page.keyboard.press(`${keys}+ArrowDown`);
    expect(bridge.made('account:move'), 'no card has the focus').toEqual([]);
    await card(page).getByRole('button').first().focus();
    await page.keyboard.press(`${keys}+ArrowDown`);
    await expect(card(page, 1)).toContainText('anna@example.com');
    await expect.poll(() => focused(page)).toContain('anna@example.com');
    await page.keyboard.press(`${keys}+ArrowUp`);
    await expect(card(page)).toContainText('anna@example.com');
    await expect.poll(() => focused(page)).toContain('anna@example.com');
    await expect
      .poll(() => bridge.made('account:move'))
      .toEqual([
        { account: ANNA.id, to: 'down' },
        { account: ANNA.id, to: 'up' },
      ]);
  });
}

test('a login gets a name of the person’s own', async ({ page, open }) => {
  const bridge = await open(BOTH, RENAME);
  await expect(page.getByRole('heading', { level: 1, name: 'Rename Claude' })).toBeVisible();
  const field = page.getByRole('textbox', { name: 'Name' });
  await expect(field).toBeFocused();
  await expect(field).toHaveValue('At work');
  await picture(page, bridge, 'rename');
  await expectAccessible(page);
  await expectRoomy(page);
  await field.fill('For the band');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { level: 1, name: 'All signed in' })).toBeVisible();
  await expect
    .poll(() => bridge.made('account:rename'))
    .toEqual([{ account: BEN.id, name: 'For the band' }]);
});

test('a name that can’t be kept is told, and what was typed stays', async ({ page, open }) => {
  const bridge = await open(BOTH, RENAME);
  bridge.answer('account:rename', () => ({ ok: false, error: error('disk-full') }));
  const field = page.getByRole('textbox', { name: 'Name' });
  await field.fill('For the band');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByText(error('disk-full').title, { exact: true })).toBeVisible();
  await expect(field).toHaveValue('For the band');
  await bridge.push({ accounts: [ANNA] });
  await expect(field).toHaveCount(0);
});
