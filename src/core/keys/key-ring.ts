import type { Context } from '../context.ts';
import { isBuiltIn } from '../grant.ts';
import type { Vault } from '../vault/vault.ts';
import type { AddedKey, RemovedKey } from './change.ts';
import type { KeyCheck } from './check.ts';
import type { KeyView } from './list.ts';
import type { PublishKeysOptions } from './publish.ts';
import { findKeyService, type KeyService, keyServiceNamed } from './services.ts';

/**
 * The API keys: what the shells do with them. What it takes is loaded when it is asked for.
 */
export class KeyRing {
  readonly #context: Context;
  readonly #vault: Vault;
  readonly #changed: () => void;

  constructor(context: Context, vault: Vault, changed: () => void) {
    this.#context = context;
    this.#vault = vault;
    this.#changed = changed;
  }

  /** Every service, whether there is a key for it or not. Asks nobody, and opens no key. */
  async list(): Promise<KeyView[]> {
    const { listKeys } = await import('./list.ts');
    return listKeys(await this.#desk());
  }

  /**
   * Keeps a key in place of the one that there was, hands it to the tools, and shows it to its service,
   * `timeout` ms at most. One that the service does not take is kept all the same.
   * @throws AppError `wrong-use` for what is no key, `keychain-locked` and its kin: then nothing was kept.
   */
  async add(name: string, text: string, timeout?: number): Promise<AddedKey> {
    const service = this.#service(name);
    const { addKey } = await import('./change.ts');
    return this.#telling(addKey(await this.#desk(), service, text, timeout));
  }

  /** Shows the kept key to its service once more. @throws AppError `wrong-use` where there is none. */
  async check(name: string, timeout?: number): Promise<KeyCheck> {
    const service = this.#service(name);
    const { checkKey } = await import('./change.ts');
    return this.#telling(checkKey(await this.#desk(), service, timeout));
  }

  /** Takes a key out of the tools and forgets it. @throws AppError `wrong-use` where there is none. */
  async remove(name: string): Promise<RemovedKey> {
    const service = this.#service(name);
    const { removeKey } = await import('./change.ts');
    return this.#telling(removeKey(await this.#desk(), service));
  }

  /**
   * The key of a service for a command that is about to start; `null`: there is none, or no such service.
   * @param name A service of keys, or the provider of logins that is the same company.
   * @throws AppError of the keychain.
   */
  async forCommand(name: string): Promise<{ service: KeyService; key: string } | null> {
    const service = this.serviceFor(name);
    if (!service) return null;
    const { openKey } = await import('./store.ts');
    const key = await openKey({ context: this.#context, vault: this.#vault }, service.id);
    return key === null ? null : { service, key };
  }

  /** Whether a key of that service is kept. Opens nothing. */
  async has({ id }: Pick<KeyService, 'id'>): Promise<boolean> {
    return (await this.list()).some((view) => view.service === id && view.stored);
  }

  /** The service of keys that a name means, also where it names a service of logins. */
  serviceFor(name: string): KeyService | null {
    const { keyServices, providers } = this.#context;
    const wanted = name.trim().toLowerCase();
    const provider = Object.values(providers).find(
      ({ id, aliases }) => id === wanted || aliases.includes(wanted),
    );
    const id = provider?.id;
    if (id === undefined) return keyServiceNamed(keyServices, wanted);
    return isBuiltIn(id) ? keyServices[id] : null;
  }

  /**
   * Brings the tools in step with the keys, after what may have changed either. Never rejects: what cannot
   * be done now is done the next time.
   */
  async publish(options: PublishKeysOptions = {}): Promise<void> {
    await this.#attempt('keys-not-published', async () => {
      const { publishKeys } = await import('./publish.ts');
      await publishKeys(await this.#desk(), options);
    });
  }

  /**
   * Before a login is handed out: it gets the place of a key of ours, which has to be known as ours for that.
   * Never rejects.
   */
  async mend(): Promise<void> {
    await this.#attempt('keys-not-mended', async () => {
      const { mendKeys } = await import('./store.ts');
      await mendKeys({ context: this.#context, vault: this.#vault });
    });
  }

  /** What fails is made up for at the next call, and only logged. */
  async #attempt(event: string, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      const { asAppError } = await import('../../shared/errors.ts');
      this.#context.log({ level: 'error', event, fields: { code: asAppError(error).code } });
    }
  }

  #service(name: string): KeyService {
    return findKeyService(this.#context.keyServices, name);
  }

  async #telling<T>(work: Promise<T>): Promise<T> {
    return work.finally(() => this.#changed());
  }

  async #desk() {
    const settings = await this.#vault.settings();
    return { context: this.#context, vault: this.#vault, settings };
  }
}
