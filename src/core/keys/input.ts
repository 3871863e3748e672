import * as v from 'valibot';
import { AppError } from '../../shared/errors.ts';
import type { KeyProblem } from '../../shared/key-problems.ts';
import { MAX_TOKEN_BYTES, TokenSchema } from '../grant.ts';
import type { KeyService, KeyServices } from './services.ts';

/** Every real key has more characters. A short one would be a word, which nobody can mask. */
const SHORTEST_KEY = 16;

/** Pairs that a key is copied with. */
const QUOTES: readonly (readonly [string, string])[] = [
  ['"', '"'],
  ["'", "'"],
  ['`', '`'],
  ['“', '”'],
  ['‘', '’'],
];

/** Anthropic's access and refresh tokens. */
const CLAUDE_LOGIN = /^sk-ant-o[ar]t/;
/** A JSON Web Token, as ChatGPT's access and id tokens are. */
const JWT = /^eyJ[\w-]+\.[\w-]+\.[\w-]*$/;
/** A line of a shell or of an environment file. */
const ASSIGNMENT = /^[A-Za-z_]\w*=/;

/** For a person at a terminal. */
const HINTS: Readonly<Record<KeyProblem, (owner: KeyService) => string>> = {
  empty: () => 'There was no key.',
  long: () => 'That is too long to be a key.',
  lines: () => 'A key is one line, and that was more.',
  named: () => 'Leave out the name before the key, and the = behind it.',
  spaces: () => 'A key has no spaces. Copy the key alone.',
  characters: () => 'There are characters in it that no key has.',
  quote: () => 'There is a quotation mark at one end. Copy all of the key.',
  short: () => 'That is too short to be a key. Copy all of it.',
  'claude-login': () =>
    'That is the token of a Claude login, not an API key. `authbar login claude` signs you in.',
  login: () => 'That is the token of a login, not an API key. `authbar login` signs you in.',
  'other-service': ({ id, name }) =>
    `That is a key for ${name}: \`authbar key add ${id}\` takes it.`,
};

/** What a text is: the key in it, or why it is none and whose it would be. */
export type ReadKey =
  | { readonly key: string; readonly problem: null }
  | { readonly problem: KeyProblem; readonly owner: KeyService };

/** Looks for a service's key in what a person pasted: white space and one pair of quotes around it go. */
export function readKey(text: string, service: KeyService, services: KeyServices): ReadKey {
  const key = unquoted(text.trim()).trim();
  const problem = problemOf(key);
  if (problem) return { problem, owner: service };
  // A key of another service's is shown to nobody but that service.
  const owner = Object.values(services).find(({ prefix }) => prefix && key.startsWith(prefix));
  if (owner && owner.id !== service.id) return { problem: 'other-service', owner };
  return { key, problem: null };
}

/**
 * The key in what a person pasted or piped.
 * @throws AppError `wrong-use` with a sentence that says what is wrong and never quotes it.
 */
export function parseKey(text: string, service: KeyService, services: KeyServices): string {
  const read = readKey(text, service, services);
  if (read.problem === null) return read.key;
  const hint = `${HINTS[read.problem](read.owner)} Nothing was saved.`;
  throw new AppError('wrong-use', { hint });
}

function unquoted(text: string): string {
  const pair = QUOTES.find(([open, close]) => text.startsWith(open) && text.endsWith(close));
  return pair && text.length >= 2 ? text.slice(1, -1) : text;
}

function problemOf(key: string): KeyProblem | null {
  if (key === '') return 'empty';
  if (key.length > MAX_TOKEN_BYTES) return 'long';
  if (/[\n\r\v\f\u0085\u2028\u2029]/.test(key)) return 'lines';
  if (ASSIGNMENT.test(key)) return 'named';
  if (/\s/.test(key)) return 'spaces';
  if (!v.is(TokenSchema, key)) return 'characters';
  const marks = QUOTES.flat();
  if (marks.some((mark) => key.startsWith(mark) || key.endsWith(mark))) return 'quote';
  if (key.length < SHORTEST_KEY) return 'short';
  if (CLAUDE_LOGIN.test(key)) return 'claude-login';
  return JWT.test(key) ? 'login' : null;
}
