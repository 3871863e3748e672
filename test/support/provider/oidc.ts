import { generateKeyPair, randomBytes } from 'node:crypto';
import type { RequestListener } from 'node:http';
import { promisify } from 'node:util';
import type Provider from 'oidc-provider';
import type { Configuration, JWK } from 'oidc-provider';
import { errorPage } from './pages.ts';
import type { Person } from './people.ts';
import type { Face } from './shapes.ts';
import { signInHandler } from './sign-in.ts';
import { Store } from './store.ts';

/** What a test may change while a provider runs. */
export interface Settings {
  /** Seconds. A change holds for what is issued from then on. */
  readonly ttl: { accessToken: number; refreshToken: number; code: number };
  /** How far the provider's clock is ahead of ours, ms: its `Date` header, `iat` and `exp` of JWT access tokens. */
  clockOffBy: number;
  /** Whether a spent refresh token is only refused. Otherwise it ends the whole login. */
  forgivesReuse: boolean;
}

/** One provider's authorization server: oidc-provider, set up as that provider is. */
export interface Authority {
  readonly store: Store;
  readonly listener: RequestListener;
}

/** Starts no server: the caller hands `listener` the requests below `/<provider id>/`. */
export async function createAuthority(
  face: Face,
  origin: string,
  people: readonly Person[],
  settings: Settings,
): Promise<Authority> {
  const store = new Store(() => settings.clockOffBy);
  const OidcProvider = await loadProvider();
  const provider = new OidcProvider(origin, {
    ...protocol(face, origin),
    ...tokens(face, people, settings),
    adapter: store.adapter,
    jwks: { keys: [await signingKey()] },
  });
  // Koa prints what it meets to stderr. The answer says it already.
  provider.silent = true;

  const oauth = provider.callback();
  const signIn = signInHandler(provider, face, people);
  const listener: RequestListener = (req, res) =>
    void (req.url?.startsWith(`${face.paths.signIn}/`) ? signIn : oauth)(req, res);
  return { store, listener };
}

/** Who may ask for what, and where. */
function protocol(face: Face, origin: string): Configuration {
  const { paths, id } = face;
  return {
    clients: [
      {
        client_id: face.clientId,
        application_type: 'native',
        token_endpoint_auth_method: 'none',
        grant_types: ['authorization_code', 'refresh_token'],
        response_types: ['code'],
        subject_type: 'pairwise',
        sector_identifier_uri: SECTOR,
        redirect_uris: [
          ...face.redirects,
          ...[paths.codePage, paths.device?.redirect].flatMap((path) =>
            path ? [origin + path] : [],
          ),
        ],
      },
    ],
    sectorIdentifierUriValidate: () => false,
    scopes: face.scopes,
    pkce: { required: () => true },
    routes: { authorization: paths.authorize, token: paths.token, revocation: paths.revoke },
    interactions: { url: (_ctx, { uid }) => `${paths.signIn}/${uid}` },
    cookies: {
      keys: [randomBytes(32).toString('hex')],
      names: {
        session: `${id}_session`,
        interaction: `${id}_interaction`,
        resume: `${id}_resume`,
      },
    },
    renderError: (ctx, { error, error_description }) => {
      ctx.type = 'html';
      ctx.body = errorPage(`${error}: ${error_description ?? ''}`);
    },
  };
}

/** Seconds: longer than any test. */
const LONG = 400 * 86_400;

/** Needed where `sub` is not the account; never fetched. */
const SECTOR = 'https://stand-in.invalid/';

