import { AppError, hasCode } from '../../shared/errors.ts';
import type { Context } from '../context.ts';
import { readOptional } from '../files/json-file.ts';
import { accountPaths } from '../paths.ts';
import { chosenKind, createKey, loadKey } from './key.ts';
import { sealedKeyId, type VaultKey } from './seal.ts';
import { readSettings, type Settings, type VaultKind } from './settings.ts';

/** The vault's keys, read when first needed and kept in memory. */
export class Keys {
  readonly #context: Context;
  readonly #known = new Map<string, VaultKey>();

  constructor(context: Context) {
    this.#context = context;
  }

  has(keyId: string): boolean {
    return this.#known.has(keyId);
  }

  /**
   * Where the key is, or would be.
   * @throws AppError `keyring-missing` with no keychain and no choice, `storage-choice`.
   */
  async kind(settings: Settings): Promise<VaultKind> {
    const chosen = chosenKind(settings, this.#context.env);
    if (chosen) return chosen;
    const state = await this.#context.keychain.state();
    if (state === 'unavailable') throw new AppError('keyring-missing');
    return 'keychain';
  }

  /**
   * A key that must exist. One that is not found is locked or was removed; nothing is deleted for that.
   * @throws AppError `keychain-locked`, `storage-choice`, `list-damaged`, and what the keychain throws.
   */
  async get(keyId: string): Promise<VaultKey> {
    const known = this.#known.get(keyId);
    if (known) return known;
    const settings = await readSettings(this.#context);
    const kind = chosenKind(settings, this.#context.env) ?? 'keychain';
    const key = await this.#load(kind, keyId, settings.vault === kind);
    if (key) return this.#keep(key);
    if (kind === 'file') throw new AppError('list-damaged', { path: this.#context.paths.key });
    const hint = 'The key of these logins was not found there.';
    throw new AppError('keychain-locked', { hint });
  }

  /** The key that new logins are sealed with; made where no login of `accounts` needs it yet. */
  async make(keyId: string, kind: VaultKind, accounts: readonly string[]): Promise<VaultKey> {
    if (this.has(keyId) || (await this.#isNeeded(keyId, accounts))) return this.get(keyId);
    const kept = await this.#load(kind, keyId, false);
    return this.#keep(kept ?? (await createKey(this.#context, kind, keyId)));
  }

  async #load(kind: VaultKind, keyId: string, recorded: boolean): Promise<VaultKey | null> {
    try {
      return await loadKey(this.#context, kind, keyId);
    } catch (error) {
      if (recorded && hasCode(error, 'keyring-missing')) {
        throw new AppError('storage-choice', {}, error);
      }
      throw error;
    }
  }

  /** Whether a login is sealed with this key already. */
  async #isNeeded(keyId: string, accounts: readonly string[]): Promise<boolean> {
    for (const id of accounts) {
      const { grant } = accountPaths(this.#context.paths, id);
      const sealed = await readOptional(this.#context.fs, grant);
      if (sealed && sealedKeyId(sealed) === keyId) return true;
    }
    return false;
  }

  #keep(key: VaultKey): VaultKey {
    this.#known.set(key.id, key);
    return key;
  }
}
