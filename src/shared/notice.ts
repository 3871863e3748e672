import type { AccountView } from './account-view.ts';
import type { ErrorCode } from './errors.ts';

/** What a person is told without having asked. Everything else is never a notice. */
export const NOTICE_KINDS = [
  /** A login needs a new sign-in. */
  'login-ended',
  /** Several do; it takes the place of their own. */
  'several-ended',
  'account-paused',
  /** It was told that something stopped, and it has healed by itself. */
  'works-again',
  'keychain-locked',
  /** A tool does not get its login. */
  'tool-not-written',
] as const;

/** See `NOTICE_KINDS`. */
export type NoticeKind = (typeof NOTICE_KINDS)[number];

/** One notice. Its texts follow from it (`notice-texts.ts`); it holds no secret. */
export interface Notice {
  readonly kind: NoticeKind;
  /** Stable for what it is about, so that a newer one takes its place: a hash, no address in it. */
  readonly id: string;
  /** The accounts' ids that it is about; of a locked keychain the one that lapses first. */
  readonly accounts: readonly string[];
  readonly code: ErrorCode | null;
  /** The target that is not written, for `tool-not-written`. */
  readonly target: string | null;
  /** The tools that have the login, which stop with it. */
  readonly tools: readonly string[];
}

/** Where notices go: a shell shows them. */
export interface Notifier {
  /** `accounts` are all that there are, as they are now: what its words are made from. */
  show(notice: Notice, accounts: readonly AccountView[]): void;
  /** It is not so any more: takes it off the screen, if it is still there. */
  remove(id: string): void;
}
