import type { Page } from '@playwright/test';
import type { AppState } from '../../src/shared/app-state.ts';
import { TEXTS } from '../../src/shared/ui/texts.ts';
import {
  BEN,
  crowd,
  crowdInNeed,
  ENDED,
  inCodex,
  LOCKED,
  SHOWN,
  type Shown,
} from './account-states.ts';
import {
  expect,
  expectAccessible,
  expectRoomy,
  focused,
  picture,
  stopTime,
  tabOrder,
  test,
} from './harness.ts';
import { ANNA, ANNA_GPT, FRESH, MINUTE, NOW, ONE, STEPS, TWO } from './states.ts';

const { accounts: T } = TEXTS;
const CLAUDE_CARD = 'Claude, anna@example.com, Max. Signed in, renews itself. Details';
const CHATGPT_CARD = 'ChatGPT, anna@example.com, Plus. Signed in, renews itself. Details';
const MORE = 'More for Claude, anna@example.com';

const card = (page: Page, nth = 0) => page.getByRole('listitem').nth(nth);
const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });
const banner = (page: Page) => page.locator('.banner');

test('one account: it is signed in, and the other service is offered', async ({ page, open }) => {
  const bridge = await open(ONE);
  await expect(page.getByRole('heading', { level: 1, name: 'Signed in' })).toBeFocused();
  expect(await tabOrder(page)).toEqual([
    'Signed in',
    'Add a login',
    'Settings',
    CLAUDE_CARD,
    MORE,
    'Sign in to ChatGPT',
    T.dismissOffer,
  ]);
  await expect.poll(() => bridge.said()).toEqual(['Signed in']);
  await expect(page.locator('.footer')).toHaveCount(0);
});

test('every state has its shape, its words and its button', async ({ page, open }) => {
  const bridge = await open(FRESH);
  for (const shown of SHOWN) {
    await bridge.push(shown.state);
    await expectShown(page, shown);
  }
  expect(SHOWN).toHaveLength(20);
});

async function expectShown(page: Page, shown: Shown): Promise<void> {
  const { name, line1, line2, buttons = [], heading, shape } = shown;
  const first = card(page);
  await expect(page.getByRole('heading', { level: 1 }), name).toHaveText(heading);
  await expect(first.locator('.card-state'), name).toHaveText(line1);
  await expect(first.locator('.card-state .shape'), name).toHaveClass(`shape ${shape}`);
  await expect(first.locator('.card-detail'), name).toHaveText(line2 ? [line2] : []);
  await expect(first.locator('.buttons').getByRole('button'), name).toHaveText([...buttons]);
  const said = line1.replace(' · ', ', ').replace(/[^…]$/, '$&.');
  await expect(first.locator('.card-name'), name).toHaveAccessibleName(
    `Claude, anna@example.com, Max. ${said} Details`,
  );
}

test('only “Sign in again” is painted, and only one button on the screen is a main one', async ({
  page,
  open,
}) => {
  const bridge = await open({
    ...ENDED,
    accounts: ENDED.accounts.map((account) => ({
      ...account,
      state: 'sign-in-again',
      code: 'login-ended',
    })),
  });
  await expect(page.locator('.card-state.painted')).toHaveText(['Sign in again', 'Sign in again']);
  await expect(page.locator('.button.main')).toHaveCount(1);
  await expect(card(page).locator('.button.main')).toHaveText('Sign in');
  await expect
    .poll(() => bridge.said())
    .toEqual(['2 logins need you. Sign in again. Claude Code and Pi can’t use it until you do.']);
  await bridge.push({ accounts: [{ ...ANNA, state: 'paused', code: 'account-paused' }] });
  await expect(page.locator('.card-state.painted')).toHaveCount(0);
});

