import type { Ledger, TargetNote } from '../vault/ledger.ts';
import { accountFor, type Roster } from '../vault/roster.ts';
import type { Mode } from '../vault/settings.ts';
import type { Facts } from '../vault/view.ts';
import { isKnown, noteAbout } from './lineage.ts';
import type { Desk } from './publish.ts';
import { modeOf, targetsOf } from './registry.ts';
import type { Bundle, Target } from './target.ts';

/** One target and how much of a login it gets. */
export interface Place {
  readonly target: Target;
  readonly mode: Exclude<Mode, 'off'>;
}

/** The account that a place is asked for. */
export type Whose = Pick<Facts, 'id' | 'provider'>;

/**
 * The targets that get this account's login. A standby account is given to no tool, and a tool that is
 * not here costs no more than a look for its folder.
 */
export async function placesOf(desk: Desk, whose: Whose, roster: Roster): Promise<Place[]> {
  return placesWhere(desk, whose, (target) => gets(desk, target, whose, roster));
}

/**
 * The targets that another account of ours got in this one's place. Their tools may still have this login
 * in memory, and renew it.
 */
export async function formerPlaces(
  desk: Desk,
  whose: Whose,
  ledger: Ledger,
  roster: Roster,
): Promise<Place[]> {
  return placesWhere(
    desk,
    whose,
    (target) => hasBeen(noteAbout(target, ledger)) && !gets(desk, target, whose, roster),
  );
}

/** Every target that is on, is here and can have a login of this service. */
export async function placesFor(desk: Desk, whose: Whose): Promise<Place[]> {
  return placesWhere(desk, whose, () => true);
}

/** Whether a target is to have this account's login. */
export function gets(
  { settings }: Pick<Desk, 'settings'>,
  target: Target,
  { id, provider }: Whose,
  roster: Roster,
): boolean {
  if (target.everyAccount) return true;
  return accountFor(roster, settings, provider, target.id) === id;
}

/** Whether a login of this account is there, or was until another one of ours took its place. */
export function hasBeen({ grantId, left }: TargetNote): boolean {
  return grantId !== null || left !== undefined;
}

/** The note with the grant that was there last, whoever has the place now. */
export function withLast(note: TargetNote): TargetNote {
  return { ...note, grantId: note.grantId ?? note.left ?? null };
}

/** Whether both tokens are known to be another account's of ours. */
export function isAnothers(bundle: Bundle, { id }: Pick<Facts, 'id'>, roster: Roster): boolean {
  const others = roster.filter(({ facts }) => facts.id !== id);
  return isKnown(bundle, { ring: others.flatMap(({ ledger }) => ledger.ring) });
}

async function placesWhere(
  { context, settings }: Desk,
  { provider }: Whose,
  wanted: (target: Target) => boolean,
): Promise<Place[]> {
  const places = targetsOf(context, settings).map(async (target): Promise<Place[]> => {
    const mode = modeOf(target, settings);
    if (mode === 'off' || !target.serves(provider) || !wanted(target)) return [];
    return target.path === null || (await target.installed()) ? [{ target, mode }] : [];
  });
  return (await Promise.all(places)).flat();
}
