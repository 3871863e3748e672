import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  assertSameOrigin,
  exchangeRequest,
  type GrantReading,
  readGrant,
  refreshRequest,
  revokeRequest,
} from '../../src/core/oauth/token-endpoint.ts';
import type { SecretRequest } from '../../src/core/oauth/transport.ts';
import { createProviders } from '../../src/core/providers/index.ts';
import type { Provider } from '../../src/core/providers/provider.ts';
import { classify } from '../../src/core/refresh/classify.ts';

const { anthropic, openai } = createProviders();

describe('a request', () => {
  const code = {
    code: 'co de&+',
    verifier: 'v'.repeat(43),
    redirectUri: 'http://localhost:1455/auth/callback',
    state: 's',
  };
  const form = ({ body, ...rest }: SecretRequest) => ({
    ...rest,
    body: Object.fromEntries(new URLSearchParams(body ?? '')),
  });
  const json = ({ body, ...rest }: SecretRequest) => ({ ...rest, body: JSON.parse(body ?? '') });
  const JSON_HEADERS = { 'content-type': 'application/json' };
  const FORM_HEADERS = { 'content-type': 'application/x-www-form-urlencoded' };

  it('exchanges a code at Anthropic in JSON, with the state', async () => {
    expect(json(await exchangeRequest(anthropic, code))).toEqual({
      url: 'https://platform.claude.com/v1/oauth/token',
      method: 'POST',
      headers: JSON_HEADERS,
      body: {
        grant_type: 'authorization_code',
        client_id: anthropic.clientId,
        code: code.code,
        code_verifier: code.verifier,
        redirect_uri: code.redirectUri,
        state: 's',
      },
    });
  });

  it('exchanges a code at OpenAI in a form, without it', async () => {
    expect(form(await exchangeRequest(openai, code))).toEqual({
      url: 'https://auth.openai.com/oauth/token',
      method: 'POST',
      headers: FORM_HEADERS,
      body: {
        grant_type: 'authorization_code',
        client_id: openai.clientId,
        code: code.code,
        code_verifier: code.verifier,
        redirect_uri: code.redirectUri,
      },
    });
  });

  it('renews without naming scopes', async () => {
    const body = (clientId: string) => ({
      grant_type: 'refresh_token',
      client_id: clientId,
      refresh_token: 'r+/=',
    });
    expect(json(await refreshRequest(anthropic, 'r+/='))).toMatchObject({
      headers: JSON_HEADERS,
      body: body(anthropic.clientId),
    });
    const renewal = form(await refreshRequest(openai, 'r+/='));
    expect(renewal.headers).toEqual(FORM_HEADERS);
    expect(renewal.body).toEqual(body(openai.clientId));
  });

  it.each([
    [anthropic, 'https://platform.claude.com/v1/oauth/token/revoke'],
    [openai, 'https://auth.openai.com/oauth/revoke'],
  ])('revokes in JSON', async (provider, url) => {
    expect(json(await revokeRequest(provider, 'r'))).toEqual({
      url,
      method: 'POST',
      headers: JSON_HEADERS,
      body: { token: 'r', token_type_hint: 'refresh_token', client_id: provider.clientId },
    });
  });

  it('goes to plain http on loopback too', async () => {
    const endpoints = { ...openai.endpoints, tokenUrl: 'http://127.0.0.1:1/token' };
    const { url } = await refreshRequest({ ...openai, endpoints }, 'r');
    expect(url).toBe('http://127.0.0.1:1/token');
  });

  it('is never built for another origin than the one that issued the grant', () => {
    assertSameOrigin({ origin: 'https://auth.openai.com' }, openai);
    for (const origin of ['https://auth.openai.com:444', 'http://auth.openai.com', '']) {
      expect(() => assertSameOrigin({ origin }, openai)).toThrowError(
        expect.objectContaining({ code: 'unsafe-setting' }),
      );
    }
  });
});

const AT = 1_800_000_000_000;
const S = 1000;
const YEAR = 365 * 24 * 3600 * S;
const bytes = (body: unknown) =>
  new TextEncoder().encode(typeof body === 'string' ? body : JSON.stringify(body));

const previous = { id: 'old', refreshToken: 'r-old', idToken: 'id-old', scopes: ['a', 'b'] };

function read(
  provider: Provider,
  body: unknown,
  {
    serverDate = null as number | null,
    before = null as typeof previous | null,
    status = 200,
  } = {},
): GrantReading {
  const answer = { status, body: bytes(body), receivedAt: AT, serverDate };
  return readGrant(provider, answer, before, 'new');
}

function grantOf(reading: GrantReading) {
  if (reading.kind !== 'grant') throw new Error(reading.why);
  return { ...reading.grant, notes: reading.notes };
}

const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
const jwt = (claims: unknown) => `${part({ alg: 'RS256' })}.${part(claims)}.c2ln`;