test('a card’s buttons do what they say', async ({ page, open }) => {
  const bridge = await open(ENDED);
  const state = (line1: string) => SHOWN.find((shown) => shown.line1 === line1)?.state as AppState;
  await button(page, 'Sign in').click();
  await expect
    .poll(() => bridge.made('sign-in:start'))
    .toEqual([{ provider: 'anthropic', account: ANNA.id }]);
  await bridge.emit('go', { view: 'accounts' });

  await bridge.push(state('Can’t reach Claude'));
  await button(page, 'Try now').click();
  await expect.poll(() => bridge.made('account:check')).toEqual([{ account: ANNA.id }]);

  await bridge.push(state('Claude has paused this account'));
  await button(page, 'Open Claude').click();
  await expect.poll(() => bridge.made('account:open-service')).toEqual([{ account: ANNA.id }]);

  for (const [line1, name, heading] of [
    ['Sign in again', 'Why?', 'Claude'],
    ['Signed in · not in Codex', 'Show why', 'Codex'],
    ['Signed in · Codex has another account', 'Decide…', 'Codex has another account'],
  ] as const) {
    await bridge.push(state(line1));
    await button(page, name).click();
    await expect(page.getByRole('heading', { level: 1, name: heading, exact: true })).toBeVisible();
    await page.keyboard.press('Escape');
    await expect(button(page, name)).toBeFocused();
  }
  await button(page, MORE).click();
  await expect.poll(() => bridge.made('account:menu')).toEqual([{ account: ANNA.id }]);
});

test('arrows, Home and End go from card to card, and coming back finds the card again', async ({
  page,
  open,
}) => {
  const bridge = await open(TWO);
  await expect.poll(() => bridge.said()).toEqual(['All signed in']);
  const order = [];
  for (const key of ['ArrowDown', 'ArrowDown', 'ArrowDown', 'ArrowUp', 'End', 'Home']) {
    await page.keyboard.press(key);
    order.push(await focused(page));
  }
  const [one, two] = [CLAUDE_CARD, CHATGPT_CARD];
  expect(order).toEqual([one, two, two, one, two, one]);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { level: 1, name: 'Claude' })).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(button(page, CLAUDE_CARD)).toBeFocused();
});

test('the whole card leads to the details, and its menu does not', async ({ page, open }) => {
  await open(TWO);
  await card(page, 1).click({ position: { x: 300, y: 70 } });
  await expect(page.getByRole('heading', { level: 1, name: 'ChatGPT' })).toBeFocused();
  await button(page, 'Back').click();
  await button(page, MORE).click();
  await expect(page.getByRole('heading', { level: 1, name: 'All signed in' })).toBeVisible();
});

test('a notification leads to its account’s own button', async ({ page, open }) => {
  await open(ENDED, { view: 'account', account: ANNA_GPT.id, focus: true });
  await expect(button(page, CHATGPT_CARD)).toBeFocused();
});

test('each change is said once, a countdown never', async ({ page, open }) => {
  const bridge = await open(TWO);
  const waiting = { state: 'waiting', code: 'unreachable', expiresAt: NOW - MINUTE } as const;
  const lapsed = (minutes: number) => [
    { ...ANNA, ...waiting, renewsAt: NOW + minutes * MINUTE },
    ANNA_GPT,
  ];
  await bridge.push({ accounts: lapsed(4) });
  await expect(card(page).locator('.card-detail')).toHaveText(/in 4 min/);
  await bridge.push({ accounts: lapsed(3) });
  await expect(card(page).locator('.card-detail')).toHaveText(/in 3 min/);
  await bridge.push({ accounts: TWO.accounts });
  await expect(card(page).locator('.card-state')).toHaveText('Signed in · renews itself');
  await expect
    .poll(() => bridge.said())
    .toEqual([
      'All signed in',
      'Claude: Can’t reach Claude. Trying again in 4 min. Claude Code and Pi may stop meanwhile.',
      'Claude: Signed in, renews itself. Used by Claude Code, Pi.',
    ]);
});

test('offline is a line at the bottom, said once each way', async ({ page, open }) => {
  const bridge = await open(TWO);
  await bridge.push({ online: false });
  await expect(page.locator('.footer')).toHaveText(T.offline);
  await picture(page, bridge, 'accounts-offline');
  await expectAccessible(page);
  await bridge.push({ online: true });
  await expect(page.locator('.footer')).toHaveCount(0);
  await expect.poll(() => bridge.said()).toEqual(['All signed in', T.saysOffline, T.saysOnline]);
});

test('a locked keychain is told once, and so is that it is unlocked', async ({ page, open }) => {
  const bridge = await open(TWO);
  await stopTime(page);
  await bridge.push(LOCKED);
  await expect(banner(page)).toContainText('Unlock your keychain');
  await bridge.push({ ...TWO, vault: { kind: 'keychain', state: 'denied' } });
  await expect(banner(page)).toContainText('Your Mac kept Authbar out');
  await bridge.push(LOCKED);
  await bridge.push(TWO);
  await expect(banner(page)).toHaveCount(0);
  await page.clock.runFor(100);
  expect(await bridge.said()).toEqual([
    'All signed in',
    'Your keychain is locked. Your logins are safe.',
    'Keychain unlocked.',
  ]);
});

