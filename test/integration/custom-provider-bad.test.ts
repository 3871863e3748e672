import type { ServerResponse } from 'node:http';
import { describe, expect, test } from 'vitest';
import type { AddRequest } from '../../src/core/providers/add-custom.ts';
import { addressesOf } from '../../src/core/providers/discovery.ts';
import type { AppError, ErrorCode } from '../../src/shared/errors.ts';
import { startWorld, type World } from '../support/engine.ts';
import {
  answerJson,
  type LooseIssuer,
  soundDescription,
  startLooseIssuer,
} from '../support/provider/loose.ts';

const MINUTE = 60_000;

function requestFor(issuer: string, more: Partial<AddRequest> = {}): AddRequest {
  return { issuer, clientId: 'authbar', id: 'example', replace: false, ...more };
}

async function failureOf(work: Promise<unknown>): Promise<AppError | null> {
  return work.then(
    () => null,
    (error) => error,
  );
}

/** What a server may say of itself, what is wrong with it, and how that is told. */
const DESCRIPTIONS: readonly (readonly [
  name: string,
  describe: (issuer: string) => LooseIssuer['description'],
  code: ErrorCode,
  hint: RegExp | null,
])[] = [
  ['another issuer', with_({ issuer: 'https://other.example.com' }), 'provider-unfit', /another/],
  [
    'its own name with a slash',
    (issuer) => ({ ...soundDescription(issuer), issuer: `${issuer}/` }),
    'provider-unfit',
    /calls itself http.*\/\. Give/,
  ],
  [
    'tokens on another origin',
    with_({ token_endpoint: 'https://tokens.example.com/token' }),
    'provider-unfit',
    /token endpoint is at https:\/\/tokens\.example\.com.*--allow-origin/,
  ],
  [
    'revocation on another origin',
    with_({ revocation_endpoint: 'https://tokens.example.com/revoke' }),
    'provider-unfit',
    /revoke endpoint/,
  ],
  [
    'userinfo on another port',
    with_({ userinfo_endpoint: 'http://127.0.0.1:1/userinfo' }),
    'provider-unfit',
    /userinfo endpoint/,
  ],
  [
    'an address without https',
    with_({ authorization_endpoint: 'http://login.example.com/authorize' }),
    'provider-unfit',
    /https/,
  ],
  [
    'an address that is a script',
    with_({ authorization_endpoint: 'javascript:alert(1)' }),
    'provider-unfit',
    /https/,
  ],
  [
    'an address with a password',
    with_({ token_endpoint: 'https://me:secret@example.com/' }),
    'provider-unfit',
    /https/,
  ],
  ['no PKCE', with_({ code_challenge_methods_supported: undefined }), 'provider-unfit', /S256/],
  ['plain PKCE', with_({ code_challenge_methods_supported: ['plain'] }), 'provider-unfit', /S256/],
  ['no code flow', with_({ response_types_supported: ['id_token'] }), 'provider-unfit', /a code/],
  [
    'no grant for codes',
    with_({ grant_types_supported: ['client_credentials'] }),
    'provider-unfit',
    /a code/,
  ],
  ['a number for an address', with_({ token_endpoint: 7 }), 'provider-unfit', /lacks/],
  ['nothing', () => ({}), 'provider-unfit', /lacks/],
  ['a list', () => (res) => answerJson(res, []), 'provider-unfit', /something else/],
  [
    'no JSON',
    () => (res) => void res.writeHead(200).end('{"issuer":'),
    'provider-unfit',
    /something else/,
  ],
  [
    'a page',
    () => (res) => void res.writeHead(200).end('<!doctype html><title>Hello</title>'),
    'provider-unfit',
    /page for people/,
  ],
  ['not found', () => (res) => void res.writeHead(404).end(), 'provider-unfit', /No description/],
  [
    'a redirect to a sound one',
    (issuer) => (res, req) =>
      req.url?.startsWith('/.well-known/good/')
        ? answerJson(res, soundDescription(issuer))
        : void res.writeHead(302, { location: '/.well-known/good/' }).end(),
    'provider-unfit',
    /elsewhere/,
  ],
  [
    '10 MB',
    () => (res) => answerJson(res, { filler: 'x'.repeat(10 * 1024 * 1024) }),
    'provider-unfit',
    /too long/,
  ],
  ['an outage', () => (res) => void res.writeHead(503).end(), 'unreachable', null],
  ['a connection that is cut', () => (res) => void res.destroy(), 'unreachable', null],
];

