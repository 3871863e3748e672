import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { AccountView } from '../../src/shared/account-view.ts';
import type { AppState, SignInView, ToolView } from '../../src/shared/app-state.ts';
import { type Card, cardOf, cardsOf } from '../../src/shared/ui/card.ts';
import { anAccount, anAppState, aTool, DAY, HOUR, MINUTE, NOW } from '../support/app-state.ts';

beforeEach(() => vi.stubEnv('TZ', 'UTC'));
afterEach(() => vi.unstubAllEnvs());

const TWO_TOOLS = (account: AccountView) => [
  aTool('claude-code', 'Claude Code', [account]),
  aTool('pi', 'Pi', [account]),
];

/** The card of Anna's only account, with Claude Code and Pi. */
function card(account: Partial<AccountView>, state: Partial<AppState> = {}): Card {
  const view = anAccount(account);
  return cardOf(anAppState({ accounts: [view], tools: TWO_TOOLS(view), ...state }), view, NOW);
}

function codex(changes: Parameters<typeof aTool>[3], mode: ToolView['mode'] = 'shared') {
  return { tools: [{ ...aTool('codex', 'Codex', [anAccount()], changes), mode }] };
}

function signIn(step: SignInView['step'], account: string | null = 'a'): Partial<AppState> {
  const common = { provider: 'anthropic', account };
  const error = { code: 'keychain-locked', title: '', sentence: '', action: '' } as const;
  const steps: Readonly<Record<SignInView['step'], SignInView>> = {
    preparing: { ...common, step: 'preparing' },
    waiting: {
      ...common,
      step: 'waiting',
      since: NOW,
      endsAt: NOW,
      browserOpened: true,
      obstacle: null,
    },
    device: { ...common, step: 'device', code: 'BQ7K-M2XD', address: '', endsAt: NOW },
    finishing: { ...common, step: 'finishing', since: NOW },
    locked: { ...common, step: 'locked', error },
    'signed-in': { ...common, step: 'signed-in', accountId: 'a', first: false },
    'other-account': {
      ...common,
      step: 'other-account',
      accountId: 'a',
      newAccount: '',
      oldAccount: '',
    },
    failed: { ...common, step: 'failed', error },
  };
  return { signIn: steps[step] };
}

const LAPSED = { state: 'waiting', expiresAt: NOW - MINUTE, renewsAt: NOW + 4 * MINUTE } as const;
const STANDBY = anAccount({ id: 'b', inUse: false });

interface Row {
  readonly row: string;
  readonly account?: Partial<AccountView>;
  readonly state?: Partial<AppState>;
  readonly shape: string;
  readonly lines: readonly [string, string | null];
  readonly button?: string;
  readonly second?: string;
  readonly attention?: true;
}

const READY = ['Signed in · renews itself', 'Used by Claude Code, Pi'] as const;
const AGAIN = { shape: 'stop bad', button: 'Sign in: sign-in', attention: true } as const;