test('a locked keychain: the banner is the first that the keys reach', async ({ page, open }) => {
  const bridge = await open(LOCKED);
  expect(await tabOrder(page)).toEqual([
    'Your keychain is locked',
    'Add a login',
    'Settings',
    'Unlock…',
    'Claude, anna@example.com, Max. Signed in until 16:00. Details',
    MORE,
    'ChatGPT, anna@example.com, Plus. Signed in until 16:00. Details',
    'More for ChatGPT, anna@example.com',
  ]);
  await button(page, 'Unlock…').click();
  await expect.poll(() => bridge.made('keychain:unlock')).toHaveLength(1);
  await picture(page, bridge, 'accounts-locked');
  await expectAccessible(page);
});

test('opened while the keychain is locked, the window says so at once', async ({ page, open }) => {
  await open(LOCKED);
  // The page takes away what it has said; the bridge keeps it.
  const text = 'Your keychain is locked. Your logins are safe.';
  await expect
    .poll(() => page.evaluate(() => window.bridge.said))
    .toEqual([{ where: 'alert', text }]);
});

test('a check is shown only if it takes a while', async ({ page, open }) => {
  const bridge = await open(TWO);
  const heading = page.getByRole('heading', { level: 1 });
  await page.clock.pauseAt(NOW + MINUTE);
  await bridge.push({ checking: [ANNA.id], now: NOW + MINUTE });
  await page.clock.runFor(400);
  await expect(heading).toHaveText('All signed in');
  await page.clock.runFor(200);
  await expect(heading).toHaveText('Checking…');
  await expect(card(page).locator('.card-state')).toHaveText('Checking…');
  await bridge.push({ checking: [] });
  await expect(heading).toHaveText('All signed in');
});

test('a renewal is shown only if it takes a while', async ({ page, open }) => {
  const bridge = await open(TWO);
  const line1 = card(page).locator('.card-state');
  await page.clock.pauseAt(NOW + MINUTE);
  const renewing = { ...ANNA, state: 'late', renewsAt: NOW + MINUTE } as const;
  await bridge.push({ accounts: [renewing, ANNA_GPT], now: NOW + MINUTE });
  await page.clock.runFor(900);
  await expect(line1).toHaveText('Signed in · renews itself');
  await page.clock.runFor(200);
  await expect(line1).toHaveText('Renewing…');
});

test('the offer goes away for good, by its button or when it was used', async ({ page, open }) => {
  const bridge = await open(ONE);
  await button(page, T.dismissOffer).click();
  await expect.poll(() => bridge.made('offer:dismiss')).toHaveLength(1);
  await bridge.push({ settings: { ...ONE.settings, offerDismissed: true } });
  await expect(button(page, 'Sign in to ChatGPT')).toHaveCount(0);
  await expect(page.getByRole('heading', { level: 1 })).toBeFocused();

  await bridge.push(ONE);
  await button(page, 'Sign in to ChatGPT').click();
  await expect
    .poll(() => bridge.made('sign-in:start'))
    .toEqual([{ provider: 'openai', account: null }]);
  await bridge.emit('go', { view: 'accounts' });
  await bridge.push(TWO);
  await expect.poll(() => bridge.made('offer:dismiss').length).toBe(2);
});

test('a sign-in that goes on has a card, and takes the place of the offer', async ({
  page,
  open,
}) => {
  const bridge = await open({ ...ONE, signIn: { ...STEPS.waiting, provider: 'openai' } });
  await expect(page.getByRole('listitem')).toHaveCount(2);
  await expect(button(page, 'Sign in to ChatGPT')).toHaveCount(0);
  await expect(card(page, 1)).toContainText('Finish in your browser');
  await picture(page, bridge, 'accounts-signing-in');
  await button(page, 'Show').click();
  await expect(page.getByRole('heading', { name: 'Finish in your browser' })).toBeFocused();
});

test('two accounts of one service are told apart', async ({ page, open }) => {
  const bridge = await open({ ...ONE, accounts: [ANNA, BEN] });
  await expect(card(page, 1)).toContainText('ben@work.example · Acme');
  await expect(card(page, 1)).toContainText('Signed in · on standby');
  await picture(page, bridge, 'accounts-siblings');
});

