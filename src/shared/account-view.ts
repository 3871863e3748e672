import type { ErrorCode } from './errors.ts';

/**
 * `signed-in` works and nothing is wrong · `late` works, its renewal has not succeeded yet · `waiting`
 * has run out and will be renewed · `sign-in-again` only the person can mend it · `paused` only the
 * service can · `locked` the keychain is · `other-computer` the folder was copied here.
 */
export type AccountState =
  | 'signed-in'
  | 'late'
  | 'waiting'
  | 'sign-in-again'
  | 'paused'
  | 'locked'
  | 'other-computer';

/** What a screen, `status` or a log may know about an account. No secret has a field here. */
export interface AccountView {
  readonly id: string;
  readonly provider: string;
  readonly email: string | null;
  readonly workspace: string | null;
  readonly plan: string | null;
  /** The person's own name for it. */
  readonly name: string | null;
  /** Whether the tools get this login; the others of its provider stand by. */
  readonly inUse: boolean;
  readonly state: AccountState;
  /** Why it is not simply signed in. */
  readonly code: ErrorCode | null;
  /** End of the access token, epoch ms. */
  readonly expiresAt: number | null;
  /** Last renewal or sign-in, epoch ms. */
  readonly renewedAt: number | null;
  /** Next renewal or next try, epoch ms; `null`: none is planned. */
  readonly renewsAt: number | null;
  /** When the provider will ask for a new sign-in, where it is known, epoch ms. */
  readonly signInBy: number | null;
}
