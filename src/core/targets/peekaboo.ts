import { dirname, isAbsolute, join } from 'node:path';
import * as v from 'valibot';
import { AppError, hasCode } from '../../shared/errors.ts';
import type { Context } from '../context.ts';
import { mapFileError, reserve, temporariesOf, writeDurable } from '../files/durable.ts';
import { acquireLock } from '../files/flock.ts';
import { isMissing, readOptional } from '../files/json-file.ts';
import { resolveSafeFile, type SafeFile } from '../files/safe-path.ts';
import { type Grant, type ProviderId, TokenSchema } from '../grant.ts';
import type { FileSystem } from '../ports.ts';
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
  const within = (deadline: number): OpenTarget => {
    const locked = <T>(work: () => Promise<T>) => underLock(context, deadline, work);
    return {
      read: (holder) => read(context, path, KEYS[holder.provider]),
      write: async ({ provider }, grant, mode) => {
        const changes = entry(KEYS[provider], grant, mode === 'shared');
        await locked(() => change(context, path, changes));
      },
      remove: ({ provider }) => locked(() => change(context, path, absent(KEYS[provider]))),
      rehearse: () => rehearse(context, path),
      sweep: () => locked(() => sweep(context, path)),
    };
  };
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
 */
async function underLock<T>(
  { clock, paths }: Context,
  wait: number,
  work: () => Promise<T>,
): Promise<T> {
  const options = { deadline: clock.now() + wait, clock };
  const lock = await acquireLock(paths.targetsLock, options).catch((error) => {
    throw hasCode(error, 'login-busy') ? new AppError('tool-busy', error.details) : error;
  });
  try {
    return await work();
  } finally {
    await lock.release();
  }
}

/** @returns false when there was nothing to change. */
async function change(
  context: Context,
  path: string,
  changes: ReadonlyMap<string, string | null>,
): Promise<boolean> {
  await sweep(context, path);
  const removing = [...changes.values()].every((value) => value === null);
  const old = await readFile(context, path);
  if (old === null && removing) return false;
  const text = edited(path, old, changes);
  if (old?.equals(text)) return !removing;
  await inTheToolsTerms(path, async () => {
    const file = await makePlace(context, path);
    await writeDurable(context.fs, file.path, text);
  });
  return true;
}

/**
 * Does all that a change does but the last step, and takes it back. Without the lock, which has no folder
 * before the first sign-in: nothing is written that another of us could undo.
 */
async function rehearse(context: Context, path: string): Promise<void> {
  const text = edited(path, await readFile(context, path), new Map());
  await inTheToolsTerms(path, async () => {
    const file = await makePlace(context, path);
    const room = await reserve(context.fs, file.path, text.length);
    await room.discard();
  });
}

/** The caller holds the lock under which all of us write, so no writer whose file is found is alive. */
async function sweep(context: Context, path: string): Promise<void> {
  await inTheToolsTerms(path, async () => {
    const file = await find(context, path);
    const leftovers = file ? await temporariesOf(context.fs, file.path) : [];
    for (const each of leftovers) await context.fs.rm(each, { force: true });
  });
}

function edited(
  path: string,
  old: Buffer | null,
  changes: ReadonlyMap<string, string | null>,
): Uint8Array {
  const text = editCredentials(old, changes);
  if ('kind' in text) throw new AppError('tool-file-damaged', { path });
  return text;
}

/** The file's bytes; `null`: there is none. Opened only once it is certain to be a file of the person's. */
async function readFile(context: Context, path: string): Promise<Buffer | null> {
  return inTheToolsTerms(path, async () => {
    const file = await find(context, path);
    return file?.stat ? readOptional(context.fs, file.path) : null;
  });
}

/** Where the file is, or may be made; `null`: not even its folder is there. */
async function find({ fs }: Context, path: string): Promise<SafeFile | null> {
  return (await firstMissing(fs, path)) === path ? resolveSafeFile(fs, path) : null;
}

/** Where the file is to be made. A new folder is private; one that is there is the person's to open. */
async function makePlace({ fs }: Context, path: string): Promise<SafeFile> {
  // Not even an empty folder is made where the file would be refused.
  await resolveSafeFile(fs, await firstMissing(fs, path));
  await fs.mkdir(dirname(path), { recursive: true, mode: 0o700 });
  return resolveSafeFile(fs, path);
}

/** The outermost folder on the way to the file that is not there; with all of them there, the file. */
async function firstMissing(fs: FileSystem, path: string): Promise<string> {
  try {
    await fs.stat(dirname(path));
    return path;
  } catch (error) {
    if (isMissing(error)) return firstMissing(fs, dirname(path));
    throw error;
  }
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
