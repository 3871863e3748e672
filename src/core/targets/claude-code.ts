import { join } from 'node:path';
import * as v from 'valibot';
import type { Context } from '../context.ts';
import type { Grant, Identity } from '../grant.ts';
import { claudeLock } from './claude-lock.ts';
import { fileStore } from './file-store.ts';
import {
  AccessField,
  DAMAGED,
  heldLogin,
  isObject,
  jsonCodec,
  putFields,
  TextField,
  TimeField,
  TokenField,
  tokensFor,
} from './json-codec.ts';
import type { JsonChange, JsonText } from './json-text.ts';
import { securityStore } from './security-store.ts';
import type { Held, Holder, Target, WriteOptions } from './target.ts';
import { isFolder, toolTarget } from './tool-file.ts';
import { toolFolder } from './tool-folder.ts';

const ENTRY = 'claudeAiOauth';

/** The plans that Claude Code knows; any other reads there as a login without a plan. */
const PLANS = ['max', 'pro', 'team', 'enterprise'];

/** What Claude Code notes of a login that ended, or may end: it is not so of a new one. */
const OF_THE_OLD_LOGIN = ['loginEnded', 'refreshTokenExpiresAt'];

const EntrySchema = v.object({
  accessToken: AccessField,
  refreshToken: TokenField,
  expiresAt: TimeField,
  accountUuid: TextField,
  organizationUuid: TextField,
});

/**
 * Claude Code's `.credentials.json`; on macOS the same text is in its keychain item. Beside the login
 * there are those of its MCP servers and others, which are not ours.
 */
export const claudeCodeCodec = jsonCodec({
  serves: (provider) => provider === 'anthropic',
  parts: () => [ENTRY],
  read,
  changes,
  // Its own sign-out leaves no file either.
  useless: (rest) => Object.keys(rest).length === 0,
  indent: 0,
});

/** Claude Code. @param folder Its configuration folder, absolute or below the person's home. */
export function claudeCodeTarget(context: Context, folder?: string): Target {
  const place = toolFolder(context, {
    chosen: folder,
    env: context.env.CLAUDE_SECURESTORAGE_CONFIG_DIR ?? context.env.CLAUDE_CONFIG_DIR,
    usual: '.claude',
  });
  const path = join(place, '.credentials.json');
  const onMac = context.platform === 'darwin';
  return toolTarget(context, {
    id: 'claude-code',
    name: 'Claude Code',
    path,
    codec: claudeCodeCodec,
    store: onMac ? securityStore(context, place) : fileStore(context, path),
    lock: claudeLock(context, place),
    // There it is an item in the keychain that is Claude Code's own: the person decides.
    defaultMode: onMac ? 'off' : 'shared',
    locksRenewals: true,
    installed: () => isFolder(context.fs, place),
  });
}

function read(text: JsonText): Held {
  if (text.raw([ENTRY]) === null) return { kind: 'nothing' };
  const entry = text.get([ENTRY]);
  if (!isObject(entry)) return DAMAGED;
  const { accountUuid, organizationUuid, ...login } = v.parse(EntrySchema, entry);
  const known = accountUuid !== null || organizationUuid !== null;
  return heldLogin({
    ...login,
    idToken: null,
    owner: known ? { userId: accountUuid, workspaceId: organizationUuid } : null,
  });
}

function changes(
  text: JsonText | null,
  { identity }: Holder,
  grant: Grant,
  options: WriteOptions,
): JsonChange[] {
  const has = (field: string) =>
    !options.fresh && text !== null && text.raw([ENTRY, field]) !== null;
  const { access, refresh } = tokensFor(grant, options);
  const login = {
    accessToken: access,
    refreshToken: refresh,
    expiresAt: Math.floor(grant.expiresAt),
    scopes: grant.scopes,
    subscriptionType:
      identity.plan === null && has('subscriptionType') ? undefined : planOf(identity),
    rateLimitTier: identity.tier ?? undefined,
    // Not every version has them.
    accountUuid: has('accountUuid') ? (identity.userId ?? undefined) : undefined,
    organizationUuid: has('organizationUuid') ? (identity.workspaceId ?? undefined) : undefined,
  };
  return [
    ...putFields(text, [ENTRY], login, options),
    ...OF_THE_OLD_LOGIN.filter(has).map((field) => ({
      path: [ENTRY, field],
      remove: true as const,
    })),
  ];
}

function planOf({ plan }: Identity): string | null {
  return plan !== null && PLANS.includes(plan) ? plan : null;
}
