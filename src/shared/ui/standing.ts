import type { AppState, ToolEntry, ToolView } from '../app-state.ts';
import type { InTool } from './situation.ts';

/** How a tool stands to one login, in a word of the catalogue. */
export type Standing =
  | 'ready'
  | 'restart'
  | 'needsConsent'
  | 'notAllowed'
  | 'otherAccount'
  | 'unchangeable'
  /** The login was there and was taken out: nothing brings it back but the person. */
  | 'signedOut'
  | 'soon';

const STANDINGS: Readonly<Record<ToolEntry['state'], Standing>> = {
  'in-step': 'ready',
  changed: 'ready',
  'other-account': 'otherAccount',
  'api-key': 'otherAccount',
  unreadable: 'unchangeable',
  'not-writable': 'unchangeable',
  locked: 'soon',
  owed: 'soon',
  empty: 'signedOut',
};

/** How a tool that may be written stands to a login; `undefined`: nothing was written for it yet. */
export function standingOfEntry(entry: ToolEntry | undefined): Standing {
  if (!entry) return 'soon';
  const standing = STANDINGS[entry.state];
  return standing === 'ready' && entry.restart ? 'restart' : standing;
}

/** The first login that works, was taken out of a tool which is to have it, and could be put back there. */
export function signedOutOf({ accounts }: AppState, tool: ToolView): InTool | undefined {
  const working = accounts.filter(({ state }) => state === 'signed-in' || state === 'late');
  const entry = tool.entries.find(
    (each) =>
      standingOfEntry(each) === 'signedOut' && working.some(({ id }) => id === each.account),
  );
  return tool.mode !== 'off' && entry ? { tool, entry } : undefined;
}
