import type { AccountView } from '../../src/shared/account-view.ts';
import type { AppState, ToolEntry } from '../../src/shared/app-state.ts';
import {
  ANNA,
  CLAUDE_CODE,
  CODEX,
  DAY,
  entry,
  HOUR,
  MINUTE,
  NOW,
  ONE,
  PI,
  STEPS,
  TWO,
  tool,
} from './states.ts';

/** A state of an account, and what its card has to show. */
export interface Shown {
  readonly name: string;
  readonly state: AppState;
  readonly shape: string;
  readonly line1: string;
  readonly line2?: string;
  readonly buttons?: readonly string[];
  /** Of the list. */
  readonly heading: string;
}

/** Anna's only account, changed. */
function anna(change: Partial<AccountView>, state: Partial<AppState> = {}): AppState {
  return { ...ONE, accounts: [{ ...ANNA, ...change }], ...state };
}

/** Anna's only account, and what became of it in Codex, which here can hold it. */
export function inCodex(change: Partial<ToolEntry>): AppState {
  return {
    ...ONE,
    tools: [
      { ...CLAUDE_CODE, entries: [entry(ANNA)] },
      { ...CODEX, serves: ['anthropic'], entries: [entry(ANNA, change)] },
    ],
  };
}

const LAPSED = { state: 'waiting', expiresAt: NOW - MINUTE, renewsAt: NOW + 4 * MINUTE } as const;
const LATE = { state: 'late', renewsAt: NOW + 4 * MINUTE } as const;
const OVER = { state: 'sign-in-again', renewsAt: null } as const;

/** Ben's account, of the same service as Anna's. */
export const BEN: AccountView = {
  ...ANNA,
  id: 'b-claude',
  email: 'ben@work.example',
  workspace: 'Acme',
  plan: 'Team',
  inUse: false,
};

/** Anna's login has ended; ChatGPT's is well. */
export const ENDED: AppState = {
  ...TWO,
  accounts: TWO.accounts.map((account) =>
    account.id === ANNA.id ? { ...account, ...OVER, code: 'login-ended' } : account,
  ),
};

/** The keychain was locked, with two hours left. */
export const LOCKED: AppState = {
  ...TWO,
  vault: { kind: 'keychain', state: 'locked' },
  accounts: TWO.accounts.map((account) => ({
    ...account,
    state: 'locked',
    code: 'keychain-locked',
    expiresAt: NOW + 2 * HOUR,
  })),
};

/** A crowd: `count` accounts, Claude and ChatGPT in turn, all well. */
export function crowd(count: number): AppState {
  const accounts = Array.from({ length: count }, (_, i): AccountView => {
    const isClaude = i % 2 === 0;
    return {
      ...ANNA,
      id: `crowd-${i}`,
      provider: isClaude ? 'anthropic' : 'openai',
      email: `person${i}@example.com`,
      plan: isClaude ? 'Max' : 'Plus',
      inUse: i < 2,
    };
  });
  return {
    ...ONE,
    accounts,
    tools: [
      {
        ...PI,
        entries: accounts.filter(({ inUse }) => inUse).map((account) => entry(account)),
      },
    ],
  };
}

/** A crowd of which one needs the person, the `at`th. */
export function crowdInNeed(count: number, at: number): AppState {
  const state = crowd(count);
  const accounts = state.accounts.map((account, i) =>
    i === at ? { ...account, ...OVER, code: 'login-ended' as const } : account,
  );
  return { ...state, accounts };
}

