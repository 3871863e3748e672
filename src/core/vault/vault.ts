import { randomBytes } from 'node:crypto';
import { basename, join } from 'node:path';
import { AppError, asAppError, hasCode } from '../../shared/errors.ts';
import type { Context } from '../context.ts';
import {
  ensurePrivateFolder,
  mapFileError,
  temporariesOf,
  writeDurable,
} from '../files/durable.ts';
import { acquireLock, type Lock } from '../files/flock.ts';
import { isMissing, readOptional, readState, setAside, writeState } from '../files/json-file.ts';
import { type AccountPaths, accountPaths } from '../paths.ts';
import { type AnswerRoom, makeRoom } from './answer-room.ts';
import type { VaultState } from './key.ts';
import { Keys } from './keys.ts';
import { EMPTY_LEDGER, isDisowned, type Ledger, LedgerSchema } from './ledger.ts';
import { isOwnMachine } from './machine.ts';
import { type AccountRecord, sealRecord, unsealRecord } from './record.ts';
import { seal, sealedKeyId, unseal, type VaultKey } from './seal.ts';
import { setUp } from './set-up.ts';
import { readSettings, type Settings, type VaultKind, writeSettings } from './settings.ts';
import { type Facts, FactsSchema, factsOf } from './view.ts';

/** How long a process waits for another one that is renewing the same account, ms. */
const LOCK_WAIT = 60_000;

const ID_BYTES = 8;
const NEW_ACCOUNT_TRIES = 5;
const ACCOUNT_ID = /^[0-9a-f]{16}$/;

/** Where grants live: one sealed file per account, the master copy, beside what needs no key. */
export class Vault {
  readonly #context: Context;
  readonly #keys: Keys;

  constructor(context: Context) {
    this.#context = context;
    this.#keys = new Keys(context);
  }

