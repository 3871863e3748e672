import * as v from 'valibot';
import { TokenSchema } from '../grant.ts';

const AccessTokenSchema = v.object({ access_token: TokenSchema });

/** The JSON in an answer's bytes; `undefined` when there is none, or only half of one. */
export function parseBody(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(body));
  } catch {
    return undefined;
  }
}

/** The access token in a parsed answer, if it is one that can be stored and sent; else `null`. */
export function accessTokenIn(body: unknown): string | null {
  const parsed = v.safeParse(AccessTokenSchema, body);
  return parsed.success ? parsed.output.access_token : null;
}

/** Whether bytes are a page for people: what a captive portal or a gateway answers. */
export function isPage(body: Uint8Array): boolean {
  return new TextDecoder().decode(body.subarray(0, 256)).trimStart().startsWith('<');
}
