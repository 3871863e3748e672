import { randomBytes } from 'node:crypto';
import { AppError } from '../../shared/errors.ts';
import type { Context } from '../context.ts';
import { writeDurable } from '../files/durable.ts';
import { readOptional, setAside } from '../files/json-file.ts';
import { KEY_BYTES, type VaultKey } from './seal.ts';
import type { Settings, VaultKind } from './settings.ts';

/** The service name of every keychain item of ours. */
export const KEYCHAIN_SERVICE = 'Authbar';

/** `closed`: nothing has asked for the key yet. */
export type VaultState = 'open' | 'closed' | 'locked' | 'denied' | 'unavailable';

type Deps = Pick<Context, 'fs' | 'clock' | 'paths' | 'keychain'>;

/** Name of the keychain item that holds a vault's key. */
export function keyItem(keyId: string): string {
  return `vault-key:${keyId}`;
}

/**
 * The vault's key as it is kept, or `null` when it is not there.
 * @throws AppError of the keychain, or `list-damaged` when what is kept is no key.
 */
export async function loadKey(
  deps: Deps,
  kind: VaultKind,
  keyId: string,
): Promise<VaultKey | null> {
  if (kind === 'file') {
    const kept = await readKeyFile(deps);
    return kept?.id === keyId ? kept : null;
  }
  const text = await deps.keychain.get(KEYCHAIN_SERVICE, keyItem(keyId));
  if (text === null) return null;
  const bytes = keyBytes(text);
  if (!bytes) throw new AppError('list-damaged');
  return { id: keyId, bytes };
}

/**
 * The key in the key file. It says its name: a lost key has a successor, and must not be taken for it
 * when it comes back.
 * @throws AppError `list-damaged` when what is kept is no key.
 */
export async function readKeyFile({ fs, paths }: Omit<Deps, 'keychain'>): Promise<VaultKey | null> {
  const text = (await readOptional(fs, paths.key))?.toString('utf8') ?? null;
  if (text === null) return null;
  const [, id, base64 = ''] = /^([0-9a-f]{16}) (\S+)\s*$/.exec(text) ?? [];
  const bytes = keyBytes(base64);
  if (!id || !bytes) throw new AppError('list-damaged', { path: paths.key });
  return { id, bytes };
}

/** Makes a new key, keeps it, and reads it back: a key that was not really kept would cost every login. */
export async function createKey(deps: Deps, kind: VaultKind, keyId: string): Promise<VaultKey> {
  const text = randomBytes(KEY_BYTES).toString('base64');
  if (kind === 'file') {
    // What is there is not this key, and nobody can tell that it is worth nothing.
    await setAside(deps, deps.paths.key);
    await writeDurable(deps.fs, deps.paths.key, `${keyId} ${text}\n`);
  } else await deps.keychain.set(KEYCHAIN_SERVICE, keyItem(keyId), text);
  const key = await loadKey(deps, kind, keyId);
  if (key?.bytes.toString('base64') !== text) {
    throw new AppError('keychain-refused', { hint: 'the new key could not be read back' });
  }
  return key;
}

function keyBytes(base64: string): Buffer | null {
  const bytes = Buffer.from(base64.trim(), 'base64');
  return bytes.length === KEY_BYTES ? bytes : null;
}

/**
 * Where the key is, once it is chosen; before that, what `AUTHBAR_VAULT` asks for.
 * @throws AppError `storage-choice` when the environment disagrees with what was recorded: a silent
 * second vault would look like being signed out. `unsafe-setting` for a value that is no kind.
 */
export function chosenKind(settings: Settings, env: NodeJS.ProcessEnv): VaultKind | null {
  const asked = env.AUTHBAR_VAULT || undefined;
  if (asked !== undefined && asked !== 'keychain' && asked !== 'file') {
    throw new AppError('unsafe-setting', { hint: 'AUTHBAR_VAULT is either keychain or file.' });
  }
  if (settings.vault && asked && asked !== settings.vault) {
    throw new AppError('storage-choice', {
      hint: `This folder keeps its key in the ${settings.vault}, but AUTHBAR_VAULT says ${asked}.`,
    });
  }
  return settings.vault ?? asked ?? null;
}
