import type { AccountView } from '../../shared/account-view.ts';
import type { ErrorCode } from '../../shared/errors.ts';

/** When each account is next worked on. Pure: time comes in as a number. */

/** Account ids, and when each is due, epoch ms. An account that nothing is planned for is not in it. */
export type Timetable = ReadonlyMap<string, number>;

/** What no try of ours mends. What a person does about it is seen when everything is looked at. */
const HOPELESS: readonly (ErrorCode | null)[] = ['other-computer', 'login-damaged', 'list-damaged'];

/**
 * A new timetable, and the accounts that a try could mend.
 * @param notBefore For what is due right after it was looked after, which cannot be done now: epoch ms.
 */
export function planOf(
  accounts: readonly AccountView[],
  now: number,
  notBefore: ReadonlyMap<string, number>,
): { readonly entries: Timetable; readonly troubled: readonly string[] } {
  const entries = new Map<string, number>();
  const troubled: string[] = [];
  for (const { id, state, code, renewsAt } of accounts) {
    if (renewsAt === null || HOPELESS.includes(code)) continue;
    entries.set(id, renewsAt > now ? renewsAt : (notBefore.get(id) ?? renewsAt));
    if (state !== 'signed-in') troubled.push(id);
  }
  return { entries, troubled };
}

/** Those that are due by now. A scan: 10,000 accounts are no work, and nothing has to be kept in order. */
export function dueNow(entries: Timetable, now: number): string[] {
  const due: string[] = [];
  for (const [id, dueAt] of entries) if (dueAt <= now) due.push(id);
  return due;
}

/** When the nearest is due, epoch ms; infinity when none is planned. */
export function nextAt(entries: Timetable): number {
  let nearest = Number.POSITIVE_INFINITY;
  for (const dueAt of entries.values()) if (dueAt < nearest) nearest = dueAt;
  return nearest;
}
