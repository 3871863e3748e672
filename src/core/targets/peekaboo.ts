import { dirname, isAbsolute, join } from 'node:path';
import * as v from 'valibot';
import { AppError, hasCode } from '../../shared/errors.ts';
import type { Context } from '../context.ts';
import { mapFileError, writeDurable } from '../files/durable.ts';
import { acquireLock } from '../files/flock.ts';
import { readOptional } from '../files/json-file.ts';
import { resolveSafeFile } from '../files/safe-path.ts';
import { type Grant, type ProviderId, TokenSchema } from '../grant.ts';
import { editCredentials, readCredentials } from './credentials-file.ts';
import type { Held, OpenTarget, Target } from './target.ts';

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

const KEYS: Readonly<Record<ProviderId, Keys>> = {
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

/** @param folder The profile folder, absolute or below the person's home. */
export function peekabooTarget(context: Context, folder: string = FOLDER): Target {
  const path = join(isAbsolute(folder) ? folder : join(context.userHome, folder), 'credentials');
  const within = (deadline: number): OpenTarget => ({
    read: (holder) => read(context, path, KEYS[holder.provider]),
    write: async ({ provider }, grant, mode) => {
      const changes = entry(KEYS[provider], grant, mode === 'shared');
      await change(context, path, changes, deadline);
    },
    remove: ({ provider }) => change(context, path, absent(KEYS[provider]), deadline),
  });
  return {
    id: 'peekaboo',
    name: 'Peekaboo',
    everyAccount: false,
    defaultMode: 'shared',
    path,
    serves: () => true,
    // The one file that is made where it is missing, so that a tool installed later finds the login.
    installed: async () => true,
    open: async (deadline, work) => work(within(deadline)),
  };
}

/** What cannot be a token (a remark behind it, say) is none. */
function tokenIn(value: string | undefined): string | null {
  return v.is(TokenSchema, value) ? value : null;
}

async function read(context: Context, path: string, keys: Keys): Promise<Held> {
  const bytes = await readFile(context, path);
  if (bytes === null) return { kind: 'nothing' };
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
      expiresAt: Number.isFinite(seconds) && seconds > 0 ? seconds * 1000 : null,
    },
  };
}

/** All keys of a login at once: a reader never sees the token of one grant with the expiry of another. */
function entry(keys: Keys, grant: Grant, shared: boolean): Map<string, string | null> {
  return new Map([
    [keys.access, grant.accessToken],
    [keys.refresh, shared ? grant.refreshToken : null],
    [keys.expires, String(Math.floor(grant.expiresAt / 1000))],
    ...Object.entries(keys.fixed),
  ]);
}

function absent(keys: Keys): Map<string, string | null> {
  return new Map(
    [keys.access, keys.refresh, keys.expires, ...Object.keys(keys.fixed)].map((key) => [key, null]),
  );
}

/**
 * Both logins are in one file: two of us who change it at once would undo each other's change, so one
 * waits for the other, for `wait` ms at most.
 * @returns false when there was nothing to change.
 */
async function change(
  context: Context,
  path: string,
  changes: ReadonlyMap<string, string | null>,
  wait: number,
): Promise<boolean> {
  const { clock, paths } = context;
  const options = { deadline: clock.now() + wait, clock };
  const lock = await acquireLock(paths.targetsLock, options).catch((error) => {
    throw hasCode(error, 'login-busy') ? new AppError('tool-busy', error.details) : error;
  });
  try {
    return await changeLocked(context, path, changes);
  } finally {
    await lock.release();
  }
}

async function changeLocked(
  context: Context,
  path: string,
  changes: ReadonlyMap<string, string | null>,
): Promise<boolean> {
  const removing = [...changes.values()].every((value) => value === null);
  const old = await readFile(context, path);
  if (old === null && removing) return false;
  const text = editCredentials(old, changes);
  if ('kind' in text) throw new AppError('tool-file-damaged', { path });
  if (old?.equals(text)) return !removing;
  await inTheToolsTerms(path, async () => {
    // Private if it is new; one that is there already is the person's to open or close.
    await context.fs.mkdir(dirname(path), { recursive: true, mode: 0o700 });
    const file = await resolveSafeFile(context.fs, path);
    await writeDurable(context.fs, file.path, text);
  });
  return true;
}

/** The file's bytes; `null`: there is none. Opened only once it is certain to be a file of the person's. */
async function readFile({ fs }: Context, path: string): Promise<Buffer | null> {
  return inTheToolsTerms(path, async () => {
    const folder = await fs.stat(dirname(path)).catch(() => null);
    if (folder === null) return null;
    const file = await resolveSafeFile(fs, path);
    return file.stat && readOptional(fs, file.path);
  });
}

/** The file is a tool's, not ours: what stands in the way there is told in the tool's terms. */
async function inTheToolsTerms<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const coded = mapFileError(error, path);
    if (coded.code !== 'folder-protected') throw coded;
    throw new AppError('tool-file-protected', { path }, coded.cause);
  }
}
