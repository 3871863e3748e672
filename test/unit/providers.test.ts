import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createKeyServices } from '../../src/core/keys/services.ts';
import { safeUrl } from '../../src/core/oauth/safe-url.ts';
import {
  createProviders,
  findProvider,
  parseProvidersFile,
} from '../../src/core/providers/index.ts';
import { hasCode } from '../../src/shared/errors.ts';

const providers = createProviders();
const { anthropic, openai } = providers;

const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
const jwt = (claims: unknown) => `${part({})}.${part(claims)}.x`;

describe('finding a provider', () => {
  it.each([
    ['anthropic', 'anthropic'],
    ['claude', 'anthropic'],
    ['Claude ', 'anthropic'],
    ['openai', 'openai'],
    ['ChatGPT', 'openai'],
    ['codex', 'openai'],
  ])('%j is %s', (name, id) => {
    expect(findProvider(providers, name).id).toBe(id);
  });

  it.each([
    ['cluade', 'claude'],
    ['codx', 'codex'],
  ])('%s is nearest to %s', (name, meant) => {
    expect(() => findProvider(providers, name)).toThrow(`Did you mean ${meant}?`);
  });

  it('names the known ones for any other', () => {
    expect(() => findProvider(providers, 'gemini')).toThrowError(
      expect.objectContaining({
        code: 'wrong-use',
        details: { hint: 'There is no such service; it can be claude or chatgpt.' },
      }),
    );
  });
});

describe('the constants', () => {
  it('send secrets to https addresses only, and revoke where tokens come from', () => {
    for (const { endpoints } of Object.values(providers)) {
      const { redirectPorts: _, deviceUrls, ...urls } = endpoints;
      for (const url of Object.values(urls)) {
        if (url !== null) expect(safeUrl(url)?.protocol).toBe('https:');
      }
      for (const url of [endpoints.revokeUrl, ...Object.values(deviceUrls ?? {})]) {
        expect(new URL(url)).toMatchObject({
          protocol: 'https:',
          origin: new URL(endpoints.tokenUrl).origin,
        });
      }
    }
  });
});

describe('an address for secrets', () => {
  it.each([
    'https://provider.test/token?a=b',
    'http://127.0.0.1:1234/token',
    'http://[::1]:1234/token',
    'http://localhost/token',
    'http://LOCALHOST/token',
  ])('may be %s', (url) => {
    expect(safeUrl(url)).not.toBeNull();
  });

  it.each([
    'http://provider.test/token',
    'http://127.0.0.1.provider.test/',
    'http://localhost.provider.test/',
    'http://127.0.0.2/',
    'http://0.0.0.0/',
    'https://me@provider.test/',
    'https://:pw@provider.test/',
    'https://provider.test/#x',
    'https://provider.test/#',
    'file:///etc/passwd',
    'javascript:alert(1)',
    'token',
    '',
  ])('may not be %j', (url) => {
    expect(safeUrl(url)).toBeNull();
  });
});

