import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import * as oauth from 'oauth4webapi';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { BuiltInId } from '../../src/core/grant.ts';
import { PATIENCE } from '../support/patience.ts';
import {
  FAULTS,
  type Fault,
  fingerprint,
  type StandIn,
  signInAt,
  startStandIn,
} from '../support/provider/index.ts';
import {
  beginSignIn,
  type RawTokens,
  rawExchange,
  rawRefresh,
  rawSignIn,
} from '../support/provider/raw-client.ts';
import { FACES } from '../support/provider/shapes.ts';

const PROVIDERS = ['anthropic', 'openai'] as const;
const LOCAL = { [oauth.allowInsecureRequests]: true };

let standIn: StandIn;

beforeEach(async () => {
  standIn = await startStandIn();
});

afterEach(async () => {
  await standIn.close();
});

describe.each(PROVIDERS)('%s', (id) => {
  it('signs in through its pages to a loopback callback, and oauth4webapi accepts what it answers', async () => {
    const callback = createServer((_req, res) => res.end('you can close this')).listen(
      0,
      'localhost',
    );
    await once(callback, 'listening');
    const { port } = callback.address() as AddressInfo;
    const { pathname } = new URL(FACES[id].redirects[0] ?? '');
    const attempt = beginSignIn(standIn, id, `http://localhost:${port}${pathname}`);

    const end = await signInAt(attempt.url);
    callback.closeAllConnections();
    callback.close();

    expect(end).toMatchObject({ kind: 'callback', status: 200, body: 'you can close this' });
    const as = server(id);
    const client = { client_id: FACES[id].clientId };
    const params = oauth.validateAuthResponse(as, client, new URL(end.url), attempt.state);
    const answer = await oauth.authorizationCodeGrantRequest(
      as,
      client,
      oauth.None(),
      params,
      attempt.redirectUri,
      attempt.verifier,
      LOCAL,
    );
    const tokens = await oauth.processAuthorizationCodeResponse(as, client, answer);
    expect(tokens).toMatchObject({
      token_type: 'bearer',
      expires_in: 3600,
      scope: FACES[id].scopes.join(' '),
      refresh_token: expect.any(String),
    });
    expect([params.get('iss'), params.get('code')]).toEqual([null, expect.any(String)]);
  });

  it('answers access_denied to who presses Cancel', async () => {
    const attempt = beginSignIn(standIn, id);
    const end = await signInAt(attempt.url, { deny: true });
    const query = new URL(end.url).searchParams;
    expect(end.kind).toBe('redirect');
    expect([query.get('error'), query.get('state')]).toEqual(['access_denied', attempt.state]);
  });

  it('refuses a redirect that is not registered, and a request without PKCE', async () => {
    const elsewhere = beginSignIn(standIn, id, 'http://localhost:9/elsewhere');
    expect(await signInAt(elsewhere.url)).toMatchObject({ kind: 'page', status: 400 });

    const plain = new URL(beginSignIn(standIn, id).url);
    plain.searchParams.delete('code_challenge');
    plain.searchParams.delete('code_challenge_method');
    const end = await signInAt(plain.href);
    expect(new URL(end.url).searchParams.get('error')).toBe('invalid_request');
  });

  it('refuses a wrong verifier and a code that was used', async () => {
    const attempt = beginSignIn(standIn, id);
    const code = await codeOf(attempt.url);
    const wrong = await rawExchange(standIn, { ...attempt, verifier: 'w'.repeat(43) }, code);
    expect([wrong.status, errorOf(await wrong.json())]).toEqual([400, 'invalid_grant']);

    expect((await rawExchange(standIn, attempt, code)).status).toBe(200);
    const again = await rawExchange(standIn, attempt, code);
    expect([again.status, errorOf(await again.json())]).toEqual([400, 'invalid_grant']);
  });

  it.each(['json', 'form'] as const)('renews by %s and rotates the refresh token', async (kind) => {
    const first = await rawSignIn(standIn, id);
    const second = await renewed(id, first.refresh_token, kind);
    expect(second.refresh_token).not.toBe(first.refresh_token);
    expect(standIn.active(first.refresh_token)).toBe(false);
    expect(standIn.active(second.refresh_token)).toBe(true);
  });

  it('revokes the whole family when a spent refresh token comes back', async () => {
    const first = await rawSignIn(standIn, id);
    const second = await renewed(id, first.refresh_token);
    const third = await renewed(id, second.refresh_token);
    const other = await rawSignIn(standIn, id);

    const reused = await rawRefresh(standIn, id, first.refresh_token);
    const newest = await rawRefresh(standIn, id, third.refresh_token);

    const [whenReused, whenRevoked] = await Promise.all([reused.json(), newest.json()]);
    expect([reused.status, errorOf(whenReused), newest.status, errorOf(whenRevoked)]).toEqual(
      id === 'anthropic'
        ? [400, 'invalid_grant', 400, 'invalid_grant']
        : [401, 'refresh_token_reused', 401, 'refresh_token_invalidated'],
    );
    expect(standIn.active(third.refresh_token)).toBe(false);
    expect(standIn.active(other.refresh_token)).toBe(true);
  });

  it('lets one of two renewals at the same moment win, and takes the other for a reuse', async () => {
    const { refresh_token } = await rawSignIn(standIn, id);
    const both = await Promise.all([1, 2].map(() => rawRefresh(standIn, id, refresh_token)));
    expect(both.map(({ ok }) => ok).sort()).toEqual([false, true]);
    const won = (await Promise.all(
      both.filter(({ ok }) => ok).map((r) => r.json()),
    )) as RawTokens[];
    expect(won.map((tokens) => standIn.active(tokens.refresh_token))).toEqual([false]);
  });

  it('says that a refresh token has expired', async () => {
    standIn.setTtl({ refreshToken: 1 }, id);
    const { refresh_token } = await rawSignIn(standIn, id);
    await expect.poll(() => standIn.active(refresh_token), PATIENCE).toBe(false);
    const answer = await rawRefresh(standIn, id, refresh_token);
    expect(await answer.json()).toMatchObject(
      id === 'anthropic'
        ? { error: 'invalid_grant', error_description: 'Refresh token expired' }
        : { error: { code: 'refresh_token_expired' } },
    );
  });

  it.each(['json', 'form'])('revokes a login on request, asked by %s', async (kind) => {
    const { refresh_token } = await rawSignIn(standIn, id);
    const fields = {
      token: refresh_token,
      token_type_hint: 'refresh_token',
      client_id: FACES[id].clientId,
    };
    const answer = await fetch(standIn.endpoints[id].revokeUrl, {
      method: 'POST',
      headers: kind === 'json' ? { 'content-type': 'application/json' } : {},
      body: kind === 'json' ? JSON.stringify(fields) : new URLSearchParams(fields),
    });
    expect(answer.status).toBe(200);
    expect(standIn.active(refresh_token)).toBe(false);
    expect(standIn.journal.of(id, 'revoke')[0]?.token).toBe(fingerprint(refresh_token));
  });

  it('ends logins from the inside: one family, or all of a person', async () => {
    const [one, two] = [await rawSignIn(standIn, id), await rawSignIn(standIn, id)];
    const ben = await rawSignIn(standIn, id, { person: 'ben@example.com' });
    expect(standIn.revokeFamily(id, one.refresh_token)).toBe(1);
    expect([one, two, ben].map((t) => standIn.active(t.refresh_token))).toEqual([
      false,
      true,
      true,
    ]);
    expect(standIn.revokeFamily(id, 'anna')).toBe(1);
    expect([one, two, ben].map((t) => standIn.active(t.refresh_token))).toEqual([
      false,
      false,
      true,
    ]);
  });

  it('issues tokens for as long as it is told to', async () => {
    standIn.setTtl({ accessToken: 7 });
    expect((await rawSignIn(standIn, id)).expires_in).toBe(7);
  });

  it('knows every secret that it made, also of an answer that nobody heard', async () => {
    const tokens = await rawSignIn(standIn, id);
    standIn.faults.arm(id, 'refresh', FAULTS.answerLost);
    await expect(rawRefresh(standIn, id, tokens.refresh_token)).rejects.toThrow();
    await standIn.journal.settled();

    expect(standIn.tokens).toEqual(
      expect.arrayContaining([tokens.access_token, tokens.refresh_token]),
    );
    const lost = standIn.journal.of(id, 'refresh')[0]?.issued;
    expect(standIn.tokens.map(fingerprint)).toContain(lost);
  });

  it('writes down what reached it, and nothing secret', async () => {
    const tokens = await rawSignIn(standIn, id);
    const next = await renewed(id, tokens.refresh_token);
    await standIn.journal.settled();

    expect(standIn.journal.of(id, 'refresh')).toEqual([
      expect.objectContaining({
        token: fingerprint(tokens.refresh_token),
        issued: fingerprint(next.refresh_token),
        fields: ['grant_type', 'refresh_token', 'client_id'],
        rotated: true,
        answered: true,
        status: 200,
        fault: null,
      }),
    ]);
    expect(standIn.journal.of(id, 'exchange')[0]?.headers['user-agent']).toBe('node');
    expect(standIn.journal.requests(id, 'authorize')).toBe(1);
    const written = JSON.stringify(standIn.journal.entries);
    expect(standIn.tokens.filter((secret) => written.includes(secret))).toEqual([]);
  });

  it('notes a request that broke off before its body was whole', async () => {
    const { hostname, port, pathname } = new URL(standIn.endpoints[id].tokenUrl);
    const socket = connect(Number(port), hostname);
    socket.write(`POST ${pathname} HTTP/1.1\r\nhost: x\r\ncontent-length: 99\r\n\r\ngrant_type=`);
    await expect.poll(() => socket.bytesWritten, PATIENCE).toBeGreaterThan(0);
    socket.destroySoon();
    await expect.poll(() => standIn.journal.requests(id, 'broken-off'), PATIENCE).toBe(1);
  });

  describe('faults', () => {
    it.each([
      ['an HTML 503', FAULTS.unavailable, 503, /<h1>503/],
      ['a 429 with Retry-After', FAULTS.tooMany(30), 429, /rate_limit_error/],
      ["a gateway's 401", FAULTS.gateway, 401, /Sign in to the network/],
      ['a 502', FAULTS.badGateway, 502, /Bad Gateway/],
      ['a 204', FAULTS.empty, 204, /^$/],
      ['a redirect', FAULTS.redirect(307, 'http://127.0.0.1:9/'), 307, /^$/],
      ['10 MB', FAULTS.flood, 200, /x{1000}/],
    ])('answers with %s and leaves the login alone', async (_name, fault, status, body) => {
      const { refresh_token } = await rawSignIn(standIn, id);
      standIn.faults.arm(id, 'refresh', fault);
      const answer = await rawRefresh(standIn, id, refresh_token);
      expect(answer.status).toBe(status);
      expect(await answer.text()).toMatch(body);
      expect(standIn.active(refresh_token)).toBe(true);
      expect((await rawRefresh(standIn, id, refresh_token)).status).toBe(200);
    });

    it.each<[string, Fault, boolean]>([
      ['half an answer', FAULTS.cut, true],
      ['a reset before the rotation', FAULTS.reset, false],
      ['a reset after it', FAULTS.answerLost, true],
    ])('breaks off with %s', async (_name, fault, rotated) => {
      const { refresh_token } = await rawSignIn(standIn, id);
      standIn.faults.arm(id, 'refresh', fault);
      await expect(
        rawRefresh(standIn, id, refresh_token).then((answer) => answer.text()),
      ).rejects.toThrow();
      await standIn.journal.settled();
      expect(standIn.journal.of(id, 'refresh')[0]).toMatchObject({
        rotated,
        answered: false,
        fault: fault.kind,
      });
      expect(standIn.active(refresh_token)).toBe(!rotated);
    });

    it('never answers, and still closes', async () => {
      const { refresh_token } = await rawSignIn(standIn, id);
      standIn.faults.arm(id, 'refresh', FAULTS.silence);
      const answer = rawRefresh(standIn, id, refresh_token).catch((error: unknown) => error);
      await expect.poll(() => standIn.journal.requests(id, 'refresh'), PATIENCE).toBe(1);
      await standIn.close();
      expect(await answer).toBeInstanceOf(Error);
      expect(standIn.journal.of(id, 'refresh')[0]).toMatchObject({ rotated: false, status: null });
    });

    it('edits an answer: no refresh token, a newline in a token', async () => {
      const { refresh_token } = await rawSignIn(standIn, id);
      standIn.faults.arm(id, 'exchange', FAULTS.noRefreshToken);
      standIn.faults.arm(id, 'refresh', FAULTS.brokenToken);
      expect(Object.keys(await rawSignIn(standIn, id))).not.toContain('refresh_token');
      expect((await renewed(id, refresh_token)).access_token).toMatch(/^\S+\n\S+$/);
    });

    it('works the request off before a fault that asks for it', async () => {
      const { refresh_token } = await rawSignIn(standIn, id);
      standIn.faults.arm(id, 'refresh', { ...FAULTS.badGateway, processed: true });
      expect((await rawRefresh(standIn, id, refresh_token)).status).toBe(502);
      expect(standIn.active(refresh_token)).toBe(false);
    });

    it('keeps a late answer back, however the client takes it', async () => {
      const { refresh_token } = await rawSignIn(standIn, id);
      standIn.faults.arm(id, 'refresh', FAULTS.late(200));
      const answer = rawRefresh(standIn, id, refresh_token);
      await expect.poll(() => standIn.journal.requests(id, 'refresh'), PATIENCE).toBe(1);
      expect(standIn.active(refresh_token)).toBe(true);
      expect((await answer).status).toBe(200);
    });

    it('is out until the outage is over', async () => {
      const { refresh_token } = await rawSignIn(standIn, id);
      standIn.faults.outage(true, id);
      const { status } = await rawRefresh(standIn, id, refresh_token);
      const page = await signInAt(beginSignIn(standIn, id).url);
      standIn.faults.outage(false);
      expect([status, page.kind]).toEqual([503, 'page']);
      expect((await rawRefresh(standIn, id, refresh_token)).status).toBe(200);
    });

    it('has its clock off', async () => {
      standIn.setClock(600_000, id);
      const { refresh_token } = await rawSignIn(standIn, id);
      const { headers } = await rawRefresh(standIn, id, refresh_token);
      const offBy = Date.parse(headers.get('date') ?? '') - Date.now();
      expect(Math.abs(offBy - 600_000)).toBeLessThan(60_000);
    });
  });
});