const ROWS: readonly Row[] = [
  { row: 'ready', shape: 'ok good', lines: READY },
  {
    row: 'ready, and no tool has it',
    state: { tools: [] },
    shape: 'ok good',
    lines: ['Signed in · renews itself', 'Not used by any tool yet'],
  },
  {
    row: 'in use, beside another one',
    state: { accounts: [anAccount(), STANDBY] },
    shape: 'ok good',
    lines: ['Signed in · in use', null],
  },
  {
    row: 'standby',
    account: { inUse: false },
    state: { tools: [] },
    shape: 'standby quiet',
    lines: ['Signed in · on standby', 'Not given to any tool'],
  },
  {
    row: 'standby, and some tools were given it by themselves',
    account: { inUse: false },
    shape: 'standby quiet',
    lines: ['Signed in · on standby', 'Used by Claude Code, Pi'],
  },
  {
    row: 'renewing for a second',
    account: { state: 'late', renewsAt: NOW - 1000 },
    shape: 'renew accent',
    lines: ['Renewing…', 'Used by Claude Code, Pi'],
  },
  {
    row: 'renewing for less: nobody is told',
    account: { state: 'late', renewsAt: NOW - 999 },
    shape: 'ok good',
    lines: READY,
  },
  {
    row: 'late',
    account: { state: 'late', code: 'unreachable', renewsAt: NOW + 4 * MINUTE },
    shape: 'ok good',
    lines: ['Signed in · renewal is late', 'Trying again in 4 min. Nothing has stopped.'],
  },
  {
    row: 'late, and there is no other try',
    account: { state: 'late', code: 'login-lost-in-flight', renewsAt: null },
    shape: 'ok good',
    lines: ['Signed in · renewal is late', 'Nothing has stopped.'],
  },
  {
    row: 'lapsed',
    account: { ...LAPSED, code: 'unreachable' },
    shape: 'warn warn',
    lines: ['Can’t reach Claude', 'Trying again in 4 min. Claude Code and Pi may stop meanwhile.'],
    button: 'Try now: check',
  },
  {
    row: 'lapsed, and no tool has it',
    account: { ...LAPSED, code: 'unreachable' },
    state: { tools: [] },
    shape: 'warn warn',
    lines: ['Can’t reach Claude', 'Trying again in 4 min.'],
    button: 'Try now: check',
  },
  {
    row: 'lapsed for a quarter of an hour',
    account: { ...LAPSED, code: 'unreachable', expiresAt: NOW - 15 * MINUTE - 1 },
    state: { tools: [] },
    shape: 'warn warn',
    lines: ['Can’t reach Claude', 'Trying again in 4 min.'],
    button: 'Try now: check',
    attention: true,
  },
  {
    row: 'lapsed, and being renewed',
    account: LAPSED,
    shape: 'renew accent',
    lines: ['Renewing…', 'Used by Claude Code, Pi'],
  },
  {
    row: 'lapsed behind a network that is in the way',
    account: { ...LAPSED, code: 'network-page' },
    shape: 'warn warn',
    lines: [
      'This network wants you to sign in',
      'Open any page in your browser and finish there first.',
    ],
    button: 'Try now: check',
  },
  {
    row: 'lapsed, refused for no reason that we know',
    account: { ...LAPSED, code: 'service-refused' },
    shape: 'warn warn',
    lines: ['Claude turned Authbar away', 'The login is kept. Authbar tries again in 4 min.'],
    button: 'Try now: check',
  },
  {
    row: 'told to wait',
    account: { ...LAPSED, code: 'asked-to-wait', renewsAt: NOW + 2 * HOUR },
    shape: 'warn warn',
    lines: ['Claude asked to wait', 'Trying again at 14:00.'],
  },
  {
    row: 'offline and lapsed',
    account: { ...LAPSED, code: 'unreachable', expiresAt: NOW - DAY },
    state: { online: false },
    shape: 'warn warn',
    lines: ['Waiting for the internet', 'Renews as soon as you’re back.'],
  },
  {
    row: 'offline, as a renewal found out',
    account: { ...LAPSED, code: 'offline' },
    shape: 'warn warn',
    lines: ['Waiting for the internet', 'Renews as soon as you’re back.'],
  },
  { row: 'offline and valid', state: { online: false }, shape: 'ok good', lines: READY },
  {
    row: 'ended',
    account: { state: 'sign-in-again', code: 'login-ended' },
    ...AGAIN,
    lines: ['Sign in again', 'Claude Code and Pi can’t use it until you do.'],
    second: 'Why?: details',
  },
  {
    row: 'ended, and no tool has it',
    account: { state: 'sign-in-again', code: 'login-ended' },
    state: { tools: [] },
    ...AGAIN,
    lines: ['Sign in again', 'You can’t use it until you do.'],
    second: 'Why?: details',
  },
  {
    row: 'used up',
    account: { state: 'sign-in-again', code: 'login-used-up' },
    ...AGAIN,
    lines: ['Sign in again', 'Another program used this login up.'],
    second: 'Why?: details',
  },
  {
    row: 'time was up',
    account: { state: 'sign-in-again', code: 'login-ended', signInBy: NOW },
    ...AGAIN,
    lines: ['Sign in again', 'Claude asks for a new sign-in now and then.'],
  },
  {
    row: 'lost on the way',
    account: { state: 'sign-in-again', code: 'login-lost-in-flight' },
    ...AGAIN,
    lines: ['Sign in again', 'The connection broke while this login was being renewed.'],
    second: 'Why?: details',
  },
  {
    row: 'damaged',
    account: { state: 'sign-in-again', code: 'login-damaged' },
    ...AGAIN,
    lines: ['Sign in again', 'This login couldn’t be opened and was set aside.'],
    second: 'Why?: details',
  },
  {
    row: 'its key is gone',
    account: { state: 'sign-in-again', code: 'list-damaged' },
    ...AGAIN,
    lines: ['Sign in again', 'The key to your logins is missing.'],
    second: 'Why?: details',
  },
  {
    row: 'another computer’s',
    account: { state: 'other-computer', code: 'other-computer' },
    ...AGAIN,
    lines: [
      'Sign in again on this Mac',
      'These logins came from another computer and can’t be shared.',
    ],
    second: 'Why?: details',
  },
  {
    row: 'a sign-out that was cut off',
    account: { state: 'sign-in-again', code: 'sign-out-unfinished' },
    shape: 'warn warn',
    lines: ['Signed out on this Mac', null],
    button: 'Sign out…: sign-out',
  },
  {
    row: 'a deadline within 7 days',
    account: { signInBy: NOW + 7 * DAY },
    shape: 'clock warn',
    lines: ['Sign in again by 15 October', 'Everything works until then.'],
    button: 'Sign in: sign-in',
  },
  {
    row: 'a deadline later',
    account: { signInBy: NOW + 7 * DAY + 1 },
    shape: 'ok good',
    lines: READY,
  },
  {
    row: 'the deadline’s last day',
    account: { signInBy: NOW + DAY },
    shape: 'clock warn',
    lines: ['Sign in again by 9 October', 'Everything works until then.'],
    button: 'Sign in: sign-in',
    attention: true,
  },
  {
    row: 'paused',
    account: { state: 'paused', code: 'account-paused' },
    shape: 'stop bad',
    lines: ['Claude has paused this account', 'Only Claude can change that.'],
    button: 'Open Claude: open-service',
    attention: true,
  },
  {
    row: 'locked, still valid',
    account: { state: 'locked', code: 'keychain-locked', expiresAt: NOW + HOUR },
    shape: 'lock warn',
    lines: ['Signed in until 13:00', 'Your login is safe.'],
  },
  {
    row: 'locked, valid for days',
    account: { state: 'locked', code: 'keychain-locked', expiresAt: NOW + 2 * DAY },
    shape: 'lock warn',
    lines: ['Signed in until Friday at 12:00', 'Your login is safe.'],
  },
  {
    row: 'locked and lapsed',
    account: { state: 'locked', code: 'keychain-locked', expiresAt: NOW },
    shape: 'lock warn',
    lines: ['Waiting for your keychain', 'Your login is safe.'],
    attention: true,
  },
  {
    row: 'a tool that can’t be written',
    state: codex({ state: 'not-writable', code: 'tool-file-protected', since: NOW - 10 * MINUTE }),
    shape: 'warn warn',
    lines: ['Signed in · not in Codex', 'Authbar can’t change Codex’s login file.'],
    button: 'Show why: tool codex',
  },
  {
    row: 'a tool that can’t be written for 10 minutes',
    state: codex({ state: 'unreadable', code: 'tool-file-damaged', since: NOW - 11 * MINUTE }),
    shape: 'warn warn',
    lines: ['Signed in · not in Codex', 'Authbar can’t change Codex’s login file.'],
    button: 'Show why: tool codex',
    attention: true,
  },
  {
    row: 'a tool that asks for more than this login has',
    state: codex({ state: 'not-writable', code: 'login-incomplete' }),
    shape: 'warn warn',
    lines: ['Signed in · not in Codex', 'This login lacks a part that Codex asks for.'],
    button: 'Show why: tool codex',
  },
  {
    row: 'a tool with another account',
    state: codex({ state: 'other-account', code: 'tool-other-account' }),
    shape: 'ask accent',
    lines: ['Signed in · Codex has another account', 'Nothing was changed.'],
    button: 'Decide…: decide codex',
  },
  {
    row: 'a tool with a key of the person’s own',
    state: codex({ state: 'api-key', code: 'tool-other-account' }),
    shape: 'ask accent',
    lines: ['Signed in · Codex has another account', 'Nothing was changed.'],
    button: 'Decide…: decide codex',
  },
  {
    row: 'a tool with another account, which is left alone',
    state: codex({ state: 'other-account', leftAlone: true }),
    shape: 'ok good',
    lines: ['Signed in · renews itself', 'Not used by any tool yet'],
  },
  {
    row: 'a tool that is off',
    state: codex({ state: 'not-writable' }, 'off'),
    shape: 'ok good',
    lines: ['Signed in · renews itself', 'Not used by any tool yet'],
  },
  ...(['preparing', 'waiting'] as const).map((step) => ({
    row: `signing in, ${step}`,
    state: signIn(step),
    shape: 'renew accent',
    lines: ['Finish in your browser', null] as const,
    button: 'Show: show-sign-in',
  })),
  {
    row: 'signing in, nearly done',
    state: signIn('finishing'),
    shape: 'renew accent',
    lines: ['Signing you in…', null],
    button: 'Show: show-sign-in',
  },
  {
    row: 'signing in, behind a locked keychain',
    state: signIn('locked'),
    shape: 'renew accent',
    lines: ['One step is missing', null],
    button: 'Show: show-sign-in',
  },
  ...(['signed-in', 'failed', 'other-account'] as const).map((step) => ({
    row: `a sign-in that is over, ${step}`,
    state: signIn(step),
    shape: 'ok good',
    lines: READY,
  })),
  {
    row: 'somebody else’s sign-in',
    state: signIn('waiting', null),
    shape: 'ok good',
    lines: READY,
  },
  {
    row: 'checked, as the person asked',
    state: { checking: ['a'] },
    shape: 'renew quiet',
    lines: ['Checking…', 'Used by Claude Code, Pi'],
  },
  {
    row: 'checked, though it has lapsed',
    account: { ...LAPSED, code: 'unreachable' },
    state: { checking: ['a'] },
    shape: 'renew quiet',
    lines: ['Checking…', null],
  },
];

