import { coalesced } from '../files/coalesce.ts';
import { type Identity, sameOwner } from '../grant.ts';
import { isDisowned, type Ledger } from './ledger.ts';
import type { Vault } from './vault.ts';
import type { Facts } from './view.ts';

/** What is known of an account without its secrets. */
export interface Known {
  readonly facts: Facts;
  readonly ledger: Ledger;
}

/** Where an account stands among the others. */
export interface Standing {
  /** Whether the tools get its login. */
  readonly inUse: boolean;
  /** The account that the same person and workspace had before this one, else `null`. */
  readonly elder: string | null;
  /** Those that the same person and workspace got after this one. */
  readonly younger: readonly string[];
}

/** A full look at many accounts asks for each of them where it stands. */
const surveys = new WeakMap<Vault, () => Promise<readonly Known[]>>();

/** Every account that has a login, those whose sign-out is unfinished too, in the order of their first sign-in. */
export async function allAccounts(vault: Vault): Promise<readonly Known[]> {
  const survey = surveys.get(vault) ?? coalesced(() => readAll(vault));
  surveys.set(vault, survey);
  return survey();
}

async function readAll(vault: Vault): Promise<Known[]> {
  const all = await Promise.all((await vault.ids()).map((id) => known(vault, id)));
  return all
    .filter((each) => each !== null)
    .sort(({ facts: a }, { facts: b }) => a.addedAt - b.addedAt || a.id.localeCompare(b.id));
}

/** The accounts in use: of each provider the first one that can be used at all. */
export function inUseIds(all: readonly Known[]): ReadonlySet<string> {
  const first = new Map<Facts['provider'], string>();
  const usable = living(all).filter(({ ledger }) => !isDisowned(ledger));
  for (const { facts } of usable) {
    if (!first.has(facts.provider)) first.set(facts.provider, facts.id);
  }
  return new Set(first.values());
}

/** See `Standing`. */
export async function standingOf(
  vault: Vault,
  { id, provider, identity }: { id: string; provider: Facts['provider']; identity: Identity },
): Promise<Standing> {
  const all = await allAccounts(vault);
  const twins = living(all)
    .map(({ facts }) => facts)
    .filter((facts) => facts.provider === provider)
    .filter((facts) => facts.id === id || sameOwner(facts.identity, identity))
    .map((facts) => facts.id);
  const at = Math.max(twins.indexOf(id), 0);
  return {
    inUse: inUseIds(all).has(id),
    elder: at > 0 ? (twins[0] ?? null) : null,
    younger: twins.slice(at + 1),
  };
}

async function known(vault: Vault, id: string): Promise<Known | null> {
  const facts = await vault.readFacts(id);
  return facts && { facts, ledger: await vault.readLedger(id) };
}

/** Without those that were signed out. */
function living(all: readonly Known[]): Known[] {
  return all.filter(({ ledger }) => ledger.tombstone === null);
}
