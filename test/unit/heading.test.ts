import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { AccountView } from '../../src/shared/account-view.ts';
import type { AppState } from '../../src/shared/app-state.ts';
import { bannerOf } from '../../src/shared/ui/banner.ts';
import { headingOf, iconOf, saysOnOpen, tooltipOf } from '../../src/shared/ui/heading.ts';
import { anAccount, anAppState, aTool, DAY, HOUR, MINUTE, NOW } from '../support/app-state.ts';

beforeEach(() => vi.stubEnv('TZ', 'UTC'));
afterEach(() => vi.unstubAllEnvs());

const CLAUDE = anAccount();
const CHATGPT = anAccount({ id: 'b', provider: 'openai' });
const ENDED = { state: 'sign-in-again', code: 'login-ended' } as const;
const WAITING = { state: 'waiting', code: 'unreachable', expiresAt: NOW - MINUTE } as const;
const LOCKED = { state: 'locked', code: 'keychain-locked' } as const;
const SIGNING_IN = {
  signIn: { provider: 'anthropic', account: null, step: 'preparing' },
} as const satisfies Partial<AppState>;

function withAccounts(
  claude: Partial<AccountView>,
  chatgpt: Partial<AccountView> | null,
  changes: Partial<AppState> = {},
): AppState {
  const second = chatgpt ? [{ ...CHATGPT, ...chatgpt }] : [];
  return anAppState({ accounts: [{ ...CLAUDE, ...claude }, ...second], ...changes });
}

const question = { tools: [aTool('codex', 'Codex', [CLAUDE], { state: 'other-account' })] };

/** The most urgent first: each holds also what stands behind it. */
const GISTS: readonly [string, string, AppState][] = [
  [
    '2 logins need you',
    'Authbar: 2 logins need you',
    withAccounts(ENDED, { state: 'paused', code: 'account-paused' }),
  ],
  ['Claude needs you', 'Authbar: Claude needs you to sign in again', withAccounts(ENDED, WAITING)],
  [
    'ChatGPT needs you',
    'Authbar: ChatGPT has paused your account',
    withAccounts(WAITING, { state: 'paused', code: 'account-paused' }),
  ],
  [
    'Your keychain is locked',
    'Authbar: your keychain is locked',
    withAccounts(LOCKED, LOCKED, {
      vault: { kind: 'keychain', state: 'locked' },
      ...SIGNING_IN,
    }),
  ],
  [
    'Waiting for your keychain',
    'Authbar: waiting for your keychain',
    withAccounts({ state: 'locked', code: 'keychain-refused' }, null, {
      vault: { kind: 'keychain', state: 'denied' },
    }),
  ],
  [
    '2 logins are waiting',
    'Authbar: 2 logins are waiting',
    withAccounts(WAITING, { ...WAITING, code: 'asked-to-wait' }),
  ],
  ['Can’t reach ChatGPT', 'Authbar: can’t reach ChatGPT', withAccounts({}, WAITING, question)],
  [
    'Claude asked to wait',
    'Authbar: Claude asked to wait',
    withAccounts({ ...WAITING, code: 'asked-to-wait' }, {}),
  ],
  [
    'Waiting for the internet',
    'Authbar: waiting for the internet',
    withAccounts({}, WAITING, { online: false, ...question }),
  ],
  [
    'One question for you',
    'Authbar: one question for you',
    withAccounts({}, {}, { ...question, ...SIGNING_IN }),
  ],
  [
    'Finish in your browser',
    'Authbar: finish in your browser',
    withAccounts({}, {}, { ...SIGNING_IN, checking: ['b'] }),
  ],
  ['Checking…', 'Authbar: checking', withAccounts({}, {}, { checking: ['a'] })],
  ['Renewing…', 'Authbar: renewing', withAccounts({ ...WAITING, code: null }, {})],
  ['All signed in', 'Authbar: all signed in', withAccounts({}, {}, { online: false })],
  ['Signed in', 'Authbar: all signed in', withAccounts({}, null)],
  ['Not signed in yet', 'Authbar: not signed in yet', anAppState()],
  ['Finish in your browser', 'Authbar: finish in your browser', anAppState(SIGNING_IN)],
];

describe('heading and tooltip say', () => {
  test.each(GISTS)('%s', (heading, tooltip, state) => {
    expect([headingOf(state, NOW), tooltipOf(state, NOW)]).toEqual([heading, tooltip]);
  });

  test('nothing of a sign-out that is under way', () => {
    const leaving = { state: 'sign-in-again', code: 'sign-out-unfinished' } as const;
    expect(headingOf(withAccounts(leaving, {}), NOW)).toBe('Signed in');
    expect(headingOf(withAccounts(leaving, null), NOW)).toBe('Not signed in yet');
  });
});

describe('on opening is said', () => {
  test.each([
    ['All signed in', withAccounts({}, {})],
    ['ChatGPT needs you. Sign in again. You can’t use it until you do.', withAccounts({}, ENDED)],
    [
      'Your keychain is locked. Signed in until 18:00. Your login is safe.',
      withAccounts(LOCKED, LOCKED, { vault: { kind: 'keychain', state: 'locked' } }),
    ],
  ])('%s', (words, state) => {
    expect(saysOnOpen(state, NOW)).toBe(words);
  });
});

