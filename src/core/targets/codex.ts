import { join } from 'node:path';
import * as v from 'valibot';
import { AppError } from '../../shared/errors.ts';
import type { Context } from '../context.ts';
import type { Grant } from '../grant.ts';
import { readClaims } from '../oauth/jwt.ts';
import { fileStore } from './file-store.ts';
import {
  AccessField,
  DAMAGED,
  heldLogin,
  isObject,
  jsonCodec,
  putFields,
  TextField,
  TokenField,
  tokensFor,
} from './json-codec.ts';
import type { JsonChange, JsonText } from './json-text.ts';
import { codexLock } from './locks.ts';
import type { Held, Holder, Target, WriteOptions } from './target.ts';
import { isFolder, toolTarget } from './tool-file.ts';
import { toolFolder } from './tool-folder.ts';

const TokensSchema = v.object({
  access_token: AccessField,
  refresh_token: TokenField,
  id_token: TokenField,
  account_id: TextField,
});

/**
 * Codex's `auth.json`, as version 0.169 keeps it. What it cannot decode makes it refuse the whole file, so
 * nothing is written without an id token that it can; its expiry is the access token's own.
 * @see https://github.com/openai/codex/blob/main/codex-rs/login/src/auth/storage.rs
 */
export const codexCodec = jsonCodec({
  serves: (provider) => provider === 'openai',
  parts: () => ['auth_mode', 'tokens', 'last_refresh'],
  read,
  changes,
  useless: ({ OPENAI_API_KEY: key = null, ...rest }) =>
    key === null && Object.keys(rest).length === 0,
  indent: 2,
});

/** Codex. @param folder Where `auth.json` is, absolute or below the person's home. */
export function codexTarget(context: Context, folder?: string): Target {
  const place = toolFolder(context, {
    chosen: folder,
    env: context.env.CODEX_HOME,
    usual: '.codex',
  });
  const path = join(place, 'auth.json');
  return toolTarget(context, {
    id: 'codex',
    name: 'Codex',
    path,
    codec: codexCodec,
    store: fileStore(context, path),
    lock: codexLock(context, path),
    defaultMode: 'shared',
    locksRenewals: false,
    installed: () => isFolder(context.fs, place),
  });
}

function read(text: JsonText): Held {
  const tokens = text.get(['tokens']) ?? null;
  if (isOtherWay(text, tokens)) return { kind: 'api-key' };
  if (tokens === null) return { kind: 'nothing' };
  if (!isObject(tokens)) return DAMAGED;
  const known = v.parse(TokensSchema, tokens);
  return heldLogin({
    accessToken: known.access_token,
    refreshToken: known.refresh_token,
    idToken: known.id_token,
    expiresAt: null,
    owner: known.account_id === null ? null : { userId: null, workspaceId: known.account_id },
  });
}

/**
 * Whether the person has Codex use something else than a ChatGPT login. Without `auth_mode`, as older
 * versions wrote it, an API key counts; a key beside a login is what Codex makes of that login.
 */
function isOtherWay(text: JsonText, tokens: unknown): boolean {
  const mode = text.get(['auth_mode']) ?? null;
  if (mode !== null) return mode !== 'chatgpt';
  const key = text.get(['OPENAI_API_KEY']);
  return typeof key === 'string' && key !== '' && !(isObject(tokens) && tokens.access_token);
}

function changes(
  text: JsonText | null,
  { identity }: Holder,
  grant: Grant,
  options: WriteOptions,
): JsonChange[] {
  const { access, refresh } = tokensFor(grant, options);
  const tokens = {
    id_token: idToken(grant),
    access_token: access,
    refresh_token: refresh,
    account_id: identity.workspaceId ?? undefined,
  };
  const isNew: JsonChange[] = text ? [] : [{ path: ['OPENAI_API_KEY'], value: null }];
  // `null` is how Codex itself says that there are none.
  const replaced = { ...options, fresh: options.fresh || text?.get(['tokens']) === null };
  return [
    { path: ['auth_mode'], value: 'chatgpt' },
    ...isNew,
    ...putFields(text, ['tokens'], tokens, replaced),
    { path: ['last_refresh'], value: new Date(grant.obtainedAt).toISOString() },
  ];
}

function idToken({ idToken }: Grant): string {
  if (idToken === null || readClaims(idToken) === null) throw new AppError('login-incomplete');
  return idToken;
}
