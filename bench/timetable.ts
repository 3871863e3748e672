import { dueNow, nextAt } from '../src/core/refresh/timetable.ts';
import { spread } from './pairs.ts';

const ACCOUNTS = 10_000;
const ROUNDS = 200;

/** What one tick of the scheduler costs with more accounts than anybody has. */
export function benchTimetable(): void {
  const now = Date.now();
  const table = new Map(Array.from({ length: ACCOUNTS }, (_, n) => [`${n}`, now + n]));
  const ticks: number[] = [];
  for (let round = -20; round < ROUNDS; round += 1) {
    const start = process.hrtime.bigint();
    dueNow(table, now);
    nextAt(table);
    if (round >= 0) ticks.push(Number(process.hrtime.bigint() - start) / 1e6);
  }
  console.log(`a tick with ${ACCOUNTS} accounts: ${spread(ticks, 3)} ms`);
}
