import type { Grant } from '../grant.ts';
import { hashToken, type Ledger, type TargetNote } from '../vault/ledger.ts';
import type { Bundle, Held, Target } from './target.ts';

/**
 * How what a target holds is related to what the vault holds. Decided by lineage, never by time: tools
 * keep different clocks, units and skews, but a token is either one of ours or it is not.
 */
export type Relation =
  /** It holds the vault's grant. */
  | 'in-step'
  /** It holds an older grant of ours. */
  | 'older'
  /** Nothing there, and nothing of ours was. */
  | 'empty'
  /** Ours was there and is gone: the person may have signed out in the tool. */
  | 'gone'
  /** The tool lost it: an entry without an access token, or an empty file. */
  | 'blanked'
  | 'being-written'
  /** Unknown tokens where the vault's grant was: the tool has renewed it. */
  | 'renewed-there'
  /** Unknown tokens where an older grant of ours was: both sides moved. */
  | 'conflict'
  /** Unknown tokens where we never wrote: somebody's own login. */
  | 'foreign'
  | 'api-key'
  | 'unreadable';

/** Nothing of ours was ever written there. */
export const NO_NOTE: TargetNote = {
  access: null,
  refresh: null,
  grantId: null,
  writtenAt: null,
  owed: null,
};

/** What was noted about a target: nothing, where that was about another file. */
export function noteAbout(
  { id, path }: Pick<Target, 'id' | 'path'>,
  { targets }: Pick<Ledger, 'targets'>,
): TargetNote {
  const note = targets[id];
  return note && (note.path === undefined || note.path === path) ? note : NO_NOTE;
}

/** How `held` is related to `grant`, given what is known of earlier tokens and of what was written there. */
export function relate(
  held: Held,
  grant: Grant | null,
  ledger: Pick<Ledger, 'ring'>,
  note: TargetNote = NO_NOTE,
): Relation {
  if (held.kind === 'nothing') return note.access === null ? 'empty' : 'gone';
  if (held.kind !== 'bundle') return held.kind;
  if (grant && holds(held.bundle, grant)) return 'in-step';
  if (isKnown(held.bundle, ledger, note)) return 'older';
  if (note.grantId === null) return 'foreign';
  return note.grantId === grant?.id ? 'renewed-there' : 'conflict';
}

/** Whether `bundle` is `grant`; without a refresh token it may be its access-only form. */
function holds(bundle: Bundle, grant: Grant): boolean {
  return (
    bundle.accessToken === grant.accessToken &&
    (bundle.refreshToken === null || bundle.refreshToken === grant.refreshToken)
  );
}

/** Every token of the bundle is one that we have known. One unknown token makes it somebody's news. */
export function isKnown(
  bundle: Bundle,
  ledger: Pick<Ledger, 'ring'>,
  note: TargetNote = NO_NOTE,
): boolean {
  const known = new Set([...ledger.ring, note.access, note.refresh]);
  return [bundle.accessToken, bundle.refreshToken].every(
    (token) => token === null || known.has(hashToken(token)),
  );
}
