import { TEXTS } from '../../src/shared/ui/texts.ts';
import {
  expect,
  expectAccessible,
  expectRoomy,
  focused,
  inView,
  picture,
  stopTime,
  tabOrder,
  test,
} from './harness.ts';
import {
  ANNA,
  error,
  FRESH,
  failed,
  HOUR,
  JUST_SIGNED_IN,
  MINUTE,
  NOW,
  ONE,
  STEPS,
} from './states.ts';

const { waiting, still, finishing, signedIn } = TEXTS.signIn;
const SIGN_IN = { view: 'sign-in' } as const;
const WAITING = { ...FRESH, signIn: STEPS.waiting };

test('waiting: the browser has the next step', async ({ page, open }) => {
  const bridge = await open(WAITING, SIGN_IN);
  await expect(page.getByRole('banner').or(page.locator('.title'))).toHaveText('Sign in to Claude');
  await expect(inView(page).getByText(waiting.body({ service: 'Claude' }))).toBeVisible();
  await expect(page.locator('.button.main')).toHaveCount(0);
  expect(await tabOrder(page)).toEqual([
    'Finish in your browser',
    'Open again',
    'Copy link',
    'Enter a code instead',
    'Cancel',
  ]);
  await expect.poll(() => bridge.said()).toContain(waiting.says);
  await page.getByRole('button', { name: 'Open again' }).click();
  await expect.poll(() => bridge.made('sign-in:open-again')).toHaveLength(1);
});

test('waiting: the link is copied, which is shown for two seconds and said once', async ({
  page,
  open,
}) => {
  const bridge = await open(WAITING, SIGN_IN);
  const copied = page.getByRole('button', { name: 'Copied' });
  await stopTime(page);
  await page.getByRole('button', { name: 'Copy link' }).click();
  await expect(copied).toBeFocused();
  await copied.click();
  await expect.poll(() => bridge.made('sign-in:copy-link')).toHaveLength(2);
  await page.clock.runFor(2_100);
  await expect(copied).toBeHidden();
  await expect
    .poll(async () => (await bridge.said()).filter((text) => text === 'Link copied.'))
    .toHaveLength(1);
});

test('waiting: Back and Escape lead to the accounts and cancel nothing', async ({ page, open }) => {
  const bridge = await open({ ...ONE, signIn: STEPS.waiting }, SIGN_IN);
  await page.keyboard.press('Escape');
  await expect(page.locator('.heading')).toBeHidden();
  await bridge.emit('go', SIGN_IN);
  await page.getByRole('button', { name: 'Back' }).click();
  await expect(page.locator('.heading')).toBeHidden();
  expect(bridge.made('sign-in:cancel')).toEqual([]);
});

test('waiting: Cancel stops it', async ({ page, open }) => {
  const bridge = await open(WAITING, SIGN_IN);
  bridge.answer('sign-in:cancel', () => bridge.push({ signIn: null }));
  await page.getByRole('button', { name: 'Cancel' }).click();
  await expect(page.getByRole('heading', { name: TEXTS.welcome.heading })).toBeFocused();
});

test('a browser that did not open leaves the link', async ({ page, open }) => {
  const signIn = { ...STEPS.waiting, browserOpened: false };
  const bridge = await open({ ...FRESH, signIn }, SIGN_IN);
  await expect(page.getByRole('heading', { name: TEXTS.signIn.notOpened.heading })).toBeFocused();
  await expect(page.locator('.button.main')).toHaveText('Copy link');
  await picture(page, bridge, 'sign-in-not-opened');
  await expectAccessible(page);
  await expectRoomy(page);
});

test('a busy port leads to the code, where there is none for another device', async ({
  page,
  open,
}) => {
  const obstacle = error('port-busy', { program: 'Docker', service: 'Claude' });
  await open({ ...FRESH, signIn: { ...STEPS.waiting, obstacle } }, SIGN_IN);
  await expect(page.getByRole('heading', { name: 'Docker is in the way' })).toBeFocused();
  await page.locator('.button.main').click();
  await expect(page.getByRole('textbox', { name: 'Code' })).toBeFocused();
});

