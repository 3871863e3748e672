import type { Page } from '@playwright/test';
import type { HistoryItem } from '../../src/shared/history.ts';
import { TEXTS } from '../../src/shared/ui/texts.ts';
import { BEN, ENDED, LOCKED } from './account-states.ts';
import { expect, expectAccessible, expectRoomy, picture, tabOrder, test } from './harness.ts';
import {
  ANNA,
  ANNA_GPT,
  CLAUDE_CODE,
  CODEX,
  DAY,
  entry,
  error,
  HOUR,
  MINUTE,
  NOW,
  ONE,
  PEEKABOO,
  PI,
  TWO,
  tool,
} from './states.ts';

const { details: T } = TEXTS;
const BEN_IN_USE = { ...BEN, inUse: true };
const DETAILS = { view: 'details', account: ANNA.id } as const;
const GPT_DETAILS = { view: 'details', account: ANNA_GPT.id } as const;

const HISTORY: readonly HistoryItem[] = [
  { event: 'renewed', at: NOW - 160 * MINUTE },
  { event: 'slept', ms: 9 * HOUR, at: NOW - 6 * HOUR },
  { event: 'adopted', target: 'pi', at: NOW - DAY },
  { event: 'written', target: 'claude-code', at: NOW - 9 * DAY },
  { event: 'signed-in', at: NOW - 9 * DAY - MINUTE },
];

const OVER: HistoryItem = {
  event: 'renewal-failed',
  code: 'login-ended',
  end: 'over',
  at: NOW - 20 * MINUTE,
};

const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });
const rows = (page: Page, section: string) =>
  page.getByRole('region', { name: section }).getByRole('listitem');
const heading = (page: Page, name: string) =>
  page.getByRole('heading', { level: 1, name, exact: true });

test('the details tell whose it is, how it is, and the clocks', async ({ page, open }) => {
  const accounts = [{ ...ANNA, workspace: 'Personal' }];
  const bridge = await open({ ...ONE, accounts }, DETAILS);
  bridge.answer('account:history', () => HISTORY);
  await bridge.push({});
  await expect(heading(page, 'Claude')).toBeFocused();
  await expect(page.locator('.standing p')).toHaveText([
    'anna@example.com · Max · Personal',
    'Signed in · renews itself',
  ]);
  await expect(page.locator('.group').first().getByRole('listitem')).toHaveText([
    'Renewedtoday at 11:20',
    'Renews againtoday at 17:20',
    'Sign in again by1 January',
  ]);
  await expect(rows(page, T.usedBy)).toHaveText(['Claude CodeReady', 'PiReady']);
  await expect(rows(page, T.happened)).toHaveText([
    'Renewed by Authbar11:20',
    'Your Mac was asleep for 9 hours08:00',
    'Renewed by Pi, and picked up hereYesterday',
    'Show all',
  ]);
  expect(await tabOrder(page)).toEqual([
    'Claude',
    'Back',
    'Sign in again by1 January',
    'Claude CodeReady',
    'PiReady',
    'Show all',
    'Check now',
    'Sign in again',
    'Sign out…',
  ]);
  await expect
    .poll(() => bridge.said())
    .toEqual(['Claude, anna@example.com. Signed in, renews itself.']);
});

test('the details are for everyone, light and dark, near and large', async ({ page, open }) => {
  const bridge = await open(ONE, DETAILS);
  bridge.answer('account:history', () => HISTORY);
  await bridge.push({});
  await expect(rows(page, T.happened)).toHaveCount(4);
  await picture(page, bridge, 'details');
  await expectAccessible(page);
  await expectRoomy(page);
});

test('what is not known is said so, and why a sign-in is needed now and then', async ({
  page,
  open,
}) => {
  const unknown = { renewedAt: null, renewsAt: null, signInBy: null };
  await open({ ...ONE, accounts: [{ ...ANNA, ...unknown }] }, DETAILS);
  const clocks = page.locator('.group').first().getByRole('listitem');
  await expect(clocks).toHaveText([
    'RenewedNot known',
    'Renews againNot planned',
    'Sign in again byNot known',
  ]);
  const row = page.getByRole('button', { name: 'Sign in again by Not known' });
  await expect(row).toHaveAttribute('aria-expanded', 'false');
  await row.click();
  await expect(clocks.nth(2)).toContainText(T.signInByHelp({ service: 'Claude' }));
  await expect(page.getByRole('button', { expanded: true })).toBeFocused();
});

