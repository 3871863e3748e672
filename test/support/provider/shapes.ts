import type { BuiltInId } from '../../../src/core/grant.ts';
import type { Endpoints } from '../../../src/core/providers/provider.ts';
import type { Person } from './people.ts';
import type { Fate } from './store.ts';
import { USAGE_PATHS } from './usage.ts';

export type Json = Readonly<Record<string, unknown>>;

/** A JSON answer before it is written. */
export interface JsonAnswer {
  readonly status: number;
  readonly body: Json;
}

/** Where a provider's endpoints are on the stand-in. */
export interface Paths {
  readonly authorize: string;
  readonly signIn: string;
  readonly token: string;
  readonly revoke: string;
  readonly profile: string | null;
  readonly codePage: string | null;
  readonly device: DevicePaths | null;
}

/** Where codes for another device are given out, asked about and entered. */
export interface DevicePaths {
  readonly code: string;
  readonly poll: string;
  readonly page: string;
  readonly redirect: string;
}

/** How one provider looks from outside: everything in which it differs from plain OAuth. */
export interface Face {
  readonly id: BuiltInId;
  readonly service: string;
  readonly clientId: string;
  readonly scopes: readonly string[];
  readonly paths: Paths;
  /** Without their ports: any loopback port is as good (RFC 8252 §7.3). */
  readonly redirects: readonly string[];
  /** The audience of JWT access tokens; `null` where access tokens are opaque. */
  readonly audience: string | null;
  /** What stands before the opaque tokens, as at the real provider. */
  readonly prefixes: { readonly access: string; readonly refresh: string };
  /** Claims of the id token and of JWT access tokens. */
  claims(person: Person): Json;
  /** A token endpoint's 200. */
  tokens(body: Json, person: Person): Json;
  /** A token endpoint's refusal. `fate` is the refresh token's before the request, if there was one. */
  refusal(refused: JsonAnswer, fate: Fate | null): JsonAnswer;
}

const ANTHROPIC: Face = {
  id: 'anthropic',
  service: 'Claude',
  clientId: '9d1c250a-e61b-44d9-88ed-5944d1962f5e',
  scopes: [
    'org:create_api_key',
    'user:profile',
    'user:inference',
    'user:sessions:claude_code',
    'user:mcp_servers',
    'user:file_upload',
  ],
  paths: {
    authorize: '/anthropic/oauth/authorize',
    signIn: '/anthropic/sign-in',
    token: '/anthropic/v1/oauth/token',
    revoke: '/anthropic/v1/oauth/token/revoke',
    profile: '/anthropic/api/oauth/profile',
    codePage: '/anthropic/oauth/code/callback',
    device: null,
  },
  redirects: ['http://localhost/callback', 'http://127.0.0.1/callback'],
  audience: null,
  prefixes: { access: 'sk-ant-oat01-', refresh: 'sk-ant-ort01-' },
  claims: () => ({}),
  tokens: (body, person) => ({
    ...body,
    account: { uuid: person.userId, email_address: person.email },
    organization: { uuid: person.workspaceId },
  }),
  refusal: ({ status, body }, fate) => {
    if (fate === null || body.error !== 'invalid_grant') return { status, body };
    const description =
      fate === 'expired' ? 'Refresh token expired' : 'Refresh token not found or invalid';
    return { status: 400, body: { error: 'invalid_grant', error_description: description } };
  },
};

/** By the fate of the refresh token: the codes that Codex knows, with the texts that people report. */
const OPENAI_OVER: Readonly<Partial<Record<Fate, readonly [code: string, message: string]>>> = {
  spent: [
    'refresh_token_reused',
    'Your refresh token has already been used to generate a new access token. Please try signing in again.',
  ],
  expired: [
    'refresh_token_expired',
    'Your refresh token has expired. Please try signing in again.',
  ],
  revoked: [
    'refresh_token_invalidated',
    'Your refresh token has been invalidated. Please try signing in again.',
  ],
};