function with_(change: Readonly<Record<string, unknown>>) {
  return (issuer: string) => ({ ...soundDescription(issuer), ...change });
}

async function expectNothingAdded({ engine, context }: World): Promise<void> {
  expect(await engine.providers.list()).toEqual([]);
  expect(Object.keys(context.providers)).toEqual(['anthropic', 'openai']);
}

describe('a service is not added when it answers with', () => {
  test.each(DESCRIPTIONS)('%s', async (_, described, code, hint) => {
    const world = await startWorld();
    const service = await startLooseIssuer();
    service.description = described(service.issuer);
    const error = await failureOf(world.engine.providers.add(requestFor(service.issuer)));
    expect(error?.code).toBe(code);
    if (hint) expect(error?.details.hint).toMatch(hint);
    expect(error?.message).not.toContain('secret');
    expect(service.requests.filter((request) => request.includes('/good/'))).toEqual([]);
    await expectNothingAdded(world);
  });

  const drips: NodeJS.Timeout[] = [];
  test.each([
    ['nothing, for ever', () => {}],
    [
      'a byte now and then',
      (res: ServerResponse) => {
        res.writeHead(200, { 'content-type': 'application/json' });
        const drip = setInterval(() => res.write(' '), 20);
        drips.push(drip.unref());
        res.once('close', () => clearInterval(drip));
      },
    ],
  ])('%s', async (_, description) => {
    const world = await startWorld();
    const service = await startLooseIssuer();
    service.description = description;
    const asked = service.asked('/openid-configuration');
    const adding = failureOf(world.engine.providers.add(requestFor(service.issuer)));
    await asked;
    world.clock.advance(10_000);
    expect(await adding).toMatchObject({ code: 'unreachable' });
    await expectNothingAdded(world);
  });
});

test.each([
  ['http://login.example.com', /https/],
  ['ftp://login.example.com', /https/],
  ['login.example.com', /https/],
  ['https://anna:secret@login.example.com', /https/],
  ['https://login.example.com?tenant=1', /question mark/],
  ['https://login.example.com#x', /https/],
])('%s is no issuer', async (issuer, hint) => {
  const world = await startWorld();
  const error = await failureOf(world.engine.providers.add(requestFor(issuer)));
  expect(error).toMatchObject({ code: 'wrong-use' });
  expect(error?.details.hint).toMatch(hint);
  expect(error?.message).not.toContain('secret');
  await expectNothingAdded(world);
});

test.each([
  ...['claude', 'anthropic', 'chatgpt', 'openai', 'codex', 'grok', 'xai', 'gemini', 'google'],
  ...['custom', 'custom-x', 'beef', 'decade', 'x', 'Example', '1st', '-a', 'a b', 'a:b', 'a/b'],
  ...['', 'a'.repeat(32), 'naïve', '__proto__', 'example\n'],
])('%j is no id for a service', async (id) => {
  const world = await startWorld();
  const service = await startLooseIssuer();
  const error = await failureOf(world.engine.providers.add(requestFor(service.issuer, { id })));
  expect(error).toMatchObject({ code: 'wrong-use' });
  expect(service.requests).toEqual([]);
  await expectNothingAdded(world);
});

test.each([
  [{ name: 'Claude' }, /kept/],
  [{ name: ' chatgpt ' }, /kept/],
  [{ name: 'Example\u202egnp' }, /name/],
  [{ name: 'E'.repeat(41) }, /name/],
  [{ name: '—' }, /name/],
  [{ clientId: '' }, /client id/],
  [{ clientId: 'a b' }, /client id/],
  [{ scopes: ['open id'] }, /scopes/],
  [{ scopes: ['a"b'] }, /scopes/],
  [{ redirectPorts: [70_000] }, /ports/],
  [{ allowedOrigins: ['https://example.com/path'] }, /origins/],
  [{ allowedOrigins: ['http://example.com'] }, /origins/],
] as const)('%j is refused', async (more, hint) => {
  const world = await startWorld();
  const service = await startLooseIssuer();
  const error = await failureOf(world.engine.providers.add(requestFor(service.issuer, more)));
  expect(error).toMatchObject({ code: 'wrong-use' });
  expect(error?.details.hint).toMatch(hint);
  await expectNothingAdded(world);
});

