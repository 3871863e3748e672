/** When each account is next worked on. Pure: time comes in as a number. */

/** Account ids, and when each is due, epoch ms. An account that nothing is planned for is not in it. */
export type Timetable = ReadonlyMap<string, number>;

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
