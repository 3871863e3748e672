import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  backoff,
  dueAt,
  earliestRenewal,
  jitterOf,
  neededLife,
  remaining,
} from '../../src/core/refresh/schedule.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

const lifetimes = fc
  .record({
    obtainedAt: fc.integer({ min: 0, max: 4e12 }),
    life: fc.integer({ min: SECOND, max: 365 * 24 * HOUR }),
  })
  .map(({ obtainedAt, life }) => ({ obtainedAt, life, expiresAt: obtainedAt + life }));
const fraction = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

describe('when a renewal is due', () => {
  test.each([
    ['eight hours', 8 * HOUR, 2 * HOUR],
    ['an hour', HOUR, 20 * MINUTE],
    ['thirty minutes', 30 * MINUTE, 15 * MINUTE],
    ['a minute', MINUTE, 30 * SECOND],
    ['ten days', 240 * HOUR, 60 * HOUR],
  ])('a login of %s is renewed with the right margin', (_, life, margin) => {
    expect(dueAt({ obtainedAt: 0, life, expiresAt: life })).toBe(life - margin);
  });

  test('it is never before half of the life, less a tenth of that, and never after the end', () => {
    fc.assert(
      fc.property(lifetimes, fraction, (lifetime, jitter) => {
        const due = dueAt(lifetime, jitter);
        const { obtainedAt, expiresAt, life } = lifetime;
        expect(due).toBeGreaterThanOrEqual(obtainedAt + life / 2 - life / 20 - 1);
        expect(due).toBeLessThanOrEqual(Math.max(expiresAt, earliestRenewal(lifetime)));
        expect(due).toBeGreaterThanOrEqual(earliestRenewal(lifetime));
      }),
    );
  });

  test('jitter only brings it forward', () => {
    fc.assert(
      fc.property(lifetimes, fraction, (lifetime, jitter) => {
        expect(dueAt(lifetime, jitter)).toBeLessThanOrEqual(dueAt(lifetime));
      }),
    );
  });

  test('an access token that was over when it came makes no storm', () => {
    const over = { obtainedAt: HOUR, life: SECOND, expiresAt: HOUR - 10 * MINUTE };
    expect(dueAt(over)).toBe(HOUR + 5 * MINUTE);
    expect(dueAt({ ...over, expiresAt: HOUR + SECOND })).toBe(HOUR + 15 * SECOND);
  });
});

describe('the life that is left', () => {
  test('is never more than the whole, however far the clock was set back', () => {
    fc.assert(
      fc.property(lifetimes, fc.integer(), (lifetime, now) => {
        expect(remaining(lifetime, now)).toBeLessThanOrEqual(lifetime.life);
      }),
    );
    expect(remaining({ expiresAt: 10, life: 5 }, 20)).toBe(-10);
  });

  test('that is asked for is never more than half of the whole', () => {
    expect(neededLife(5 * MINUTE, { life: 8 * HOUR })).toBe(5 * MINUTE);
    expect(neededLife(5 * MINUTE, { life: 2 * MINUTE })).toBe(MINUTE);
  });
});

describe('the wait after a failure', () => {
  test('doubles from 30 s to a quarter of an hour, half of it by chance', () => {
    const longest = Array.from({ length: 8 }, (_, n) => backoff(n, 1));
    expect(longest).toEqual([30, 60, 120, 240, 480, 900, 900, 900].map((s) => s * SECOND));
    expect(backoff(0, 0)).toBe(15 * SECOND);
  });

  test('is bounded for any number of attempts', () => {
    fc.assert(
      fc.property(fc.nat(), fraction, fc.integer({ min: 1, max: 10 * HOUR }), (n, random, most) => {
        const wait = backoff(n, random, most);
        expect(wait).toBeGreaterThanOrEqual(SECOND);
        expect(wait).toBeLessThanOrEqual(Math.max(SECOND, most));
      }),
    );
  });
});

test('the jitter of an id is a fraction, the same each time, and spreads', () => {
  fc.assert(
    fc.property(fc.string(), (id) => {
      const jitter = jitterOf(id);
      expect(jitter).toBe(jitterOf(id));
      expect(jitter).toBeGreaterThanOrEqual(0);
      expect(jitter).toBeLessThan(1);
    }),
  );
  const ids = Array.from({ length: 100 }, (_, n) => `account-${n}`);
  expect(new Set(ids.map(jitterOf)).size).toBeGreaterThan(50);
});
