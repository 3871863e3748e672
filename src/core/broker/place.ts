import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import * as v from 'valibot';
import { AppError } from '../../shared/errors.ts';
import type { Context } from '../context.ts';
import { errnoOf, mapFileError, temporariesOf, writeDurable } from '../files/durable.ts';
import { isMissing, parseJson, SCHEMA } from '../files/json-file.ts';
import { readRegular } from '../files/read-regular.ts';
import type { Paths } from '../paths.ts';
import { KEY_BYTES } from './proof.ts';

/** Systems know no longer path of a socket than 104 (macOS) to 108 bytes (Linux), and some cut it silently. */
const LONGEST_PATH = 100;
const LARGEST_NOTE = 4096;

/** Where a broker listens. */
export interface Place {
  /** A socket; on Windows a named pipe. */
  readonly path: string;
  /** What both sides prove that they know; `null` where the folder alone keeps others out. */
  readonly key: Buffer | null;
}

/** A place that was made for one broker. */
export interface OwnPlace extends Place {
  /** Removes what was made beside the socket. Never rejects. */
  leave(): Promise<void>;
}

const NoteSchema = v.object({
  schema: v.literal(SCHEMA),
  path: v.string(),
  key: v.nullable(
    v.pipe(
      v.string(),
      v.regex(/^[0-9a-f]{64}$/),
      v.transform((hex) => Buffer.from(hex, 'hex')),
    ),
  ),
});

type Deps = Pick<Context, 'fs' | 'paths'>;

/**
 * Makes the place of the engine's own broker. The caller holds `engine.lock`, so a socket that is there
 * already is nobody's any more.
 * @param withKey Whether a key has to be proven, as on Windows, where no folder keeps others from a pipe.
 * @throws AppError `unsafe-setting` for a folder or a socket that is not ours alone.
 */
export async function enginePlace(deps: Deps, withKey: boolean): Promise<OwnPlace> {
  const { fs, paths } = deps;
  await makePrivateFolder(deps, paths.run);
  await clearAway(deps, await readNote(deps));
  for (const left of await temporariesOf(fs, paths.brokerNote))
    await fs.unlink(left).catch(() => {});
  const path = await socketIn(deps, 'broker.sock');
  await removeStale(deps, path);
  const key = withKey ? randomBytes(KEY_BYTES) : null;
  if (isTold(paths, withKey)) {
    const note = { schema: SCHEMA, path, key: key?.toString('hex') ?? null };
    await writeDurable(fs, paths.brokerNote, `${JSON.stringify(note)}\n`);
  }
  return { path, key, leave: () => clearAway(deps, { path, key }) };
}

/**
 * Makes the place of one more socket: where `path` says, which has to be free, else under a random name.
 * @throws AppError as `enginePlace` does.
 */
export async function extraPlace(deps: Deps, path: string | undefined): Promise<OwnPlace> {
  if (path === undefined) {
    await makePrivateFolder(deps, deps.paths.run);
    const made = await socketIn(deps, `share-${randomBytes(4).toString('hex')}.sock`);
    return { path: made, key: null, leave: () => removeFolderOf(deps, made) };
  }
  assertShort(path);
  await assertPrivateFolder(deps, dirname(path));
  return { path, key: null, leave: async () => {} };
}

/**
 * Where the engine's broker should be, if there is one.
 * @param withKey As it was started.
 * @throws AppError as `isOwnSocket` does.
 */
export async function findPlace(deps: Deps, withKey: boolean): Promise<Place | null> {
  const { paths } = deps;
  const usual = { path: paths.brokerSocket, key: null };
  const place = isTold(paths, withKey) ? await readNote(deps) : usual;
  if (place && isPipe(place.path)) return place.key ? place : null;
  return place && (await isOwnSocket(deps, place.path)) ? place : null;
}

/** Whether a socket is there. @throws AppError `unsafe-setting` if somebody else could have made it. */
export async function isOwnSocket({ fs }: Pick<Deps, 'fs'>, path: string): Promise<boolean> {
  assertShort(path);
  try {
    const stat = await fs.lstat(path);
    await assertPrivateFolder({ fs }, dirname(path));
    if (stat.isSocket() && isOurs(stat)) return true;
    throw refusal(path, 'What is in the place of Authbar’s socket is no socket of yours.');
  } catch (error) {
    if (isMissing(error)) return false;
    throw mapFileError(error, path);
  }
}

