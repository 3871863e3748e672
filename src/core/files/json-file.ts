import * as v from 'valibot';
import { AppError } from '../../shared/errors.ts';
import type { Clock, FileSystem } from '../ports.ts';
import { errnoOf, mapFileError, writeDurable } from './durable.ts';

/** The newest layout that this program writes. A file with a higher number belongs to a newer program. */
export const SCHEMA = 1;

const NumberedSchema = v.looseObject({ schema: v.number() });

/** Whether `error` says that there is no such file. */
export function isMissing(error: unknown): boolean {
  return ['ENOENT', 'ENOTDIR'].includes(errnoOf(error) ?? '');
}

/** The file's bytes, or `null` when there is no such file. Other failures are coded. */
export async function readOptional(fs: FileSystem, path: string): Promise<Buffer | null> {
  try {
    return await fs.readFile(path);
  } catch (error) {
    if (isMissing(error)) return null;
    throw mapFileError(error, path);
  }
}

/**
 * One of our own JSON files, or `null` when it is missing or damaged. A damaged one is set aside under
 * a new name, never overwritten, so that nothing in it is lost.
 * @throws AppError `newer-version` when a newer program wrote it.
 */
export async function readState<const S extends v.GenericSchema>(
  deps: { fs: FileSystem; clock: Clock },
  path: string,
  schema: S,
): Promise<v.InferOutput<S> | null> {
  const bytes = await readOptional(deps.fs, path);
  if (bytes === null) return null;
  const value = parseJson(bytes);
  if (isNewer(value)) throw new AppError('newer-version', { path });
  const parsed = v.safeParse(schema, value);
  if (parsed.success) return parsed.output;
  await setAside(deps, path);
  return null;
}

/** Moves a file that cannot be understood out of the way, beside where it was. Best effort. */
export async function setAside(
  { fs, clock }: { fs: FileSystem; clock: Clock },
  path: string,
): Promise<void> {
  await fs.rename(path, `${path}.damaged-${clock.now()}`).catch(() => {});
}

/** Replaces one of our own JSON files, durably. */
export async function writeState(fs: FileSystem, path: string, value: object): Promise<void> {
  await writeDurable(fs, path, `${JSON.stringify(value, null, 2)}\n`);
}

/** Whether a newer program wrote this. */
export function isNewer(value: unknown): boolean {
  const numbered = v.safeParse(NumberedSchema, value);
  return numbered.success && numbered.output.schema > SCHEMA;
}

/** The JSON in `bytes`; `undefined` when there is none. */
export function parseJson(bytes: Buffer): unknown {
  try {
    // Strict: bytes that are no text any more are damage, not text with odd characters in it.
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    return undefined;
  }
}
