import { dirname } from 'node:path';
import { AppError } from '../../shared/errors.ts';
import type { Context } from '../context.ts';
import { mapFileError, reserve, temporariesOf, writeDurable } from '../files/durable.ts';
import { isMissing } from '../files/json-file.ts';
import { readRegular } from '../files/read-regular.ts';
import { resolveSafeFile, type SafeFile } from '../files/safe-path.ts';
import type { FileSystem } from '../ports.ts';
import { finishInPlace, isUnfinished, journalOf, writeInPlace } from './in-place.ts';
import type { Store } from './store.ts';

/** A tool's file of logins has some KB. What has more than this is something else. */
const MAX_BYTES = 4 * 1024 * 1024;
const OWNER_WRITES = 0o200;

export interface FileStoreOptions {
  /** Makes the folder (0700) where it is missing. Otherwise a missing one is `tool-file-protected`. */
  readonly makesFolder?: boolean;
  /** Keeps the file and changes its bytes, for a tool that locks the file itself. */
  readonly inPlace?: boolean;
}

/**
 * The file at `path`, or the one that links there lead to, which stay. It has to be the person's own and
 * out of everybody else's reach; nothing else is opened. What is written is 0600.
 * @throws AppError `tool-file-damaged` from reading a file of more than 4 MiB.
 */
export function fileStore(
  context: Pick<Context, 'fs' | 'step'>,
  path: string,
  { makesFolder = false, inPlace = false }: FileStoreOptions = {},
): Store {
  const { fs } = context;
  const told = <T>(work: () => Promise<T>) => inTheToolsTerms(path, work);
  const load = (file: SafeFile) => readRegular(fs, file.path, MAX_BYTES);
  const place = async (): Promise<SafeFile> => {
    const file = makesFolder ? await makePlace(fs, path) : await resolveSafeFile(fs, path);
    assertWritable(file);
    return file;
  };
  return {
    read: () =>
      told(async () => {
        const file = await find(fs, path);
        return file?.stat ? load(file) : null;
      }),
    age: () =>
      told(async () => {
        const file = await find(fs, path);
        return file?.stat ? Date.now() - file.stat.mtimeMs : null;
      }),
    ...(inPlace && {
      unfinished: () =>
        told(async () => {
          const file = await find(fs, path);
          return file !== null && isUnfinished(fs, file.path);
        }),
    }),
    write: (after) =>
      told(async () => {
        const file = await place();
        const before = inPlace && file.stat ? await load(file) : null;
        if (before) await writeInPlace(context, file.path, { before, after });
        else await writeDurable(fs, file.path, after);
      }),
    discard: () =>
      told(async () => {
        const file = await find(fs, path);
        if (!file?.stat) return;
        assertWritable(file);
        await fs.rm(file.path, { force: true });
      }),
    rehearse: (size) =>
      told(async () => {
        const room = await reserve(fs, (await place()).path, size);
        await room.discard();
      }),
    // The caller holds the lock under which the file is written, so no writer whose traces are found is alive.
    sweep: () =>
      told(async () => {
        const file = await find(fs, path);
        if (!file) return;
        if (inPlace) await finishInPlace(context, file.path, () => load(file));
        for (const each of await leftoversOf(fs, file, inPlace)) await fs.rm(each, { force: true });
      }),
  };
}

async function leftoversOf(
  fs: FileSystem,
  { path }: SafeFile,
  inPlace: boolean,
): Promise<string[]> {
  const own = await temporariesOf(fs, path);
  return inPlace ? [...own, ...(await temporariesOf(fs, journalOf(path)))] : own;
}

/** A new file under its name would pass over the mode, but the person made it read-only for a reason. */
function assertWritable({ path, stat }: SafeFile): void {
  if (stat && (stat.mode & OWNER_WRITES) === 0) {
    throw new AppError('tool-file-protected', { path, hint: 'It is read-only.' });
  }
}

/** Where the file is, or may be made; `null`: not even its folder is there. */
async function find(fs: FileSystem, path: string): Promise<SafeFile | null> {
  return (await firstMissing(fs, path)) === path ? resolveSafeFile(fs, path) : null;
}

/** Where the file is to be made. A new folder is private; one that is there is the person's to open. */
async function makePlace(fs: FileSystem, path: string): Promise<SafeFile> {
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
    throw new AppError('tool-file-protected', { path, ...coded.details }, coded.cause);
  }
}
