import { realpath } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import * as v from 'valibot';
import { AppError, hasCode } from '../../shared/errors.ts';
import type { Context } from '../context.ts';
import { isAlive } from '../files/flock.ts';
import { acquireFolderLock } from '../files/folder-lock.ts';
import { readRegular } from '../files/read-regular.ts';
import { resolveSafeFile } from '../files/safe-path.ts';
import type { FileSystem } from '../ports.ts';
import { inOrder, NOTHING_HELD, type Take } from './locks.ts';
import type { ToolLock } from './tool-lock.ts';

const REFRESH_LOCK = '.oauth_refresh.lock';
/** Claude Code's note of who has the refresh lock. It reads no more than this of it. */
const OWNER_RECORD = '.oauth_refresh.lock.owner';
const MAX_RECORD = 4096;

/**
 * Only what names the holder: a process, the machine that it runs on, and the lock that it is about.
 * `pidSpace` is the host's name, on Linux followed by `#` and the PID namespace.
 */
const OwnerSchema = v.pipe(
  v.string(),
  v.parseJson(),
  v.object({
    pid: v.pipe(v.number(), v.integer(), v.minValue(1)),
    pidSpace: v.string(),
    lockBirthtimeMs: v.number(),
  }),
);

/**
 * The locks of Claude Code, folders all of them, in its own order: two that it holds while it renews and
 * one while it saves.
 *
 * We write no owner record. Claude Code takes a lock from a dead process only by a record that was made
 * for this very lock (it compares the folder's time of birth); an older one, or none, lets it wait until
 * the lock is stale.
 * @param configDir Where Claude Code keeps its login.
 */
export function claudeLock(
  { clock, fs }: Pick<Context, 'clock' | 'fs'>,
  configDir: string,
): ToolLock {
  const lock =
    (path: string, stale: number, update: number): Take =>
    (deadline) =>
      acquireFolderLock(path, { clock, deadline, stale, update });
  const holder = () => holderOf(fs, configDir);
  return {
    async acquire(deadline) {
      // Not even a lock is made where the file would be refused.
      await resolveSafeFile(fs, join(configDir, '.credentials.json'));
      const legacy = `${await realFolder(configDir)}.lock`;
      const steps = [
        lock(join(configDir, REFRESH_LOCK), 60_000, 5000),
        // All that older versions know (2.1.75, say), which take it for abandoned after 10 s.
        optional(lock(legacy, 60_000, 3000)),
      ];
      try {
        return await inOrder(steps, clock)(deadline);
      } catch (error) {
        if (!hasCode(error, 'tool-busy')) throw error;
        const pid = await holder();
        throw pid === null ? error : new AppError('tool-busy', { ...error.details, pid }, error);
      }
    },
    // Its other savings (the logins of MCP servers) wait for this one a few seconds and give up.
    saving: lock(join(configDir, '.storage-write.lock'), 15_000, 5000),
    holder,
  };
}

/** Beside a folder where nobody may make a lock, Claude Code goes without this one too. */
function optional(take: Take): Take {
  return async (deadline) => {
    try {
      return await take(deadline);
    } catch (error) {
      if (hasCode(error, 'tool-file-protected')) return NOTHING_HELD;
      throw error;
    }
  };
}

/** Two that come by different links must meet at one lock. */
async function realFolder(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    const hint = 'Its folder is missing or cannot be reached.';
    throw new AppError('tool-file-protected', { path, hint }, error);
  }
}

async function holderOf(fs: FileSystem, configDir: string): Promise<number | null> {
  try {
    const lock = await fs.lstat(join(configDir, REFRESH_LOCK));
    const record = await readRegular(fs, join(configDir, OWNER_RECORD), MAX_RECORD);
    const { pid, pidSpace, lockBirthtimeMs } = v.parse(OwnerSchema, record?.toString('utf8'));
    // A killed holder leaves its record, and its number may be another process's by now. (Two runtimes
    // may round a time differently.)
    const isOfThisLock = Math.abs(lockBirthtimeMs - lock.birthtimeMs) <= 1;
    const isHere = pidSpace.split('#')[0] === hostname();
    return isOfThisLock && isHere && isAlive(pid) ? pid : null;
  } catch {
    return null;
  }
}