/** Every state that an account can be in. */
export const SHOWN: readonly Shown[] = [
  {
    name: 'ready',
    state: ONE,
    shape: 'good',
    line1: 'Signed in · renews itself',
    line2: 'Used by Claude Code, Pi',
    heading: 'Signed in',
  },
  {
    name: 'used by many',
    state: {
      ...ONE,
      tools: ['Claude Code', 'Pi', 'opencode', 'SynapsCLI'].map((name, i) =>
        tool(`tool-${i}`, name, ['anthropic'], { entries: [entry(ANNA)] }),
      ),
    },
    shape: 'good',
    line1: 'Signed in · renews itself',
    line2: 'Used by Claude Code, Pi and 2 more',
    heading: 'Signed in',
  },
  {
    name: 'used by none',
    state: { ...ONE, tools: [] },
    shape: 'good',
    line1: 'Signed in · renews itself',
    line2: 'Not used by any tool yet',
    heading: 'Signed in',
  },
  {
    name: 'in use',
    state: { ...ONE, accounts: [ANNA, BEN] },
    shape: 'good',
    line1: 'Signed in · in use',
    heading: 'All signed in',
  },
  {
    name: 'on standby',
    state: {
      ...ONE,
      accounts: [
        { ...ANNA, inUse: false },
        { ...BEN, inUse: true },
      ],
      tools: [{ ...PI, entries: [entry(BEN)] }],
    },
    shape: 'quiet',
    line1: 'Signed in · on standby',
    line2: 'Not given to any tool',
    heading: 'All signed in',
  },
  {
    name: 'renewing',
    state: anna({ state: 'late', renewsAt: NOW - 2_000 }),
    shape: 'accent',
    line1: 'Renewing…',
    line2: 'Used by Claude Code, Pi',
    heading: 'Signed in',
  },
  {
    name: 'late, still valid',
    state: anna({ ...LATE, code: 'unreachable' }),
    shape: 'good',
    line1: 'Signed in · renewal is late',
    line2: 'Trying again in 4 min. Nothing has stopped.',
    heading: 'Signed in',
  },
  {
    name: 'waiting, lapsed',
    state: anna({ ...LAPSED, code: 'unreachable' }),
    shape: 'warn',
    line1: 'Can’t reach Claude',
    line2: 'Trying again in 4 min. Claude Code and Pi may stop meanwhile.',
    buttons: ['Try now'],
    heading: 'Can’t reach Claude',
  },
  {
    name: 'told to wait',
    state: anna({ ...LAPSED, code: 'asked-to-wait', renewsAt: NOW + 2 * HOUR }),
    shape: 'warn',
    line1: 'Claude asked to wait',
    line2: 'Trying again at 16:00.',
    heading: 'Claude asked to wait',
  },
  {
    name: 'offline, lapsed',
    state: anna({ ...LAPSED, code: 'offline' }, { online: false }),
    shape: 'warn',
    line1: 'Waiting for the internet',
    line2: 'Renews as soon as you’re back.',
    heading: 'Waiting for the internet',
  },
  {
    name: 'sign in again: ended',
    state: anna({ ...OVER, code: 'login-ended' }),
    shape: 'bad',
    line1: 'Sign in again',
    line2: 'Claude Code and Pi can’t use it until you do.',
    buttons: ['Sign in', 'Why?'],
    heading: 'Claude needs you',
  },
  {
    name: 'sign in again: used up',
    state: anna({ ...OVER, code: 'login-used-up' }),
    shape: 'bad',
    line1: 'Sign in again',
    line2: 'Another program used this login up.',
    buttons: ['Sign in', 'Why?'],
    heading: 'Claude needs you',
  },
  {
    name: 'sign in again: its time was up',
    state: anna({ ...OVER, code: 'login-ended', signInBy: NOW - HOUR }),
    shape: 'bad',
    line1: 'Sign in again',
    line2: 'Claude asks for a new sign-in now and then.',
    buttons: ['Sign in'],
    heading: 'Claude needs you',
  },
  {
    name: 'deadline within 7 days',
    state: anna({ signInBy: NOW + 5 * DAY }),
    shape: 'warn',
    line1: 'Sign in again by 27 November',
    line2: 'Everything works until then.',
    buttons: ['Sign in'],
    heading: 'Signed in',
  },
  {
    name: 'paused by the service',
    state: anna({ state: 'paused', code: 'account-paused' }),
    shape: 'bad',
    line1: 'Claude has paused this account',
    line2: 'Only Claude can change that.',
    buttons: ['Open Claude'],
    heading: 'Claude needs you',
  },
  {
    name: 'keychain locked, still valid',
    state: LOCKED,
    shape: 'warn',
    line1: 'Signed in until 16:00',
    line2: 'Your login is safe.',
    heading: 'Your keychain is locked',
  },
  {
    name: 'keychain locked, lapsed',
    state: {
      ...LOCKED,
      accounts: LOCKED.accounts.map((account) => ({ ...account, expiresAt: NOW - MINUTE })),
    },
    shape: 'warn',
    line1: 'Waiting for your keychain',
    line2: 'Your login is safe.',
    heading: 'Your keychain is locked',
  },
  {
    name: 'a tool cannot be written',
    state: inCodex({ state: 'not-writable', code: 'tool-file-protected', since: NOW - MINUTE }),
    shape: 'warn',
    line1: 'Signed in · not in Codex',
    line2: 'Authbar can’t change Codex’s login file.',
    buttons: ['Show why'],
    heading: 'Signed in',
  },
  {
    name: 'a tool holds another account',
    state: inCodex({ state: 'other-account', code: 'tool-other-account' }),
    shape: 'accent',
    line1: 'Signed in · Codex has another account',
    line2: 'Nothing was changed.',
    buttons: ['Decide…'],
    heading: 'One question for you',
  },
  {
    name: 'signing in again',
    state: { ...ONE, signIn: { ...STEPS.waiting, account: ANNA.id } },
    shape: 'accent',
    line1: 'Finish in your browser',
    buttons: ['Show'],
    heading: 'Finish in your browser',
  },
];
