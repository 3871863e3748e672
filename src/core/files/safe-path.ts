import type { Stats } from 'node:fs';
import { isAbsolute, join, parse, resolve } from 'node:path';
import { AppError } from '../../shared/errors.ts';
import type { FileSystem } from '../ports.ts';
import { errnoOf, mapFileError } from './durable.ts';

/** As many links in a row as Linux follows. */
const MAX_LINKS = 40;
const STICKY = 0o1000;
const GROUP_WRITES = 0o020;
const OTHERS_WRITE = 0o002;

/** A file that may be read and written. */
export interface SafeFile {
  /** Where the file really is, every link followed: write there and the links stay. */
  readonly path: string;
  /** `null`: there is none yet, and it may be made at `path`. */
  readonly stat: Stats | null;
}

/**
 * Where a tool's file really is, once it is certain that nobody else can put another file there or read
 * what we put there by a second name.
 *
 * The file has to be a regular one, this user's, with one name. Every folder and link on the way has to
 * be this user's or root's, and no folder may be writable by others, except:
 * - a sticky one (`/tmp`), where nobody can replace what is another's;
 * - by a group, where root decided that, or where the group is the owner's own: with user private groups
 *   and a umask of 002, as on Fedora, all of a home is group-writable by a group of one, whose number is
 *   the user's. (Elsewhere, `staff` on macOS, the group is everybody.)
 *
 * Windows shows neither owners nor permissions here, so only the kind of file counts there.
 * @throws AppError `tool-file-protected`, with the file or folder that stands in the way and why;
 *   otherwise as `mapFileError` says.
 */
export async function resolveSafeFile(fs: FileSystem, path: string): Promise<SafeFile> {
  try {
    const file = await follow(fs, resolve(path));
    if (file.stat) assertOwnFile(file.path, file.stat);
    return file;
  } catch (error) {
    if (['EACCES', 'EPERM'].includes(errnoOf(error) ?? '')) {
      throw refusal(path, 'Its folder cannot be read.', error);
    }
    throw mapFileError(error, path);
  }
}

/**
 * Walks name by name, because `realpath` tells nothing of a link to nowhere, nor of the folders that
 * hold the links.
 */
async function follow(fs: FileSystem, path: string): Promise<SafeFile> {
  let at = await start(fs, path);
  const names = namesOf(path);
  let links = 0;
  for (let name = names.shift(); name !== undefined; name = names.shift()) {
    assertSafeFolder(at);
    const next = await look(fs, join(at.path, name)); // `..` is the parent: `at` is no link.
    if (!next.stat?.isSymbolicLink()) {
      at = next;
      continue;
    }
    links += 1;
    if (links > MAX_LINKS) throw refusal(next.path, 'Its links lead in a circle.');
    if (!isTrusted(next.stat.uid)) throw refusal(next.path, 'Its link belongs to someone else.');
    const target = await fs.readlink(next.path);
    if (isAbsolute(target)) at = await start(fs, target);
    names.unshift(...namesOf(target));
  }
  return at;
}

async function start(fs: FileSystem, path: string): Promise<SafeFile> {
  return look(fs, parse(path).root);
}

/** The names on the way, without the root. (`\` is an ordinary character outside Windows.) */
function namesOf(path: string): string[] {
  const names = path.slice(parse(path).root.length).split(isPosix() ? '/' : /[\\/]/);
  return names.filter((name) => name !== '' && name !== '.');
}

function assertSafeFolder({ path, stat }: SafeFile): void {
  if (stat === null) throw refusal(path, 'Its folder is missing.');
  if (!stat.isDirectory()) throw refusal(path, 'A file is where its folder should be.');
  if (!isTrusted(stat.uid)) throw refusal(path, 'Its folder belongs to someone else.');
  if (othersCanWrite(stat)) throw refusal(path, 'Other people can change its folder.');
}

function assertOwnFile(path: string, stat: Stats): void {
  if (stat.isDirectory()) throw refusal(path, 'A folder is in its place.');
  if (!stat.isFile()) throw refusal(path, 'It is not a regular file.');
  if (isPosix() && stat.uid !== process.geteuid?.()) {
    throw refusal(path, 'It belongs to someone else.');
  }
  if (stat.nlink > 1) throw refusal(path, 'It has a second name (a hard link).');
}

function isTrusted(uid: number): boolean {
  return !isPosix() || uid === 0 || uid === process.geteuid?.();
}

function othersCanWrite({ mode, uid, gid }: Stats): boolean {
  if (!isPosix() || (mode & STICKY) !== 0) return false;
  if ((mode & OTHERS_WRITE) !== 0) return true;
  return (mode & GROUP_WRITES) !== 0 && uid !== 0 && gid !== uid;
}

function isPosix(): boolean {
  return process.platform !== 'win32';
}

async function look(fs: FileSystem, path: string): Promise<SafeFile> {
  try {
    return { path, stat: await fs.lstat(path) };
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return { path, stat: null };
    throw error;
  }
}

function refusal(path: string, hint: string, cause?: unknown): AppError {
  return new AppError('tool-file-protected', { path, hint }, cause);
}
