import type { ErrorCode } from '../../shared/errors.ts';
import type { Grant, Identity, ProviderId } from '../grant.ts';
import type { Mode } from '../vault/settings.ts';

/** A target's stable name, in settings, on the command line and in JSON. */
export type TargetId = 'keychain' | 'peekaboo';

/** Whose login a target is asked about. */
export interface Holder {
  readonly provider: ProviderId;
  /** The account's id. */
  readonly id: string;
  readonly identity: Identity;
}

/** A login as a target holds it, in our units. */
export interface Bundle {
  readonly accessToken: string;
  /** `null`: access-only, or the tool does not keep one. */
  readonly refreshToken: string | null;
  /** Epoch ms; `null`: the tool keeps none. */
  readonly expiresAt: number | null;
}

/** What a target holds for a provider now. */
export type Held =
  | { readonly kind: 'nothing' }
  /** An empty file: its owner is in the middle of writing it. */
  | { readonly kind: 'being-written' }
  | { readonly kind: 'bundle'; readonly bundle: Bundle }
  /** An API key that the person put there. */
  | { readonly kind: 'api-key' }
  | { readonly kind: 'unreadable'; readonly code: ErrorCode };

/** A target whose own lock, if its tool has one, is held. */
export interface OpenTarget {
  read(holder: Holder): Promise<Held>;
  /** Changes our entry and nothing else, in one atomic step. */
  write(holder: Holder, grant: Grant, mode: Exclude<Mode, 'off'>): Promise<void>;
  /** Takes out what `write` put there. False when nothing was there. */
  remove(holder: Holder): Promise<boolean>;
  /** Finds out whether `write` would work, and changes nothing. @throws AppError as `write` would. */
  rehearse(): Promise<void>;
  /** Removes what writers that were killed left of any login beside the entries. */
  sweep(): Promise<void>;
}

/** A place that is kept in step with the vault: the OS keychain, or a tool's credential file. */
export interface Target {
  readonly id: TargetId;
  /** As people know it. */
  readonly name: string;
  /** Whether standby accounts are written too, and not only the one in use. */
  readonly everyAccount: boolean;
  readonly defaultMode: Mode;
  /** Where it is, for people; `null` where there is no file. */
  readonly path: string | null;
  serves(provider: ProviderId): boolean;
  /** Whether the tool is on this machine at all. Opens no file and no keychain. */
  installed(): Promise<boolean>;
  /**
   * Runs `work` under the tool's own lock, if it has one.
   * @throws AppError `tool-busy` when the lock does not come free within `deadline` ms.
   */
  open<T>(deadline: number, work: (target: OpenTarget) => Promise<T>): Promise<T>;
}
