import { asAppError } from '../../shared/errors.ts';
import type { Hold } from '../files/hold.ts';
import { noteAbout } from '../targets/lineage.ts';
import { formerPlaces, placesOf } from '../targets/places.ts';
import type { Desk } from '../targets/publish.ts';
import type { TargetId } from '../targets/target.ts';
import type { OpenAccount } from '../vault/account.ts';
import type { Roster } from '../vault/roster.ts';
import { remaining } from './schedule.ts';

/** With less life than this every tool may renew at any moment, ms. */
const TIGHT = 10 * 60_000;

/** How long a tool that is at it may take: the longest timeout that one of them gives its request is 30 s. */
const WAIT = 30_000;

/** After this a tool gets its lock back, ms: a person may be waiting for it to start. */
const LONGEST_HOLD = 10_000;

/** The tools that cannot renew until `release`, or until they have waited long enough. */
export interface HeldTools {
  readonly holds: ReadonlyMap<TargetId, Hold>;
  release(): Promise<void>;
}

/** Every tool is free. */
export const NO_TOOLS: HeldTools = { holds: new Map(), release: async () => {} };

/**
 * Close to the end of a login, takes the locks of the tools that would wait for them, so that none of
 * them spends the refresh token that is about to be sent. With more life left no tool renews by itself,
 * and none is kept waiting. A lock that does not come free is done without.
 */
export async function holdTools(
  desk: Desk,
  { record, ledger }: OpenAccount,
  roster: Roster,
): Promise<HeldTools> {
  const { clock, log } = desk.context;
  if (!record.grant || remaining(record.grant, clock.now()) >= TIGHT) return NO_TOOLS;
  const holds = new Map<TargetId, Hold>();
  const done = new AbortController();
  const places = [
    ...(await placesOf(desk, record, roster)),
    ...(await formerPlaces(desk, record, ledger, roster)),
  ];
  for (const { target } of places) {
    if (!target.hold || noteAbout(target, ledger).refresh === null) continue;
    try {
      const hold = await target.hold(WAIT);
      holds.set(target.id, hold);
      // Each by its own time: the next one may have to be waited for.
      clock.sleep(LONGEST_HOLD, done.signal).then(
        () => hold.release(),
        () => {},
      );
    } catch (error) {
      const fields = { target: target.id, code: asAppError(error).code };
      log({ level: 'warn', event: 'tool-not-held', fields });
    }
  }
  return {
    holds,
    release: async () => {
      done.abort();
      await Promise.all([...holds.values()].map((hold) => hold.release()));
    },
  };
}
