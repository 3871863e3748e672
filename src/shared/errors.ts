import type { AddressProblem } from './address-problems.ts';

/**
 * Every failure that a person or a program can meet, by code. The code is stable; the words for it
 * are in `error-catalogue.ts` and `error-steps.ts`, one entry for each code, which the compiler checks.
 */
export const ERROR_CODES = [
  'browser-not-opened',
  'port-busy',
  'sign-in-stopped',
  'sign-in-timeout',
  'answer-mismatch',
  'code-incomplete',
  'code-refused',
  'other-account',
  'offline',
  'unreachable',
  'asked-to-wait',
  'network-page',
  'network-password',
  'not-private',
  'clock-wrong',
  'login-ended',
  'login-used-up',
  'account-paused',
  'keychain-locked',
  'keychain-refused',
  'tool-file-damaged',
  'tool-file-protected',
  'disk-full',
  'tool-other-account',
  'key-refused',
  'keyring-missing',
  'sign-out-unfinished',
  'login-item-blocked',
  'notifications-off',
  'update-unfinished',
  'list-damaged',
  'tool-busy',
  'login-incomplete',
  'login-lost-in-flight',
  'service-refused',
  'other-computer',
  'newer-version',
  'storage-choice',
  'folder-protected',
  'unexpected',
  // Met only where there is a command line.
  'wrong-use',
  'no-such-login',
  'several-logins',
  'engine-running',
  'login-busy',
  'login-damaged',
  'unsafe-setting',
  'engine-gone',
  'interrupted',
  // Met only with services that the person added.
  'no-renewal',
  'provider-missing',
  'provider-unfit',
  'providers-damaged',
] as const;

/** See `ERROR_CODES`. */
export type ErrorCode = (typeof ERROR_CODES)[number];

/** What fills the `{…}` of an error's texts. Never a secret, never text from a server. */
export interface ErrorDetails {
  /** The service's name as people know it: `Claude`, `ChatGPT`. */
  readonly service?: string;
  /** The tool's name: `Codex`, `Peekaboo`. */
  readonly tool?: string;
  /** A program that stands in the way, as the OS names it. */
  readonly program?: string;
  /** When Authbar tries again, epoch ms. */
  readonly retryAt?: number;
  /** A file or folder that the person has to look at. */
  readonly path?: string;
  /** An extra plain sentence for this very case, already free of secrets. */
  readonly hint?: string;
  /** Why a service was not added, where the window says it in a sentence of its own. */
  readonly problem?: AddressProblem;
  /** The name of logins that the person gave. */
  readonly asked?: string;
  /** What the logins are called that the person may have meant, each by a name of its own. */
  readonly names?: readonly string[];
  /** It happened to a sign-in, before there was a login. */
  readonly signingIn?: boolean;
  /** It is about the API key of the service with this id, which nothing renews. Never the key. */
  readonly keyService?: string;
  /** It happened while a service was added, of which nothing is kept. */
  readonly adding?: boolean;
  /** Nobody can tell what was meant, which the title says; else the hint is all of it. */
  readonly unclear?: boolean;
  /** Who holds a lock. */
  readonly pid?: number;
  /** How far the clock is off, ms. */
  readonly offBy?: number;
  readonly newAccount?: string;
  readonly oldAccount?: string;
}

/**
 * The one error type that crosses a module's border. `message` is for a log: it holds the code and the
 * hint, never a secret. What a person reads comes from `describeError`.
 */
export class AppError extends Error {
  override readonly name = 'AppError';
  readonly code: ErrorCode;
  readonly details: ErrorDetails;

  constructor(code: ErrorCode, details: ErrorDetails = {}, cause?: unknown) {
    super(details.hint ? `${code}: ${details.hint}` : code, cause === undefined ? {} : { cause });
    this.code = code;
    this.details = details;
  }
}

/** `error` if it is coded already, else the code `unexpected` with `error` as its cause. */
export function asAppError(error: unknown): AppError {
  return error instanceof AppError ? error : new AppError('unexpected', {}, error);
}

/** Whether `error` is coded with one of `codes`. */
export function hasCode(error: unknown, ...codes: readonly ErrorCode[]): error is AppError {
  return error instanceof AppError && codes.includes(error.code);
}
