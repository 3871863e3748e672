import type { Context } from '../context.ts';
import { remember } from '../vault/history.ts';
import type { TargetNote } from '../vault/ledger.ts';
import type { TargetId } from './target.ts';

/** What was noted of a target before and after a look at it. */
export interface Change {
  readonly target: TargetId;
  readonly before: TargetNote;
  readonly after: TargetNote;
}

/** Adds to an account's history that a target could not be written. The caller holds the account's lock. */
export async function rememberDebt(
  context: Context,
  id: string,
  { target, before, after }: Change,
): Promise<void> {
  const code = after.owed?.code;
  if (!code || code === before.owed?.code) return;
  await remember(context, id, { event: 'target-owed', target, code });
}

/**
 * Adds a write to an account's history where a person may have waited for it: they chose it, it is the
 * first one, or it was owed. The caller holds the account's lock.
 */
export async function rememberWrite(
  context: Context,
  id: string,
  { target, before, after }: Change,
  chosen: boolean,
): Promise<void> {
  if (after.owed !== null || after.writtenAt === before.writtenAt) return;
  const awaited = chosen || before.grantId === null || before.owed !== null;
  const event = chosen ? 'taken' : 'written';
  if (awaited) await remember(context, id, { event, target });
}
