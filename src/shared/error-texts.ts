import { ERROR_TEXTS } from './error-catalogue.ts';
import { ERROR_STEPS, type ErrorCase } from './error-steps.ts';
import type { AppError, ErrorCode, ErrorDetails } from './errors.ts';
import { inWords, spanInWords, type TimeStyle } from './time-words.ts';
import { capitalised, nameAtTerminal, plain } from './ui/names.ts';
import { wordsFor } from './words.ts';

/** Whose eyes an error is described for. */
export interface ErrorContext extends TimeStyle {
  /** As `process.platform` spells it. */
  readonly platform: string;
  /** Epoch ms. */
  readonly now: number;
  /** `false` where nothing runs that would try again by itself. */
  readonly attended?: boolean;
}

/** An error in words, ready to be shown. */
export interface ErrorDescription {
  readonly code: ErrorCode;
  readonly title: string;
  readonly sentence: string;
  readonly action: string;
}

/** What fills the `{…}` of a template. */
type Slots = Readonly<Record<string, string | undefined>>;

/** Stands in for what an error does not tell; each is true of any case. */
const UNTOLD: Slots = {
  service: 'the service',
  tool: 'the tool',
  program: 'another program',
  process: 'another process',
  path: 'it',
  newAccount: 'someone else',
  oldAccount: 'another account',
  when: 'soon',
  off: 'some minutes',
  provider: 'claude',
  login: 'authbar login claude',
  key: 'openai',
};

/** Codes whose sentence only stands in until a hint says precisely what is wrong. */
const HINT_SAYS_IT_ALL: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'answer-mismatch',
  'code-incomplete',
  'no-such-login',
  'provider-unfit',
  'sign-in-timeout',
  'unsafe-setting',
  'wrong-use',
]);

/** Codes whose words say that Authbar tries again. */
const TRIED_AGAIN: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'asked-to-wait',
  'offline',
  'service-refused',
  'unreachable',
]);

/** What the sentence of such an error is in these cases. */
const SENTENCES: Readonly<Record<ErrorCase, string>> = {
  keyCheck: 'The key is kept.',
  adding: 'Nothing was added.',
  signingIn: 'Nothing was changed.',
  unattended: 'The login is kept.',
};

/**
 * The catalogue's words for `error`, with every `{…}` filled; a detail that the error lacks gets words
 * that are still true. The error's hint follows the sentence, except for the few codes whose sentence is
 * only a stand-in for it (`HINT_SAYS_IT_ALL`): there it takes the sentence's place.
 */
export function describeError(error: AppError, context: ErrorContext): ErrorDescription {
  const { title, sentence: usual, action } = ERROR_TEXTS[error.code];
  const special = caseOf(error, context.attended);
  const sentence = special ? SENTENCES[special] : usual;
  const names = namesIn(error.details);
  const words = { ...wordsIn(error.details, context), ...wordsFor(context.platform) };
  return {
    code: error.code,
    title: fill(title, names, words),
    sentence: withHint(error, fill(sentence, names, words)),
    action: fill(action, names, words),
  };
}

/**
 * The next step for a person at a terminal: a command to run, a file to look at, a thing to paste.
 * @param attended See `ErrorContext`.
 */
export function commandLineAction(error: AppError, attended?: boolean): string {
  const { code, details } = error;
  const template = ERROR_STEPS[caseOf(error, attended) ?? code];
  return fill(template, namesIn(details), wordsIn(details));
}

/** A sign-in is never tried again by itself; a renewal is, while something runs that does it. */
function caseOf({ code, details }: AppError, attended = true): ErrorCase | null {
  if (!TRIED_AGAIN.has(code)) return null;
  if (details.keyService) return 'keyCheck';
  if (details.adding) return 'adding';
  if (details.signingIn) return 'signingIn';
  return attended ? null : 'unattended';
}

/** What has a spelling of its own, wherever it stands. */
function namesIn(details: ErrorDetails): Slots {
  const { service, tool, program, path, newAccount, oldAccount, keyService: key } = details;
  const provider = service && nameAtTerminal(service);
  const login = provider && `authbar login ${provider}`;
  return { service, tool, program, path, newAccount, oldAccount, provider, login, key };
}

function wordsIn({ pid, retryAt, offBy }: ErrorDetails, context?: ErrorContext): Slots {
  return {
    ...UNTOLD,
    ...(pid !== undefined && { process: `process ${pid}` }),
    ...(offBy !== undefined && { off: spanInWords(offBy) }),
    ...(retryAt !== undefined && context && { when: inWords(retryAt, context.now, context) }),
  };
}

/** Our own words begin with a capital where a sentence does; names never change. */
function fill(template: string, names: Slots, words: Slots): string {
  return template.replace(/\{(\w+)\}/g, (_, slot: string, at: number) => {
    const name = plain(names[slot] ?? '');
    if (name) return name;
    const word = words[slot] ?? '';
    return at === 0 || template.endsWith('. ', at) ? capitalised(word) : word;
  });
}

function withHint({ code, details }: AppError, sentence: string): string {
  const hint = plain(details.hint ?? '').trim();
  if (!hint) return sentence;
  const asSentence = capitalised(/[.!?…]$/.test(hint) ? hint : `${hint}.`);
  return HINT_SAYS_IT_ALL.has(code) ? asSentence : `${sentence} ${asSentence}`;
}
