import type { Known, Roster } from '../vault/roster.ts';
import { NO_NOTE, noteAbout } from './lineage.ts';
import { formerPlaces, gets, hasBeen, type Whose } from './places.ts';
import { type Desk, noteTarget } from './publish.ts';
import { targetsOf } from './registry.ts';
import type { TargetId } from './target.ts';

/**
 * Notes that places were given to another account. What they hold of this one is known by now, so that the
 * other may replace it. The caller holds the account's lock.
 */
export async function depart(
  desk: Desk,
  whose: Whose,
  roster: Roster,
  except: readonly TargetId[],
): Promise<void> {
  const ledger = await desk.vault.readLedger(whose.id);
  for (const { target } of await formerPlaces(desk, whose, ledger, roster)) {
    const { grantId } = noteAbout(target, ledger);
    if (grantId === null || except.includes(target.id)) continue;
    await noteTarget(desk, whose.id, target, { ...NO_NOTE, left: grantId });
  }
}

/**
 * When an account is to be looked after among the others. One that leaves a place comes before the one that
 * gets it, so that what the tool renewed meanwhile is known by then; one that has left a place after it, for
 * what is there may be either’s.
 */
export function turnOf(desk: Desk, { facts, ledger }: Known, roster: Roster): 0 | 1 | 2 {
  const notes = targetsOf(desk.context, desk.settings)
    .filter((target) => target.serves(facts.provider) && !gets(desk, target, facts, roster))
    .map((target) => noteAbout(target, ledger));
  if (notes.some(({ grantId }) => grantId !== null)) return 0;
  return notes.some(hasBeen) ? 2 : 1;
}
