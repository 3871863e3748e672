import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { authorizeUrl, beginAuthorization } from '../../src/core/oauth/authorize.ts';
import { createProviders } from '../../src/core/providers/index.ts';

const providers = createProviders();
const attempt = {
  challenge: 'CH',
  state: 'ST',
  redirectUri: 'http://localhost:1455/auth/callback',
};

describe('beginning to authorize', () => {
  it('draws 32 bytes for the verifier and 32 others for the state', async () => {
    const drawn = await Promise.all(Array.from({ length: 20 }, beginAuthorization));
    const all = drawn.flatMap(({ verifier, state }) => [verifier, state]);
    for (const one of all) expect(one).toMatch(/^[\w-]{43}$/);
    expect(new Set(all).size).toBe(all.length);
  });

  it('challenges with S256', async () => {
    const { verifier, challenge } = await beginAuthorization();
    expect(challenge).toBe(createHash('sha256').update(verifier).digest('base64url'));
  });
});

describe('the authorize URL', () => {
  it("is Anthropic's", () => {
    const url = new URL(authorizeUrl(providers.anthropic, attempt));
    expect(url.origin + url.pathname).toBe('https://claude.ai/oauth/authorize');
    expect(Object.fromEntries(url.searchParams)).toEqual({
      code: 'true',
      client_id: '9d1c250a-e61b-44d9-88ed-5944d1962f5e',
      response_type: 'code',
      redirect_uri: attempt.redirectUri,
      scope:
        'org:create_api_key user:profile user:inference user:sessions:claude_code user:mcp_servers user:file_upload',
      code_challenge: 'CH',
      code_challenge_method: 'S256',
      state: 'ST',
    });
  });

  it("is OpenAI's", () => {
    const url = new URL(authorizeUrl(providers.openai, attempt));
    expect(url.origin + url.pathname).toBe('https://auth.openai.com/oauth/authorize');
    expect(Object.fromEntries(url.searchParams)).toEqual({
      id_token_add_organizations: 'true',
      codex_cli_simplified_flow: 'true',
      originator: 'authbar',
      client_id: 'app_EMoamEEZ73f0CkXaXp7hrann',
      response_type: 'code',
      redirect_uri: attempt.redirectUri,
      scope: 'openid profile email offline_access',
      code_challenge: 'CH',
      code_challenge_method: 'S256',
      state: 'ST',
    });
  });

  it('asks for no scope at all where there is none to ask for', () => {
    const url = new URL(authorizeUrl({ ...providers.openai, scopes: [] }, attempt));
    expect(url.searchParams.has('scope')).toBe(false);
  });

  it('keeps a query that the endpoint has', () => {
    const { anthropic } = providers;
    const endpoints = { ...anthropic.endpoints, authorizeUrl: 'https://a.test/authorize?tenant=1' };
    const url = new URL(authorizeUrl({ ...anthropic, endpoints }, attempt));
    expect(url.searchParams.get('tenant')).toBe('1');
    expect(url.searchParams.getAll('state')).toEqual(['ST']);
  });
});