  /** What `status` says about the vault. Never asks the person anything. */
  async describe(): Promise<{ kind: VaultKind | null; state: VaultState }> {
    const settings = await readSettings(this.#context);
    const kind = settings.vault;
    if (kind === null) return { kind, state: 'closed' };
    if (this.#keys.has(settings.keyId)) return { kind, state: 'open' };
    if (kind === 'keychain') return { kind, state: await this.#keychainState() };
    const key = await readOptional(this.#context.fs, this.#context.paths.key);
    return { kind, state: key ? 'open' : 'unavailable' };
  }

  /**
   * Makes sure that a login can be kept: the folder is this machine's, and the key is in memory, made if
   * this is the first login.
   * @param wanted Where it is to be, if nothing else decides that.
   * @throws AppError `keyring-missing` with no keychain and no recorded choice, `keychain-locked`,
   * `keychain-refused`, `storage-choice`, `folder-protected`, `disk-full`, `newer-version`.
   */
  async prepare(wanted?: VaultKind): Promise<void> {
    const { paths, fs } = this.#context;
    await ensurePrivateFolder(fs, paths.home);
    await ensurePrivateFolder(fs, paths.accounts);
    const lock = await this.#lock(paths.setupLock);
    try {
      await setUp(this.#context, this, this.#keys, wanted);
    } finally {
      await lock.release();
    }
  }

  /** Has the key in memory from then on. @throws AppError of the keychain, `list-damaged`. */
  async unlock(): Promise<void> {
    await this.#key();
  }

  async settings(): Promise<Settings> {
    return readSettings(this.#context);
  }

  /** Changes the settings under the setup lock. */
  async changeSettings(change: (settings: Settings) => Settings): Promise<void> {
    await ensurePrivateFolder(this.#context.fs, this.#context.paths.home);
    const lock = await this.#lock(this.#context.paths.setupLock);
    try {
      await writeSettings(this.#context, change(await readSettings(this.#context)));
    } finally {
      await lock.release();
    }
  }

  /** Every account's id, the unreadable and the signed-out ones too. */
  async ids(): Promise<string[]> {
    try {
      const names = await this.#context.fs.readdir(this.#context.paths.accounts);
      return names.filter((name) => ACCOUNT_ID.test(name)).sort();
    } catch (error) {
      if (isMissing(error)) return [];
      throw mapFileError(error, this.#context.paths.accounts);
    }
  }

  /** A folder for a login that is about to arrive, locked. */
  async newAccount(): Promise<{ id: string; lock: Lock }> {
    for (let tries = 1; ; tries += 1) {
      const id = randomBytes(ID_BYTES).toString('hex');
      try {
        await ensurePrivateFolder(this.#context.fs, this.paths(id).folder);
        return { id, lock: await this.lock(id) };
      } catch (error) {
        // Another process took the folder, still without a lock and a login, for a leftover.
        const gone = hasCode(error, 'no-such-login') || isMissing(asAppError(error).cause);
        if (!gone || tries === NEW_ACCOUNT_TRIES) throw error;
      }
    }
  }

  /** Removes everything of an account. The caller holds its lock. */
  async removeAccount(id: string): Promise<void> {
    const { folder, view } = this.paths(id);
    // First what shows it: half removed it must not look like a login that was lost.
    await this.#context.fs.rm(view, { force: true });
    await this.#context.fs.rm(folder, { recursive: true, force: true });
  }

  /**
   * Removes the login and whatever else there is of it, copies that were set aside included. The ledger
   * stays, so that no tool's copy is adopted later.
   */
  async removeLogin(id: string): Promise<void> {
    const { folder, lock, ledger } = this.paths(id);
    const kept = [lock, ledger].map((path) => basename(path));
    for (const name of await this.#context.fs.readdir(folder)) {
      if (!kept.includes(name)) await this.#context.fs.rm(join(folder, name), { force: true });
    }
  }

  /** Whether there is a login, readable or not. */
  async hasRecord(id: string): Promise<boolean> {
    return this.#context.fs.stat(this.paths(id).grant).then(
      () => true,
      (error) => !isMissing(error),
    );
  }

  /** Takes the account's kernel lock. @throws AppError `login-busy`, `no-such-login`. */
  async lock(id: string, wait = LOCK_WAIT): Promise<Lock> {
    try {
      return await this.#lock(this.paths(id).lock, wait);
    } catch (error) {
      if (isMissing(error) || isMissing(asAppError(error).cause)) {
        throw new AppError('no-such-login');
      }
      throw error;
    }
  }

  paths(id: string): AccountPaths {
    return accountPaths(this.#context.paths, id);
  }

  /**
   * The account's login, or `null` when there is none.
   * @throws AppError `login-damaged` (the file was set aside), and what the keychain throws.
   */
  async readRecord(id: string): Promise<AccountRecord | null> {
    const path = this.paths(id).grant;
    const sealed = await readOptional(this.#context.fs, path);
    if (sealed === null) return null;
    try {
      const keyId = sealedKeyId(sealed);
      if (keyId === null) throw new AppError('login-damaged');
      const record = unsealRecord(await this.#keys.get(keyId), sealed, id);
      this.#remember(record);
      return record;
    } catch (error) {
      if (error instanceof AppError && error.code !== 'login-damaged') throw error;
      await setAside(this.#context, path);
      throw new AppError('login-damaged', { path }, error);
    }
  }

  /**
   * Finds an answer whose process died after its bytes were safe and before they had their name, and
   * gives it that name. What else such a process left is removed. The caller holds the account's lock.
   */
  async salvageAnswer(id: string): Promise<void> {
    const { fs } = this.#context;
    const { grant } = this.paths(id);
    const leftovers = await temporariesOf(fs, grant);
    if (leftovers.length === 0) return;
    const current = await this.readRecord(id);
    for (const path of leftovers) {
      const found = await this.#unsealed(path, id);
      const { answer } = found ?? {};
      const follows = answer && answer.parent === (current?.grant?.id ?? null);
      if (follows && current?.answer?.grantId !== answer.grantId) await fs.rename(path, grant);
      else await fs.unlink(path);
    }
  }

  /** Makes sure that an answer can be kept. @throws AppError `disk-full`, `folder-protected`. */
  async reserve(id: string): Promise<AnswerRoom> {
    return makeRoom(this.#context, this.paths(id).grant, await this.#key());
  }

  /** Keeps the login, then what may be shown of it. */
  async writeRecord(record: AccountRecord): Promise<void> {
    this.#remember(record);
    const sealed = sealRecord(await this.#key(), record);
    await writeDurable(this.#context.fs, this.paths(record.id).grant, sealed);
    await this.#context.step('grant:durable');
    await this.writeFacts(factsOf(record));
  }

  async readLedger(id: string): Promise<Ledger> {
    const saved = await readState(this.#context, this.paths(id).ledger, LedgerSchema);
    return saved ?? EMPTY_LEDGER;
  }

  async writeLedger(id: string, ledger: Ledger): Promise<void> {
    await writeState(this.#context.fs, this.paths(id).ledger, ledger);
    await this.#context.step('ledger:written');
  }

  async readFacts(id: string): Promise<Facts | null> {
    return readState(this.#context, this.paths(id).view, FactsSchema);
  }

  async writeFacts(facts: Facts): Promise<void> {
    await writeState(this.#context.fs, this.paths(facts.id).view, facts);
  }

  async isOwnMachine(): Promise<boolean> {
    return isOwnMachine(this.#context);
  }

  /** Whether nobody on another computer has this login, so that its single-use token may be spent. */
  async isOwn(id: string): Promise<boolean> {
    return (await this.isOwnMachine()) && !isDisowned(await this.readLedger(id));
  }

  /** @throws AppError `other-computer`. */
  async requireOwn(id: string): Promise<void> {
    if (!(await this.isOwn(id))) throw new AppError('other-computer');
  }

  /** Seals what is kept beside the logins; `name` is what it can be opened as. */
  async seal(plain: Uint8Array, name: string): Promise<Buffer> {
    return seal(await this.#key(), plain, name);
  }

  /** Opens what `seal` sealed. @throws AppError `login-damaged`, and what the keychain throws. */
  async unseal(sealed: Uint8Array, name: string): Promise<Buffer> {
    const keyId = sealedKeyId(sealed);
    if (keyId === null) throw new AppError('login-damaged');
    return unseal(await this.#keys.get(keyId), sealed, name);
  }

  /** That it is locked, Linux tells whoever asks; elsewhere only who reads is told. */
  async #keychainState(): Promise<VaultState> {
    const state = await this.#context.keychain.state();
    const { fault } = this.#keys;
    const known = fault === 'denied' || this.#context.platform !== 'linux';
    return state === 'open' && fault && known ? fault : state;
  }

  /** `null` for what is not a whole record of this account. */
  async #unsealed(path: string, id: string): Promise<AccountRecord | null> {
    const sealed = await readOptional(this.#context.fs, path);
    const keyId = sealed && sealedKeyId(sealed);
    if (!sealed || !keyId) return null;
    const key = await this.#keys.get(keyId);
    try {
      return unsealRecord(key, sealed, id);
    } catch {
      return null;
    }
  }

  /** The key that is sealed with. */
  async #key(): Promise<VaultKey> {
    const { keyId } = await readSettings(this.#context);
    return this.#keys.get(keyId);
  }

  async #lock(path: string, wait = LOCK_WAIT): Promise<Lock> {
    const { clock } = this.#context;
    return acquireLock(path, { deadline: clock.now() + wait, clock });
  }

  #remember({ grant }: AccountRecord): void {
    this.#context.secrets.add(grant?.accessToken, grant?.refreshToken, grant?.idToken);
  }
}