test('after a minute it offers other ways, without moving the focus', async ({ page, open }) => {
  const bridge = await open(WAITING, SIGN_IN);
  await expect(page.getByRole('heading', { name: waiting.heading })).toBeFocused();
  await page.clock.fastForward(MINUTE + 500);
  await expect(page.getByRole('heading', { name: still.heading })).toBeFocused();
  expect(await tabOrder(page)).toEqual([
    still.heading,
    still.openAgain,
    still.copyLink,
    still.enterCode,
    'Cancel',
  ]);
  await expect
    .poll(async () => (await bridge.said()).filter((text) => text === still.says))
    .toHaveLength(1);
  await page.keyboard.press('ArrowDown');
  expect(await focused(page)).toBe(still.openAgain);
  await page.keyboard.press('End');
  expect(await focused(page)).toBe(still.enterCode);
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('Enter');
  await expect.poll(() => bridge.made('sign-in:copy-link')).toHaveLength(1);
});

test('after a minute, whoever was on a button that is gone is on the heading', async ({
  page,
  open,
}) => {
  await open(WAITING, SIGN_IN);
  await page.getByRole('button', { name: 'Open again' }).focus();
  await page.clock.fastForward(MINUTE + 500);
  await expect(page.getByRole('heading', { name: still.heading })).toBeFocused();
});

test('waiting and still waiting are for everyone', async ({ page, open }) => {
  const bridge = await open(WAITING, SIGN_IN);
  await picture(page, bridge, 'sign-in-waiting');
  await expectAccessible(page);
  await page.clock.fastForward(MINUTE);
  await expect(page.getByRole('heading', { name: still.heading })).toBeVisible();
  await picture(page, bridge, 'sign-in-still-waiting');
  await expectAccessible(page);
  await expectRoomy(page);
});

test('waiting has room', async ({ page, open }) => {
  await open(WAITING, SIGN_IN);
  await expectRoomy(page);
});

test('finishing: there is nothing to press but Back, and after a while it says so', async ({
  page,
  open,
}) => {
  // So much later than the page that nothing of the while has passed, however long the page takes.
  const signIn = { ...STEPS.finishing, since: NOW + HOUR };
  const bridge = await open({ ...FRESH, signIn }, SIGN_IN);
  await expect(inView(page).getByText(finishing.body)).toBeVisible();
  expect(await tabOrder(page)).toEqual([finishing.heading, 'Back']);
  await expect(page.getByRole('button')).toHaveText(['']);
  await picture(page, bridge, 'sign-in-finishing');
  await page.clock.fastForward(HOUR + 8_500);
  await expect(inView(page).getByText(finishing.slow)).toBeVisible();
  await expect
    .poll(() => bridge.said())
    .toEqual(expect.arrayContaining([finishing.says, finishing.saysSlow]));
  await expectAccessible(page);
  await expectRoomy(page);
});

test('signed in for the first time: the plan has the name that it has everywhere', async ({
  page,
  open,
}) => {
  await open({ ...JUST_SIGNED_IN, accounts: [{ ...ANNA, plan: 'max' }] });
  await expect(inView(page).getByText('anna@example.com · Max')).toBeVisible();
});

test('signed in for the first time: the tools, and two switches that wait for Done', async ({
  page,
  open,
}) => {
  const bridge = await open(JUST_SIGNED_IN);
  const heading = page.getByRole('heading', { name: signedIn.heading({ service: 'Claude' }) });
  await expect(heading).toBeFocused();
  await expect(inView(page).getByText('anna@example.com · Max')).toBeVisible();
  await expect(page.getByRole('listitem')).toHaveText([
    'Claude CodeNeeds your OK',
    'PiReady, restart it once',
    'PeekabooReady',
    'Open at login',
    'Tell me if a login needs me',
  ]);
  expect(await tabOrder(page)).toEqual([
    'You’re signed in to Claude',
    'Claude CodeNeeds your OK',
    'Open at login',
    'Tell me if a login needs me',
    'Done',
  ]);
  await expect
    .poll(() => bridge.said())
    .toEqual(['You’re signed in to Claude. Ready in Pi and Peekaboo.']);

  const notices = page.getByRole('switch', { name: 'Tell me if a login needs me' });
  await expect(notices).toBeChecked();
  await notices.click();
  await expect.poll(() => bridge.said()).toContain('Tell me if a login needs me, off');
  expect(bridge.made('settings:change')).toEqual([]);
  bridge.answer('sign-in:close', () => bridge.push({ signIn: null }));
  await page.getByRole('button', { name: 'Done' }).click();
  await expect(heading).toBeHidden();
  await expect
    .poll(() => bridge.made('settings:change'))
    .toEqual([{ openAtLogin: true, notices: false }]);
});

