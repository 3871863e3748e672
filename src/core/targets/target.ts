import type { ErrorCode } from '../../shared/errors.ts';
import type { Hold } from '../files/hold.ts';
import type { BuiltInId, Grant, Identity, ProviderId } from '../grant.ts';
import type { Mode } from '../vault/settings.ts';
import type { ToolKeys } from './tool-keys.ts';

/** Every target's stable name, in settings, on the command line and in JSON, in the order of writing. */
export const TARGET_IDS = [
  'keychain',
  'peekaboo',
  'claude-code',
  'pi',
  'codex',
  'synaps',
  'opencode',
] as const;
export type TargetId = (typeof TARGET_IDS)[number];

/** Whose login a target is asked about. */
export interface Holder {
  readonly provider: ProviderId;
  /** The account's id. */
  readonly id: string;
  readonly identity: Identity;
}

/** Whose login a tool's file is asked about: one of a service that such files have a place for. */
export interface ToolHolder extends Holder {
  readonly provider: BuiltInId;
}

/** A login as a target holds it, in our units. */
export interface Bundle {
  readonly accessToken: string;
  /** `null`: access-only, or the tool does not keep one. */
  readonly refreshToken: string | null;
  /** `null`: the tool keeps none. */
  readonly idToken: string | null;
  /** Epoch ms; `null`: the tool keeps none. */
  readonly expiresAt: number | null;
  /** What the entry says, beside its tokens, of whose login it is; `null` where it says nothing. */
  readonly owner: Pick<Identity, 'userId' | 'workspaceId'> | null;
}

/** What a target holds for a provider now. */
export type Held =
  | { readonly kind: 'nothing' }
  /** An empty file, a moment old, or half of a write of ours: somebody is, or was, in the middle of it. */
  | { readonly kind: 'being-written' }
  /** An entry without an access token, or a file left empty: the tool lost the login, nobody removed it. */
  | { readonly kind: 'blanked' }
  | { readonly kind: 'bundle'; readonly bundle: Bundle }
  /** An API key that the person put there. */
  | { readonly kind: 'api-key' }
  | { readonly kind: 'unreadable'; readonly code: ErrorCode };

/** How a login is written. */
export interface WriteOptions {
  readonly mode: Exclude<Mode, 'off'>;
  /**
   * What is there is somebody else's entry: nothing of it may stay. Otherwise the fields that are not ours
   * stay as they are.
   */
  readonly fresh: boolean;
}

/** A target whose own lock, if its tool has one, is held. */
export interface OpenTarget {
  read(holder: Holder): Promise<Held>;
  /** Changes our entry and nothing else. */
  write(holder: Holder, grant: Grant, options: WriteOptions): Promise<void>;
  /** Takes out what `write` put there. False when nothing was there. */
  remove(holder: Holder): Promise<boolean>;
  /** What `write` would change, for `restore` to put back; `null`: nothing is there. Secret. */
  keep(holder: Holder): Promise<string | null>;
  /** Puts back what `keep` told. */
  restore(holder: Holder, kept: string): Promise<void>;
  /** Finds out whether `write` would work, and changes nothing. @throws AppError as `write` would. */
  rehearse(): Promise<void>;
  /** Finishes or removes what writers that were killed left beside the entries. */
  sweep(): Promise<void>;
}

/** A place that is kept in step with the vault: the OS keychain, or a tool's credential file. */
export interface Target {
  readonly id: TargetId;
  /** As people know it. */
  readonly name: string;
  /** Nothing that reads it renews a login by itself. */
  readonly passive?: boolean;
  /** Whether standby accounts are written too, and not only the one in use. */
  readonly everyAccount: boolean;
  readonly defaultMode: Mode;
  /** Where it is, for people and for watchers; `null` where there is no file. */
  readonly path: string | null;
  /** Never the login of a provider that the person added: those are given to no file. */
  serves(provider: ProviderId): boolean;
  /** Whether the tool is on this machine at all. Opens no file and no keychain. */
  installed(): Promise<boolean>;
  /**
   * Whether a program that reads it is on this machine, for a target that is written without one. Left out
   * where `installed` tells.
   */
  present?(): Promise<boolean>;
  /** Reads without the tool's lock. What a tool that writes in place is in the middle of may look odd. */
  read(holder: Holder): Promise<Held>;
  /**
   * Runs `work` under the tool's own lock, if it has one; without taking it again where `hold` has it.
   * @throws AppError `tool-busy` (with the holder's pid, where known) when the lock does not come free
   * within `deadline` ms.
   */
  open<T>(deadline: number, work: (target: OpenTarget) => Promise<T>, hold?: Hold): Promise<T>;
  /**
   * Takes the lock that keeps the tool from renewing by itself, for as long as a renewal of ours takes.
   * Only where the tool holds that lock across its own renewals.
   * @throws AppError `tool-busy`.
   */
  hold?(deadline: number): Promise<Hold>;
  /** The API keys in the same file; left out where the tool keeps none, or ours are not for it. */
  readonly keys?: ToolKeys;
  /** Who has the tool's lock now, where that can be told. */
  lockedBy?(): Promise<number | null>;
}
