import type * as oauth4webapi from 'oauth4webapi';
import * as v from 'valibot';
import { AppError } from '../../shared/errors.ts';
import { type Grant, isBuiltIn, TokenSchema } from '../grant.ts';
import type { BodyKind, Provider } from '../providers/provider.ts';
import { accessTokenIn, parseBody } from './answer-body.ts';
import { type Arrival, type Expiry, expiryOf } from './expiry.ts';
import { readClaims } from './jwt.ts';
import type { SecretRequest } from './transport.ts';

/** What a code is exchanged with. */
export interface CodeExchange {
  readonly code: string;
  readonly verifier: string;
  readonly redirectUri: string;
  /** Already compared with the one that was sent; `null` where none was. */
  readonly state: string | null;
}

/** The request that exchanges a code for a grant. */
export async function exchangeRequest(
  provider: Provider,
  { code, verifier, redirectUri, state }: CodeExchange,
): Promise<SecretRequest> {
  const [server, client] = parties(provider);
  const sent = state === null ? {} : { state };
  const answer = new URLSearchParams({ code, ...sent });
  const extras = provider.stateInExchange ? sent : {};
  return captured(provider.exchangeBody, (oauth, options) =>
    oauth.authorizationCodeGrantRequest(
      server,
      client,
      oauth.None(),
      oauth.validateAuthResponse(server, client, answer, state ?? oauth.expectNoState),
      redirectUri,
      verifier,
      { ...options, additionalParameters: extras },
    ),
  );
}

/**
 * The request that spends a refresh token. It names no scopes: what was granted stays granted, and a
 * wider set is refused (https://github.com/badlogic/pi-mono/issues/2169).
 */
export async function refreshRequest(
  provider: Provider,
  refreshToken: string,
): Promise<SecretRequest> {
  const [server, client] = parties(provider);
  return captured(provider.refreshBody, (oauth, options) =>
    oauth.refreshTokenGrantRequest(server, client, oauth.None(), refreshToken, options),
  );
}

/** The request that ends a login at the provider, which has to have an endpoint for that. */
export async function revokeRequest(
  provider: Provider,
  refreshToken: string,
): Promise<SecretRequest> {
  const [server, client] = parties(provider);
  return captured(provider.revokeBody, (oauth, options) =>
    oauth.revocationRequest(server, client, oauth.None(), refreshToken, {
      ...options,
      additionalParameters: { token_type_hint: 'refresh_token' },
    }),
  );
}

/**
 * Whether the grant came from where the provider's token endpoint is. To be asked before its tokens are
 * sent: other endpoints may be set than when it was issued.
 */
export function isFrom(grant: Pick<Grant, 'origin'>, provider: Provider): boolean {
  return grant.origin === tokenOrigin(provider);
}

/**
 * Whether the login is of another service than the one that the person gave the same id: theirs is gone,
 * though the id is not. One that is built in is the same service, wherever its address is set.
 */
export function isOfAnother(grant: Pick<Grant, 'origin'>, provider: Provider): boolean {
  return !provider.gone && !isBuiltIn(provider.id) && !isFrom(grant, provider);
}

/**
 * Throws where the grant is not from this provider's token endpoint: `provider-missing` if the service that
 * gave it is not known any more, else `unsafe-setting`.
 */
export function assertSameOrigin(grant: Pick<Grant, 'origin'>, provider: Provider): void {
  if (provider.gone) throw new AppError('provider-missing', { service: provider.service });
  if (isFrom(grant, provider)) return;
  throw new AppError(isOfAnother(grant, provider) ? 'provider-missing' : 'unsafe-setting', {
    service: provider.service,
    hint: 'this login was issued by another address than the one that is set now',
  });
}

/** What was odd about an answer, for the log. */
export type GrantNote =
  | 'refresh-token-kept'
  | 'refresh-token-unusable'
  | 'id-token-kept'
  | 'id-token-unusable'
  | 'id-token-unproven'
  | NonNullable<Expiry['note']>;

/** What an answer of the token endpoint holds. */
export type GrantReading =
  | { readonly kind: 'grant'; readonly grant: Grant; readonly notes: readonly GrantNote[] }
  | {
      readonly kind: 'unusable';
      /** A refresh token that the answer does hold: the next to try with. */
      readonly refreshToken: string | null;
      readonly why: 'no-success' | 'not-json' | 'no-access-token' | 'bad-access-token';
    };

/** The part of the grant before that an answer may leave out. */
export type Previous = Pick<Grant, 'id' | 'refreshToken' | 'idToken' | 'scopes'>;

const Leftover = v.fallback(v.nullable(TokenSchema), null);
const AnswerSchema = v.object({
  access_token: v.optional(v.unknown()),
  refresh_token: v.optional(v.unknown()),
  id_token: v.optional(v.unknown()),
  expires_in: v.optional(v.unknown()),
  scope: v.fallback(v.optional(v.string()), undefined),
});
type AnswerFields = v.InferOutput<typeof AnswerSchema>;

/**
 * Reads a grant out of the bytes of an answer, which may have been stored meanwhile. Never throws, and
 * loses nothing that can be used: a refresh token that the answer leaves out or garbles is the previous
 * one, an id token that proves nothing is kept all the same, and where the access token is of no use, a
 * good refresh token beside it is still handed back. oauth4webapi's own reading is all or nothing, so it
 * is not used for this.
 *
 * `previous` is the grant that was renewed, `null` after a sign-in.
 */
