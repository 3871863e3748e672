import { AppError, asAppError, type ErrorCode } from '../../shared/errors.ts';
import type { AccountRecord } from '../vault/record.ts';
import { allAccounts } from '../vault/roster.ts';
import { NO_NOTE, noteAbout, relate } from './lineage.ts';
import { hasBeen, isAnothers, placesFor } from './places.ts';
import { type Desk, noteTarget, openTarget } from './publish.ts';
import { targetsOf } from './registry.ts';
import type { OpenTarget, Target } from './target.ts';

/** What sign-out did with one target. */
export interface Withdrawal {
  readonly target: Target['id'];
  readonly name: string;
  readonly path: string | null;
  /** `absent`: nothing of ours was there. `kept`: it holds somebody else's login. */
  readonly result: 'removed' | 'absent' | 'kept' | 'failed';
  /** Why it could not be removed, or could not be looked into. */
  readonly code: ErrorCode | null;
}

/**
 * Takes our entries out of every target, and nothing else. The caller holds the account's lock and has
 * written the tombstone.
 */
export async function withdraw(desk: Desk, record: AccountRecord): Promise<Withdrawal[]> {
  const done: Withdrawal[] = [];
  for (const target of await holdersOf(desk, record)) {
    done.push(await withdrawFrom(desk, target, record));
    await desk.context.step('sign-out:target-removed');
  }
  return done;
}

/** The targets that get the login, and those that still have it though they are turned off or moved. */
async function holdersOf(desk: Desk, record: AccountRecord): Promise<Target[]> {
  const places = await placesFor(desk, record);
  const ledger = await desk.vault.readLedger(record.id);
  return targetsOf(desk.context, desk.settings).filter(
    (target) =>
      places.some((place) => place.target.id === target.id) || hasBeen(noteAbout(target, ledger)),
  );
}

/** Takes our entry out of one target. The caller holds the account's lock. Never throws. */
export async function withdrawFrom(
  desk: Desk,
  target: Target,
  record: AccountRecord,
): Promise<Withdrawal> {
  const about = { target: target.id, name: target.name, path: target.path };
  const ledger = await desk.vault.readLedger(record.id);
  const note = noteAbout(target, ledger);
  const untouched = !hasBeen(note);
  const roster = await allAccounts(desk.vault);
  try {
    const result = await openTarget(desk, target, async (open) => {
      await open.sweep();
      const held = await open.read(record);
      switch (relate(held, record.grant, ledger, note)) {
        case 'in-step':
        case 'older':
          return takeOut(open, record);
        case 'blanked':
          return untouched ? 'absent' : takeOut(open, record);
        case 'empty':
        case 'gone':
          return 'absent';
        case 'unreadable':
          // What cannot be read may hold ours; that is for the person to look at.
          if (untouched) return 'unread';
          throw new AppError('tool-file-damaged', { path: target.path ?? target.name });
        default: {
          const another = held.kind === 'bundle' && isAnothers(held.bundle, record, roster);
          return another ? 'absent' : 'kept';
        }
      }
    });
    await noteTarget(desk, record.id, target, NO_NOTE);
    if (result === 'unread') return { ...about, result: 'kept', code: 'tool-file-damaged' };
    return { ...about, result, code: null };
  } catch (error) {
    if (untouched) return { ...about, result: 'absent', code: null };
    return { ...about, result: 'failed', code: asAppError(error).code };
  }
}

async function takeOut(open: OpenTarget, record: AccountRecord): Promise<'removed' | 'absent'> {
  const removed = await open.remove(record);
  if ((await open.read(record)).kind === 'bundle') throw new AppError('tool-busy');
  return removed ? 'removed' : 'absent';
}
