import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { AppError } from '../../shared/errors.ts';
import type { FileSystem } from '../ports.ts';

const TEMPORARY = /^\..+\.[0-9a-f]{8}\.authbar-tmp$/s;
const HOUR = 60 * 60_000;

/** Room on the disk that is already paid for: what is written into it cannot fail for want of space. */
export interface Reservation {
  /**
   * Puts `bytes` into the room, durable when it resolves. At most the reserved size; may be called
   * again, until `commit`.
   */
  write(bytes: Uint8Array): Promise<void>;
  /** Moves what was written onto the reserved path. After a failure it may be tried again. */
  commit(): Promise<void>;
  /** Gives the room back. Does nothing after `commit`; never rejects. */
  discard(): Promise<void>;
}

interface Temporary {
  readonly path: string;
  readonly handle: FileHandle;
}

/**
 * Replaces the file at `path` as one step: whatever happens, it holds the old bytes or the new ones,
 * whole, and once this resolves the new ones survive a power cut. The file is new, so it has exactly
 * `mode`, before its first byte; a symbolic link at `path` is replaced, not followed.
 * @throws AppError as `mapFileError` says.
 */
export async function writeDurable(
  fs: FileSystem,
  path: string,
  bytes: Uint8Array | string,
  { mode = 0o600 }: { readonly mode?: number } = {},
): Promise<void> {
  await coded(path, async () => {
    const temporary = await createTemporary(fs, path, mode, Buffer.from(bytes));
    try {
      await moveOnto(fs, temporary, path);
      await syncFolder(fs, dirname(path));
    } catch (error) {
      await drop(fs, temporary);
      throw error;
    }
  });
}

/**
 * Takes `size` bytes of disk for a file that will be written to `path` (0600) once its content is known.
 * On a disk that copies on write (Btrfs, ZFS, APFS snapshots) this is a strong hint, not a promise.
 * @throws AppError as `mapFileError` says; then nothing is taken.
 */
export async function reserve(fs: FileSystem, path: string, size: number): Promise<Reservation> {
  // Noise, because zeros become a hole on a file system that compresses.
  const temporary = await coded(path, () => createTemporary(fs, path, 0o600, randomBytes(size)));
  let moved = false;
  return {
    write: (bytes) => coded(path, () => overwrite(temporary.handle, bytes, size)),
    commit: () =>
      coded(path, async () => {
        if (!moved) await moveOnto(fs, temporary, path);
        moved = true;
        await syncFolder(fs, dirname(path));
      }),
    discard: () => drop(fs, temporary),
  };
}

/**
 * Makes the folder, and those above it, 0700. One that is there already and open to others is closed to
 * them; what its owner may do is left as it is.
 * @throws AppError as `mapFileError` says.
 */
export async function ensurePrivateFolder(fs: FileSystem, path: string): Promise<void> {
  await coded(path, async () => {
    await fs.mkdir(path, { recursive: true, mode: 0o700 });
    if (process.platform === 'win32') return; // The profile's ACL keeps others out; modes mean nothing.
    const { mode } = await fs.stat(path);
    if ((mode & 0o077) !== 0) await fs.chmod(path, mode & 0o700);
  });
}

/**
 * Removes what a killed process left in `folder`. Best effort, never rejects. A writer that was
 * suspended with the machine can be older than any age: where a reservation may stand in the folder,
 * call this only while holding the lock under which it is made.
 */
export async function sweepTemporary(fs: FileSystem, folder: string): Promise<void> {
  // The wall clock itself, because that is what the file system stamps files with.
  const oldest = Date.now() - HOUR;
  const names = await fs.readdir(folder).catch(() => []);
  for (const name of names.filter((each) => TEMPORARY.test(each))) {
    const path = join(folder, name);
    const stat = await fs.lstat(path).catch(() => null);
    if (stat?.isFile() && stat.mtimeMs < oldest) await fs.unlink(path).catch(() => {});
  }
}

