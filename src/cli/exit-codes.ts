import type { ErrorCode } from '../shared/errors.ts';

/** It is done, but something is owed or could not be removed. */
export const OWED = 6;
/** Ctrl-C, as shells have it: 128 + SIGINT. */
export const INTERRUPTED = 130;

const UNEXPECTED = 1;
const WRONG_USE = 2;
const SIGN_IN = 3;
const LATER = 4;
const VAULT = 5;
const NOT_SIGNED_IN = 7;

const EXIT_CODES: Readonly<Record<ErrorCode, number>> = {
  unexpected: UNEXPECTED,

  'wrong-use': WRONG_USE,
  'several-logins': WRONG_USE,
  'unsafe-setting': WRONG_USE,
  'provider-unfit': WRONG_USE,
  'providers-damaged': WRONG_USE,

  'login-ended': SIGN_IN,
  'login-used-up': SIGN_IN,
  'login-lost-in-flight': SIGN_IN,
  'login-damaged': SIGN_IN,
  'no-such-login': SIGN_IN,
  'other-computer': SIGN_IN,
  'key-refused': SIGN_IN,
  'no-renewal': SIGN_IN,
  'provider-missing': SIGN_IN,

  offline: LATER,
  unreachable: LATER,
  'asked-to-wait': LATER,
  'network-page': LATER,
  'network-password': LATER,
  'not-private': LATER,
  'clock-wrong': LATER,
  'service-refused': LATER,
  'account-paused': LATER,
  'engine-running': LATER,
  'login-busy': LATER,
  'engine-gone': LATER,
  'newer-version': LATER,
  'disk-full': LATER,
  'folder-protected': LATER,
  'port-busy': LATER,
  'update-unfinished': LATER,

  'keychain-locked': VAULT,
  'keychain-refused': VAULT,
  'keyring-missing': VAULT,
  'storage-choice': VAULT,
  'list-damaged': VAULT,

  'tool-busy': OWED,
  'login-incomplete': OWED,
  'tool-file-damaged': OWED,
  'tool-file-protected': OWED,
  'tool-other-account': OWED,
  'sign-out-unfinished': OWED,
  'login-item-blocked': OWED,
  'notifications-off': OWED,

  'sign-in-stopped': NOT_SIGNED_IN,
  'sign-in-timeout': NOT_SIGNED_IN,
  'browser-not-opened': NOT_SIGNED_IN,
  'answer-mismatch': NOT_SIGNED_IN,
  'code-incomplete': NOT_SIGNED_IN,
  'code-refused': NOT_SIGNED_IN,
  'other-account': NOT_SIGNED_IN,

  interrupted: INTERRUPTED,
};

/** What a person or the vault has to mend comes before what time mends. */
const GRAVEST_FIRST = [UNEXPECTED, VAULT, SIGN_IN, LATER, OWED];

/** The exit code of a command that failed with `code`. */
export function exitCodeOf(code: ErrorCode): number {
  return EXIT_CODES[code];
}

/** One exit code for several failures, the gravest; 0 for none. */
export function gravestOf(codes: readonly ErrorCode[]): number {
  const exits = codes.map(exitCodeOf);
  return GRAVEST_FIRST.find((exit) => exits.includes(exit)) ?? exits[0] ?? 0;
}
