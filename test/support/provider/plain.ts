import { randomBytes } from 'node:crypto';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Configuration } from 'oidc-provider';
import { loadProvider, signingKey } from './oidc.ts';
import { PEOPLE } from './people.ts';
import { FACES, type Face } from './shapes.ts';
import { signInHandler } from './sign-in.ts';
import { Store } from './store.ts';

/** What a plain issuer does with refresh tokens. */
export type Renewals = 'rotated' | 'kept' | 'none';

export interface PlainOptions {
  readonly renewals?: Renewals;
  /** Seconds that an access token lives. */
  readonly life?: number;
  /** A path behind the origin, as with several tenants on one server: `/tenant`. */
  readonly path?: string;
}

/** An OpenID provider as anybody may run one: as it comes, with one public client that was registered by hand. */
export interface PlainIssuer {
  readonly issuer: string;
  readonly clientId: string;
  /** Every request so far: `POST /token`. */
  readonly requests: readonly string[];
  /** Ends every login. */
  revokeAll(): void;
  /** From now on nobody is told whose an access token is. */
  refuseTokens(): void;
  /** Whether this refresh token would work now. */
  active(refreshToken: string): boolean;
  close(): Promise<void>;
}

/** Seconds. */
const MONTH = 30 * 24 * 3600;
const SHORT = { AuthorizationCode: 60, IdToken: 3600, Interaction: 3600, Session: 3600 };

const CLIENT_ID = 'authbar-at-example';

/** Starts one on a free port of 127.0.0.1. */
export async function startPlainIssuer(options: PlainOptions = {}): Promise<PlainIssuer> {
  const { renewals = 'rotated', life = 3600, path = '' } = options;
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`;
  const store = new Store();
  const OidcProvider = await loadProvider();
  const provider = new OidcProvider(issuer, {
    ...configuration(renewals, life),
    interactions: { url: (_ctx, { uid }) => `${path}/sign-in/${uid}` },
    adapter: store.adapter,
    jwks: { keys: [await signingKey()] },
  });
  provider.silent = true;
  const oauth = provider.callback();
  const signIn = signInHandler(provider, faceAt(path), PEOPLE);
  const requests: string[] = [];
  let refusing = false;
  const listener: RequestListener = (req, res) => {
    const { method, url = '' } = req;
    requests.push(`${method} ${url.split('?')[0]}`);
    const inner = url.slice(path.length) || '/';
    if (refusing && inner.startsWith('/me')) {
      res.writeHead(401, { 'content-type': 'application/json' });
      return void res.end('{"error":"invalid_token"}');
    }
    if (inner.startsWith('/sign-in/')) return void signIn(req, res);
    // What oidc-provider calls mounting: its own addresses are built from the part that was taken off.
    Object.assign(req, { originalUrl: url, baseUrl: path });
    req.url = inner;
    oauth(req, res);
  };
  server.on('request', listener);
  return {
    issuer,
    clientId: CLIENT_ID,
    requests,
    revokeAll: () => {
      for (const { key } of PEOPLE) store.revoke(key);
    },
    refuseTokens: () => {
      refusing = true;
    },
    active: (refreshToken) => store.fate(refreshToken) === 'active',
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

function configuration(renewals: Renewals, life: number): Configuration {
  const grantTypes = ['authorization_code', ...(renewals === 'none' ? [] : ['refresh_token'])];
  return {
    clients: [
      {
        client_id: CLIENT_ID,
        application_type: 'native',
        token_endpoint_auth_method: 'none',
        grant_types: grantTypes,
        response_types: ['code'],
        redirect_uris: ['http://127.0.0.1/callback'],
      },
    ],
    pkce: { required: () => true },
    cookies: { keys: [randomBytes(32).toString('hex')] },
    rotateRefreshToken: renewals === 'rotated',
    findAccount: (_ctx, accountId) => {
      const person = PEOPLE.find(({ key }) => key === accountId);
      return (
        person && {
          accountId,
          claims: () => ({ sub: person.userId, email: person.email, name: person.name }),
        }
      );
    },
    claims: { openid: ['sub'], email: ['email'], profile: ['name'] },
    ttl: { AccessToken: life, RefreshToken: MONTH, Grant: MONTH, ...SHORT },
    features: {
      devInteractions: { enabled: false },
      rpInitiatedLogout: { enabled: false },
      revocation: { enabled: true, allowedPolicy: () => true },
    },
  };
}

/** What the sign-in page needs to know. */
function faceAt(path: string): Face {
  const { paths } = FACES.openai;
  return {
    ...FACES.openai,
    service: 'Example',
    clientId: CLIENT_ID,
    audience: null,
    paths: { ...paths, signIn: `${path}/sign-in` },
  };
}