describe('the providers file', () => {
  const local = {
    authorizeUrl: 'http://127.0.0.1:8080/authorize',
    tokenUrl: 'http://127.0.0.1:8080/token',
    revokeUrl: 'http://127.0.0.1:8080/revoke',
    profileUrl: null,
    usageUrl: 'http://127.0.0.1:8080/usage',
  };
  const device = {
    code: 'http://127.0.0.1:8080/code',
    poll: 'http://127.0.0.1:8080/poll',
    page: 'http://127.0.0.1:8080/page',
    redirect: 'http://127.0.0.1:8080/redirect',
  };
  const parse = (value: unknown) => parseProvidersFile(JSON.stringify(value));

  it('replaces endpoints and nothing else', () => {
    const replaced = createProviders(parse({ openai: { ...local, redirectPorts: [0] } }));
    expect(replaced.anthropic).toEqual(anthropic);
    expect(replaced.openai).toEqual({
      ...openai,
      endpoints: { ...local, pasteRedirectUrl: null, deviceUrls: null, redirectPorts: [0] },
    });
  });

  it('has codes for another device only if it names all of their addresses', () => {
    const with_ = createProviders(parse({ openai: { ...local, deviceUrls: device } })).openai;
    expect(with_.endpoints.deviceUrls).toEqual(device);
    for (const deviceUrls of [undefined, null]) {
      const without = createProviders(parse({ openai: { ...local, deviceUrls } })).openai;
      expect(without.endpoints.deviceUrls).toBeNull();
    }
  });

  it('replaces where an API key is shown, one service at a time', () => {
    const { keys } = parse({ keys: { gemini: 'http://127.0.0.1:1/models' } });
    const services = createKeyServices(keys);
    expect(services.gemini.pingUrl).toBe('http://127.0.0.1:1/models');
    expect(services.openai.pingUrl).toBe('https://api.openai.com/v1/models');
    expect(() => parse({ keys: { gemini: 'http://example.com/models' } })).toThrowError(
      /^unsafe-setting: keys\.gemini must be https/,
    );
    expect(() => parse({ keys: { mistral: 'https://example.com' } })).toThrowError(
      /^unsafe-setting: keys\.mistral/,
    );
  });

  it('may leave the ports and the page for pasting as they are', () => {
    const { endpoints } = createProviders(parse({ anthropic: local })).anthropic;
    const { pasteRedirectUrl, redirectPorts } = anthropic.endpoints;
    expect(endpoints).toEqual({ ...local, pasteRedirectUrl, deviceUrls: null, redirectPorts });
  });

  it('never sends a token of its own service to the real one', () => {
    const { usageUrl: _, ...older } = local;
    const { anthropic: claude, openai: chatgpt } = createProviders(
      parse({ anthropic: older, openai: older }),
    );
    expect([claude.endpoints.usageUrl, chatgpt.endpoints.usageUrl]).toEqual([null, null]);
  });

  it('may be empty', () => {
    expect(createProviders(parse({}))).toEqual(providers);
  });

  it.each([
    ['openai.tokenUrl', { openai: { ...local, tokenUrl: 'http://provider.test/' } }],
    ['openai.tokenUrl', { openai: { ...local, tokenUrl: 'https://me:hunter2@provider.test/' } }],
    ['openai.profileUrl', { openai: { ...local, profileUrl: 'https://provider.test/#hunter2' } }],
    ['openai.usageUrl', { openai: { ...local, usageUrl: 'http://provider.test/?hunter2' } }],
    ['openai.revokeUrl', { openai: { ...local, revokeUrl: 'https://provider.test/revoke' } }],
    ['openai.revokeUrl', { openai: { ...local, revokeUrl: undefined } }],
    ['openai.revokeUrl', { openai: { ...local, revokeUrl: 'hunter2' } }],
    [
      'openai.deviceUrls',
      { openai: { ...local, deviceUrls: { ...device, poll: 'https://provider.test/poll' } } },
    ],
    ['openai.deviceUrls.page', { openai: { ...local, deviceUrls: { ...device, page: 'x' } } }],
    [
      'openai.deviceUrls.poll',
      { openai: { ...local, deviceUrls: { ...device, poll: undefined } } },
    ],
    ['openai.clientId', { openai: { ...local, clientId: 'hunter2' } }],
    ['openai.redirectPorts', { openai: { ...local, redirectPorts: [] } }],
    ['openai.redirectPorts.1', { openai: { ...local, redirectPorts: [1, 70_000] } }],
    ['gemini', { gemini: local }],
    ['openai', { openai: 'hunter2' }],
    ['the providers file', 'hunter2'],
  ])('is refused for its %s, without quoting it', (field, value) => {
    try {
      parse(value);
      expect.unreachable();
    } catch (error) {
      if (!hasCode(error, 'unsafe-setting')) throw error;
      expect(error.details.hint).toMatch(new RegExp(`^${field} `));
      expect(error.message).not.toContain('hunter2');
    }
  });

  it('is refused when it is not JSON, without quoting it', () => {
    expect(() => parseProvidersFile('{hunter2')).toThrowError(/^unsafe-setting: .*not JSON$/);
  });
});

describe("the provider's own error shape", () => {
  it.each([
    [{ error: 'invalid_grant', error_description: 'x' }, 'invalid_grant', 'invalid_grant'],
    [{ type: 'error', error: { type: 'api_error', message: 'x' } }, 'api_error', 'api_error'],
    [{ error: { type: 'api_error', message: 'x', code: null } }, null, 'api_error'],
    [{ error: { type: 'a', message: 'x', code: 'b' } }, null, 'b'],
    [{ code: 'b' }, null, 'b'],
    [{ detail: { code: 'b' } }, null, 'b'],
    [{ detail: 'Not found' }, null, 'detail'],
    [{ error: 'Unauthorized' }, null, null],
    [{ error: 'too many' }, null, null],
    [{ error: '' }, null, null],
    [{ error: 'x'.repeat(65) }, null, null],
    [{ error: null }, null, null],
    [{ message: 'no' }, null, null],
    [undefined, null, null],
    ['invalid_grant', null, null],
  ])('of %j is %j at Anthropic and %j at OpenAI', (body, atAnthropic, atOpenAi) => {
    expect(anthropic.errorCode(body)).toBe(atAnthropic);
    expect(openai.errorCode(body)).toBe(atOpenAi);
  });

  it('is looked for in anything without a throw', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (body) => {
        for (const provider of [anthropic, openai]) {
          expect(provider.errorCode(body) ?? 'a').toMatch(/^[a-z][a-z0-9_]*$/);
          expect(typeof provider.saysPaused(body)).toBe('boolean');
        }
      }),
    );
  });

  it.each([
    [{ error_description: 'Account on hold' }, true],
    [{ message: 'It was suspended.' }, true],
    [{ error: { message: 'Your organisation was DISABLED' } }, true],
    [{ detail: 'user is disabled' }, true],
    [{ message: 'Logging is disabled' }, false],
    [{ message: 'unsuspendedly' }, false],
    [{ error: 'suspended_account' }, false],
    [null, false],
  ])('in %j says paused: %j', (body, paused) => {
    expect(anthropic.saysPaused(body)).toBe(paused);
  });
});

