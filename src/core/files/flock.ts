import { constants } from 'node:fs';
import { type FileHandle, lstat, open } from 'node:fs/promises';
import * as v from 'valibot';
import { AppError } from '../../shared/errors.ts';
import type { Clock } from '../ports.ts';
import { errnoOf, mapFileError } from './durable.ts';
import { kernelLock } from './kernel-lock.ts';

const FIRST_PAUSE = 5;
const LONGEST_PAUSE = 50;
const MAX_CONTENT = 1024;

const HolderSchema = v.object({ pid: v.pipe(v.number(), v.integer(), v.minValue(1)) });

/** A kernel lock that is held. It ends with `release` or with the process, however that ends. */
export interface Lock {
  /** Lets go. May be called again; never rejects. */
  release(): Promise<void>;
}

/** What is done with the lock file itself. */
export interface FileOptions {
  /**
   * What the lock file says while it is held; default `{"pid":…}`, by which a waiter can name the holder.
   * Empty: the file is left as it is, for a lock file that is another tool's.
   */
  readonly content?: string;
  /** Whether the file is made when it is missing; default true. If not, the cause of the error is ENOENT. */
  readonly create?: boolean;
}

/** How long a lock is waited for. */
export interface Patience {
  /** When to give up, epoch ms by `clock`. One in the past means one attempt. */
  readonly deadline: number;
  readonly clock: Clock;
  readonly signal?: AbortSignal;
}

/** See `acquireLock`. */
export interface LockOptions extends FileOptions, Patience {}

/** Strong references: a lock that its owner keeps nowhere must not end with garbage collection. */
const openings = new Set<FileHandle>();

/**
 * What `attempt` answers as soon as that is not `null`; `null` at the deadline. Between the attempts it
 * sleeps, shortly and never as long as another who waits.
 * @throws The signal's reason when aborted, and whatever `attempt` throws.
 */
export async function keepTrying<T>(
  attempt: () => Promise<T | null>,
  { deadline, clock, signal }: Patience,
): Promise<T | null> {
  for (let pause = FIRST_PAUSE; ; pause = Math.min(pause * 1.5, LONGEST_PAUSE)) {
    signal?.throwIfAborted();
    const taken = await attempt();
    if (taken !== null) return taken;
    const left = deadline - clock.now();
    if (left <= 0) return null;
    await clock.sleep(Math.min(left, pause * (0.5 + Math.random() / 2)), signal);
  }
}

/**
 * Takes the exclusive lock on the file at `path`, which is made (0600) when missing and never removed.
 * The lock is the kernel's: it never ages, it excludes within a process as well as between processes,
 * and it is free the moment its holder dies.
 * @throws AppError `login-busy` (with the holder's pid, where known) at the deadline; `folder-protected`
 *   or `disk-full` when the file cannot be made; the signal's reason when aborted.
 */
export async function acquireLock(path: string, options: LockOptions): Promise<Lock> {
  const lock = await keepTrying(() => tryLock(path, options), options);
  if (!lock) throw await busy(path);
  return lock;
}

/**
 * Takes the lock, or answers `null` at once when someone has it.
 * @throws AppError as `acquireLock` does, `login-busy` excepted.
 */
export async function tryLock(path: string, options: FileOptions = {}): Promise<Lock | null> {
  const content = options.content ?? `${JSON.stringify({ pid: process.pid })}\n`;
  try {
    const handle = await openLocked(path, options.create);
    if (!handle) return null;
    openings.add(handle);
    // The lock holds with or without its note: a full disk must not stop the one who frees it.
    if (content !== '') await note(handle, content).catch(() => {});
    return lockOn(handle, content !== '');
  } catch (error) {
    throw mapFileError(error, path);
  }
}

/**
 * The pid of whoever holds the lock; `null` when it is free, or held without a note. Best effort, for a
 * person to read: it never rejects, and the answer may be old by the time it is there.
 */
export async function heldBy(path: string): Promise<number | null> {
  const pid = await readHolder(path);
  if (pid === null || !isAlive(pid)) return null;
  // Only now, when it is most likely held, is it touched: a look must not be in the way of a taker.
  return (await isFree(path)) ? null : pid;
}

function lockOn(handle: FileHandle, noted: boolean): Lock {
  let released: Promise<void> | undefined;
  return {
    release() {
      released ??= letGo(handle, noted);
      return released;
    },
  };
}

async function letGo(handle: FileHandle, noted: boolean): Promise<void> {
  if (noted) await handle.truncate(0).catch(() => {});
  // Not by closing alone: a child that is just being started shares the opening until its exec.
  (await kernelLock()).free(handle.fd);
  await handle.close().catch(() => {});
  openings.delete(handle);
}

/** The lock's file, locked and still under its name; `null` when another opening has the lock. */
async function openLocked(path: string, create = true): Promise<FileHandle | null> {
  const kernel = await kernelLock();
  // O_RDWR, because NFS makes it a write lock, which asks for a file that is open for writing.
  const flags = constants.O_RDWR | (create ? constants.O_CREAT : 0);
  for (;;) {
    const handle = await openRegular(path, flags);
    let kept = false;
    try {
      if (!kernel.take(handle.fd)) return null;
      kept = await isNamed(handle, path);
      if (kept) return handle;
    } finally {
      if (!kept) await handle.close();
    }
  }
}

/** Opens no link, no folder, and no pipe, on which it could wait for ever. libuv adds O_CLOEXEC. */
async function openRegular(path: string, flags: number): Promise<FileHandle> {
  const { O_NOFOLLOW, O_NONBLOCK } = constants; // Windows has neither; `|` reads 0.
  const handle = await open(path, flags | O_NOFOLLOW | O_NONBLOCK, 0o600);
  if ((await handle.stat()).isFile()) return handle;
  await handle.close();
  throw new AppError('unexpected', { path, hint: 'a lock file is not a regular file' });
}

/** Whether `path` is still the file that was opened. If not, the next one to come would lock another file. */
async function isNamed(handle: FileHandle, path: string): Promise<boolean> {
  const opened = await handle.stat({ bigint: true });
  try {
    const named = await lstat(path, { bigint: true });
    return named.ino === opened.ino && named.dev === opened.dev;
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return false;
    throw error;
  }
}

async function note(handle: FileHandle, content: string): Promise<void> {
  await handle.truncate(0); // A holder that was killed leaves its note.
  await handle.write(content, 0);
}

async function busy(path: string): Promise<AppError> {
  const pid = await readHolder(path);
  return new AppError('login-busy', pid === null ? { path } : { path, pid });
}

async function readHolder(path: string): Promise<number | null> {
  try {
    const handle = await openRegular(path, constants.O_RDONLY);
    try {
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(MAX_CONTENT), 0, MAX_CONTENT, 0);
      const text = buffer.toString('utf8', 0, bytesRead);
      return v.parse(HolderSchema, JSON.parse(text)).pid;
    } finally {
      await handle.close();
    }
  } catch {
    return null;
  }
}

async function isFree(path: string): Promise<boolean> {
  try {
    const handle = await openLocked(path);
    if (handle) await letGo(handle, false);
    return handle !== null;
  } catch {
    return false;
  }
}

/** Whether there is such a process. EPERM: it is alive, and another user's. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return errnoOf(error) === 'EPERM';
  }
}
