import { constants } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import * as v from 'valibot';
import type { Context } from '../context.ts';
import { writeAll, writeDurable } from '../files/durable.ts';
import { isMissing, parseJson, readOptional } from '../files/json-file.ts';
import { resolveSafeFile } from '../files/safe-path.ts';
import type { FileSystem } from '../ports.ts';

/** What a file holds before a change of ours and after it. Secret. */
export interface Change {
  readonly before: Uint8Array;
  readonly after: Uint8Array;
}

type Outside = Pick<Context, 'fs' | 'step'>;

const BytesSchema = v.pipe(
  v.string(),
  v.base64(),
  v.transform((text) => Buffer.from(text, 'base64')),
);
const JournalSchema = v.object({ schema: v.literal(1), before: BytesSchema, after: BytesSchema });

/** Where a change of the file at `path` is kept until it is whole. */
export function journalOf(path: string): string {
  return join(dirname(path), `.${basename(path)}.authbar-journal`);
}

/**
 * Changes the bytes of the very file at `path`, for a tool that locks that file and not its name: a new
 * file under the name would take the lock away. The change is on the disk, in a journal beside it, before
 * the file's first byte is touched, so that `finishInPlace` can finish what was broken off. The caller
 * holds the tool's lock, and has found the file safe. The file is 0600 before it holds anything new.
 * @throws whatever a file call does; then the file is as it was, or the journal is there.
 */
export async function writeInPlace(context: Outside, path: string, change: Change): Promise<void> {
  await withFile(context, path, async (handle) => {
    await writeDurable(context.fs, journalOf(path), encode(change));
    await context.step('target:journal');
    await carryOut(context, path, handle, change);
  });
}

/** Whether a change of the file at `path` is not whole yet, or nobody knows whether it reached the disk. */
export async function isUnfinished(fs: FileSystem, path: string): Promise<boolean> {
  try {
    await fs.lstat(journalOf(path));
    return true;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}

/**
 * Finishes the change that a killed writer left in a journal, unless somebody has written the file since.
 * The caller holds the tool's lock, so that no living writer is in the middle of it.
 * @param read The file's bytes; `null` where it is gone.
 */
export async function finishInPlace(
  context: Outside,
  path: string,
  read: () => Promise<Uint8Array | null>,
): Promise<void> {
  const journal = await resolveSafeFile(context.fs, journalOf(path));
  const kept = journal.stat ? await readOptional(context.fs, journal.path) : null;
  if (kept === null) return;
  const parsed = v.safeParse(JournalSchema, parseJson(kept));
  const now = parsed.success ? await read() : null;
  if (parsed.success && now && isBrokenOff(now, parsed.output)) {
    await withFile(context, path, (handle) => carryOut(context, path, handle, parsed.output));
  } else {
    await dropJournal(context, path);
  }
}

/**
 * Every byte is the old or the new one (a power cut keeps blocks in any order, or none), or it is no JSON
 * any more. What a tool has written since is neither. A file that looks finished is written again, because
 * nobody knows whether it had reached the disk.
 */
function isBrokenOff(now: Uint8Array, { before, after }: Change): boolean {
  if (Buffer.compare(now, before) === 0) return false;
  const mixed = now.every((byte, index) => byte === after[index] || byte === before[index]);
  return mixed || !isJsonObject(now);
}

function isJsonObject(bytes: Uint8Array): boolean {
  const value = parseJson(Buffer.from(bytes));
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Where the new bytes do not fit, the old ones still do: their room is the file's already. */
async function carryOut(
  context: Outside,
  path: string,
  handle: FileHandle,
  { before, after }: Change,
): Promise<void> {
  try {
    await overwrite(context, handle, after);
  } catch (error) {
    await overwrite(context, handle, before)
      .then(() => dropJournal(context, path))
      // The journal stays, and with it what the next writer needs to put this right.
      .catch(() => {});
    throw error;
  }
  await dropJournal(context, path);
}

async function overwrite({ step }: Outside, handle: FileHandle, bytes: Uint8Array): Promise<void> {
  const half = bytes.length >> 1;
  await writeAll(handle, bytes.subarray(0, half));
  await step('target:half-written');
  await writeAll(handle, bytes.subarray(half), half);
  await handle.truncate(bytes.length);
  await handle.sync();
}

/** Opened before anything is written anywhere: a file that cannot be written costs no journal. */
async function withFile(
  { fs }: Outside,
  path: string,
  work: (handle: FileHandle) => Promise<void>,
): Promise<void> {
  const { O_NOFOLLOW, O_NONBLOCK, O_WRONLY } = constants; // Windows has only the last; `|` reads 0.
  const handle = await fs.open(path, O_WRONLY | O_NOFOLLOW | O_NONBLOCK);
  try {
    const { mode } = await handle.stat();
    if ((mode & 0o077) !== 0) await handle.chmod(0o600);
    await work(handle);
  } finally {
    await handle.close();
  }
}

async function dropJournal({ fs }: Outside, path: string): Promise<void> {
  await fs.rm(journalOf(path), { force: true });
}

function encode({ before, after }: Change): string {
  const text = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64');
  return JSON.stringify({ schema: 1, before: text(before), after: text(after) });
}
