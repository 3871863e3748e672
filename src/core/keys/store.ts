import { createHash } from 'node:crypto';
import * as v from 'valibot';
import { AppError, hasCode } from '../../shared/errors.ts';
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
import { type KeyFacts, keyPaths, readKeyFacts, writeKeyFacts } from './facts.ts';
import type { KeyService, KeyServiceId } from './services.ts';

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
  await writeDurable(fs, keyPaths(paths, id).sealed, sealed);
  await desk.context.step('key:durable');
  return tellFacts(desk, id, sealed, key, clock.now());
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
 * one: then what is known is made up from the key itself, where that can be opened.
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
  if (sealed === null) return facts && { sealed, facts: { ...facts, sealed: null, hash: null } };
  if (facts?.sealed === digest(sealed)) return { sealed, facts };
  const stale = { ...(facts ?? NO_FACTS), hash: null, ending: null, checked: null };
  if (!mend) return { sealed, facts: stale };
  const key = await openSealed(desk, id, sealed).catch(() => null);
  if (key === null) return { sealed, facts: stale };
  return { sealed, facts: await tellFacts(desk, id, sealed, key, context.clock.now()) };
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

async function tellFacts(
  { context }: KeyDesk,
  id: KeyServiceId,
  sealed: Buffer,
  key: string,
  now: number,
): Promise<KeyFacts> {
  const facts: KeyFacts = {
    schema: SCHEMA,
    sealed: digest(sealed),
    hash: hashToken(key),
    ending: key.length < LONG_ENOUGH ? null : key.slice(-SHOWN),
    addedAt: now,
    checked: null,
    places: (await readKeyFacts(context, id))?.places ?? [],
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
