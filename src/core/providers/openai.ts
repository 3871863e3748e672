import * as v from 'valibot';
import type { UsageWindow } from '../../shared/usage.ts';
import type { Identity } from '../grant.ts';
import { readClaims } from '../oauth/jwt.ts';
import { ErrorCodeSchema, saysPaused, TextSchema } from './error-body.ts';
import type { Provider } from './provider.ts';
import { windowsFrom } from './usage-windows.ts';

/** Every place where Codex looks for the code (codex-rs/login/src/auth/manager.rs), most telling first. */
const ErrorBodySchema = v.union([
  v.pipe(
    v.object({ error: v.object({ code: ErrorCodeSchema }) }),
    v.transform((body) => body.error.code),
  ),
  v.pipe(
    v.object({ error: v.object({ type: ErrorCodeSchema, message: v.string() }) }),
    v.transform((body) => body.error.type),
  ),
  v.pipe(
    v.object({ error: ErrorCodeSchema }),
    v.transform((body) => body.error),
  ),
  v.pipe(
    v.object({ code: ErrorCodeSchema }),
    v.transform((body) => body.code),
  ),
  v.pipe(
    v.object({ detail: v.object({ code: ErrorCodeSchema }) }),
    v.transform((body) => body.detail.code),
  ),
  // A sentence without a code. It is the provider's own shape, but nothing to decide by.
  v.pipe(
    v.object({ detail: v.string() }),
    v.transform(() => 'detail'),
  ),
]);

/** The claims of https://github.com/openai/codex codex-rs/login/src/token_data.rs. */
const AUTH = 'https://api.openai.com/auth';
const PROFILE = 'https://api.openai.com/profile';

const ClaimsSchema = v.object({
  sub: TextSchema,
  email: TextSchema,
  chatgpt_account_id: TextSchema,
  [PROFILE]: v.fallback(v.object({ email: TextSchema }), { email: null }),
  [AUTH]: v.fallback(
    v.object({
      chatgpt_account_id: TextSchema,
      chatgpt_plan_type: TextSchema,
      chatgpt_user_id: TextSchema,
      user_id: TextSchema,
    }),
    { chatgpt_account_id: null, chatgpt_plan_type: null, chatgpt_user_id: null, user_id: null },
  ),
});

function identityFromClaims(token: string | null): Partial<Identity> {
  const parsed = v.safeParse(ClaimsSchema, token === null ? null : readClaims(token));
  if (!parsed.success) return {};
  const claims = parsed.output;
  const auth = claims[AUTH];
  return {
    userId: auth.chatgpt_user_id ?? auth.user_id ?? claims.sub,
    email: claims.email ?? claims[PROFILE].email,
    workspaceId: auth.chatgpt_account_id ?? claims.chatgpt_account_id,
    plan: auth.chatgpt_plan_type,
  };
}

/** The id token says most; what it leaves out may be in the access token. */
function identityFromTokens(tokens: {
  accessToken: string;
  idToken: string | null;
}): Identity | null {
  const first = identityFromClaims(tokens.idToken);
  const second = identityFromClaims(tokens.accessToken);
  const identity: Identity = {
    userId: first.userId ?? second.userId ?? null,
    email: first.email ?? second.email ?? null,
    workspaceId: first.workspaceId ?? second.workspaceId ?? null,
    workspace: null,
    plan: first.plan ?? second.plan ?? null,
    tier: null,
  };
  return identity.userId === null && identity.email === null ? null : identity;
}

const NumberSchema = v.fallback(v.number(), Number.NaN);

/** Either may be `null`, and the first may be the week's: only its length says which a window is. */
const WindowSchema = v.fallback(
  v.nullable(
    v.object({
      used_percent: NumberSchema,
      limit_window_seconds: NumberSchema,
      reset_after_seconds: NumberSchema,
      /** Epoch seconds by the server's clock. */
      reset_at: NumberSchema,
    }),
  ),
  null,
);

