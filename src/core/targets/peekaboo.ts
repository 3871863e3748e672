import { basename, dirname, isAbsolute, join } from 'node:path';
import * as v from 'valibot';
import { AppError } from '../../shared/errors.ts';
import type { Context } from '../context.ts';
import { type BuiltInId, type Grant, TokenSchema } from '../grant.ts';
import type { FileSystem } from '../ports.ts';
import type { Codec } from './codec.ts';
import { editCredentials, readCredentials } from './credentials-file.ts';
import { fileStore } from './file-store.ts';
import { ownLock } from './own-lock.ts';
import { peekabooKeys } from './peekaboo-keys.ts';
import type { Held, Target } from './target.ts';
import { toolTarget } from './tool-file.ts';

/**
 * Peekaboo and every other program that keeps its keys as Tachikoma does: `KEY=VALUE` lines in
 * `~/.peekaboo/credentials`. The tools do not lock that file, so each change is one atomic replacement.
 * @see https://github.com/steipete/Tachikoma/blob/main/Sources/Tachikoma/Auth/AuthManager.swift
 */
const FOLDER = '.peekaboo';

/**
 * Sent by Tachikoma as `anthropic-beta` with an OAuth token, which is refused without it.
 * @see https://github.com/steipete/Peekaboo/blob/main/docs/oauth.md
 */
const ANTHROPIC_BETA =
  'oauth-2025-04-20,claude-code-20250219,interleaved-thinking-2025-05-14,fine-grained-tool-streaming-2025-05-14';

interface Keys {
  readonly access: string;
  readonly refresh: string;
  readonly expires: string;
  readonly apiKey: string;
  /** Further keys of an OAuth login with their fixed values. */
  readonly fixed: Readonly<Record<string, string>>;
}

const KEYS: Readonly<Record<BuiltInId, Keys>> = {
  anthropic: {
    access: 'ANTHROPIC_ACCESS_TOKEN',
    refresh: 'ANTHROPIC_REFRESH_TOKEN',
    expires: 'ANTHROPIC_ACCESS_EXPIRES',
    apiKey: 'ANTHROPIC_API_KEY',
    fixed: { ANTHROPIC_BETA_HEADER: ANTHROPIC_BETA },
  },
  openai: {
    access: 'OPENAI_ACCESS_TOKEN',
    refresh: 'OPENAI_REFRESH_TOKEN',
    expires: 'OPENAI_ACCESS_EXPIRES',
    apiKey: 'OPENAI_API_KEY',
    fixed: {},
  },
};

/** What `keep` tells: the values by their keys. */
const KeptSchema = v.pipe(v.string(), v.parseJson(), v.record(v.string(), TokenSchema));

type Changes = ReadonlyMap<string, string | null>;

/** @param folder The profile folder, absolute or below the person's home. */
export function peekabooTarget(context: Context, folder: string = FOLDER): Target {
  const path = join(isAbsolute(folder) ? folder : join(context.userHome, folder), 'credentials');
  return toolTarget(context, {
    id: 'peekaboo',
    name: 'Peekaboo',
    passive: true,
    path,
    codec: peekabooCodec,
    store: fileStore(context, path, { makesFolder: true }),
    lock: ownLock(context),
    defaultMode: 'shared',
    locksRenewals: false,
    // The one file that is made where it is missing, so that a tool installed later finds the login.
    installed: async () => true,
    present: () => hasMore(context.fs, path),
  });
}

/** Whether the profile folder holds anything but the logins, which we may have put there alone. */
async function hasMore({ readdir }: Pick<FileSystem, 'readdir'>, path: string): Promise<boolean> {
  const names = await readdir(dirname(path)).catch(() => [] as string[]);
  return names.some((name) => !name.includes(basename(path)));
}

/** The lines of one login. An API key beside them is neither kept nor changed. */
export const peekabooCodec: Codec = {
  serves: () => true,
  keys: peekabooKeys,
  read: (bytes, provider) => read(bytes, KEYS[provider]),
  write: (bytes, { provider }, grant, { mode }) =>
    edited(bytes, entry(KEYS[provider], grant, mode === 'shared')),
  remove(bytes, provider) {
    const rest = edited(bytes, new Map(namesIn(KEYS[provider]).map((key) => [key, null])));
    return Buffer.from(rest).toString().trim() === '' ? null : rest;
  },
  keep(bytes, provider) {
    const values = valuesIn(bytes);
    const kept = namesIn(KEYS[provider]).flatMap((key) => {
      const value = tokenIn(values.get(key));
      return value === null ? [] : [[key, value]];
    });
    return kept.length === 0 ? null : JSON.stringify(Object.fromEntries(kept));
  },
  restore(bytes, provider, kept) {
    const parsed = v.safeParse(KeptSchema, kept);
    // Not the parser's own error: it would quote the login.
    if (!parsed.success) throw new AppError('unexpected', { hint: 'not what was kept' });
    const values = new Map(Object.entries(parsed.output));
    const names = namesIn(KEYS[provider]);
    return edited(bytes, new Map(names.map((key) => [key, values.get(key) ?? null])));
  },
};

function read(bytes: Uint8Array, keys: Keys): Held {
  const file = readCredentials(bytes);
  if (file.kind === 'unreadable') return { kind: 'unreadable', code: 'tool-file-damaged' };
  const { values } = file;
  const accessToken = tokenIn(values.get(keys.access));
  // A login of ours beside a key is a state that the person chose; a key alone is theirs.
  if (!accessToken) return { kind: values.get(keys.apiKey) ? 'api-key' : 'nothing' };
  const seconds = Number(values.get(keys.expires));
  return {
    kind: 'bundle',
    bundle: {
      accessToken,
      refreshToken: tokenIn(values.get(keys.refresh)),
      idToken: null,
      expiresAt: Number.isFinite(seconds) && seconds > 0 ? seconds * 1000 : null,
      owner: null,
    },
  };
}

/** All keys of a login at once: a reader never sees the token of one grant with the expiry of another. */
function entry(keys: Keys, grant: Grant, shared: boolean): Changes {
  return new Map([
    [keys.access, grant.accessToken],
    [keys.refresh, shared ? grant.refreshToken : null],
    [keys.expires, String(Math.floor(grant.expiresAt / 1000))],
    ...Object.entries(keys.fixed),
  ]);
}

/** The keys of a login of ours. */
function namesIn({ access, refresh, expires, fixed }: Keys): string[] {
  return [access, refresh, expires, ...Object.keys(fixed)];
}

/** What cannot be a token (a remark behind it, say) is none. */
function tokenIn(value: string | undefined): string | null {
  return v.is(TokenSchema, value) ? value : null;
}

function valuesIn(bytes: Uint8Array): ReadonlyMap<string, string> {
  const file = readCredentials(bytes);
  if (file.kind === 'unreadable') throw new AppError('tool-file-damaged');
  return file.values;
}

function edited(bytes: Uint8Array | null, changes: Changes): Uint8Array {
  const text = editCredentials(bytes, changes);
  if ('kind' in text) throw new AppError('tool-file-damaged');
  return text;
}