test('each tool has its word, and leads to where something is done about it', async ({
  page,
  open,
}) => {
  const entries = (change: Parameters<typeof entry>[1]) => [entry(ANNA_GPT, change)];
  await open(
    {
      ...TWO,
      tools: [
        { ...CODEX, entries: entries({ state: 'other-account', code: 'tool-other-account' }) },
        { ...PI, entries: entries({ restart: true }) },
        { ...PEEKABOO, entries: entries({ works: false }) },
        tool('a', 'Locked', ['openai'], {
          entries: entries({ state: 'locked', code: 'tool-busy' }),
        }),
        tool('b', 'Read-only', ['openai'], {
          entries: entries({ state: 'not-writable', code: 'tool-file-protected' }),
        }),
        tool('c', 'New', ['openai']),
        tool('f', 'Left', ['openai'], { entries: entries({ state: 'empty' }) }),
        tool('d', 'Unwanted', ['openai'], { mode: 'off' }),
        tool('e', 'Absent', ['openai'], { installed: false }),
        { ...CLAUDE_CODE, needsConsent: true, mode: 'off', serves: ['openai'] },
      ],
    },
    GPT_DETAILS,
  );
  await expect(rows(page, T.usedBy)).toHaveText([
    'CodexHas another account',
    'PiRestart it once',
    'PeekabooWritten, but Peekaboo can’t use a ChatGPT login today.',
    'LockedBusy',
    'Read-onlyCan’t be changed',
    'NewIn a moment',
    'LeftSigned out there',
    'UnwantedOff',
    'Claude CodeNeeds your OK',
  ]);
  await expectAccessible(page);
  for (const [name, title] of [
    ['Codex Has another account', 'Codex has another account'],
    ['Pi Restart it once', 'Pi'],
    ['Unwanted Off', 'Unwanted'],
    ['Left Signed out there', 'Left'],
    ['Claude Code Needs your OK', 'One question from your Mac'],
  ] as const) {
    const row = page.getByRole('button', { name, exact: true });
    await row.click();
    await expect(heading(page, title)).toBeVisible();
    await page.keyboard.press('Escape');
    await expect(row).toBeFocused();
  }
});

test('a login on standby is given to no tool', async ({ page, open }) => {
  const accounts = [{ ...ANNA, inUse: false }, BEN_IN_USE];
  const tools = [{ ...PI, entries: [entry(BEN_IN_USE)] }, CLAUDE_CODE];
  await open({ ...ONE, accounts, tools }, DETAILS);
  await expect(rows(page, T.usedBy)).toHaveText(['Not given to any tool']);
});

test('a tool that was given one login by itself is in the list of that one alone', async ({
  page,
  open,
}) => {
  const accounts = [ANNA, BEN];
  const tools = [
    { ...PI, entries: [entry(BEN)] },
    { ...CLAUDE_CODE, entries: [entry(ANNA)] },
  ];
  const bridge = await open({ ...ONE, accounts, tools }, DETAILS);
  await expect(rows(page, T.usedBy)).toHaveText(['Claude CodeReady']);
  await bridge.emit('go', { view: 'details', account: BEN.id });
  await expect(rows(page, T.usedBy)).toHaveText(['PiReady']);
});

test('without tools nobody uses it yet', async ({ page, open }) => {
  await open({ ...ONE, tools: [] }, DETAILS);
  await expect(rows(page, T.usedBy)).toHaveText(['Not used by any tool yet']);
});

test('all that happened is a view of its own, by days', async ({ page, open }) => {
  const bridge = await open(ONE, DETAILS);
  bridge.answer('account:history', () => HISTORY);
  await bridge.push({});
  await button(page, 'Show all').click();
  await expect(heading(page, T.happened)).toBeFocused();
  await expect(page.getByRole('heading', { level: 2 })).toHaveText([
    'Today',
    'Yesterday',
    '13 November',
  ]);
  await expect(rows(page, '13 November')).toHaveText([
    'Written to Claude Code14:00',
    'You signed in13:59',
  ]);
  expect(await tabOrder(page)).toEqual([T.happened, 'Back', T.happened]);
  await picture(page, bridge, 'history');
  await expectAccessible(page);
  await expectRoomy(page);
  await bridge.push({});
  await page.keyboard.press('Escape');
  await expect(button(page, 'Show all')).toBeFocused();
  await expect.poll(() => bridge.made('account:history').length).toBeGreaterThan(1);
});

