import { createHash } from 'node:crypto';
import * as v from 'valibot';
import { AppError, asAppError, hasCode } from '../../shared/errors.ts';
import type { Context } from '../context.ts';
import {
  ensurePrivateFolder,
  mapFileError,
  sweepTemporary,
  writeDurable,
} from '../files/durable.ts';
import { acquireLock } from '../files/flock.ts';
import { parseJson, readOptional, SCHEMA } from '../files/json-file.ts';
import { TokenSchema } from '../grant.ts';
import { hashToken } from '../vault/ledger.ts';
import type { Vault } from '../vault/vault.ts';
import { type KeyFacts, keyPaths, type PlaceNote, readKeyFacts, writeKeyFacts } from './facts.ts';
import { type KeyService, type KeyServiceId, KeyServiceIdSchema } from './services.ts';

/** How long another process that changes keys is waited for, ms. */
const LOCK_WAIT = 60_000;

/** How much of a key a person is shown to tell it by. */
const SHOWN = 4;
/** Of a shorter one, that would be too much of it. */
const LONG_ENOUGH = 24;

const ContentSchema = v.object({ schema: v.literal(SCHEMA), key: TokenSchema });

/** What keys are kept with. */
export interface KeyDesk {
  readonly context: Context;
  readonly vault: Vault;
}

/** A key as it is kept, without the key. */
export interface KeptKey {
  /** `null`: there is none any more, and a file may still have it. */
  readonly sealed: Buffer | null;
  readonly facts: KeyFacts;
  /** Which files have the key was forgotten, and this keeps it from being found out. */
  readonly lost: AppError | null;
}

const NO_FACTS: KeyFacts = {
  schema: SCHEMA,
  sealed: null,
  hash: null,
  ending: null,
  addedAt: null,
  checked: null,
  places: [],
};

/** Runs `work` while no other process changes keys. @throws AppError `login-busy`. */
export async function withKeysLock<T>({ context }: KeyDesk, work: () => Promise<T>): Promise<T> {
  const { fs, clock, paths } = context;
  await ensurePrivateFolder(fs, paths.keys);
  const lock = await acquireLock(paths.keysLock, { deadline: clock.now() + LOCK_WAIT, clock });
  try {
    return await work();
  } finally {
    await lock.release();
  }
}

/**
 * Keeps a key, durable when it resolves, then what may be known of it. Another one of the service's goes.
 * The caller holds the lock of the keys, and has prepared the vault.
 * @throws AppError `disk-full`, `folder-protected`, and what the keychain throws: then nothing was changed.
 */
export async function keepKey(desk: KeyDesk, { id }: KeyService, key: string): Promise<KeyFacts> {
  const { fs, paths, clock, secrets } = desk.context;
  secrets.add(key);
  const content = JSON.stringify({ schema: SCHEMA, key });
  const sealed = await desk.vault.seal(Buffer.from(content), ownerOf(id));
  await sweepTemporary(fs, paths.keys);
  const places = await ensurePlaces(desk, id);
  await writeDurable(fs, keyPaths(paths, id).sealed, sealed);
  await desk.context.step('key:durable');
  return tellFacts(desk, id, sealed, { key, places, now: clock.now() });
}

/**
 * The notes of where the service's key was written, durable before there is another key: a key without any
 * notes is then always one whose notes were lost, and never one that was not handed out yet.
 */
async function ensurePlaces(desk: KeyDesk, id: KeyServiceId): Promise<readonly PlaceNote[]> {
  const facts = await readKeyFacts(desk.context, id);
  if (facts) return facts.places;
  // One that cannot be opened any more is nowhere to be found.
  const old = await openKey(desk, id).catch(() => null);
  const places = old === null ? [] : await lostPlaces(desk, id, old);
  await writeKeyFacts(desk.context, id, { ...NO_FACTS, places });
  return places;
}

async function lostPlaces(
  { context, vault }: KeyDesk,
  id: KeyServiceId,
  key: string,
): Promise<PlaceNote[]> {
  // Reaches the tools, which a command that only wants the key never needs.
  const { findPlaces } = await import('./find-places.ts');
  return findPlaces(context, await vault.settings(), id, key);
}