const OPENAI: Face = {
  id: 'openai',
  service: 'ChatGPT',
  clientId: 'app_EMoamEEZ73f0CkXaXp7hrann',
  scopes: ['openid', 'profile', 'email', 'offline_access'],
  paths: {
    authorize: '/openai/oauth/authorize',
    signIn: '/openai/sign-in',
    token: '/openai/oauth/token',
    revoke: '/openai/oauth/revoke',
    profile: null,
    codePage: null,
    device: {
      code: '/openai/api/accounts/deviceauth/usercode',
      poll: '/openai/api/accounts/deviceauth/token',
      page: '/openai/codex/device',
      redirect: '/openai/deviceauth/callback',
    },
  },
  redirects: ['http://localhost/auth/callback', 'http://127.0.0.1/auth/callback'],
  audience: 'https://api.openai.com/v1',
  prefixes: { access: '', refresh: 'rt_' },
  claims: (person) => ({
    'https://api.openai.com/auth': {
      chatgpt_account_id: person.workspaceId,
      chatgpt_plan_type: person.plan.openai,
      chatgpt_user_id: `user-${person.userId}`,
      user_id: `user-${person.userId}`,
    },
    'https://api.openai.com/profile': { email: person.email, email_verified: true },
  }),
  tokens: (body) => body,
  refusal: ({ status, body }, fate) => {
    const over = body.error === 'invalid_grant' && fate !== null ? OPENAI_OVER[fate] : undefined;
    const [code, message] = over ?? [body.error, body.error_description];
    const error = { message, type: 'invalid_request_error', param: null, code };
    return { status: over ? 401 : status, body: { error } };
  },
};

export const FACES: Readonly<Record<BuiltInId, Face>> = { anthropic: ANTHROPIC, openai: OPENAI };

/** Where a service of the stand-in is. */
export type StandInEndpoints = Endpoints & { readonly revokeUrl: string };

/** The provider's endpoints as Authbar's providers file names them. */
export function endpointsOf(
  face: Face,
  origin: string,
  redirectPorts: readonly number[],
): StandInEndpoints {
  const { authorize, token, revoke, profile, codePage, device } = face.paths;
  return {
    authorizeUrl: origin + authorize,
    tokenUrl: origin + token,
    revokeUrl: origin + revoke,
    profileUrl: profile && origin + profile,
    usageUrl: origin + USAGE_PATHS[face.id],
    pasteRedirectUrl: codePage && origin + codePage,
    deviceUrls: device && {
      code: origin + device.code,
      poll: origin + device.poll,
      page: origin + device.page,
      redirect: origin + device.redirect,
    },
    redirectPorts,
  };
}

/** Anthropic's profile endpoint. `person` is `null` for a token that is not, or no longer, good. */
export function profile(person: Person | null, scopes: readonly string[]): JsonAnswer {
  if (person === null) return apiError(401, 'authentication_error', 'Invalid bearer token');
  if (!scopes.includes('user:profile')) {
    const message = 'OAuth token does not meet scope requirement user:profile';
    return apiError(403, 'permission_error', message);
  }
  const plan = person.plan.anthropic;
  return {
    status: 200,
    body: {
      account: {
        uuid: person.userId,
        full_name: person.name,
        display_name: person.name.split(' ')[0],
        email: person.email,
        has_claude_max: plan === 'max',
        has_claude_pro: plan === 'pro',
        created_at: '2025-03-01T09:00:00Z',
      },
      organization: {
        uuid: person.workspaceId,
        name: person.workspace,
        organization_type: `claude_${plan}`,
        billing_type: 'stripe_subscription',
        rate_limit_tier: plan === 'max' ? 'default_claude_max_5x' : 'default_claude_ai',
        seat_tier: null,
        has_extra_usage_enabled: false,
        subscription_status: 'active',
      },
      application: { uuid: ANTHROPIC.clientId, name: 'Claude Code', slug: 'claude-code' },
      enabled_plugins: [],
    },
  };
}

function apiError(status: number, type: string, message: string): JsonAnswer {
  return { status, body: { type: 'error', error: { type, message } } };
}
