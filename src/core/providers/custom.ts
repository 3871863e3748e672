import * as v from 'valibot';
import { bareId } from '../../shared/custom-id.ts';
import { nameAtTerminal } from '../../shared/ui/names.ts';
import { CustomIdSchema, type Identity } from '../grant.ts';
import { readClaims } from '../oauth/jwt.ts';
import { isLoopback, safeUrl } from '../oauth/safe-url.ts';
import { cleanText } from '../redact.ts';
import { ErrorCodeSchema, TextSchema } from './error-body.ts';
import type { Provider } from './provider.ts';

/** Longest address that is kept. */
const MAX_URL = 2048;
/** Longest name of a service. */
export const MAX_NAME = 40;

const UrlSchema = v.pipe(
  v.string(),
  v.maxLength(MAX_URL),
  v.check((text) => safeUrl(text) !== null, 'is not https, nor http on this computer'),
);

/** RFC 8414 section 2: an issuer has neither a query nor a fragment. */
export const IssuerSchema = v.pipe(
  UrlSchema,
  v.check((text) => !text.includes('?'), 'has a question mark in it'),
);

/** RFC 6749 appendix A.1, without spaces, which nobody means. */
export const ClientIdSchema = v.pipe(
  v.string(),
  v.regex(/^[\x21-\x7e]{1,512}$/, 'is not a client id'),
);

/** RFC 6749 section 3.3. */
export const ScopesSchema = v.pipe(
  v.array(v.pipe(v.string(), v.regex(/^[\x21\x23-\x5b\x5d-\x7e]{1,256}$/, 'is not a scope'))),
  v.maxLength(64),
);

/** What people call the service: one line that shows as it is. */
export const NameSchema = v.pipe(
  v.string(),
  v.check(
    (text) =>
      text.trim() !== '' && text === cleanText(text, MAX_NAME) && nameAtTerminal(text) !== '',
    'is not a name of at most 40 letters',
  ),
);

/** Loopback ports in the order in which they are tried; 0 is any free one. */
export const PortsSchema = v.pipe(
  v.array(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(65_535))),
  v.minLength(1),
  v.maxLength(16),
);

/** `https://example.com`, and nothing behind it. */
export const OriginSchema = v.pipe(
  UrlSchema,
  v.check((text) => URL.canParse(text) && new URL(text).origin === text, 'is not an origin'),
);

/** Where the service is. */
export const CustomEndpointsSchema = v.looseObject({
  authorize: UrlSchema,
  token: UrlSchema,
  /** Ends a login (RFC 7009); `null`: it has none. */
  revoke: v.nullable(UrlSchema),
  /** Tells who the person is (OpenID Connect Core section 5.3); `null`: it has none. */
  userinfo: v.nullable(UrlSchema),
});
/** See `CustomEndpointsSchema`. */
export type CustomEndpoints = v.InferOutput<typeof CustomEndpointsSchema>;

/** A service that the person added, as it is kept. What it says is fixed: nothing that the service publishes later moves it. */
export const CustomSchema = v.pipe(
  v.looseObject({
    id: CustomIdSchema,
    name: NameSchema,
    issuer: IssuerSchema,
    clientId: ClientIdSchema,
    scopes: ScopesSchema,
    endpoints: CustomEndpointsSchema,
    /** Origins beside the issuer's that may see its tokens, by the person's own word. */
    allowedOrigins: v.array(OriginSchema),
    redirectPorts: PortsSchema,
    /** Whether each answer in the browser names the issuer (RFC 9207). */
    issuerInAnswer: v.boolean(),
    /** Epoch ms. */
    addedAt: v.number(),
  }),
  v.check((custom) => strayEndpoint(custom) === null, 'has an endpoint on another origin'),
);
/** See `CustomSchema`. */
export type CustomProvider = v.InferOutput<typeof CustomSchema>;

/** An endpoint that may not be used, and why. */
export interface Stray {
  readonly endpoint: 'authorize' | 'token' | 'revoke' | 'userinfo';
  readonly why: 'unprotected' | 'elsewhere';
  readonly origin: string;
}