describe("Anthropic's own", () => {
  it('code page shows code#state', async () => {
    const attempt = beginSignIn(
      standIn,
      'anthropic',
      standIn.endpoints.anthropic.pasteRedirectUrl ?? '',
    );
    const end = await signInAt(attempt.url);
    if (end.kind !== 'code-page') throw new Error(end.kind);
    const [code = '', state] = end.code.split('#');
    expect(state).toBe(attempt.state);
    const answer = await rawExchange(standIn, attempt, code);
    expect(await answer.json()).toMatchObject({
      access_token: expect.stringMatching(/^sk-ant-oat01-/),
      refresh_token: expect.stringMatching(/^sk-ant-ort01-/),
      account: { uuid: standIn.people[0]?.userId, email_address: 'anna@example.com' },
      organization: { uuid: standIn.people[0]?.workspaceId },
    });
  });

  it('profile tells who somebody is, and refuses a token that is over', async () => {
    const tokens = await rawSignIn(standIn, 'anthropic', { person: 'anna-at-work' });
    const good = await profile(tokens.access_token);
    expect([good.status, await good.json()]).toMatchObject([
      200,
      {
        account: { email: 'anna@example.com' },
        organization: { name: 'Example Works', organization_type: 'claude_team' },
      },
    ]);
    standIn.revokeFamily('anthropic', tokens.refresh_token);
    const bad = await profile(tokens.access_token);
    expect([bad.status, await bad.json()]).toMatchObject([
      401,
      { type: 'error', error: { type: 'authentication_error' } },
    ]);
  });
});

