import * as v from 'valibot';
import { cleanText } from '../redact.ts';

/**
 * An error code as both providers write them. Gateways and proxies answer in JSON too, but in words
 * (`Unauthorized`, `Too many requests`), and those must never pass for the provider's verdict.
 */
export const ErrorCodeSchema = v.pipe(v.string(), v.regex(/^[a-z][a-z0-9_]{0,63}$/));

const Sentence = v.fallback(v.string(), '');

const SentencesSchema = v.pipe(
  v.object({
    error_description: Sentence,
    message: Sentence,
    detail: Sentence,
    error: v.fallback(v.object({ message: Sentence }), { message: '' }),
  }),
  v.transform((body) =>
    [body.error_description, body.message, body.detail, body.error.message].join('\n'),
  ),
);

// "This organization has been disabled." is about an account; "this feature is disabled" is not.
const PAUSED =
  /\bon hold\b|\bsuspended\b|\b(?:account|organi[sz]ation|workspace|user)\b.{0,40}\bdisabled\b/i;

/** Whether an error body says in words that the account is on hold; neither provider has a code for it. */
export function saysPaused(body: unknown): boolean {
  const sentences = v.safeParse(SentencesSchema, body);
  return sentences.success && PAUSED.test(sentences.output);
}

const LONGEST_TEXT = 320;

/**
 * What a provider tells about a person: one line of bounded length, of characters that can be seen, else
 * `null`. It ends in terminals, in logs and in the names of keychain items.
 */
export const TextSchema = v.fallback(
  v.nullable(
    v.pipe(
      v.string(),
      v.maxLength(LONGEST_TEXT),
      v.transform((text) => cleanText(text, LONGEST_TEXT)),
      v.minLength(1),
    ),
  ),
  null,
);