/** What is shown a token. The address that a person signs in at is not. */
const SEES_TOKENS = ['token', 'revoke', 'userinfo'] as const;

/**
 * The first endpoint that is not as safe as the issuer: over plain http although the issuer is not on this
 * computer, or, of those that see a token, on an origin that is neither the issuer's nor allowed.
 */
export function strayEndpoint({
  issuer,
  endpoints,
  allowedOrigins,
}: {
  readonly issuer: string;
  readonly endpoints: CustomEndpoints;
  readonly allowedOrigins: readonly string[];
}): Stray | null {
  const home = new URL(issuer);
  for (const endpoint of ['authorize', ...SEES_TOKENS] as const) {
    const address = endpoints[endpoint];
    if (address === null) continue;
    const { origin, protocol } = new URL(address);
    const local = home.protocol === 'http:' && isLoopback(home);
    if (protocol !== 'https:' && !local) return { endpoint, why: 'unprotected', origin };
    const known = endpoint === 'authorize' || [home.origin, ...allowedOrigins].includes(origin);
    if (!known) return { endpoint, why: 'elsewhere', origin };
  }
  return null;
}

/** RFC 6749 section 5.2. */
const ErrorBodySchema = v.pipe(
  v.object({ error: ErrorCodeSchema }),
  v.transform(({ error }) => error),
);

const ProfileSchema = v.object({ sub: TextSchema, email: TextSchema });

/** A service that the person added, as a provider like any other: a public client with PKCE, by the standards alone. */
export function toProvider(custom: CustomProvider): Provider {
  const { id, name, issuer, clientId, scopes, endpoints } = custom;
  return {
    id,
    service: name,
    aliases: [...new Set([bareId(id), nameAtTerminal(name)])],
    clientId,
    scopes,
    endpoints: {
      authorizeUrl: endpoints.authorize,
      tokenUrl: endpoints.token,
      revokeUrl: endpoints.revoke,
      profileUrl: endpoints.userinfo,
      usageUrl: null,
      deviceUrls: null,
      pasteRedirectUrl: null,
      redirectPorts: custom.redirectPorts,
    },
    redirectPath: '/callback',
    // RFC 8252 section 8.3: the address, not the name.
    redirectHost: '127.0.0.1',
    cancelPath: null,
    // OpenID Connect Core section 11: without it `offline_access` is to be ignored.
    authorizeExtras: scopes.includes('offline_access') ? { prompt: 'consent' } : {},
    exchangeBody: 'form',
    refreshBody: 'form',
    revokeBody: 'form',
    stateInExchange: false,
    bareCode: false,
    // An access token is nothing that a client may read (RFC 6749 section 1.4).
    expiryFrom: 'expires_in',
    overCodes: { invalid_grant: 'login-ended' },
    issuer,
    issuerInAnswer: custom.issuerInAnswer,
    errorCode(body) {
      const code = v.safeParse(ErrorBodySchema, body);
      return code.success ? code.output : null;
    },
    // Its words are its own; no standard has one for this.
    saysPaused: () => false,
    identityFromTokens: ({ idToken }) => identityFromIdToken(custom, idToken),
    identityFromProfile: identityOf,
    usageHeaders: () => ({}),
    usageFrom: () => null,
  };
}

/**
 * Whose login it is, by an id token that is this issuer's and for this client. Its signature is not
 * checked: it came from the token endpoint itself over TLS, which OpenID Connect Core section 3.1.3.7,
 * point 6, takes for a proof.
 */
function identityFromIdToken(
  { issuer, clientId }: CustomProvider,
  idToken: string | null,
): Identity | null {
  const claims = idToken === null ? null : readClaims(idToken);
  if (claims?.iss !== issuer || ![claims.aud].flat().includes(clientId)) return null;
  const another = claims.azp !== undefined && claims.azp !== clientId;
  return another ? null : identityOf(claims);
}

function identityOf(claims: unknown): Identity | null {
  const parsed = v.safeParse(ProfileSchema, claims);
  if (!parsed.success) return null;
  const { sub, email } = parsed.output;
  if (sub === null && email === null) return null;
  return { userId: sub, email, workspaceId: null, workspace: null, plan: null, tier: null };
}