describe('a grant', () => {
  it('is what a sign-in answers', () => {
    const body = {
      token_type: 'Bearer',
      access_token: 'sk-ant-oat01-a',
      refresh_token: 'sk-ant-ort01-r',
      expires_in: 28_800,
      scope: 'user:inference  user:profile ',
      account: { uuid: 'u' },
    };
    expect(grantOf(read(anthropic, body))).toEqual({
      id: 'new',
      parent: null,
      origin: 'https://platform.claude.com',
      accessToken: 'sk-ant-oat01-a',
      refreshToken: 'sk-ant-ort01-r',
      idToken: null,
      expiresAt: AT + 28_800 * S,
      life: 28_800 * S,
      obtainedAt: AT,
      scopes: ['user:inference', 'user:profile'],
      notes: [],
    });
  });

  it('keeps of the one before what the renewal leaves out', () => {
    const body = { access_token: 'a', expires_in: 60 };
    expect(grantOf(read(anthropic, body, { before: previous }))).toMatchObject({
      parent: 'old',
      refreshToken: 'r-old',
      idToken: 'id-old',
      scopes: ['a', 'b'],
      notes: ['refresh-token-kept', 'id-token-kept'],
    });
  });

  it('has the scopes that were asked for, where a sign-in names none', () => {
    const body = { access_token: 'a', expires_in: 60, scope: ['odd'] };
    expect(grantOf(read(anthropic, body)).scopes).toEqual(anthropic.scopes);
  });

  it.each(['', null])('has the refresh token of before when the new one is %j', (refresh_token) => {
    const body = { access_token: 'a', expires_in: 60, refresh_token };
    const { refreshToken, notes } = grantOf(read(anthropic, body, { before: previous }));
    expect(refreshToken).toBe('r-old');
    expect(notes).toContain('refresh-token-kept');
  });

  it.each(['r\n', 'r r', 'ü', 'x'.repeat(16 * 1024 + 1), 7, {}])(
    'has the refresh token of before when the new one cannot be kept',
    (refresh_token) => {
      const body = { access_token: 'a', expires_in: 60, refresh_token };
      const { refreshToken, notes } = grantOf(read(anthropic, body, { before: previous }));
      expect(refreshToken).toBe('r-old');
      expect(notes).toContain('refresh-token-unusable');
    },
  );

  it('has no refresh token where there never was one', () => {
    const { refreshToken, notes } = grantOf(read(anthropic, { access_token: 'a', expires_in: 60 }));
    expect({ refreshToken, notes }).toEqual({ refreshToken: null, notes: [] });
  });

  describe('with an id token', () => {
    const ours = { iss: 'https://auth.openai.com', aud: [openai.clientId] };
    const notesFor = (id_token: unknown) =>
      grantOf(read(openai, { access_token: 'a', expires_in: 60, id_token }));

    it.each([ours, { ...ours, aud: openai.clientId }])('that is for us keeps it', (claims) => {
      const token = jwt(claims);
      expect(notesFor(token)).toMatchObject({ idToken: token, notes: [] });
    });

    it.each([jwt({ ...ours, aud: 'other' }), jwt({ ...ours, iss: 'https://evil.test' }), 'no-jwt'])(
      'that proves nothing keeps it too',
      (token) => {
        expect(notesFor(token)).toMatchObject({ idToken: token, notes: ['id-token-unproven'] });
      },
    );

    it('that cannot be kept goes without', () => {
      expect(notesFor('a b')).toMatchObject({ idToken: null, notes: ['id-token-unusable'] });
    });
  });
});