export function readGrant(
  provider: Provider,
  answer: Arrival & { readonly status: number; readonly body: Uint8Array },
  previous: Previous | null,
  newId: string,
): GrantReading {
  if (answer.status < 200 || answer.status > 299) {
    return { kind: 'unusable', refreshToken: null, why: 'no-success' };
  }
  const parsed = v.safeParse(AnswerSchema, parseBody(answer.body));
  if (!parsed.success) return { kind: 'unusable', refreshToken: null, why: 'not-json' };
  const fields = parsed.output;
  const accessToken = accessTokenIn(fields);
  if (accessToken === null) {
    const why = fields.access_token === undefined ? 'no-access-token' : 'bad-access-token';
    return { kind: 'unusable', refreshToken: v.parse(Leftover, fields.refresh_token), why };
  }
  const refresh = tokenOr(previous?.refreshToken, fields.refresh_token, 'refresh-token');
  const id = tokenOr(previous?.idToken, fields.id_token, 'id-token');
  const { expiresAt, life, note } = expiryOf(provider, accessToken, fields.expires_in, answer);
  const grant: Grant = {
    id: newId,
    parent: previous?.id ?? null,
    origin: tokenOrigin(provider),
    accessToken,
    refreshToken: refresh.token,
    idToken: id.token,
    expiresAt,
    life,
    obtainedAt: answer.receivedAt,
    scopes: scopesOf(fields, previous?.scopes ?? provider.scopes),
  };
  const proof = isProven(provider, fields.id_token) ? null : 'id-token-unproven';
  const notes: (GrantNote | null)[] = [refresh.note, id.note, proof, note];
  return { kind: 'grant', grant, notes: notes.filter((one) => one !== null) };
}

/** A token of the answer, or the previous one where it has none that can be stored and sent. */
function tokenOr<K extends 'refresh-token' | 'id-token'>(
  previous: string | null | undefined,
  value: unknown,
  kind: K,
): { token: string | null; note: `${K}-kept` | `${K}-unusable` | null } {
  const parsed = v.safeParse(TokenSchema, value);
  if (parsed.success) return { token: parsed.output, note: null };
  // An empty string is how some servers say "none".
  const absent = value === undefined || value === null || value === '';
  const kept = previous ?? null;
  if (!absent) return { token: kept, note: `${kind}-unusable` };
  return { token: kept, note: kept === null ? null : `${kind}-kept` };
}

/** No scope in the answer means the same as before (RFC 6749 sections 5.1 and 6). */
function scopesOf({ scope }: AnswerFields, before: readonly string[]): string[] {
  const scopes = scope?.split(' ').filter((one) => one !== '') ?? [];
  return scopes.length > 0 ? scopes : [...before];
}

/** Whether an id token, if there is one, says that it is from this issuer and for this client. */
function isProven(provider: Provider, idToken: unknown): boolean {
  if (!v.is(TokenSchema, idToken)) return true;
  const claims = readClaims(idToken);
  const audience = [claims?.aud].flat();
  return claims?.iss === issuerOf(provider) && audience.includes(provider.clientId);
}

function issuerOf(provider: Provider): string {
  return provider.issuer ?? tokenOrigin(provider);
}

/** Origin of the token endpoint. */
export function tokenOrigin({ endpoints }: Provider): string {
  return new URL(endpoints.tokenUrl).origin;
}

function parties(provider: Provider): [oauth4webapi.AuthorizationServer, oauth4webapi.Client] {
  const { tokenUrl, revokeUrl } = provider.endpoints;
  return [
    {
      issuer: issuerOf(provider),
      token_endpoint: tokenUrl,
      ...(revokeUrl !== null && { revocation_endpoint: revokeUrl }),
    },
    { client_id: provider.clientId },
  ];
}

interface BuildOptions {
  readonly [oauth4webapi.customFetch]: (
    url: string,
    options: oauth4webapi.CustomFetchOptions<'POST', URLSearchParams>,
  ) => Promise<Response>;
  readonly [oauth4webapi.allowInsecureRequests]: true;
}

/**
 * The request that oauth4webapi would send, with its form turned into JSON where the provider wants that.
 * Plain http is let through here because the transport itself allows it on loopback only.
 */
async function captured(
  kind: BodyKind,
  build: (oauth: typeof oauth4webapi, options: BuildOptions) => Promise<Response>,
): Promise<SecretRequest> {
  // Loaded when a request is made; an answer is read without it.
  const oauth = await import('oauth4webapi');
  let request: SecretRequest | undefined;
  await build(oauth, {
    [oauth.allowInsecureRequests]: true,
    async [oauth.customFetch](url, { body }) {
      const json = kind === 'json';
      request = {
        url,
        method: 'POST',
        headers: {
          'content-type': json ? 'application/json' : 'application/x-www-form-urlencoded',
        },
        body: json ? JSON.stringify(Object.fromEntries(body)) : body.toString(),
      };
      return new Response();
    },
  });
  if (request === undefined) throw new TypeError('no request was built');
  return request;
}