test('an origin that the person allows may see tokens', async () => {
  const world = await startWorld();
  const [service, tokens] = [await startLooseIssuer(), await startLooseIssuer()];
  const token_endpoint = `${tokens.issuer}/token`;
  service.description = { ...soundDescription(service.issuer), token_endpoint };
  const allowedOrigins = [tokens.issuer];
  const request = requestFor(service.issuer, { allowedOrigins });
  const { added } = await world.engine.providers.add(request);
  expect(added.endpoints.token).toBe(token_endpoint);
});

test('a name or id means one service only', async () => {
  const world = await startWorld();
  const service = await startLooseIssuer();
  await world.engine.providers.add(requestFor(service.issuer, { name: 'Example Works' }));
  const taken = [{ id: 'example' }, { id: 'second', name: 'Example' }, { id: 'example-works' }];
  for (const more of taken) {
    const error = await failureOf(world.engine.providers.add(requestFor(service.issuer, more)));
    expect(error).toMatchObject({ code: 'wrong-use' });
  }
  expect(await world.engine.providers.list()).toHaveLength(1);
});

test('an issuer with a path is looked for where either standard has it', () => {
  expect(addressesOf('https://login.example.com/tenant/')).toEqual([
    'https://login.example.com/tenant/.well-known/openid-configuration',
    'https://login.example.com/.well-known/oauth-authorization-server/tenant',
    'https://login.example.com/.well-known/openid-configuration/tenant',
  ]);
  expect(addressesOf('https://login.example.com')).toEqual([
    'https://login.example.com/.well-known/openid-configuration',
    'https://login.example.com/.well-known/oauth-authorization-server',
  ]);
});

test('a server that has only the description of RFC 8414 is found', async () => {
  const world = await startWorld();
  const service = await startLooseIssuer();
  const { issuer } = service;
  service.description = (res, req) =>
    req.url === '/.well-known/oauth-authorization-server'
      ? answerJson(res, { ...soundDescription(issuer), revocation_endpoint: undefined })
      : void res.writeHead(404).end();
  const { added } = await world.engine.providers.add(requestFor(issuer));
  expect(added.endpoints).toMatchObject({ token: `${issuer}/token`, revoke: null });
});

/** The browser's way back, with what a server, or somebody else, puts into it. */
async function comeBack(url: string, more: Readonly<Record<string, string>>): Promise<string> {
  const { searchParams } = new URL(url);
  const back = new URL(searchParams.get('redirect_uri') ?? '');
  const state = searchParams.get('state') ?? '';
  for (const [name, value] of Object.entries({ code: 'a-code', state, ...more })) {
    back.searchParams.set(name, value);
  }
  return (await fetch(back)).text();
}

/** Signs in at a loose issuer, after answers that are not to be taken. */
async function signInLoosely(
  world: World,
  ...answers: readonly Readonly<Record<string, string>>[]
): Promise<string> {
  const attempt = world.engine.login('example', {
    onState: (state) => {
      if (state.kind !== 'waiting') return;
      void (async () => {
        for (const answer of answers) await comeBack(state.url, answer);
      })();
    },
  });
  return attempt.done;
}

async function startAdded(): Promise<{ readonly world: World; readonly service: LooseIssuer }> {
  const world = await startWorld();
  const service = await startLooseIssuer();
  service.tokens = { access_token: 'access-1', refresh_token: 'refresh-1', expires_in: 3600 };
  service.person = { sub: 'p1', email: 'anna@example.com' };
  await world.engine.providers.add(requestFor(service.issuer));
  return { world, service };
}