describe('an expiry', () => {
  const counted = (expires_in: unknown) => {
    const { expiresAt, life, notes } = grantOf(read(anthropic, { access_token: 'a', expires_in }));
    return { at: expiresAt - AT, life, notes };
  };

  it.each([
    [1, 1 * S],
    [0.25, 250],
    ['3600', 3600 * S],
    ['3600.5', 3600 * S + 500],
    [31_536_000, YEAR],
  ])('counts from the arrival: %j', (expiresIn, at) => {
    expect(counted(expiresIn)).toEqual({ at, life: Math.max(at, S), notes: [] });
  });

  it.each([0, -1, null, undefined, 'soon', '', '-5', '0', '1e3', {}, [60], true])(
    'of %j is an hour, for want of a better one',
    (expiresIn) => {
      expect(counted(expiresIn)).toEqual({
        at: 3600 * S,
        life: 3600 * S,
        notes: ['expiry-assumed'],
      });
    },
  );

  it.each([31_536_001, 1e12, Number.MAX_VALUE, '999999999999999'])(
    'of %j is a year at most',
    (expiresIn) => {
      expect(counted(expiresIn)).toEqual({ at: YEAR, life: YEAR, notes: ['expiry-capped'] });
    },
  );

  describe('of a JWT', () => {
    const now = AT / S;
    const told = (claims: unknown, serverDate: number | null = null, expires_in: unknown = 60) => {
      const body = { access_token: jwt(claims), expires_in };
      const { expiresAt, life, notes } = grantOf(read(openai, body, { serverDate }));
      return { at: (expiresAt - AT) / S, life: life / S, notes };
    };

    it('is its exp, whatever expires_in says', () => {
      const week = 7 * 24 * 3600;
      expect(told({ exp: now + week, iat: now })).toEqual({ at: week, life: week, notes: [] });
      expect(told({ exp: now + week })).toMatchObject({ at: week });
    });

    it('is exact while the clocks agree to some seconds', () => {
      expect(told({ exp: now + 3600 }, AT - 4 * S)).toMatchObject({ at: 3600 });
      expect(told({ exp: now + 3600 }, AT + 4 * S)).toMatchObject({ at: 3600 });
    });

    it.each([600, -600])('is read by the server’s clock when ours is %d s off', (off) => {
      const server = now - off;
      const claims = { iat: server, exp: server + 3600 };
      expect(told(claims, server * S)).toEqual({ at: 3600, life: 3600, notes: [] });
    });

    it('leaves no more than its whole life when our clock is behind and no date tells', () => {
      expect(told({ iat: now + 600, exp: now + 4200 })).toMatchObject({ at: 3600, life: 3600 });
    });

    it('is kept when it is over on arrival', () => {
      expect(told({ iat: now - 4200, exp: now - 600 })).toEqual({
        at: -600,
        life: 1,
        notes: ['expired-on-arrival'],
      });
    });

    it('is a year away at most', () => {
      expect(told({ exp: 1e15 })).toMatchObject({ at: YEAR / S, notes: ['expiry-capped'] });
    });

    it.each([{}, { exp: 'x' }, { exp: 0 }])('falls back to expires_in for %j', (claims) => {
      expect(told(claims)).toMatchObject({ at: 60, notes: [] });
      expect(told(claims, null, null)).toMatchObject({ at: 3600, notes: ['expiry-assumed'] });
    });
  });
});

describe('an answer of no use', () => {
  it.each([
    ['<html>', 'not-json'],
    ['{"access_token":"a', 'not-json'],
    ['', 'not-json'],
    ['null', 'not-json'],
    ['{}', 'no-access-token'],
    ['{"access_token":"a\\nb"}', 'bad-access-token'],
    ['{"access_token":""}', 'bad-access-token'],
  ])('%j is %s', (body, why) => {
    expect(read(anthropic, body)).toEqual({ kind: 'unusable', refreshToken: null, why });
  });

  it('hands back a good refresh token that is in it', () => {
    for (const access_token of [undefined, 'a b', 'x'.repeat(16 * 1024 + 1)]) {
      const body = { access_token, refresh_token: 'r-new' };
      expect(read(anthropic, body, { before: previous })).toMatchObject({
        kind: 'unusable',
        refreshToken: 'r-new',
      });
    }
    expect(read(anthropic, { refresh_token: 'r r' })).toMatchObject({ refreshToken: null });
  });

  it('is one whose status is no success', () => {
    const body = { access_token: 'a', refresh_token: 'r' };
    expect(read(anthropic, body, { status: 500 })).toMatchObject({ why: 'no-success' });
  });
});

describe('any bytes at all', () => {
  const token = fc.oneof(fc.string(), fc.constant('good'), fc.jsonValue());
  const body = fc.oneof(
    fc.jsonValue().map((value) => JSON.stringify(value)),
    fc.string({ unit: 'binary' }),
    fc
      .record(
        {
          access_token: token,
          refresh_token: token,
          id_token: token,
          expires_in: fc.oneof(fc.double(), fc.jsonValue()),
          scope: token,
        },
        { requiredKeys: [] },
      )
      .map((value) => JSON.stringify(value)),
  );

  it('are a grant exactly where a renewal counts as done, and its life is bounded', () => {
    fc.assert(
      fc.property(body, fc.constantFrom(anthropic, openai), (text, provider) => {
        const reading = read(provider, text, { before: previous });
        const { end } = classify(
          provider,
          {
            kind: 'answer',
            status: 200,
            headers: {},
            body: bytes(text),
            complete: true,
            receivedAt: AT,
            serverDate: null,
          },
          AT,
          null,
        );
        expect(reading.kind === 'grant').toBe(end === 'done');
        if (reading.kind !== 'grant') return;
        expect(reading.grant.life).toBeGreaterThanOrEqual(S);
        expect(reading.grant.life).toBeLessThanOrEqual(YEAR);
        expect(reading.grant.refreshToken).not.toBeNull();
      }),
      { numRuns: 500 },
    );
  });
});