/** What killed processes left of writing to `path`, and what living ones are writing now. */
export async function temporariesOf(fs: FileSystem, path: string): Promise<string[]> {
  const start = `.${basename(path)}.`;
  const names = await coded(path, () => fs.readdir(dirname(path)));
  return names
    .filter((name) => name.startsWith(start) && TEMPORARY.test(name))
    .map((name) => join(dirname(path), name));
}

/** Puts all of `bytes` into the file from the offset `at` on, however little one call takes. */
export async function writeAll(handle: FileHandle, bytes: Uint8Array, at = 0): Promise<void> {
  let done = 0;
  while (done < bytes.length) {
    done += (await handle.write(bytes, done, bytes.length - done, at + done)).bytesWritten;
  }
}

/**
 * What a failed file call means to a person: `disk-full` (ENOSPC, EDQUOT), `folder-protected` (EROFS,
 * EACCES, EPERM), else `unexpected`; with the path and the cause. A coded error stays as it is.
 */
export function mapFileError(error: unknown, path: string): AppError {
  if (error instanceof AppError) return error;
  switch (errnoOf(error)) {
    case 'ENOSPC':
    case 'EDQUOT':
      return new AppError('disk-full', { path }, error);
    case 'EROFS':
    case 'EACCES':
    case 'EPERM':
      return new AppError('folder-protected', { path }, error);
    default:
      return new AppError('unexpected', { path }, error);
  }
}

/** The system's own name of what went wrong, `ENOENT`; `undefined` when `error` is not the system's. */
export function errnoOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string'
    ? error.code
    : undefined;
}

async function coded<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw mapFileError(error, path);
  }
}

/** A file with `bytes` in the folder of `path`, on the disk but not yet under its name. */
async function createTemporary(
  fs: FileSystem,
  path: string,
  mode: number,
  bytes: Uint8Array,
): Promise<Temporary> {
  const name = `.${basename(path)}.${randomBytes(4).toString('hex')}.authbar-tmp`;
  const temporary = join(dirname(path), name);
  const { O_CREAT, O_EXCL, O_NOFOLLOW, O_WRONLY } = constants; // Windows has no O_NOFOLLOW; `|` reads 0.
  const handle = await fs.open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode);
  try {
    await handle.chmod(mode); // The umask may have taken bits from the mode of `open`.
    await writeAll(handle, bytes);
    await handle.sync();
  } catch (error) {
    await drop(fs, { path: temporary, handle });
    throw error;
  }
  return { path: temporary, handle };
}

async function overwrite(handle: FileHandle, bytes: Uint8Array, room: number): Promise<void> {
  if (bytes.length > room) throw new RangeError(`${bytes.length} bytes for a room of ${room}`);
  await writeAll(handle, bytes);
  // Before the truncation gives blocks back: from here on the bytes are safe.
  await handle.sync();
  await handle.truncate(bytes.length);
  await handle.sync();
}

async function moveOnto(fs: FileSystem, temporary: Temporary, target: string): Promise<void> {
  await temporary.handle.close(); // Windows renames no open file.
  await fs.rename(temporary.path, target);
}

async function drop(fs: FileSystem, temporary: Temporary): Promise<void> {
  await temporary.handle.close().catch(() => {});
  await fs.unlink(temporary.path).catch(() => {});
}

/** Makes a rename durable. (On macOS Node's fsync is F_FULLFSYNC, which reaches the disk itself.) */
async function syncFolder(fs: FileSystem, folder: string): Promise<void> {
  if (process.platform === 'win32') return; // It opens no folders, and journals renames by itself.
  const handle = await fs.open(folder, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    await handle.sync();
  } catch (error) {
    // Some network and FUSE file systems know no fsync of a folder.
    if (!['EINVAL', 'ENOTSUP', 'EOPNOTSUPP'].includes(errnoOf(error) ?? '')) throw error;
  } finally {
    await handle.close();
  }
}
