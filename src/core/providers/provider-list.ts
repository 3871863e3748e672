import { isDeepStrictEqual } from 'node:util';
import type { AddressProblem } from '../../shared/address-problems.ts';
import { bareId } from '../../shared/custom-id.ts';
import { AppError } from '../../shared/errors.ts';
import type { Context } from '../context.ts';
import type { CustomId } from '../grant.ts';
import { allAccounts } from '../vault/roster.ts';
import type { Vault } from '../vault/vault.ts';
import type { AddReport, AddRequest } from './add-custom.ts';
import type { TypedService } from './by-address.ts';
import type { CustomProvider } from './custom.ts';
import { readCustomFile } from './custom-file.ts';

/** A service that is there now, or why none is. */
export type AddedTyped = Pick<CustomProvider, 'id'> | { readonly problem: AddressProblem };

/** The services that the person added, as the engine offers them. */
export class ProviderList {
  readonly #context: Context;
  readonly #vault: Vault;
  readonly #changed: () => void;

  /** @param changed Called after whatever may have changed the list. */
  constructor(context: Context, vault: Vault, changed: () => void) {
    this.#context = context;
    this.#vault = vault;
    this.#changed = changed;
  }

  /** All of them. @throws AppError `providers-damaged`, `newer-version`. */
  async list(): Promise<readonly CustomProvider[]> {
    return (await readCustomFile(this.#context)).providers;
  }

  /** Adds a service, or replaces one. @throws AppError as `addCustom`. */
  async add(request: AddRequest): Promise<AddReport> {
    const { addCustom } = await import('./add-custom.ts');
    const { originsKept } = await import('./kept-from.ts');
    const keptFrom = (id: CustomId) => originsKept(this.#vault, id);
    return addCustom(this.#context, request, keptFrom).finally(this.#changed);
  }

  /**
   * Adds a service of which a person knows no more than this, or changes the client id of one that is there.
   * @returns its id, or what is wrong with what was typed.
   * @throws AppError as `add`; `problem` in its details is the window's word for it.
   */
  async addTyped(typed: TypedService): Promise<AddedTyped> {
    const { readTyped } = await import('./by-address.ts');
    const all = await this.list();
    const read = readTyped(typed, all, this.#context.providers);
    if ('problem' in read) return read;
    if ('there' in read) return read.there;
    try {
      return (await this.add(read.request)).added;
    } catch (error) {
      // While the service was asked, another one was added, or just this one.
      if (isDeepStrictEqual(await this.list(), all)) throw error;
      return this.addTyped(typed);
    }
  }

  /** Removes a service; `force`: also one that somebody is signed in to. @returns what it was. */
  async remove(name: string, force: boolean): Promise<CustomProvider> {
    const { namedCustom, removeCustom } = await import('./add-custom.ts');
    const found = namedCustom(await this.list(), name);
    if (!force && (await this.#signedIn()).has(found.id)) throw stillSignedIn(found);
    await removeCustom(this.#context, found.id).finally(this.#changed);
    return found;
  }

  /**
   * Removes the service of this id, unless somebody is signed in to it.
   * @returns whether it is gone now; it may have been before.
   */
  async forget(id: string): Promise<boolean> {
    const found = (await this.list()).find((each) => each.id === id);
    if (!found) return true;
    if ((await this.#signedIn()).has(id)) return false;
    const { removeCustom } = await import('./add-custom.ts');
    await removeCustom(this.#context, found.id).finally(this.#changed);
    return true;
  }

  /** The providers of all logins. */
  async #signedIn(): Promise<ReadonlySet<string>> {
    return new Set((await allAccounts(this.#vault)).map(({ facts }) => facts.provider));
  }
}

function stillSignedIn({ id, name }: CustomProvider): AppError {
  const hint = `Somebody is signed in to ${name}, which could not be ended there any more. Run \`authbar logout ${bareId(id)}\` first, or add --force.`;
  return new AppError('wrong-use', { hint });
}
