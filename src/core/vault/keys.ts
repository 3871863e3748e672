import { AppError, hasCode } from '../../shared/errors.ts';
import type { Context } from '../context.ts';
import { readOptional } from '../files/json-file.ts';
import { apiKeyFiles } from '../keys/facts.ts';
import { accountPaths } from '../paths.ts';
import { chosenKind, createKey, loadKey, readKeyFile } from './key.ts';
import { sealedKeyId, type VaultKey } from './seal.ts';
import { newKeyId, readSettings, type Settings, type VaultKind } from './settings.ts';

/** The vault's keys, read when first needed and kept in memory. */
export class Keys {
  readonly #context: Context;
  readonly #known = new Map<string, VaultKey>();
  #fault: 'locked' | 'denied' | null = null;

  constructor(context: Context) {
    this.#context = context;
  }

  has(keyId: string): boolean {
    return this.#known.has(keyId);
  }

  /** Why the keychain did not give the key when it was last asked for it; `null`: it did, or was not asked. */
  get fault(): 'locked' | 'denied' | null {
    return this.#fault;
  }

  /**
   * Where the key is, or would be: where it is recorded, else where it is `wanted`.
   * @throws AppError `keyring-missing` with no keychain and no choice, `storage-choice`.
   */
  async kind(settings: Settings, wanted?: VaultKind): Promise<VaultKind> {
    const chosen = chosenKind(settings, this.#context.env) ?? wanted;
    if (chosen) return chosen;
    const state = await this.#context.keychain.state();
    if (state === 'unavailable') throw new AppError('keyring-missing');
    return 'keychain';
  }

  /**
   * A key that must exist.
   * @throws AppError `list-damaged` for one that is gone for good (nothing is deleted for that),
   * `keychain-locked`, `storage-choice`, and what the keychain throws.
   */
  async get(keyId: string): Promise<VaultKey> {
    const known = this.#known.get(keyId);
    if (known) return known;
    const settings = await readSettings(this.#context);
    const kind = chosenKind(settings, this.#context.env) ?? 'keychain';
    const load = () => this.#load(kind, keyId, settings.vault === kind);
    const key = await load();
    if (key) return this.#keep(key);
    if (kind === 'file') throw new AppError('list-damaged', { path: this.#context.paths.key });
    if ((await this.#context.keychain.state()) !== 'open') {
      const hint = 'The key of these logins was not found there.';
      throw new AppError('keychain-locked', { hint });
    }
    // It may have been unlocked between the two questions.
    const unlocked = await load();
    if (!unlocked) throw new AppError('list-damaged');
    return this.#keep(unlocked);
  }

  /**
   * The name of the key that new logins are sealed with: another one than recorded where the logins of
   * `accounts` need that key and it is gone for good, for what it sealed must not stand in their way.
   */
  async nameFor(keyId: string, kind: VaultKind, accounts: readonly string[]): Promise<string> {
    if (this.has(keyId)) return keyId;
    // One that was put back opens what it sealed; nothing may take its place.
    const kept = kind === 'file' ? await orGone(readKeyFile(this.#context)) : null;
    if (kept) return kept.id;
    if (!(await this.#isNeeded(keyId, accounts))) return keyId;
    return (await orGone(this.get(keyId))) ? keyId : newKeyId();
  }

  /** The key that new logins are sealed with; made where no login of `accounts` needs it yet. */
  async make(keyId: string, kind: VaultKind, accounts: readonly string[]): Promise<VaultKey> {
    if (this.has(keyId) || (await this.#isNeeded(keyId, accounts))) return this.get(keyId);
    const kept = await orGone(this.#load(kind, keyId, false));
    return this.#keep(kept ?? (await createKey(this.#context, kind, keyId)));
  }

  async #load(kind: VaultKind, keyId: string, recorded: boolean): Promise<VaultKey | null> {
    try {
      const key = await loadKey(this.#context, kind, keyId);
      this.#fault = null;
      return key;
    } catch (error) {
      this.#fault = faultOf(error);
      if (recorded && hasCode(error, 'keyring-missing')) {
        throw new AppError('storage-choice', {}, error);
      }
      throw error;
    }
  }

  /** Whether a login, or an API key beside them, is sealed with this key already. */
  async #isNeeded(keyId: string, accounts: readonly string[]): Promise<boolean> {
    const { fs, paths } = this.#context;
    const logins = accounts.map((id) => accountPaths(paths, id).grant);
    for (const path of [...logins, ...apiKeyFiles(paths)]) {
      const sealed = await readOptional(fs, path);
      if (sealed && sealedKeyId(sealed) === keyId) return true;
    }
    return false;
  }

  #keep(key: VaultKey): VaultKey {
    this.#known.set(key.id, key);
    return key;
  }
}

/** Whether the login of `id` is sealed with another key than the key file's, if with any. */
export async function isKeyless(context: Context, id: string): Promise<boolean> {
  try {
    const sealed = await readOptional(context.fs, accountPaths(context.paths, id).grant);
    const needed = sealed && sealedKeyId(sealed);
    return needed !== null && (await orGone(readKeyFile(context)))?.id !== needed;
  } catch {
    return false;
  }
}

function faultOf(error: unknown): 'locked' | 'denied' | null {
  if (hasCode(error, 'keychain-refused')) return 'denied';
  return hasCode(error, 'keychain-locked') ? 'locked' : null;
}

/** `null` for a key that is gone for good. */
async function orGone(key: Promise<VaultKey | null>): Promise<VaultKey | null> {
  try {
    return await key;
  } catch (error) {
    if (hasCode(error, 'list-damaged')) return null;
    throw error;
  }
}
