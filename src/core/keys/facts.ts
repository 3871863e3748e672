import { join } from 'node:path';
import * as v from 'valibot';
import { ERROR_CODES } from '../../shared/errors.ts';
import type { Context } from '../context.ts';
import { mapFileError } from '../files/durable.ts';
import { readState, SCHEMA, writeState } from '../files/json-file.ts';
import type { Paths } from '../paths.ts';
import { TARGET_IDS, type TargetId } from '../targets/target.ts';
import { hashToken } from '../vault/ledger.ts';
import { KeyCheckSchema } from './check.ts';
import { type KeyServiceId, KeyServiceIdSchema } from './services.ts';

/** What became of a key in one tool's file. */
export const PLACE_STATES = ['written', 'theirs', 'login', 'removed', 'owed'] as const;

/**
 * What is known of one tool's file: `mine` are the hashes of the keys that we wrote there and that may
 * stand there still. A key that is in none of them is the person's.
 */
export const PlaceNoteSchema = v.object({
  target: v.picklist(TARGET_IDS),
  path: v.string(),
  mine: v.array(v.string()),
  /** Epoch ms; `null`: nothing of ours stands there, as far as is known. */
  writtenAt: v.nullable(v.number()),
  /**
   * `theirs`: something of the person's own is there. `login`: our own login is, which counts for more.
   * `removed`: the person took the key out. `owed`: it could not be written or taken out, see `code`.
   */
  state: v.picklist(PLACE_STATES),
  code: v.nullable(v.picklist(ERROR_CODES)),
});
/** See `PlaceNoteSchema`. */
export type PlaceNote = v.InferOutput<typeof PlaceNoteSchema>;

const FactsSchema = v.object({
  schema: v.literal(SCHEMA),
  /** SHA-256 of the sealed file that this is about; `null`: the key was removed, and some file has it still. */
  sealed: v.nullable(v.string()),
  /** SHA-256 of the key: it is long and random, so that this tells nothing. */
  hash: v.nullable(v.string()),
  /** Its last characters, for a person to tell it by. */
  ending: v.nullable(v.string()),
  addedAt: v.nullable(v.number()),
  checked: v.nullable(v.object({ at: v.number(), check: KeyCheckSchema })),
  places: v.array(PlaceNoteSchema),
});

/** What is known of a key without the key: can be read while the keychain is locked. */
export type KeyFacts = v.InferOutput<typeof FactsSchema>;

type Deps = Pick<Context, 'fs' | 'clock' | 'paths'>;

/** The files of one service's key. */
export function keyPaths({ keys }: Pick<Paths, 'keys'>, id: KeyServiceId) {
  return { sealed: join(keys, id), facts: join(keys, `${id}.json`) };
}

/** Where every service's key would be. */
export function apiKeyFiles(paths: Pick<Paths, 'keys'>): string[] {
  return KeyServiceIdSchema.options.map((id) => keyPaths(paths, id).sealed);
}

/** `null`: there is no key, and none that a file may still have. */
export async function readKeyFacts(deps: Deps, id: KeyServiceId): Promise<KeyFacts | null> {
  return readState(deps, keyPaths(deps.paths, id).facts, FactsSchema);
}

/** The caller holds the lock of the keys. */
export async function writeKeyFacts(deps: Deps, id: KeyServiceId, facts: KeyFacts): Promise<void> {
  await writeState(deps.fs, keyPaths(deps.paths, id).facts, facts);
}

/** The caller holds the lock of the keys. */
export async function dropKeyFacts({ fs, paths }: Deps, id: KeyServiceId): Promise<void> {
  const path = keyPaths(paths, id).facts;
  await fs.rm(path, { force: true }).catch((error) => {
    throw mapFileError(error, path);
  });
}

/** Whether a key that stands in a tool's file was written there by us. */
export async function isOwnKey(
  deps: Deps,
  { target, path }: { readonly target: TargetId; readonly path: string },
  id: KeyServiceId,
  key: string,
): Promise<boolean> {
  const places = (await readKeyFacts(deps, id))?.places ?? [];
  const note = places.find((place) => place.target === target && place.path === path);
  return note?.mine.includes(hashToken(key)) ?? false;
}
