import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { dueNow, nextAt } from '../../src/core/refresh/timetable.ts';

const tables = fc
  .array(fc.tuple(fc.string(), fc.integer({ min: 0, max: 4e12 })))
  .map((entries) => new Map(entries));

describe('the timetable', () => {
  test('of nobody has nothing to do, ever', () => {
    expect(dueNow(new Map(), 4e12)).toEqual([]);
    expect(nextAt(new Map())).toBe(Number.POSITIVE_INFINITY);
  });

  test('has due whose time has come, and nobody before the nearest', () => {
    fc.assert(
      fc.property(tables, fc.integer({ min: 0, max: 4e12 }), (table, now) => {
        const due = dueNow(table, now);
        for (const [id, dueAt] of table) expect(due.includes(id)).toBe(dueAt <= now);
        expect(due.length > 0).toBe(nextAt(table) <= now);
      }),
    );
  });

  test('comes to its nearest with any number of accounts', () => {
    const table = new Map(Array.from({ length: 10_000 }, (_, n) => [`${n}`, 1e12 + n]));
    expect(nextAt(table)).toBe(1e12);
    expect(dueNow(table, 1e12)).toEqual(['0']);
    expect(dueNow(table, 2e12)).toHaveLength(10_000);
  });
});
