import type { AccountView } from '../../src/shared/account-view.ts';
import type { AppState, ToolEntry, ToolView } from '../../src/shared/app-state.ts';

/** When the states below are looked at: a Wednesday noon, UTC. */
export const NOW = Date.parse('2025-10-08T12:00:00Z');
export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** An account for which all is well: Anna's Claude, unless told otherwise. */
export function anAccount(changes: Partial<AccountView> = {}): AccountView {
  return {
    id: 'a',
    provider: 'anthropic',
    email: 'anna@example.com',
    workspace: null,
    plan: 'max',
    name: null,
    inUse: true,
    state: 'signed-in',
    code: null,
    expiresAt: NOW + 6 * HOUR,
    renewedAt: NOW - 2 * HOUR,
    renewsAt: NOW + 4 * HOUR,
    signInBy: null,
    ...changes,
  };
}

/** A tool that is installed and has the login of each of `accounts`, or what `entry` says in its place. */
export function aTool(
  id: string,
  name: string,
  accounts: readonly AccountView[] = [],
  entry: Partial<ToolEntry> = {},
): ToolView {
  return {
    id,
    name,
    installed: true,
    mode: 'shared',
    defaultMode: 'shared',
    path: `/home/anna/.${id}`,
    serves: ['anthropic', 'openai'],
    needsConsent: false,
    entries: accounts.map((account) => ({
      provider: account.provider,
      account: account.id,
      state: 'in-step',
      since: null,
      holder: null,
      code: null,
      works: true,
      restart: false,
      leftAlone: false,
      ...entry,
    })),
  };
}

/** What the window is given, on a Mac where nothing has happened yet. */
export function anAppState(changes: Partial<AppState> = {}): AppState {
  return {
    system: { os: 'mac26', platform: 'darwin', locale: 'en-GB', closable: false },
    version: '1.0.0',
    now: NOW,
    zoom: 1,
    accounts: [],
    services: [
      { id: 'anthropic', name: 'Claude', pastes: 'code', onDevice: false, terms: null },
      { id: 'openai', name: 'ChatGPT', pastes: 'address', onDevice: true, terms: null },
    ],
    keys: [],
    tools: [],
    vault: { kind: 'keychain', state: 'open' },
    online: true,
    signIn: null,
    checking: [],
    settings: {
      openAtLogin: true,
      openAtLoginBlocked: false,
      notices: true,
      noticesBlocked: false,
      offerDismissed: false,
    },
    clockOff: null,
    iconHidden: false,
    missedNotice: null,
    trouble: null,
    ...changes,
  };
}
