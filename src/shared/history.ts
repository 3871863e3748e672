import type { ErrorCode } from './errors.ts';

/**
 * What happened to a login, for the person who asks why it is as it is. No secret has a field here: a
 * token is known by its fingerprint, the first 6 hex digits of its SHA-256.
 */
export type HistoryEntry =
  | { readonly event: 'signed-in' | 'renewed'; readonly fingerprint?: string }
  /** A tool renewed it by itself. */
  | { readonly event: 'adopted'; readonly target: string; readonly fingerprint?: string }
  /** A tool had an older login of the same person's, in whose place ours may be written. */
  | { readonly event: 'replaced'; readonly target: string }
  | {
      readonly event: 'renewal-failed';
      readonly code: ErrorCode;
      readonly end?: 'unsent' | 'refused' | 'unknown' | 'over' | 'stuck';
      /** The service's own word for it: lower-case letters, digits and underscores. */
      readonly providerCode?: string;
    }
  /** For the first time, or after it was owed. */
  | { readonly event: 'written'; readonly target: string }
  | { readonly event: 'target-owed'; readonly target: string; readonly code: ErrorCode }
  /** The person decided that this target gets the login. */
  | { readonly event: 'taken'; readonly target: string }
  | { readonly event: 'signed-out' }
  | MachineEntry;

/** What happened to the whole computer, and so to every login. */
export type MachineEntry =
  | { readonly event: 'slept'; readonly ms: number }
  | { readonly event: 'keychain-locked' };

/** What several entries come to. */
export type HistorySummary =
  /** No answer, or none of use; then the renewal that worked. */
  | { readonly event: 'recovered'; readonly fingerprint?: string }
  | { readonly event: 'offline'; readonly ms: number }
  /** A tool was busy, and soon not any more. */
  | { readonly event: 'written-late'; readonly target: string };

/** One thing that happened, and when, epoch ms. */
export type HistoryItem = (HistoryEntry | HistorySummary) & { readonly at: number };
