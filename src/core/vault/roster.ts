import { coalesced } from '../files/coalesce.ts';
import { type Identity, type ProviderId, sameOwner } from '../grant.ts';
import { type ChoicePlace, choicesOf, wantedIds } from './choices.ts';
import { isDisowned, type Ledger } from './ledger.ts';
import type { Settings } from './settings.ts';
import type { Vault } from './vault.ts';
import type { Facts } from './view.ts';

/** What is known of an account without its secrets. */
export interface Known {
  readonly facts: Facts;
  readonly ledger: Ledger;
}

/** All accounts as they were read together. */
export type Roster = readonly Known[];

/** Where an account stands among the others. */
export interface Standing {
  /** All of them, for whoever has to tell which one a place gets. */
  readonly roster: Roster;
  /** The account that the same person and workspace had before this one, else `null`. */
  readonly elder: string | null;
  /** Those that the same person and workspace got after this one. */
  readonly younger: readonly string[];
}

/** A full look at many accounts asks for each of them where it stands. */
const surveys = new WeakMap<Vault, () => Promise<Roster>>();

/** Every account that has a login, those whose sign-out is unfinished too, in the order of their first sign-in. */
export async function allAccounts(vault: Vault): Promise<Roster> {
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

/**
 * The account that a place gets of a provider: the chosen one, else the first in the person's order that
 * can be used at all. One that needs a sign-in can: another person's login is no substitute for it.
 * @param place A target's id; `null`: every place that has no choice of its own.
 */
export function accountFor(
  roster: Roster,
  settings: Settings,
  provider: ProviderId,
  place: ChoicePlace,
): string | null {
  const usable = living(roster)
    .filter(({ facts, ledger }) => facts.provider === provider && !isDisowned(ledger))
    .map(({ facts }) => facts.id);
  const wanted = wantedIds(settings, provider, place).find((id) => usable.includes(id));
  return wanted ?? inOrder(usable, settings)[0] ?? null;
}

/** The accounts in use: of each provider the one that tools get that have no choice of their own. */
export function inUseIds(roster: Roster, settings: Settings): ReadonlySet<string> {
  const providers = [...new Set(roster.map(({ facts }) => facts.provider))];
  const ids = providers.map((provider) => accountFor(roster, settings, provider, null));
  return new Set(ids.filter((id) => id !== null));
}

/** The providers that tools are given a login of. */
export function providersInUse(roster: Roster, settings: Settings): ReadonlySet<ProviderId> {
  const inUse = inUseIds(roster, settings);
  const used = roster.filter(({ facts }) => inUse.has(facts.id));
  return new Set(used.map(({ facts }) => facts.provider));
}

/** Accounts as the person has put them; those that were never moved come last, as they were added. */
export function inOrder(ids: readonly string[], settings: Settings): string[] {
  const { order } = choicesOf(settings);
  const moved = order.filter((id, at) => ids.includes(id) && order.indexOf(id) === at);
  return [...moved, ...ids.filter((id) => !moved.includes(id))];
}

/** See `Standing`. */
export async function standingOf(
  vault: Vault,
  { id, provider, identity }: { id: string; provider: Facts['provider']; identity: Identity },
): Promise<Standing> {
  const roster = await allAccounts(vault);
  const twins = living(roster)
    .map(({ facts }) => facts)
    .filter((facts) => facts.provider === provider)
    .filter((facts) => facts.id === id || sameOwner(facts.identity, identity))
    .map((facts) => facts.id);
  const at = Math.max(twins.indexOf(id), 0);
  return {
    roster,
    elder: at > 0 ? (twins[0] ?? null) : null,
    younger: twins.slice(at + 1),
  };
}

async function known(vault: Vault, id: string): Promise<Known | null> {
  const facts = await vault.readFacts(id);
  return facts && { facts, ledger: await vault.readLedger(id) };
}

/** Without those that were signed out. */
function living(all: Roster): Known[] {
  return all.filter(({ ledger }) => ledger.tombstone === null);
}