/** Any of these would let others listen in our name, or ask in the person's. */
async function assertPrivateFolder({ fs }: Pick<Deps, 'fs'>, folder: string): Promise<void> {
  if (process.platform === 'win32') return; // The profile's ACL keeps others out; modes mean nothing.
  const stat = await fs.lstat(folder).catch((error: unknown) => {
    throw mapFileError(error, folder);
  });
  if (stat.isDirectory() && isOurs(stat) && (stat.mode & 0o077) === 0) return;
  throw refusal(folder, 'The folder of Authbar’s socket has to be yours, and open to nobody else.');
}

async function makePrivateFolder(deps: Deps, folder: string): Promise<void> {
  try {
    await deps.fs.mkdir(folder, { mode: 0o700 });
  } catch (error) {
    if (errnoOf(error) !== 'EEXIST') throw mapFileError(error, folder);
  }
  await assertPrivateFolder(deps, folder);
}

/** `name` in the folder for sockets, or in a fresh one where that path would be too long. */
async function socketIn(deps: Deps, name: string): Promise<string> {
  const unique = `authbar-${randomBytes(8).toString('hex')}`;
  if (process.platform === 'win32') return `\\\\.\\pipe\\${unique}`;
  const path = join(deps.paths.run, name);
  if (Buffer.byteLength(path) <= LONGEST_PATH) return path;
  const folder = join(tmpdir(), unique);
  const elsewhere = join(folder, name);
  assertShort(elsewhere);
  await makePrivateFolder(deps, folder);
  return elsewhere;
}

/** Whether the place is one that has to be told in a note. */
function isTold({ brokerSocket }: Paths, withKey: boolean): boolean {
  return withKey || Buffer.byteLength(brokerSocket) > LONGEST_PATH;
}

async function readNote({ fs, paths }: Deps): Promise<Place | null> {
  const bytes = await readRegular(fs, paths.brokerNote, LARGEST_NOTE);
  const note = bytes && v.safeParse(NoteSchema, parseJson(bytes));
  return note?.success ? note.output : null;
}

/** Removes the note, and what it tells of that an earlier engine made elsewhere. */
async function clearAway(deps: Deps, note: Place | null): Promise<void> {
  if (note === null) return;
  await removeFolderOf(deps, note.path);
  await deps.fs.unlink(deps.paths.brokerNote).catch(() => {});
}

/** Removes the folder of a socket, if it is one that `socketIn` made for it alone. Never rejects. */
export async function removeFolderOf(deps: Deps, path: string): Promise<void> {
  const folder = dirname(path);
  if (dirname(folder) !== tmpdir() || !/\/authbar-[0-9a-f]{16}$/.test(folder)) return;
  try {
    await assertPrivateFolder(deps, folder);
    await deps.fs.rm(folder, { recursive: true });
  } catch {
    // What cannot be removed, or is not ours, is in nobody's way.
  }
}

async function removeStale(deps: Deps, path: string): Promise<void> {
  if (isPipe(path) || !(await isOwnSocket(deps, path))) return;
  await deps.fs.unlink(path).catch((error: unknown) => {
    throw mapFileError(error, path);
  });
}

function assertShort(path: string): void {
  if (Buffer.byteLength(path) <= LONGEST_PATH) return;
  throw refusal(
    path,
    `The path of a socket can have ${LONGEST_PATH} bytes, and this one has more.`,
  );
}

/** UNPROVEN: written from Node's documentation, never run on Windows. */
function isPipe(path: string): boolean {
  return process.platform === 'win32' && path.startsWith('\\\\.\\pipe\\');
}

function isOurs({ uid }: { readonly uid: number }): boolean {
  return process.platform === 'win32' || uid === process.geteuid?.();
}

function refusal(path: string, hint: string): AppError {
  return new AppError('unsafe-setting', { path, hint });
}