/** What is issued, for how long, and what it says. */
function tokens(face: Face, people: readonly Person[], settings: Settings): Configuration {
  const { audience } = face;
  const { ttl } = settings;
  const personOf = (accountId: string) => people.find(({ key }) => key === accountId);
  return {
    rotateRefreshToken: true,
    // Anthropic has no `offline_access`: every login can be renewed.
    issueRefreshToken: async (_ctx, client) => client.grantTypeAllowed('refresh_token'),
    expiresWithSession: async () => false,
    ttl: {
      AccessToken: () => ttl.accessToken,
      RefreshToken: () => ttl.refreshToken,
      AuthorizationCode: () => ttl.code,
      // Not the refresh token's: on a slow machine a short one was over before the code was exchanged.
      Grant: LONG,
      IdToken: 3600,
      Interaction: 3600,
      Session: 3600,
    },
    // The account is a person in a workspace, `sub` the person.
    subjectTypes: ['pairwise'],
    pairwiseIdentifier: (_ctx, accountId) => personOf(accountId)?.userId ?? accountId,
    findAccount: (_ctx, accountId) => {
      const person = personOf(accountId);
      return person && { accountId, claims: () => idClaims(face, person) };
    },
    claims: {
      openid: ['sub', 'https://api.openai.com/auth', 'https://api.openai.com/profile'],
      email: ['email', 'email_verified'],
      profile: ['name'],
    },
    // OpenAI's id token tells the e-mail itself; there is no userinfo endpoint to ask.
    conformIdTokenClaims: false,
    extraTokenClaims: (_ctx, token) => {
      const person = token.kind === 'AccessToken' ? personOf(token.accountId) : undefined;
      return person ? { ...face.claims(person) } : undefined;
    },
    formats: {
      customizers: { jwt: (_ctx, _token, { payload }) => shiftTimes(payload, settings.clockOffBy) },
    },
    features: {
      devInteractions: { enabled: false },
      rpInitiatedLogout: { enabled: false },
      userinfo: { enabled: false },
      revocation: {
        enabled: true,
        allowedPolicy: (_ctx, client, token) => token.clientId === client.clientId,
      },
      resourceIndicators: {
        enabled: audience !== null,
        defaultResource: () => audience ?? [],
        useGrantedResource: () => true,
        getResourceServerInfo: () => ({
          scope: face.scopes.join(' '),
          accessTokenFormat: 'jwt',
          jwt: { sign: { alg: 'RS256' } },
        }),
      },
    },
  };
}

function idClaims(face: Face, person: Person) {
  return {
    sub: person.userId,
    email: person.email,
    email_verified: true,
    name: person.name,
    ...face.claims(person),
  };
}

function shiftTimes(payload: Record<string, unknown>, offBy: number): void {
  for (const name of ['iat', 'exp']) {
    const seconds = payload[name];
    if (typeof seconds === 'number') payload[name] = seconds + Math.round(offBy / 1000);
  }
}

let key: Promise<JWK> | undefined;

/** Where a whole run's key is, so that not every test file makes one of its own. */
const SHARED_KEY = 'AUTHBAR_TEST_SIGNING_KEY';

/** Makes the key for a run of tests, whose processes begin after this. */
export async function shareSigningKey(): Promise<void> {
  process.env[SHARED_KEY] = JSON.stringify(await signingKey());
}

/** One key for the whole process: making one takes longer than everything else in here. */
export function signingKey(): Promise<JWK> {
  const shared = process.env[SHARED_KEY];
  if (shared) return Promise.resolve(JSON.parse(shared) as JWK);
  key ??= promisify(generateKeyPair)('rsa', { modulusLength: 2048 }).then(
    ({ privateKey }) => privateKey.export({ format: 'jwk' }) as JWK,
  );
  return key;
}

/**
 * oidc-provider 9 prints at its import that it is made for Node 22. What it needs is in Node 20.19 as
 * well; its other warnings are avoided by the configuration.
 */
export async function loadProvider(): Promise<typeof Provider> {
  const { warn } = console;
  console.warn = (...words: unknown[]) => {
    if (!String(words[0]).includes('oidc-provider')) warn(...words);
  };
  try {
    return (await import('oidc-provider')).default;
  } finally {
    console.warn = warn;
  }
}