describe('the icon', () => {
  const notice = { id: 'n', title: 'Sign in to Claude again', body: '', button: null };

  test.each([
    ['normal', 'all is well', withAccounts({}, {})],
    ['normal', 'a renewal is late', withAccounts({ state: 'late', code: 'unreachable' }, {})],
    ['normal', 'a renewal goes on', withAccounts({ state: 'late', renewsAt: NOW - HOUR }, {})],
    ['normal', 'a login has just lapsed', withAccounts(WAITING, {})],
    [
      'normal',
      'the computer is offline',
      withAccounts({ ...WAITING, expiresAt: NOW - DAY }, {}, { online: false }),
    ],
    ['normal', 'there is a question', withAccounts({}, {}, question)],
    ['working', 'somebody signs in', withAccounts({}, {}, SIGNING_IN)],
    ['working', 'the person has asked for a check', withAccounts({}, {}, { checking: ['a'] })],
    [
      'attention',
      'a login has lapsed for long',
      withAccounts({ ...WAITING, expiresAt: NOW - HOUR }, {}),
    ],
    ['attention', 'a login has ended, and somebody signs in', withAccounts({}, ENDED, SIGNING_IN)],
    ['attention', 'a notice could not be shown', withAccounts({}, {}, { missedNotice: notice })],
  ])('is %s when %s', (icon, _, state) => {
    expect(iconOf(state, NOW)).toBe(icon);
  });
});

const missedNotice = {
  id: 'n1',
  title: 'Sign in to Claude again',
  body: 'Pi can’t use it until you do.',
  button: 'Sign in',
};
const blocked = { ...anAppState().settings, noticesBlocked: true };

/** The most urgent first. */
const BANNERS: readonly [string, Partial<AppState>, readonly string[]][] = [
  [
    'keychain',
    { vault: { kind: 'keychain', state: 'locked' } },
    [
      'Unlock your keychain',
      'Your logins are safe in it, but Authbar can’t renew them until it’s unlocked.',
      'Unlock…',
    ],
  ],
  [
    'clock',
    { clockOff: -9 * MINUTE },
    ['Your clock is 9 min off', 'Logins may be refused until it’s right.', 'Open Date & Time'],
  ],
  [
    'icon-hidden',
    { iconHidden: true },
    [
      'The key isn’t in your menu bar',
      'Turn Authbar on in System Settings, under Menu Bar.',
      'Open System Settings',
    ],
  ],
  [
    'missed-notice',
    { missedNotice },
    ['Sign in to Claude again', 'Pi can’t use it until you do.', 'Sign in'],
  ],
  [
    'notices-off',
    { settings: blocked },
    ['Notifications are off', 'A login could stop without you knowing.', 'Open System Settings'],
  ],
];

const TROUBLE = {
  code: 'folder-protected',
  title: 'Authbar can’t save anything',
  sentence: 'Its folder is read-only. Nothing is renewed until it can be written.',
  action: 'Show in Finder',
} as const;

describe('what keeps Authbar from its work', () => {
  test('comes before everything else, with a way out where there is one', () => {
    const state = anAppState({ trouble: TROUBLE, vault: { kind: 'keychain', state: 'locked' } });
    expect(headingOf(state, NOW)).toBe('Authbar can’t do its work');
    expect(tooltipOf(state, NOW)).toBe('Authbar: can’t do its work');
    expect(iconOf(state, NOW)).toBe('attention');
    expect(bannerOf(state, NOW)).toMatchObject({
      kind: 'trouble',
      title: TROUBLE.title,
      action: { kind: 'show-folder', label: 'Show in Finder' },
    });
  });

  test.each([
    ['newer-version', null],
    ['unexpected', { kind: 'report', label: 'Show in Finder' }],
  ] as const)('%s leads to %j', (code, action) => {
    const banner = bannerOf(anAppState({ trouble: { ...TROUBLE, code } }), NOW);
    expect(banner?.action).toEqual(action);
  });
});

describe('the banner', () => {
  const accounts = [CLAUDE];

  test.each(BANNERS)('%s comes before those that follow', (kind, _, words) => {
    const from = BANNERS.findIndex(([first]) => first === kind);
    const changes = Object.assign({}, ...BANNERS.slice(from).map(([, each]) => each));
    const banner = bannerOf(anAppState({ accounts, ...changes }), NOW);
    expect(banner?.kind).toBe(kind);
    expect([banner?.title, banner?.sentence, banner?.action?.label]).toEqual(words);
  });

  test.each([
    ['denied', 'Your Mac kept Authbar out', 'Ask again'],
    ['unavailable', 'Logins are kept elsewhere', 'Ask again'],
  ] as const)('of a keychain that is %s', (state, title, label) => {
    const banner = bannerOf(anAppState({ accounts, vault: { kind: 'keychain', state } }), NOW);
    expect(banner).toMatchObject({ kind: 'keychain', title, action: { kind: 'unlock', label } });
  });

  test.each([
    ['all is well', { accounts }],
    ['the keychain was not needed yet', { accounts, vault: { kind: null, state: 'closed' } }],
    ['it is locked, and there is no login in it', { vault: { kind: 'keychain', state: 'locked' } }],
    ['notices are off by the person’s own wish', { settings: { ...blocked, notices: false } }],
    [
      'the icon is out of sight where nothing can be done about it',
      { iconHidden: true, system: { ...anAppState().system, os: 'linux', platform: 'linux' } },
    ],
  ] as const)('is absent when %s', (_, changes) => {
    expect(bannerOf(anAppState(changes), NOW)).toBeNull();
  });

  test.each([{ clockOff: 9 * MINUTE }, { settings: blocked }])(
    'sends nobody to settings that no address leads to: %j',
    (changes) => {
      const system = { ...anAppState().system, os: 'linux', platform: 'linux' } as const;
      const banner = bannerOf(anAppState({ system, ...changes }), NOW);
      expect(banner).not.toBeNull();
      expect(banner?.action).toBeNull();
    },
  );

  test('of a notice without a button has none', () => {
    const state = anAppState({ missedNotice: { ...missedNotice, button: null } });
    expect(bannerOf(state, NOW)?.action).toBeNull();
  });
});