/** Removes the key itself. What is known of it stays, for what is still to be taken out of files. */
export async function removeSealed({ context }: KeyDesk, id: KeyServiceId): Promise<boolean> {
  const { fs, paths } = context;
  const path = keyPaths(paths, id).sealed;
  const was = (await readOptional(fs, path)) !== null;
  await fs.rm(path, { force: true }).catch((error) => {
    throw mapFileError(error, path);
  });
  return was;
}

/**
 * What is kept of a service's key; `null`: nothing. Asks for no key, unless a process died while it kept
 * one, or what was known of it was lost: then that is made up from the key itself, where it can be opened.
 * @param mend Whether the caller holds the lock of the keys, and what is made up is kept.
 */
export async function keptKey(
  desk: KeyDesk,
  id: KeyServiceId,
  { mend }: { readonly mend: boolean },
): Promise<KeptKey | null> {
  const { context } = desk;
  const sealed = await readOptional(context.fs, keyPaths(context.paths, id).sealed);
  const facts = await readKeyFacts(context, id);
  if (sealed === null)
    return facts && { sealed, facts: { ...facts, sealed: null, hash: null }, lost: null };
  if (facts?.sealed === digest(sealed)) return { sealed, facts, lost: null };
  const stale = { ...(facts ?? NO_FACTS), hash: null, ending: null, checked: null };
  if (!mend) return { sealed, facts: stale, lost: null };
  const key = await openSealed(desk, id, sealed).catch(asAppError);
  if (typeof key !== 'string') return { sealed, facts: stale, lost: facts ? null : key };
  const places = facts?.places ?? (await lostPlaces(desk, id, key));
  const now = context.clock.now();
  return { sealed, facts: await tellFacts(desk, id, sealed, { key, places, now }), lost: null };
}

/** Finds out anew where the keys are of which that was lost. @throws AppError `login-busy`. */
export async function mendKeys(desk: KeyDesk): Promise<void> {
  const { context } = desk;
  for (const id of KeyServiceIdSchema.options) {
    const sealed = await readOptional(context.fs, keyPaths(context.paths, id).sealed);
    if (sealed === null || (await readKeyFacts(context, id))) continue;
    await withKeysLock(desk, () => keptKey(desk, id, { mend: true }));
  }
}

/** The key itself; `null`: there is none. @throws AppError of the keychain, `login-damaged`. */
export async function openKey(desk: KeyDesk, id: KeyServiceId): Promise<string | null> {
  const sealed = await readOptional(desk.context.fs, keyPaths(desk.context.paths, id).sealed);
  return sealed && openSealed(desk, id, sealed);
}

/** @throws AppError of the keychain, `login-damaged`. */
export async function openSealed(
  { context, vault }: KeyDesk,
  id: KeyServiceId,
  sealed: Buffer,
): Promise<string> {
  const service = context.keyServices[id].name;
  try {
    const parsed = v.safeParse(ContentSchema, parseJson(await vault.unseal(sealed, ownerOf(id))));
    // Without the schema's own words, which would quote the key.
    if (!parsed.success) throw new AppError('login-damaged');
    context.secrets.add(parsed.output.key);
    return parsed.output.key;
  } catch (error) {
    if (!hasCode(error, 'login-damaged')) throw error;
    const hint = `Your ${service} key can’t be opened any more. \`authbar key add ${id}\` takes a new one.`;
    throw new AppError('unexpected', { hint }, error);
  }
}

/** What there is to tell of a key. */
interface Known {
  readonly key: string;
  readonly places: readonly PlaceNote[];
  readonly now: number;
}

async function tellFacts(
  { context }: KeyDesk,
  id: KeyServiceId,
  sealed: Buffer,
  { key, places, now }: Known,
): Promise<KeyFacts> {
  const facts: KeyFacts = {
    schema: SCHEMA,
    sealed: digest(sealed),
    hash: hashToken(key),
    ending: key.length < LONG_ENOUGH ? null : key.slice(-SHOWN),
    addedAt: now,
    checked: null,
    places: [...places],
  };
  await writeKeyFacts(context, id, facts);
  return facts;
}

/** What a sealed key is bound to, so that one service's is never shown to another. */
function ownerOf(id: KeyServiceId): string {
  return `key:${id}`;
}

function digest(sealed: Uint8Array): string {
  return createHash('sha256').update(sealed).digest('hex');
}
