import * as v from 'valibot';
import { AppError } from '../../shared/errors.ts';

const Text = v.pipe(v.string(), v.maxLength(2048));
const Texts = v.pipe(v.array(Text), v.maxLength(64));

/** A service as a person writes it down; the values themselves are looked at when it is added. */
const RequestSchema = v.strictObject({
  id: v.optional(Text),
  name: v.optional(Text),
  issuer: v.optional(Text),
  clientId: v.optional(Text),
  scopes: v.optional(Texts),
  redirectPorts: v.optional(v.pipe(v.array(v.number()), v.maxLength(16))),
  allowedOrigins: v.optional(Texts),
  endpoints: v.optional(
    v.strictObject({
      authorize: Text,
      token: Text,
      revoke: v.optional(v.nullable(Text), null),
      userinfo: v.optional(v.nullable(Text), null),
    }),
  ),
});

/** What such a file says. */
export type FileRequest = v.InferOutput<typeof RequestSchema>;

/** Largest file that describes a service. */
export const MAX_REQUEST_BYTES = 64 * 1024;

/**
 * Reads the file that describes a service.
 * @throws AppError `wrong-use`, which names the field and shows nothing of it.
 */
export function parseRequest(text: string): FileRequest {
  const value = parseJson(text);
  const parsed = Array.isArray(value) ? null : v.safeParse(RequestSchema, value);
  if (parsed?.success) return parsed.output;
  const field = parsed && v.getDotPath(parsed.issues[0]);
  throw new AppError('wrong-use', {
    hint: field ? `In that file ${field} is not as expected` : 'That file describes no service',
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The parser's message quotes the text.
    throw new AppError('wrong-use', { hint: 'That file is not JSON' });
  }
}