function idToken(claims: object): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part({ alg: 'none' })}.${part(claims)}.`;
}

describe('a sign-in at a service that was added', () => {
  test('takes the answer of this issuer only, where it announced to name itself', async () => {
    const { world, service } = await startAdded();
    const { issuer } = service;
    await signInLoosely(world, {}, { iss: 'https://other.example.com' }, { iss: issuer });
    expect(service.forms).toHaveLength(1);
    expect((await world.engine.status()).accounts).toMatchObject([{ email: 'anna@example.com' }]);
  });

  test.each([
    ['an access token with a line break in it', { access_token: 'a\nb' }],
    ['no access token', { access_token: undefined, refresh_token: undefined }],
    ['an access token that is a list', { access_token: ['a'] }],
  ])('%s is no login', async (_, change) => {
    const { world, service } = await startAdded();
    service.tokens = { expires_in: 3600, ...change };
    const failed = await failureOf(signInLoosely(world, { iss: service.issuer }));
    expect(failed?.code).toBeDefined();
    expect((await world.engine.status()).accounts).toEqual([]);
  });

  test.each([
    ['of another issuer', { iss: 'https://other.example.com', aud: 'authbar', sub: 'x' }],
    ['for another client', { iss: null, aud: 'somebody', sub: 'x' }],
    ['that another client asked for', { iss: null, aud: ['authbar'], azp: 'other', sub: 'x' }],
  ])('an id token %s names nobody', async (_, claims) => {
    const { world, service } = await startAdded();
    const mine = { ...claims, iss: claims.iss ?? service.issuer, email: 'ben@example.com' };
    service.tokens = { ...service.tokens, id_token: idToken(mine) };
    await signInLoosely(world, { iss: service.issuer });
    expect((await world.engine.status()).accounts).toMatchObject([{ email: 'anna@example.com' }]);
  });

  test('an answer about another person adds nothing to the id token', async () => {
    const { world, service } = await startAdded();
    const claims = { iss: service.issuer, aud: 'authbar', sub: 'p2' };
    service.tokens = { ...service.tokens, id_token: idToken(claims) };
    await signInLoosely(world, { iss: service.issuer });
    expect((await world.engine.status()).accounts).toMatchObject([{ email: null }]);
  });
});

test('what the service says of itself later moves nothing', async () => {
  const { world, service } = await startAdded();
  const thief = await startLooseIssuer();
  service.description = {
    ...soundDescription(service.issuer),
    authorization_endpoint: `${thief.issuer}/authorize`,
    token_endpoint: `${thief.issuer}/token`,
    revocation_endpoint: `${thief.issuer}/revoke`,
    userinfo_endpoint: `${thief.issuer}/userinfo`,
  };
  const { engine } = await world.another();
  const asked = service.requests.filter((request) => request.includes('well-known'));
  await signInLoosely({ ...world, engine }, { iss: service.issuer });
  world.clock.advance(50 * MINUTE);
  service.tokens = { access_token: 'access-2', refresh_token: 'refresh-2', expires_in: 3600 };
  expect(await engine.refresh(null)).toMatchObject([{ how: 'renewed' }]);
  expect(await engine.logout('example')).toMatchObject({ revoked: true });
  expect(service.forms.map((form) => form.get('grant_type'))).toEqual([
    'authorization_code',
    'refresh_token',
    null,
  ]);
  expect(thief.requests).toEqual([]);
  expect(service.requests.filter((request) => request.includes('well-known'))).toEqual(asked);
});

describe('replacing a service', () => {
  test('is told, and changes what may change', async () => {
    const { world, service } = await startAdded();
    await signInLoosely(world, { iss: service.issuer });
    const request = requestFor(service.issuer, { scopes: ['openid'], replace: true });
    const { added, before } = await world.engine.providers.add(request);
    expect(added.scopes).toEqual(['openid']);
    expect(before?.scopes).toContain('offline_access');
    expect((await world.engine.status()).accounts).toMatchObject([{ state: 'signed-in' }]);
  });

  test('never takes a login to another issuer, client or token endpoint', async () => {
    const { world, service } = await startAdded();
    await signInLoosely(world, { iss: service.issuer });
    const other = await startLooseIssuer();
    const changes = [
      requestFor(other.issuer, { replace: true }),
      requestFor(service.issuer, { replace: true, clientId: 'another' }),
    ];
    for (const request of changes) {
      const error = await failureOf(world.engine.providers.add(request));
      expect(error).toMatchObject({ code: 'wrong-use' });
    }
    await world.engine.providers.remove('example', true);
    const error = await failureOf(world.engine.providers.add(requestFor(other.issuer)));
    expect(error).toMatchObject({ code: 'wrong-use' });
    expect(error?.details.hint).toContain('`authbar logout example`');
    expect(await world.engine.providers.list()).toEqual([]);
    await world.engine.logout('example');
    await world.engine.providers.add(requestFor(other.issuer));
    expect(other.forms).toEqual([]);
  });
});