describe("OpenAI's own", () => {
  it('JWTs tell the person, the workspace, the plan and the expiry', async () => {
    standIn.setClock(-120_000, 'openai');
    const here = await rawSignIn(standIn, 'openai');
    const atWork = await rawSignIn(standIn, 'openai', { person: 'anna-at-work' });
    const [mine, work] = [claims(here.access_token), claims(atWork.access_token)];
    expect(work).toMatchObject({
      'https://api.openai.com/auth': {
        chatgpt_account_id: standIn.people[1]?.workspaceId,
        chatgpt_plan_type: 'team',
        chatgpt_user_id: `user-${standIn.people[1]?.userId}`,
      },
      'https://api.openai.com/profile': { email: 'anna@example.com' },
    });
    expect(mine.sub).toBe(work.sub);
    expect(Number(mine.exp) - Number(mine.iat)).toBe(3600);
    expect(Number(mine.iat) * 1000).toBeLessThan(Date.now() - 60_000);
    expect(claims(here.id_token ?? '')).toMatchObject({ email: 'anna@example.com' });
  });
});

describe('as a process of its own', () => {
  it('prints where it is, obeys /control/, keeps quiet, and ends with its standard input', async () => {
    const options = JSON.stringify({ ttl: { accessToken: 9 }, redirectPorts: { openai: [1455] } });
    const serve = new URL('../support/provider/serve.ts', import.meta.url).pathname;
    const child = spawn(process.execPath, ['--import', 'tsx', serve, options]);
    let talk = '';
    child.stderr.on('data', (chunk: Buffer) => {
      talk += chunk;
    });
    const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
    const remote = JSON.parse(line) as StandIn;
    expect(remote.endpoints.openai.redirectPorts).toEqual([1455]);

    const { refresh_token, expires_in } = await rawSignIn(remote, 'openai');
    expect(expires_in).toBe(9);
    const armed = { provider: 'openai', endpoint: 'refresh', fault: FAULTS.gateway, times: 2 };
    await ask(remote, 'arm', armed);
    expect((await rawRefresh(remote, 'openai', refresh_token)).status).toBe(401);
    await ask(remote, 'clear');
    await ask(remote, 'outage', { on: true, provider: 'openai' });
    expect((await rawRefresh(remote, 'openai', refresh_token)).status).toBe(503);
    await ask(remote, 'outage', { on: false });
    await ask(remote, 'ttl', { ttl: { accessToken: 8 } });
    await ask(remote, 'clock', { offBy: 0 });
    expect(await ask(remote, 'active', { refreshToken: refresh_token })).toBe(true);
    expect(await ask(remote, 'revoke', { provider: 'openai', who: refresh_token })).toBe(1);
    expect(await ask(remote, 'active', { refreshToken: refresh_token })).toBe(false);
    expect(await ask(remote, 'tokens')).toContain(refresh_token);
    expect(await ask(remote, 'journal')).toContainEqual(
      expect.objectContaining({ endpoint: 'refresh', status: 503, rotated: false }),
    );
    await expect(ask(remote, 'nonsense')).rejects.toThrow('no such verb');
    await expect(ask(remote, 'arm', { provider: 'elsewhere' })).rejects.toThrow('elsewhere');

    child.stdin.end();
    const [code] = await once(child, 'exit');
    expect([code, talk]).toEqual([0, '']);
  });

  it('writes a providers file', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'stand-in-'));
    const file = await standIn.providersFile(join(folder, 'providers.json'));
    expect(JSON.parse(await readFile(file, 'utf8'))).toEqual({
      ...standIn.endpoints,
      keys: standIn.keys.urls,
    });
    await rm(folder, { recursive: true });
  });
});