function inWords(action: Card['action']): string | undefined {
  if (!action) return undefined;
  const tool = 'tool' in action ? ` ${action.tool}` : '';
  return `${action.label}: ${action.kind}${tool}`;
}

describe('an account is drawn as', () => {
  test.each(ROWS)('$row', ({ account = {}, state, shape, lines, button, second, attention }) => {
    const drawn = card(account, state);
    expect({
      shape: `${drawn.shape} ${drawn.tone}`,
      lines: [drawn.line1, drawn.line2],
      button: inWords(drawn.action),
      second: inWords(drawn.second),
      attention: drawn.attention,
    }).toEqual({ shape, lines, button, second, attention: attention ?? false });
  });
});

/** Everything that can be so at once, the most urgent first: each hides those behind it. */
const PRECEDENCE: readonly [string, Partial<AccountView>, Partial<AppState>][] = [
  ['signing-in', {}, signIn('waiting')],
  ['checking', {}, { checking: ['a'] }],
  ['last-day', { signInBy: NOW + HOUR }, {}],
  ['not-written', {}, codex({ state: 'not-writable' })],
  ['question', {}, codex({ state: 'other-account' })],
  ['deadline', { signInBy: NOW + 2 * DAY }, {}],
  ['late', { state: 'late', code: 'unreachable' }, {}],
  ['standby', { inUse: false }, {}],
  ['in-use', {}, { accounts: [anAccount(), STANDBY] }],
  ['ready', {}, {}],
];