describe("an owner, from OpenAI's tokens", () => {
  const AUTH = 'https://api.openai.com/auth';
  const id = {
    sub: 'auth0|1',
    email: 'ann@example.test',
    [AUTH]: { chatgpt_user_id: 'user-1', chatgpt_account_id: 'ws-1', chatgpt_plan_type: 'plus' },
  };
  const access = {
    sub: 'auth0|2',
    'https://api.openai.com/profile': { email: 'access@example.test' },
    [AUTH]: { user_id: 'user-2', chatgpt_account_id: 'ws-2', chatgpt_plan_type: 'pro' },
  };
  const identity = (idToken: unknown, accessToken: unknown) =>
    openai.identityFromTokens({
      idToken: idToken === null ? null : jwt(idToken),
      accessToken: jwt(accessToken),
    });

  it('is in the id token', () => {
    expect(identity(id, access)).toEqual({
      userId: 'user-1',
      email: 'ann@example.test',
      workspaceId: 'ws-1',
      workspace: null,
      plan: 'plus',
      tier: null,
    });
  });

  it('is in the access token where there is no other', () => {
    expect(identity(null, access)).toMatchObject({
      userId: 'user-2',
      email: 'access@example.test',
      workspaceId: 'ws-2',
      plan: 'pro',
    });
  });

  it('is completed from the access token', () => {
    expect(identity({ sub: 'auth0|1', [AUTH]: 'odd' }, access)).toMatchObject({
      userId: 'auth0|1',
      email: 'access@example.test',
      workspaceId: 'ws-2',
    });
  });

  it('has its workspace at the top in older tokens', () => {
    expect(identity(null, { sub: 'a', chatgpt_account_id: 'ws-3' })?.workspaceId).toBe('ws-3');
  });

  it('is nobody where neither tells', () => {
    expect(identity({ email: 7 }, { email: ' ' })).toBeNull();
    expect(openai.identityFromTokens({ idToken: null, accessToken: 'opaque' })).toBeNull();
    expect(openai.identityFromProfile(id)).toBeNull();
  });
});

describe("an owner, from Anthropic's profile", () => {
  const profile = {
    account: { uuid: 'u-1', full_name: 'Ann', email: 'ann@example.test', has_claude_max: true },
    organization: {
      uuid: 'o-1',
      name: 'Ann’s organization',
      organization_type: 'claude_max',
      rate_limit_tier: 'default_claude_max_5x',
    },
    enabled_plugins: [],
  };

  it('is read with plan and tier', () => {
    expect(anthropic.identityFromProfile(profile)).toEqual({
      userId: 'u-1',
      email: 'ann@example.test',
      workspaceId: 'o-1',
      workspace: 'Ann’s organization',
      plan: 'max',
      tier: 'default_claude_max_5x',
    });
  });

  it('does without an organization, and without what is too long', () => {
    const account = { uuid: 'u-1', email: 'x'.repeat(400) };
    expect(anthropic.identityFromProfile({ account })).toEqual({
      userId: 'u-1',
      email: null,
      workspaceId: null,
      workspace: null,
      plan: null,
      tier: null,
    });
  });

  it.each([undefined, null, {}, { account: {} }, { account: { uuid: '' } }, [profile]])(
    'is nobody in %j',
    (body) => {
      expect(anthropic.identityFromProfile(body)).toBeNull();
    },
  );

  it('is never in the tokens', () => {
    expect(
      anthropic.identityFromTokens({ accessToken: jwt({ sub: 'x' }), idToken: null }),
    ).toBeNull();
  });
});