test('what the person goes to right after Done stays, however late the answer is', async ({
  page,
  open,
}) => {
  const bridge = await open(JUST_SIGNED_IN);
  let answer = () => {};
  bridge.answer('sign-in:close', async () => {
    await bridge.push({ signIn: null });
    await new Promise<void>((resolve) => {
      answer = resolve;
    });
  });
  await page.getByRole('button', { name: 'Done' }).click();
  await page.getByRole('button', { name: 'Settings' }).click();
  const settings = page.getByRole('heading', { name: 'Settings' });
  await expect(settings).toBeVisible();
  answer();
  // The page has had the answer before it hears of this.
  await bridge.push({});
  await page.evaluate(() => new Promise(requestAnimationFrame));
  await expect(settings).toBeVisible();
});

test('Done leads to the accounts, also from a sign-in that began in the list of services', async ({
  page,
  open,
}) => {
  const bridge = await open(FRESH, { view: 'accounts' });
  bridge.answer('sign-in:start', () => bridge.push({ signIn: STEPS.waiting }));
  bridge.answer('sign-in:close', () => bridge.push({ signIn: null }));
  await page.getByRole('button', { name: TEXTS.welcome.other }).click();
  await page.getByRole('button', { name: /^ChatGPT/ }).click();
  await expect(page.getByRole('heading', { name: waiting.heading })).toBeVisible();
  await bridge.push(JUST_SIGNED_IN);
  await page.getByRole('button', { name: 'Done' }).click();
  await expect(page.getByRole('button', { name: 'Settings' })).toBeVisible();
  await expect(page.getByRole('button', { name: 'Back' })).toBeHidden();
});

test('signed in for the first time is for everyone', async ({ page, open }) => {
  const bridge = await open(JUST_SIGNED_IN);
  await picture(page, bridge, 'sign-in-first');
  await expectAccessible(page);
  await expectRoomy(page);
});

test('signed in for the first time, without a tool', async ({ page, open }) => {
  const bridge = await open({ ...JUST_SIGNED_IN, tools: [] });
  await expect(
    inView(page).getByText(signedIn.noTools({ computer: 'this Mac' } as never)),
  ).toBeVisible();
  await picture(page, bridge, 'sign-in-first-no-tools');
});

test('later sign-ins end at the accounts, and are said', async ({ page, open }) => {
  const bridge = await open({ ...ONE, signIn: STEPS.waiting }, SIGN_IN);
  await bridge.push({ signIn: STEPS.finishing });
  await expect(page.getByRole('heading', { name: finishing.heading })).toBeFocused();
  await bridge.push({ signIn: STEPS.later });
  await expect.poll(() => bridge.made('sign-in:close')).toHaveLength(1);
  await bridge.push({ signIn: null });
  await expect(page.locator('h1')).toBeFocused();
  await expect.poll(() => bridge.said()).toContain('Signed in to Claude as anna@example.com');
});

test('a tool in the keychain asks for an OK, and its row remembers a no', async ({
  page,
  open,
}) => {
  const bridge = await open(JUST_SIGNED_IN);
  const row = page.getByRole('button', { name: /^Claude Code/ });
  await row.click();
  await expect(page.getByRole('heading', { name: 'One question from your Mac' })).toBeFocused();
  expect(await tabOrder(page)).toEqual(['One question from your Mac', 'Continue', 'Not now']);
  await picture(page, bridge, 'consent');
  await expectAccessible(page);
  bridge.answer('tool:ask-consent', () => ({ granted: false }));
  await page.getByRole('button', { name: 'Continue' }).click();
  await expect(row).toHaveText('Claude CodeNot allowed yet');
  await expect.poll(() => bridge.made('tool:ask-consent')).toEqual([{ tool: 'claude-code' }]);
});