test('above the cards one banner at a time, the most urgent first', async ({ page, open }) => {
  const missed = { id: 'n1', title: 'Claude works again', body: 'Nothing to do.', button: 'Show' };
  const bridge = await open({
    ...LOCKED,
    clockOff: 9 * MINUTE,
    iconHidden: true,
    missedNotice: missed,
    settings: { ...TWO.settings, notices: true, noticesBlocked: true },
  });
  const title = page.locator('.banner-title');
  await expect(title).toHaveText('Unlock your keychain');
  await bridge.push({ vault: TWO.vault, accounts: TWO.accounts });
  await expect(title).toHaveText('Your clock is 9 min off');
  await button(page, 'Open Date & Time').click();
  await bridge.push({ clockOff: null });
  await expect(title).toHaveText('The key isn’t in your menu bar');
  await button(page, 'Open System Settings').click();
  await bridge.push({ iconHidden: false });
  await expect(title).toHaveText(missed.title);
  await button(page, 'Show').click();
  await button(page, 'Dismiss').click();
  await bridge.push({ missedNotice: null });
  await expect(title).toHaveText('Notifications are off');
  await button(page, 'Open System Settings').click();
  await expectAccessible(page);
  await expect
    .poll(() => bridge.made('settings:open-system'))
    .toEqual([{ page: 'date-time' }, { page: 'menu-bar' }, { page: 'notifications' }]);
  await expect.poll(() => bridge.made('notice:act')).toEqual([{ id: 'n1' }]);
  await expect.poll(() => bridge.made('notice:dismiss')).toEqual([{ id: 'n1' }]);
});

test('what keeps Authbar from its work is told, and is no welcome', async ({ page, open }) => {
  const trouble = {
    code: 'folder-protected',
    title: 'Authbar can’t save anything',
    sentence: 'Its folder is read-only. Nothing is renewed until it can be written.',
    action: 'Show in Finder',
  } as const;
  const bridge = await open({ ...FRESH, trouble });
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(TEXTS.heading.trouble);
  await expect(page.locator('.banner-title')).toHaveText(trouble.title);
  await expectAccessible(page);
  await button(page, trouble.action).click();
  await expect.poll(() => bridge.made('settings:show-folder')).toHaveLength(1);
  await bridge.push({ trouble: null });
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(TEXTS.welcome.heading);
});

test('a login that needs the person below the fold has a banner on top', async ({ page, open }) => {
  const bridge = await open(crowdInNeed(20, 14));
  await expect(banner(page)).toHaveText('Claude needs you to sign in again.Sign in');
  await expectAccessible(page);
  await banner(page).getByRole('button', { name: 'Sign in' }).click();
  await expect
    .poll(() => bridge.made('sign-in:start'))
    .toEqual([{ provider: 'anthropic', account: 'crowd-14' }]);
  await bridge.emit('go', { view: 'accounts' });
  await bridge.push(crowdInNeed(20, 2));
  await expect(banner(page)).toHaveCount(0);
});

test('from six on the healthy cards are small, and the others are not', async ({ page, open }) => {
  const bridge = await open(crowdInNeed(8, 2));
  await expect(page.locator('.card.compact')).toHaveCount(7);
  await expect(card(page, 2)).toContainText('Sign in again');
  const heights = await page
    .locator('.card.compact')
    .evaluateAll((cards) => cards.map((one) => one.getBoundingClientRect().height));
  expect(new Set(heights)).toEqual(new Set([52]));
  await picture(page, bridge, 'accounts-8');
  await expectAccessible(page);
  await expectRoomy(page);
});

const PICTURES: Readonly<Record<string, AppState>> = {
  'accounts-1': ONE,
  'accounts-2': ENDED,
  'accounts-5': { ...crowd(5), accounts: [...inCodex({}).accounts, ...crowd(5).accounts.slice(1)] },
  'accounts-20': crowdInNeed(20, 14),
};

for (const [name, state] of Object.entries(PICTURES)) {
  test(`${name} is for everyone, light and dark, near and large`, async ({ page, open }) => {
    const bridge = await open(state);
    await picture(page, bridge, name);
    await expectAccessible(page);
    await expectRoomy(page);
  });
}