function server(id: BuiltInId): oauth.AuthorizationServer {
  const { authorizeUrl, tokenUrl, revokeUrl } = standIn.endpoints[id];
  return {
    issuer: new URL(tokenUrl).origin,
    authorization_endpoint: authorizeUrl,
    token_endpoint: tokenUrl,
    revocation_endpoint: revokeUrl,
  };
}

async function codeOf(authorizeUrl: string): Promise<string> {
  const { url } = await signInAt(authorizeUrl);
  return new URL(url).searchParams.get('code') ?? '';
}

async function renewed(
  id: BuiltInId,
  refreshToken: string,
  kind: 'json' | 'form' = 'json',
): Promise<RawTokens> {
  const answer = await rawRefresh(standIn, id, refreshToken, kind);
  expect(answer.status).toBe(200);
  return (await answer.json()) as RawTokens;
}

function profile(accessToken: string): Promise<Response> {
  const url = standIn.endpoints.anthropic.profileUrl ?? '';
  return fetch(url, { headers: { authorization: `Bearer ${accessToken}` } });
}

function errorOf(body: unknown): unknown {
  const { error } = body as { error: string | { code: string } };
  return typeof error === 'string' ? error : error.code;
}

function claims(jwt: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(jwt.split('.')[1] ?? '', 'base64url').toString());
}

async function ask({ origin }: StandIn, verb: string, body: unknown = {}): Promise<unknown> {
  const answer = await fetch(`${origin}/control/${verb}`, {
    method: 'POST',
    body: JSON.stringify(body),
  });
  const { result, error } = (await answer.json()) as { result: unknown; error?: string };
  if (error !== undefined) throw new Error(error);
  return result;
}
