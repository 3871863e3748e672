import * as v from 'valibot';
import { MAX_TOKEN_BYTES } from '../grant.ts';

const JWT = /^[\w-]+\.([\w-]+)\.[\w-]*$/;
const ClaimsSchema = v.record(v.string(), v.unknown());

/**
 * The claims of a JWT; `null` when the token is not one. Never throws.
 *
 * The signature is not checked: the token came from the issuer itself over TLS (OpenID Connect Core
 * section 3.1.3.7, point 6, allows exactly this), and what is read here labels a login, it admits nobody.
 */
export function readClaims(token: string): Record<string, unknown> | null {
  const payload = token.length <= MAX_TOKEN_BYTES ? JWT.exec(token)?.[1] : undefined;
  if (payload === undefined) return null;
  try {
    const claims: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8'));
    // A record schema lets an array pass.
    return Array.isArray(claims) ? null : v.parse(ClaimsSchema, claims);
  } catch {
    return null;
  }
}

/** A claim that is a time (RFC 7519 `NumericDate`): seconds since the epoch, else `null`. */
export function timeClaim(token: string, claim: 'exp' | 'iat'): number | null {
  const value = readClaims(token)?.[claim];
  return typeof value === 'number' && Number.isFinite(value) && value > 0 ? value : null;
}

/** When a JWT ends, in seconds since the epoch by the issuer's clock; `null` when it does not tell. */
export function jwtExpiry(token: string): number | null {
  return timeClaim(token, 'exp');
}
