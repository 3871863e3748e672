import * as v from 'valibot';
import { AppError } from '../../shared/errors.ts';
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

/**
 * The key in what a person pasted or piped: white space and one pair of quotes around it go.
 * @throws AppError `wrong-use` with a sentence that says what is wrong and never quotes it.
 */
export function parseKey(text: string, service: KeyService, services: KeyServices): string {
  const key = unquoted(text.trim()).trim();
  const problem = problemOf(key) ?? belongsElsewhere(key, service, services);
  if (problem) throw new AppError('wrong-use', { hint: `${problem} Nothing was saved.` });
  return key;
}

function unquoted(text: string): string {
  const pair = QUOTES.find(([open, close]) => text.startsWith(open) && text.endsWith(close));
  return pair && text.length >= 2 ? text.slice(1, -1) : text;
}

function problemOf(key: string): string | null {
  if (key === '') return 'There was no key.';
  if (key.length > MAX_TOKEN_BYTES) return 'That is too long to be a key.';
  if (/[\n\r\v\f\u0085\u2028\u2029]/.test(key)) return 'A key is one line, and that was more.';
  if (ASSIGNMENT.test(key)) return 'Leave out the name before the key, and the = behind it.';
  if (/\s/.test(key)) return 'A key has no spaces. Copy the key alone.';
  if (!v.is(TokenSchema, key)) return 'There are characters in it that no key has.';
  if (QUOTES.some((pair) => pair.some((mark) => key.startsWith(mark) || key.endsWith(mark)))) {
    return 'There is a quotation mark at one end. Copy all of the key.';
  }
  if (key.length < SHORTEST_KEY) return 'That is too short to be a key. Copy all of it.';
  return null;
}

/** A login’s token is no key, and a key of another service’s is shown to nobody but that service. */
function belongsElsewhere(key: string, service: KeyService, services: KeyServices): string | null {
  if (CLAUDE_LOGIN.test(key)) {
    return 'That is the token of a Claude login, not an API key. `authbar login claude` signs you in.';
  }
  if (JWT.test(key)) {
    return 'That is the token of a login, not an API key. `authbar login` signs you in.';
  }
  const owner = Object.values(services).find(({ prefix }) => prefix && key.startsWith(prefix));
  if (!owner || owner.id === service.id) return null;
  return `That is a key for ${owner.name}: \`authbar key add ${owner.id}\` takes it.`;
}
