import { lstat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { AppError } from '../../shared/errors.ts';
import type { Context } from '../context.ts';
import { mapFileError } from '../files/durable.ts';
import { acquireLock, type FileOptions } from '../files/flock.ts';
import { acquireFolderLock } from '../files/folder-lock.ts';
import type { Hold } from '../files/hold.ts';
import { isMissing } from '../files/json-file.ts';
import { resolveSafeFile } from '../files/safe-path.ts';
import type { Clock } from '../ports.ts';
import { flockOwner } from './lock-owner.ts';
import type { ToolLock } from './tool-lock.ts';

/** Takes one lock, or several. @param deadline How long to wait, ms; 0 for one attempt. */
export type Take = (deadline: number) => Promise<Hold>;

type Surroundings = Pick<Context, 'fs' | 'clock' | 'platform'>;

/**
 * Pi's own times: its start takes a lock of 10 s for abandoned, everything else in it one of 30 s. So we
 * renew for the impatient and take over like the patient, who may be asleep but not gone.
 */
const PI_TIMES = { stale: 30_000, update: 3_000 };

/** Where there is nothing to lock. */
export const NOTHING_HELD: Hold = { intact: true, release: async () => {} };

/**
 * Pi makes a folder beside the file. Newer versions follow the file's link first, older ones do not: where
 * it is a link, both have to be kept out.
 * @see https://github.com/earendil-works/pi (`packages/coding-agent/src/core/auth-storage.ts`)
 */
export function piLock({ fs, clock }: Surroundings, path: string): ToolLock {
  const folder = (name: string) => (deadline: number) =>
    acquireFolderLock(`${name}.lock`, { clock, deadline, ...PI_TIMES });
  return {
    async acquire(deadline) {
      const file = await resolveSafeFile(fs, path);
      // Folders may be links as well: the same lock by another name, which would keep ourselves out.
      const names = (await isLink(path)) ? [path, file.path] : [file.path];
      return inOrder(names.map(folder), clock)(deadline);
    },
    // A folder does not tell who made it.
    holder: async () => null,
  };
}

/**
 * Codex locks `auth.lock` in its home to change anything of a login, and `auth.json.lock`, beside where the
 * file really is, to replace the file. Both are empty files that stay.
 */
export function codexLock(context: Surroundings, path: string): ToolLock {
  const files = async () => {
    const file = await resolveSafeFile(context.fs, path);
    return [join(dirname(path), 'auth.lock'), `${file.path}.lock`];
  };
  return {
    async acquire(deadline) {
      const steps = (await files()).map((name) => flock(context, name));
      return inOrder(steps, context.clock)(deadline);
    },
    holder: () => firstOwner(context, files),
  };
}

/**
 * SynapsCLI locks `auth.json.lock` to save, an empty file that stays, and `auth.json` itself to renew. The
 * first one comes first: under it nobody makes or replaces the file whose lock is the second.
 * @see https://github.com/HaseebKhalid1507/SynapsCLI (`src/core/auth/storage.rs`)
 */
export function synapsLock(context: Surroundings, path: string): ToolLock {
  const sidecar = `${path}.lock`;
  const resolve = async () => (await resolveSafeFile(context.fs, path)).path;
  const itself: Take = async (deadline) => {
    const take = flock(context, await resolve(), { create: false });
    return take(deadline).catch((error) => {
      if (isMissing(error.cause)) return NOTHING_HELD;
      throw error;
    });
  };
  return {
    async acquire(deadline) {
      await resolve(); // No lock is made in a folder that the file would be refused in.
      return inOrder([flock(context, sidecar), itself], context.clock)(deadline);
    },
    holder: () => firstOwner(context, async () => [sidecar, await resolve()]),
  };
}

/**
 * Takes several locks as one: in order, within one deadline, and released in reverse. None is kept when
 * one of them cannot be had; all of them are intact, or it is not.
 */
export function inOrder(steps: readonly Take[], clock: Clock): Take {
  return async (deadline) => {
    const end = clock.now() + deadline;
    const holds: Hold[] = [];
    const release = async () => {
      for (const hold of holds.toReversed()) await hold.release();
    };
    try {
      for (const step of steps) holds.push(await step(Math.max(0, end - clock.now())));
    } catch (error) {
      await release();
      throw error;
    }
    return {
      get intact() {
        return holds.every((hold) => hold.intact);
      },
      release,
    };
  };
}

/** flock(2) on a file of the tool's, in which nothing is written. */
function flock(
  { clock, platform }: Surroundings,
  path: string,
  options: Pick<FileOptions, 'create'> = {},
): Take {
  return async (deadline) => {
    const patience = { deadline: clock.now() + deadline, clock };
    const lock = await acquireLock(path, { content: '', ...options, ...patience }).catch(
      async (error) => {
        throw await inTheToolsTerms(error, path, platform);
      },
    );
    let intact = true; // For as long as we do not let go: the kernel takes nothing for abandoned.
    return {
      get intact() {
        return intact;
      },
      release() {
        intact = false;
        return lock.release();
      },
    };
  };
}

async function inTheToolsTerms(
  error: unknown,
  path: string,
  platform: NodeJS.Platform,
): Promise<AppError> {
  const coded = mapFileError(error, path);
  switch (coded.code) {
    case 'login-busy': {
      const pid = await flockOwner(path, platform);
      return new AppError('tool-busy', pid === null ? { path } : { path, pid });
    }
    case 'folder-protected':
      return new AppError('tool-file-protected', { path }, coded.cause);
    case 'unexpected':
      return (await obstacleAt(path, coded)) ?? coded;
    default:
      return coded;
  }
}

/** What is there in place of a file that could be locked; it is left alone. */
async function obstacleAt(path: string, cause: AppError): Promise<AppError | null> {
  const stat = await lstat(path).catch(() => null);
  if (!stat || stat.isFile()) return null;
  const what = stat.isDirectory() ? 'A folder' : 'Something other than a file';
  return new AppError(
    'tool-file-protected',
    { path, hint: `${what} is where the tool’s lock belongs.` },
    cause,
  );
}

async function firstOwner(
  { platform }: Surroundings,
  files: () => Promise<readonly string[]>,
): Promise<number | null> {
  for (const file of await files().catch(() => [])) {
    const pid = await flockOwner(file, platform);
    if (pid !== null) return pid;
  }
  return null;
}

async function isLink(path: string): Promise<boolean> {
  const stat = await lstat(path).catch(() => null);
  return stat?.isSymbolicLink() ?? false;
}