describe('of two states at once the more urgent one is shown:', () => {
  const pairs = PRECEDENCE.flatMap((first, i) =>
    PRECEDENCE.slice(i + 1).map((second) => ({ first, second })),
  );
  test.each(pairs)('$first.0 before $second.0', ({ first, second }) => {
    const [state, account, app] = first;
    const tools = [...(app.tools ?? []), ...(second[2].tools ?? [])];
    const shown = card({ ...second[1], ...account }, { ...second[2], ...app, tools });
    expect(shown.state).toBe(state);
  });

  test.each([
    ['sign-in-again', 'login-ended'],
    ['paused', 'account-paused'],
    ['locked', 'keychain-locked'],
    ['waiting', 'unreachable'],
  ] as const)('%s before anything about its tools or its deadline', (state, code) => {
    const about = { signInBy: NOW + HOUR, ...codex({ state: 'not-writable' }) };
    expect(card({ state, code, signInBy: about.signInBy }, { tools: about.tools }).state).toBe(
      state,
    );
  });

  test('offline before whatever a renewal found out', () => {
    for (const code of ['asked-to-wait', 'not-private', null] as const) {
      expect(card({ ...LAPSED, code }, { online: false }).state).toBe('offline');
    }
  });
});

describe('"Used by"', () => {
  const account = anAccount();
  const named = (...names: readonly string[]) =>
    names.map((name) => aTool(name.toLowerCase(), name, [account]));

  test.each([
    [['Codex'], 'Used by Codex'],
    [['Claude Code', 'Codex', 'Pi'], 'Used by Claude Code, Codex, Pi'],
    [['Claude Code', 'Pi', 'Codex', 'SynapsCLI'], 'Used by Claude Code, Pi and 2 more'],
  ])('%j', (names, words) => {
    expect(card({}, { tools: named(...names) }).usedBy).toBe(words);
  });

  test.each([
    ['in-step', true],
    ['changed', true],
    ['owed', true],
    ['locked', true],
    ['empty', false],
    ['not-writable', false],
    ['unreadable', false],
    ['other-account', false],
    ['api-key', false],
  ] as const)('a tool whose entry is %s: %s', (state, used) => {
    const tools = [aTool('codex', 'Codex', [account], { state })];
    expect(card({}, { tools }).usedBy).toBe(used ? 'Used by Codex' : 'Not used by any tool yet');
  });

  test('leaves out a tool that the service refuses', () => {
    const tools = [...named('Pi'), aTool('peekaboo', 'Peekaboo', [account], { works: false })];
    expect(card({}, { tools }).usedBy).toBe('Used by Pi');
  });

  test('leaves out the tools of another account', () => {
    const tools = [aTool('pi', 'Pi', [anAccount({ id: 'b' })])];
    expect(card({}, { tools }).usedBy).toBe('Not used by any tool yet');
  });
});