/** codex-rs/backend-client; a plan without limits has no `rate_limit`. */
const UsageSchema = v.object({
  rate_limit: v.fallback(
    v.object({ primary_window: WindowSchema, secondary_window: WindowSchema }),
    { primary_window: null, secondary_window: null },
  ),
});

function usageFrom(body: unknown, now: number): readonly UsageWindow[] | null {
  const usage = v.safeParse(UsageSchema, body);
  if (!usage.success) return null;
  const { primary_window, secondary_window } = usage.output.rate_limit;
  const readings = [primary_window, secondary_window].flatMap((window) => {
    if (!window) return [];
    const { used_percent, limit_window_seconds, reset_after_seconds, reset_at } = window;
    // A span is right whatever the two clocks say.
    const after = Number.isNaN(reset_after_seconds) ? null : now + reset_after_seconds * 1000;
    const resetsAt = after ?? reset_at * 1000;
    return [{ length: limit_window_seconds * 1000, used: used_percent, resetsAt }];
  });
  return windowsFrom(readings, now);
}

/** ChatGPT plans, as Codex signs in to them. */
export const openai: Provider = {
  id: 'openai',
  service: 'ChatGPT',
  aliases: ['chatgpt', 'codex'],
  // The public client of Codex; there is no secret. https://github.com/openai/codex codex-rs/login
  clientId: 'app_EMoamEEZ73f0CkXaXp7hrann',
  // Scopes that api.openai.com would want are refused for this client:
  // https://github.com/openclaw/Peekaboo/issues/107
  scopes: ['openid', 'profile', 'email', 'offline_access'],
  endpoints: {
    authorizeUrl: 'https://auth.openai.com/oauth/authorize',
    tokenUrl: 'https://auth.openai.com/oauth/token',
    revokeUrl: 'https://auth.openai.com/oauth/revoke',
    profileUrl: null,
    // As Codex asks it (codex-rs/backend-client).
    usageUrl: 'https://chatgpt.com/backend-api/wham/usage',
    pasteRedirectUrl: null,
    // Not RFC 8628, if close to it: codex-rs/login/src/device_code_auth.rs.
    deviceUrls: {
      code: 'https://auth.openai.com/api/accounts/deviceauth/usercode',
      poll: 'https://auth.openai.com/api/accounts/deviceauth/token',
      page: 'https://auth.openai.com/codex/device',
      redirect: 'https://auth.openai.com/deviceauth/callback',
    },
    // The only two that are registered for this client (codex-rs/login/src/server.rs).
    redirectPorts: [1455, 1457],
  },
  redirectPath: '/auth/callback',
  // A second `codex login` asks whoever listens on 1455 to give up (codex-rs/login/src/server.rs).
  cancelPath: '/cancel',
  authorizeExtras: {
    // Puts the workspaces into the id token; without it `chatgpt_account_id` may be missing.
    id_token_add_organizations: 'true',
    codex_cli_simplified_flow: 'true',
    originator: 'authbar',
  },
  // Codex renews with JSON, most others with a form; the form is what RFC 6749 has.
  exchangeBody: 'form',
  refreshBody: 'form',
  // JSON, where RFC 7009 has a form.
  revokeBody: 'json',
  stateInExchange: false,
  bareCode: false,
  // Codex trusts the JWT alone, so the tools and we must agree on it.
  expiryFrom: 'jwt',
  overCodes: {
    invalid_grant: 'login-ended',
    refresh_token_expired: 'login-ended',
    refresh_token_invalidated: 'login-ended',
    // Someone else spent it: https://github.com/openai/codex/issues/9634
    refresh_token_reused: 'login-used-up',
  },
  errorCode(body) {
    const code = v.safeParse(ErrorBodySchema, body);
    return code.success ? code.output : null;
  },
  saysPaused,
  identityFromTokens,
  identityFromProfile: () => null,
  usageHeaders(accessToken) {
    const { workspaceId } = identityFromClaims(accessToken);
    return workspaceId ? { 'chatgpt-account-id': workspaceId } : {};
  },
  usageFrom,
};
