/**
 * What no log line, error or notice may hold, and what foreign text has to lose before anyone sees it.
 */

import { ERROR_CODES } from '../shared/errors.ts';

const MASK = '[redacted]';

/** What our own log lines call `code` is no secret. */
const OWN_CODE = `(?!(?:${ERROR_CODES.join('|')})(?:[\\s"&,;<>}\\]]|$))`;

/** Shapes of secrets, for text whose secrets nobody has named to us. */
const SHAPES: readonly [RegExp, string][] = [
  // JSON Web Tokens: base64url of `{"`, then at least one more part.
  [/\beyJ[\w-]{5,}\.[\w-]+(?:\.[\w-]*)?/g, MASK],
  // Anthropic's and OpenAI's tokens and keys.
  [/\bsk-[\w-]{8,}/g, MASK],
  // xAI's keys and Google's.
  [/\b(?:xai-[\w-]{8,}|AIza[\w-]{20,})/g, MASK],
  [/\b(Bearer|Basic)\s+[\w~+/.=-]+/gi, `$1 ${MASK}`],
  // JSON, query strings and form bodies, by the field's name. What is masked already stays one mask.
  [
    new RegExp(
      `("?(?:access_?token|refresh_?token|id_?token|code_?verifier|subject_?token|client_?secret|api_?key|token|(?<!provider)code|state)"?\\s*[:=]\\s*"?)${OWN_CODE}(?:\\[redacted\\]|[^\\s"&,;<>}\\]])+`,
      'gi',
    ),
    `$1${MASK}`,
  ],
  // Anything else that is long and random: hashes are at most 64 hex digits, paths have slashes.
  [/\b(?=[\w-]*[A-Z])(?=[\w-]*[a-z])(?=[\w-]*\d)[\w-]{40,}/g, MASK],
];

/** The secrets of this process, so that each is masked wherever it turns up and whatever it looks like. */
export interface Secrets {
  add(...secrets: readonly (string | null | undefined)[]): void;
  /** `text` without any secret. */
  redact(text: string): string;
}

/**
 * An engine that runs for months sees a new pair of tokens every few hours. The old ones are spent, and
 * their shape still gives them away.
 */
const MOST_SECRETS = 5000;

/** Shorter strings are words, not secrets; masking them would eat ordinary text. */
const SHORTEST_SECRET = 8;

/** An empty list of secrets, for one engine. */
export function createSecrets(): Secrets {
  const known = new Set<string>();
  let longestFirst: readonly string[] | null = null;
  return {
    add(...secrets) {
      const long = secrets.filter((secret) => secret && secret.length >= SHORTEST_SECRET);
      for (const spelling of long.flatMap((secret) => spellings(secret ?? ''))) {
        // The newest last, so that the oldest go first.
        known.delete(spelling);
        known.add(spelling);
      }
      for (const oldest of known) {
        if (known.size <= MOST_SECRETS) break;
        known.delete(oldest);
      }
      longestFirst = null;
    },
    redact(text) {
      // A shorter one must not leave the rest of a longer one that begins like it.
      longestFirst ??= [...known].sort((a, b) => b.length - a.length);
      const held = longestFirst.filter((secret) => text.includes(secret));
      return redactShapes(held.reduce((clean, secret) => clean.replaceAll(secret, MASK), text));
    },
  };
}

/** As it is, in a URL, and in JSON. */
function spellings(secret: string): string[] {
  return [secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)];
}

/** Masks what looks like a secret. */
export function redactShapes(text: string): string {
  return SHAPES.reduce((clean, [shape, mask]) => clean.replace(shape, mask), text);
}

/**
 * Text from a server, a file or another program, fit for a terminal or a log: no control characters
 * (escape sequences), no bidirectional or invisible ones (which can make text read as something else),
 * on one line, cut at `limit` characters.
 * @see https://www.unicode.org/reports/tr36/#Bidirectional_Text_Spoofing
 */
export function cleanText(text: string, limit = 200): string {
  const plain = text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Co}]+/gu, ' ').trim();
  const characters = [...plain];
  return characters.length > limit ? `${characters.slice(0, limit - 1).join('')}…` : plain;
}
