import type { UsageWindow } from '../../shared/usage.ts';
import type { Identity, ProviderId } from '../grant.ts';

/** Where somebody signs in by a code that they enter on another device. All of it is at the token endpoint's origin. */
export interface DeviceUrls {
  /** Gives out a code for the person. */
  readonly code: string;
  /** Is asked until the person has entered it. */
  readonly poll: string;
  /** The page that the person opens to enter it. */
  readonly page: string;
  /** What the exchange names as the redirect; nobody comes back to us by it. */
  readonly redirect: string;
}

/** Where a provider is. The only part that `AUTHBAR_PROVIDERS_FILE` may replace. */
export interface Endpoints {
  readonly authorizeUrl: string;
  readonly tokenUrl: string;
  /** Ends a login (RFC 7009); `null` where there is none. */
  readonly revokeUrl: string | null;
  /** Answers who the person is, for providers whose tokens do not tell; else `null`. */
  readonly profileUrl: string | null;
  /** Answers how much of the plan is used; `null` where nobody is asked that. */
  readonly usageUrl: string | null;
  /** The provider's own page that shows a code to copy; `null` where the failed loopback address is pasted. */
  readonly pasteRedirectUrl: string | null;
  /** `null` for a provider that gives out no codes for another device. */
  readonly deviceUrls: DeviceUrls | null;
  /** Loopback ports in the order in which they are tried; 0 is any free port. */
  readonly redirectPorts: readonly number[];
}

/** How the body of a token request is written. */
export type BodyKind = 'json' | 'form';

/** Who issues logins: constants and quirks only. Everything that decides is elsewhere. */
export interface Provider {
  readonly id: ProviderId;
  /** As people know it: `Claude`, `ChatGPT`. */
  readonly service: string;
  /** Other names that a person may type. */
  readonly aliases: readonly string[];
  readonly clientId: string;
  readonly scopes: readonly string[];
  readonly endpoints: Endpoints;
  /** Path of the loopback redirect. */
  readonly redirectPath: string;
  /** Host of the loopback redirect, `localhost` where it is left out. Both loopback addresses listen. */
  readonly redirectHost?: '127.0.0.1';
  /** A path on the callback server that ends the attempt (Codex calls it on port 1455), else `null`. */
  readonly cancelPath: string | null;
  /** Query parameters of the authorize URL beside the standard ones. */
  readonly authorizeExtras: Readonly<Record<string, string>>;
  readonly exchangeBody: BodyKind;
  readonly refreshBody: BodyKind;
  readonly revokeBody: BodyKind;
  /** Whether the code exchange repeats `state`. */
  readonly stateInExchange: boolean;
  /** Whether a pasted code without its state is accepted. */
  readonly bareCode: boolean;
  /** Where the expiry comes from: the access token's JWT `exp` (then `expires_in`), or `expires_in`. */
  readonly expiryFrom: 'jwt' | 'expires_in';
  /**
   * Error codes (of a 4xx in the provider's own shape) that end a login for good, each with the code
   * that a person is told.
   */
  readonly overCodes: Readonly<Record<string, 'login-ended' | 'login-used-up'>>;
  /** What an id token's `iss` has to be, where that is not the token endpoint's origin. */
  readonly issuer?: string;
  /** Whether each answer in the browser has to name the issuer (RFC 9207). */
  readonly issuerInAnswer?: boolean;
  /** Nothing more is known of it: the person removed it, or what they added cannot be read. */
  readonly gone?: true;
  /** The provider's own error code in a parsed JSON body, or `null` when the body has not its shape. */
  errorCode(body: unknown): string | null;
  /** Whether the provider's error text says that the account is on hold. */
  saysPaused(body: unknown): boolean;
  /** Who the tokens belong to, read from their JWT claims; `null` where they do not tell. */
  identityFromTokens(tokens: { accessToken: string; idToken: string | null }): Identity | null;
  /** Who the profile endpoint's parsed JSON answer is about; `null` when it is not understood. */
  identityFromProfile(body: unknown): Identity | null;
  /** What the usage endpoint wants beside the access token. */
  usageHeaders(accessToken: string): Readonly<Record<string, string>>;
  /**
   * The windows in the usage endpoint's parsed JSON answer, the shortest first; none where the plan has
   * none, `null` when the answer is not understood. `now` is when it came, epoch ms.
   */
  usageFrom(body: unknown, now: number): readonly UsageWindow[] | null;
}