test('“Why?” leads to the answer', async ({ page, open }) => {
  const bridge = await open(ENDED);
  bridge.answer('account:history', () => [OVER, ...HISTORY]);
  await page.setViewportSize({ width: 360, height: 300 });
  await button(page, 'Why?').click();
  const why =
    'Claude ended this login 20 min ago, as it does after a password change. Authbar had renewed it today at 11:20.';
  await expect(page.getByText(why).last()).toBeVisible();
  await expect(page.locator('#happened')).toBeInViewport();
  await expect(rows(page, T.usedBy)).toHaveText(['Claude Code', 'Pi']);
  await expect(page.locator('.button.main')).toHaveText('Sign in again');
  await expect.poll(() => bridge.said()).toContain(why);
  await page.setViewportSize({ width: 360, height: 640 });
  await picture(page, bridge, 'details-ended');
  await button(page, 'Sign in again').click();
  await expect
    .poll(() => bridge.made('sign-in:start'))
    .toEqual([{ provider: 'anthropic', account: ANNA.id }]);
});

test('a history that cannot be read leaves the rest as it is', async ({ page, open }) => {
  const bridge = await open(ONE, DETAILS);
  bridge.answer('account:history', () => ({ ok: false, error: error('unexpected', {}) }));
  await bridge.push({});
  await expect.poll(() => bridge.made('account:history').length).toBeGreaterThan(0);
  await expect(page.getByRole('region', { name: T.happened })).toHaveCount(0);
  await expect(page.locator('.banner')).toHaveCount(0);
});

for (const [result, words] of [
  ['works', 'Works. Checked just now.'],
  ['unreachable', 'Claude can’t be reached right now.'],
  ['refused', 'Claude doesn’t accept this login any more.'],
] as const) {
  test(`Check now: ${words}`, async ({ page, open }) => {
    const bridge = await open(ONE, DETAILS);
    bridge.answer('account:check', async () => {
      await bridge.push({ checking: [ANNA.id] });
      await expect(button(page, 'Checking…')).toBeFocused();
      await bridge.push({ checking: [] });
      return [{ account: ANNA.id, result }];
    });
    await button(page, 'Check now').click();
    await expect(page.locator('.account-actions .small')).toHaveText(words);
    await expect(button(page, 'Check now')).toBeFocused();
    await expect.poll(() => bridge.made('account:check')).toEqual([{ account: ANNA.id }]);
    await expect.poll(async () => (await bridge.said()).slice(1)).toEqual(['Checking…', words]);
  });
}

test('⌘R checks the account that is looked at', async ({ page, open }) => {
  const bridge = await open(TWO, DETAILS);
  bridge.answer('account:check', () => [{ account: ANNA.id, result: 'works' as const }]);
  await page.keyboard.press('Meta+r');
  await expect(page.locator('.account-actions .small')).toHaveText('Works. Checked just now.');
  await expect.poll(() => bridge.made('account:check')).toEqual([{ account: ANNA.id }]);
});

test('a check that could not be made says why', async ({ page, open }) => {
  const bridge = await open(ONE, DETAILS);
  bridge.answer('account:check', () => ({ ok: false, error: error('clock-wrong') }));
  await button(page, 'Check now').click();
  await expect(page.locator('.banner')).toContainText('Open Date & Time');
  await expect(page.locator('.account-actions .small')).toHaveCount(0);
});

test('what is wrong has its next step here too', async ({ page, open }) => {
  const bridge = await open(
    { ...ONE, accounts: [{ ...ANNA, state: 'paused', code: 'account-paused' }] },
    DETAILS,
  );
  await button(page, 'Open Claude').click();
  await expect.poll(() => bridge.made('account:open-service')).toEqual([{ account: ANNA.id }]);
  await bridge.push(LOCKED);
  await expect(page.locator('.standing')).toContainText('Signed in until 16:00');
  await expect(page.locator('.standing')).toContainText('Your login is safe.');
});

test('a login that is gone has no details', async ({ page, open }) => {
  const bridge = await open(TWO, DETAILS);
  await bridge.push({ accounts: [ANNA_GPT] });
  await expect(heading(page, 'Signed in')).toBeFocused();
});
