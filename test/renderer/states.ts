import type { AccountView } from '../../src/shared/account-view.ts';
import type {
  AppState,
  KeyCardState,
  KeyCardView,
  ServiceView,
  SignInView,
  ToolEntry,
  ToolView,
} from '../../src/shared/app-state.ts';
import { describeError, type ErrorContext } from '../../src/shared/error-texts.ts';
import { AppError, type ErrorCode, type ErrorDetails } from '../../src/shared/errors.ts';

/** When everything in the specs happens: a Sunday, 14:00 where the person is. Epoch ms. */
export const NOW = Date.UTC(2026, 10, 22, 14, 0, 0);
export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

const CONTEXT: ErrorContext = { platform: 'darwin', locale: 'en-GB', now: NOW };

/** An error in the app's own words. */
export function error(code: ErrorCode, details: ErrorDetails = { service: 'Claude' }) {
  return describeError(new AppError(code, details), CONTEXT);
}

export const TERMS = {
  company: 'Anthropic',
  paragraphs: [
    'Anthropic allows the login of a Claude plan only in its own apps, such as Claude and Claude Code. Authbar isn’t made or approved by Anthropic.',
    'Other tools may be refused, and Anthropic may limit or close your account. You choose which tools get the login.',
  ],
  link: 'Read Anthropic’s terms',
} as const;

export const CLAUDE: ServiceView = {
  id: 'anthropic',
  name: 'Claude',
  pastes: 'code',
  onDevice: false,
  terms: null,
};
export const CHATGPT: ServiceView = {
  id: 'openai',
  name: 'ChatGPT',
  pastes: 'address',
  onDevice: true,
  terms: null,
};

/** Anna's login to Claude, in good health. */
export const ANNA: AccountView = {
  id: 'a-claude',
  provider: 'anthropic',
  email: 'anna@example.com',
  workspace: null,
  plan: 'Max',
  name: null,
  inUse: true,
  state: 'signed-in',
  code: null,
  expiresAt: NOW + 6 * HOUR,
  renewedAt: NOW - 160 * MINUTE,
  renewsAt: NOW + 200 * MINUTE,
  signInBy: NOW + 40 * DAY,
};

/** Anna's login to ChatGPT, in good health. */
export const ANNA_GPT: AccountView = {
  ...ANNA,
  id: 'a-chatgpt',
  provider: 'openai',
  plan: 'Plus',
  signInBy: null,
};

/** A login in a tool, as it should be. */
export function entry(account: AccountView, change: Partial<ToolEntry> = {}): ToolEntry {
  return {
    provider: account.provider,
    account: account.id,
    state: 'in-step',
    since: null,
    holder: null,
    code: null,
    works: true,
    restart: false,
    leftAlone: false,
    ...change,
  };
}

/** A tool that is installed and empty. */
export function tool(
  id: string,
  name: string,
  serves: readonly string[],
  change: Partial<ToolView> = {},
): ToolView {
  return {
    id,
    name,
    installed: true,
    mode: 'shared',
    defaultMode: 'shared',
    path: `/Users/anna/.${id}/auth.json`,
    serves,
    needsConsent: false,
    entries: [],
    ...change,
  };
}

export const CLAUDE_CODE = tool('claude-code', 'Claude Code', ['anthropic']);
export const CODEX = tool('codex', 'Codex', ['openai']);
export const PI = tool('pi', 'Pi', ['anthropic', 'openai']);
export const PEEKABOO = tool('peekaboo', 'Peekaboo', ['anthropic', 'openai']);

/** The services that give out keys, with a key for some of them. */
export function keys(stored: Readonly<Record<string, KeyCardState>> = {}): KeyCardView[] {
  const names = { gemini: 'Gemini', grok: 'Grok (xAI)', anthropic: 'Anthropic', openai: 'OpenAI' };
  return Object.entries(names).map(([service, name]) => {
    const state = stored[service];
    return {
      service,
      name,
      stored: Boolean(state),
      ending: state ? 'd2Ve' : null,
      state: state ?? 'unchecked',
    };
  });
}

/** A Mac on which three tools are installed and nobody has signed in. */
export const FRESH: AppState = {
  system: { os: 'mac26', platform: 'darwin', locale: 'en-GB', closable: false },
  version: '1.0.0',
  now: NOW,
  zoom: 1,
  accounts: [],
  services: [{ ...CLAUDE, terms: TERMS }, CHATGPT],
  keys: [],
  tools: [CLAUDE_CODE, CODEX, PI],
  vault: { kind: 'keychain', state: 'open' },
  online: true,
  signIn: null,
  checking: [],
  settings: {
    openAtLogin: false,
    openAtLoginBlocked: false,
    notices: false,
    noticesBlocked: false,
    offerDismissed: false,
  },
  clockOff: null,
  iconHidden: false,
  missedNotice: null,
  trouble: null,
};

/** Anna is signed in to Claude, and three tools have her login. */
export const ONE: AppState = {
  ...FRESH,
  services: [CLAUDE, CHATGPT],
  accounts: [ANNA],
  tools: [{ ...CLAUDE_CODE, entries: [entry(ANNA)] }, CODEX, { ...PI, entries: [entry(ANNA)] }],
};

/** Anna is signed in to both. */
export const TWO: AppState = {
  ...ONE,
  accounts: [ANNA, ANNA_GPT],
  tools: [
    { ...CLAUDE_CODE, entries: [entry(ANNA)] },
    { ...CODEX, entries: [entry(ANNA_GPT)] },
    { ...PI, entries: [entry(ANNA), entry(ANNA_GPT)] },
  ],
};

const NEW = { provider: 'anthropic', account: null } as const;

/** The first sign-in to Claude, step by step. */
export const STEPS = {
  waiting: {
    ...NEW,
    step: 'waiting',
    since: NOW,
    endsAt: NOW + 10 * MINUTE,
    browserOpened: true,
    obstacle: null,
  },
  device: {
    provider: 'openai',
    account: null,
    step: 'device',
    code: 'BQ7K-M2XD',
    address: 'auth.openai.com/codex/device',
    endsAt: NOW + 14 * MINUTE,
  },
  finishing: { ...NEW, step: 'finishing', since: NOW },
  locked: { ...NEW, step: 'locked', error: error('keychain-locked') },
  first: { ...NEW, step: 'signed-in', accountId: ANNA.id, first: true },
  later: { ...NEW, step: 'signed-in', accountId: ANNA.id, first: false },
  other: {
    ...NEW,
    account: ANNA.id,
    step: 'other-account',
    accountId: 'b-claude',
    newAccount: 'ben@work.example',
    oldAccount: 'anna@example.com',
  },
} as const satisfies Record<string, SignInView>;

/** A sign-in that did not come to a login. */
export function failed(code: ErrorCode, details?: ErrorDetails): SignInView {
  return { ...NEW, step: 'failed', error: error(code, details) };
}

/** What follows the first sign-in: one tool waits for an OK, one has to be restarted. */
export const JUST_SIGNED_IN: AppState = {
  ...ONE,
  signIn: STEPS.first,
  tools: [
    { ...CLAUDE_CODE, mode: 'off', needsConsent: true },
    { ...PI, entries: [entry(ANNA, { restart: true })] },
    { ...PEEKABOO, entries: [entry(ANNA)] },
  ],
};