describe('a card', () => {
  test('tells the ear what it tells the eye', () => {
    const { name, says } = card({});
    expect(name).toBe('Claude, anna@example.com, Max. Signed in, renews itself. Details');
    expect(says).toBe('Signed in, renews itself. Used by Claude Code, Pi.');
  });

  test('stops a sentence once', () => {
    expect(card({}, { checking: ['a'] }).says).toBe('Checking… Used by Claude Code, Pi.');
  });

  test('leaves out what nobody knows', () => {
    const { name, subtitle, tag } = card({ email: null, plan: null });
    expect([name, subtitle, tag]).toEqual(['Claude. Signed in, renews itself. Details', '', null]);
  });

  test.each([
    ['max', 'Max'],
    ['self_serve_business', 'Self serve business'],
    ['pro\u202e', 'Pro'],
    [null, null],
  ])('has the plan %j as its tag %j', (plan, tag) => {
    expect(card({ plan }).tag).toBe(tag);
  });

  test('names the workspace only where there is a choice', () => {
    const account = { workspace: 'Acme' };
    expect(card(account).subtitle).toBe('anna@example.com');
    const accounts = [anAccount(account), STANDBY];
    expect(card(account, { accounts }).subtitle).toBe('anna@example.com · Acme');
  });
});

describe('the cards together', () => {
  const ended = { state: 'sign-in-again', code: 'login-ended' } as const;

  test('have one main button: the first that needs one', () => {
    const accounts = [
      anAccount({ id: 'a' }),
      anAccount({ id: 'b', state: 'paused', code: 'account-paused' }),
      anAccount({ id: 'c', ...ended }),
      anAccount({ id: 'd', ...ended }),
    ];
    const cards = cardsOf(anAppState({ accounts }), NOW);
    expect(cards.map(({ main }) => main)).toEqual([false, false, true, false]);
  });

  test('keep the order of the accounts, whatever their states', () => {
    const accounts = ['c', 'a', 'b'].map((id) => anAccount({ id, ...(id === 'b' ? ended : {}) }));
    expect(cardsOf(anAppState({ accounts }), NOW).map(({ account }) => account)).toEqual([
      'c',
      'a',
      'b',
    ]);
  });

  test.each([
    [5, 0],
    [6, 5],
  ])('%i of them: %i are small, the one in trouble never', (count, small) => {
    const accounts = Array.from({ length: count }, (_, i) =>
      anAccount({ id: `a${i}`, ...(i === 2 ? ended : {}) }),
    );
    const cards = cardsOf(anAppState({ accounts }), NOW);
    expect(cards.filter(({ compact }) => compact)).toHaveLength(small);
    expect(cards[2]?.compact).toBe(false);
  });

  test('end with a sign-in whose account nobody knows yet', () => {
    const state = anAppState({ accounts: [anAccount({ id: 'b' })], ...signIn('waiting', null) });
    expect(cardsOf(state, NOW).map(({ account, line1 }) => [account, line1])).toEqual([
      ['b', 'Signed in · renews itself'],
      [null, 'Finish in your browser'],
    ]);
    expect(cardsOf(state, NOW).at(-1)?.name).toBe('Claude: Finish in your browser.');
  });
});
