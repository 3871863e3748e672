import * as v from 'valibot';
import type { UsageWindow } from '../../shared/usage.ts';
import type { Identity } from '../grant.ts';
import { ErrorCodeSchema, saysPaused, TextSchema } from './error-body.ts';
import type { Provider } from './provider.ts';
import { DAY, HOUR, type WindowReading, windowsFrom } from './usage-windows.ts';

/**
 * Two shapes: OAuth's (RFC 6749 section 5.2) from the token endpoint, and that of
 * https://docs.anthropic.com/en/api/errors from whatever stands before it.
 */
const ErrorBodySchema = v.union([
  v.pipe(
    v.object({ type: v.literal('error'), error: v.object({ type: ErrorCodeSchema }) }),
    v.transform((body) => body.error.type),
  ),
  v.pipe(
    v.object({ error: ErrorCodeSchema }),
    v.transform((body) => body.error),
  ),
]);

const ProfileSchema = v.object({
  account: v.object({
    uuid: v.pipe(v.string(), v.minLength(1), v.maxLength(320)),
    email: TextSchema,
  }),
  organization: v.fallback(
    v.object({
      uuid: TextSchema,
      name: TextSchema,
      organization_type: TextSchema,
      rate_limit_tier: TextSchema,
    }),
    { uuid: null, name: null, organization_type: null, rate_limit_tier: null },
  ),
});

function identityFromProfile(body: unknown): Identity | null {
  const profile = v.safeParse(ProfileSchema, body);
  if (!profile.success) return null;
  const { account, organization } = profile.output;
  return {
    userId: account.uuid,
    email: account.email,
    workspaceId: organization.uuid,
    workspace: organization.name,
    // `claude_max`, `claude_pro`, `claude_team`, `claude_enterprise`.
    plan: organization.organization_type?.replace(/^claude_/, '') ?? null,
    tier: organization.rate_limit_tier,
  };
}

const WindowSchema = v.fallback(
  v.object({ utilization: v.number(), resets_at: v.fallback(v.nullable(v.string()), null) }),
  { utilization: Number.NaN, resets_at: null },
);

/** Both are `null`, or not there, on plans without such a window. */
const UsageSchema = v.object({ five_hour: WindowSchema, seven_day: WindowSchema });

function usageFrom(body: unknown, now: number): readonly UsageWindow[] | null {
  const usage = v.safeParse(UsageSchema, body);
  if (!usage.success) return null;
  const { five_hour, seven_day } = usage.output;
  const reading = (window: typeof five_hour, length: number): WindowReading => ({
    length,
    used: window.utilization,
    resetsAt: Date.parse(window.resets_at ?? ''),
  });
  return windowsFrom([reading(five_hour, 5 * HOUR), reading(seven_day, 7 * DAY)], now);
}

/** Claude Pro, Max, Team and Enterprise logins, as Claude Code makes them. */
export const anthropic: Provider = {
  id: 'anthropic',
  service: 'Claude',
  aliases: ['claude'],
  // The public client of Claude Code; there is no secret. https://github.com/anthropics/claude-code
  clientId: '9d1c250a-e61b-44d9-88ed-5944d1962f5e',
  // What the tools that share this login ask for. `org:create_api_key` is not used by us, but a login
  // without it is not the one that they expect: https://github.com/anthropics/claude-code/issues/20325
  scopes: [
    'org:create_api_key',
    'user:profile',
    'user:inference',
    'user:sessions:claude_code',
    'user:mcp_servers',
    'user:file_upload',
  ],
  endpoints: {
    authorizeUrl: 'https://claude.ai/oauth/authorize',
    // console.anthropic.com answers 404 since June 2026:
    // https://github.com/NousResearch/hermes-agent/issues/46251
    tokenUrl: 'https://platform.claude.com/v1/oauth/token',
    revokeUrl: 'https://platform.claude.com/v1/oauth/token/revoke',
    // Needs the scope `user:profile`: https://github.com/anthropics/claude-code/issues/11985
    profileUrl: 'https://api.anthropic.com/api/oauth/profile',
    // Answers 429 to every name but Claude Code's; we go by our own all the same:
    // https://github.com/anthropics/claude-code/issues/30930
    usageUrl: 'https://api.anthropic.com/api/oauth/usage',
    pasteRedirectUrl: 'https://platform.claude.com/oauth/code/callback',
    deviceUrls: null,
    // Any loopback port is accepted; the first is the one that Pi and SynapsCLI use.
    redirectPorts: [53692, 0],
  },
  redirectPath: '/callback',
  cancelPath: null,
  // Asks for the page that also shows the code, for a browser on another machine.
  authorizeExtras: { code: 'true' },
  // JSON where RFC 6749 has a form, and `state` again in the exchange: the server refuses without either.
  exchangeBody: 'json',
  refreshBody: 'json',
  revokeBody: 'json',
  stateInExchange: true,
  bareCode: true,
  // Access tokens are opaque (`sk-ant-oat…`).
  expiryFrom: 'expires_in',
  // A spent, revoked or aged-out refresh token all read the same:
  // https://github.com/anthropics/claude-code/issues/54443
  overCodes: { invalid_grant: 'login-ended' },
  errorCode(body) {
    const code = v.safeParse(ErrorBodySchema, body);
    return code.success ? code.output : null;
  },
  saysPaused,
  identityFromTokens: () => null,
  identityFromProfile,
  usageHeaders: () => ({ 'anthropic-beta': 'oauth-2025-04-20' }),
  usageFrom,
};
