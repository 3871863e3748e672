import * as v from 'valibot';
import { AppError } from '../../shared/errors.ts';
import { isPage, parseBody } from '../oauth/answer-body.ts';
import { isLoopback, safeUrl } from '../oauth/safe-url.ts';
import type { Answer, Send } from '../oauth/transport.ts';
import { faultCode } from '../refresh/classify.ts';
import type { CustomEndpoints } from './custom.ts';

/** A description is a few kilobytes long. */
const LIMITS = { timeout: 10_000, maxBytes: 256 * 1024 };

/** What a server says of itself: RFC 8414 section 2, OpenID Connect Discovery section 3, RFC 9207. */
const MetadataSchema = v.object({
  issuer: v.string(),
  authorization_endpoint: v.string(),
  token_endpoint: v.string(),
  revocation_endpoint: v.optional(v.string()),
  userinfo_endpoint: v.optional(v.string()),
  scopes_supported: v.optional(v.array(v.string())),
  response_types_supported: v.array(v.string()),
  grant_types_supported: v.optional(v.array(v.string())),
  code_challenge_methods_supported: v.optional(v.array(v.string())),
  authorization_response_iss_parameter_supported: v.optional(v.boolean()),
});
type Metadata = v.InferOutput<typeof MetadataSchema>;

/** What of it is kept. */
export interface Discovered {
  /** As it calls itself. */
  readonly issuer: string;
  readonly endpoints: CustomEndpoints;
  readonly issuerInAnswer: boolean;
  /** The scopes that it says it knows; `null`: it does not say. */
  readonly scopes: readonly string[] | null;
}

/**
 * Reads what the server of `issuer` says of itself, once: nothing asks again later. No redirect is
 * followed. Whether its endpoints may be used is for the caller to check.
 * @param anySlash Whether it may call itself `issuer` with a slash more or less at its end: its description
 * is at the same addresses either way.
 * @throws AppError `provider-unfit`, `unsafe-setting` for an address without protection, `unreachable` and
 * its kin.
 */
export async function discover(send: Send, issuer: string, anySlash = false): Promise<Discovered> {
  const { host } = new URL(issuer);
  let reason = `No description was found at ${host}.`;
  for (const url of addressesOf(issuer)) {
    const outcome = await send({ url, method: 'GET', headers: {}, body: null }, LIMITS);
    if (outcome.kind === 'fault') {
      if (outcome.cause === 'too-large') throw unfit(`The description at ${host} is far too long.`);
      throw new AppError(faultCode(outcome.cause), { service: host, adding: true });
    }
    if (outcome.status >= 500 || outcome.status === 429) {
      throw new AppError('unreachable', { service: host, adding: true });
    }
    const document = documentIn(outcome);
    if (typeof document !== 'string') return read(document, issuer, anySlash);
    reason = document === '' ? reason : `${host} ${document}`;
  }
  throw unfit(reason);
}

/**
 * Where a description may be: OpenID Connect Discovery section 4 puts its name behind the issuer's path,
 * RFC 8414 section 3.1 before it, and either may have either name (section 5).
 */
export function addressesOf(issuer: string): string[] {
  const { origin, pathname } = new URL(issuer);
  const path = pathname.replace(/\/+$/, '');
  return [
    ...new Set([
      `${origin}${path}/.well-known/openid-configuration`,
      `${origin}/.well-known/oauth-authorization-server${path}`,
      `${origin}/.well-known/openid-configuration${path}`,
    ]),
  ];
}

/** The document, or why there is none at this address; empty: nothing is there. */
function documentIn({ status, body }: Answer): object | string {
  if (status >= 300 && status < 400)
    return 'sends its visitors elsewhere. Give the address that it leads to.';
  if (status !== 200) return '';
  if (isPage(body)) return 'answers with a page for people.';
  const value = parseBody(body);
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? value
    : 'answers with something else than a description.';
}

function read(document: object, issuer: string, anySlash: boolean): Discovered {
  const parsed = v.safeParse(MetadataSchema, document);
  if (!parsed.success) throw unfit('Its description lacks what a sign-in needs.');
  const metadata = parsed.output;
  requireIssuer(metadata, issuer, anySlash);
  requireSafeFlow(metadata);
  const { revocation_endpoint: revoke = null, userinfo_endpoint: userinfo = null } = metadata;
  const endpoints = {
    authorize: metadata.authorization_endpoint,
    token: metadata.token_endpoint,
    revoke,
    userinfo,
  };
  requireAddresses(endpoints, issuer);
  return {
    issuer: metadata.issuer,
    endpoints,
    issuerInAnswer: metadata.authorization_response_iss_parameter_supported === true,
    scopes: metadata.scopes_supported ?? null,
  };
}

/** Letter by letter (RFC 8414 section 3.3): another name may be somebody else's. */
function requireIssuer({ issuer: named }: Metadata, issuer: string, anySlash: boolean): void {
  if (named === issuer) return;
  const slash = named === `${issuer}/` ? named : `${named}/` === issuer ? named : null;
  if (slash !== null && anySlash) return;
  throw unfit(
    slash === null
      ? 'Its description names another issuer than the address that you gave.'
      : `It calls itself ${slash}. Give the address just so.`,
  );
}

/** Left out means no, for PKCE (RFC 8414 section 2). */
function requireSafeFlow(metadata: Metadata): void {
  const { response_types_supported, grant_types_supported: grants } = metadata;
  const code = response_types_supported.includes('code');
  if (!code || (grants && !grants.includes('authorization_code'))) {
    throw unfit('It offers no sign-in with a code.');
  }
  if (!metadata.code_challenge_methods_supported?.includes('S256')) {
    throw unfit('It doesn’t protect the code with PKCE (S256).');
  }
}

function requireAddresses(endpoints: CustomEndpoints, issuer: string): void {
  for (const address of Object.values(endpoints)) {
    if (typeof address !== 'string') continue;
    const url = safeUrl(address);
    // A web site must not point us at what listens on this computer.
    const stranger = url !== null && isLoopback(url) && !isLoopback(new URL(issuer));
    if (url === null || stranger) throw unfit('One of its addresses isn’t protected with https.');
  }
}

function unfit(hint: string): AppError {
  return new AppError('provider-unfit', { hint });
}