const ENDS = [
  [
    'sign-in-stopped',
    'You didn’t sign in',
    'The sign-in was stopped in the browser. Nothing was changed.',
    'Try again',
  ],
  [
    'sign-in-timeout',
    'The sign-in ran out of time',
    'It stops after 10 minutes, for your safety.',
    'Start again',
  ],
  [
    'code-refused',
    'Claude didn’t accept the code',
    'A code works once, and only for a few minutes.',
    'Get a new code',
  ],
  ['offline', 'You’re offline', 'Check your internet, then try again.', 'Try again'],
  [
    'unreachable',
    'Claude has a problem',
    'Nothing is wrong on your side. Try again in a few minutes.',
    'Try again',
  ],
] as const;

for (const [code, heading, sentence, button] of ENDS) {
  test(`not signed in, ${code}: one thing to press, and Return presses it`, async ({
    page,
    open,
  }) => {
    const bridge = await open({ ...FRESH, signIn: failed(code) });
    await expect(page.getByRole('heading', { name: heading })).toBeVisible();
    await expect(inView(page).getByText(sentence)).toBeVisible();
    expect(await tabOrder(page)).toEqual([button, 'Not now']);
    await expect.poll(() => bridge.said()).toEqual([`${heading}.`, sentence]);
    await picture(page, bridge, `sign-in-${code}`);
    await expectAccessible(page);
    await bridge.push({ services: ONE.services });
    await page.getByRole('button', { name: button }).focus();
    await page.keyboard.press('Enter');
    await expect
      .poll(() => bridge.made('sign-in:start'))
      .toEqual([{ provider: 'anthropic', account: null }]);
  });
}

test('not signed in: Not now, Back and Escape close it', async ({ page, open }) => {
  const bridge = await open({ ...FRESH, signIn: failed('sign-in-stopped') });
  await page.getByRole('button', { name: 'Not now' }).click();
  await page.getByRole('button', { name: 'Back' }).click();
  await page.keyboard.press('Escape');
  await expect.poll(() => bridge.made('sign-in:close')).toHaveLength(3);
  await expectRoomy(page);
});

test('another person signed in: both are kept, or it begins again', async ({ page, open }) => {
  const bridge = await open({ ...ONE, signIn: STEPS.other });
  await expect(page.getByRole('heading', { name: 'That’s a different account' })).toBeVisible();
  await expect(
    inView(page).getByText(
      'You signed in as ben@work.example. This login belongs to anna@example.com.',
    ),
  ).toBeVisible();
  expect(await tabOrder(page)).toEqual(['Keep both', 'Try again', 'Not now']);
  await picture(page, bridge, 'sign-in-other-person');
  await expectAccessible(page);
  await page.getByRole('button', { name: 'Try again' }).click();
  await expect.poll(() => bridge.made('sign-in:other-account-again')).toHaveLength(1);
  await page.getByRole('button', { name: 'Keep both' }).click();
  await expect.poll(() => bridge.made('sign-in:close')).toHaveLength(1);
});

test('a locked keychain is unlocked, and the sign-in goes on', async ({ page, open }) => {
  const bridge = await open({ ...FRESH, signIn: STEPS.locked }, SIGN_IN);
  await expect(page.getByRole('heading', { name: 'One step is missing' })).toBeVisible();
  await expect(
    inView(page).getByText('Claude said yes, but your keychain is locked.'),
  ).toBeVisible();
  await picture(page, bridge, 'sign-in-locked');
  await expectAccessible(page);
  await page.getByRole('button', { name: 'Unlock…' }).click();
  await expect.poll(() => bridge.made('sign-in:retry')).toHaveLength(1);
  await expect.poll(() => bridge.made('keychain:unlock')).toHaveLength(1);
});

test('a keychain that stays locked is told, and nothing goes on', async ({ page, open }) => {
  const bridge = await open({ ...FRESH, signIn: STEPS.locked }, SIGN_IN);
  bridge.answer('keychain:unlock', () => ({ ok: false, error: error('keychain-refused') }));
  await page.getByRole('button', { name: 'Unlock…' }).click();
  await expect(inView(page).getByText('Your Mac kept Authbar out')).toBeVisible();
  expect(bridge.made('sign-in:retry')).toEqual([]);
  await picture(page, bridge, 'sign-in-locked-refused');
  await expectAccessible(page);
  await expectRoomy(page);
});

test('its steps do not make the window jump', async ({ open }) => {
  const bridge = await open({ ...FRESH, signIn: STEPS.finishing }, SIGN_IN);
  await expect.poll(() => bridge.made('window:height').at(-1)).toEqual({ height: 212 });
});
