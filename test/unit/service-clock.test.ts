import { describe, expect, test } from 'vitest';
import { ServiceClock } from '../../src/core/oauth/service-clock.ts';
import type { Answer, Outcome } from '../../src/core/oauth/transport.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const SENT = Date.UTC(2026, 10, 22, 14, 0, 0);

function answer(serverDate: number | null, receivedAt: number): Answer {
  const headers = {};
  const body = new Uint8Array();
  return { kind: 'answer', status: 200, headers, body, complete: true, receivedAt, serverDate };
}

/** What is made of one answer that was on its way for `took` ms, its date `date` ms after the request. */
function offAfter(date: number | null, took: number): number | null {
  const clock = new ServiceClock();
  clock.hear(answer(date === null ? null : SENT + date, SENT + took), SENT);
  return clock.off;
}

describe('this machine’s clock', () => {
  test.each([
    ['as it is right', 0, SECOND, null],
    ['rounded down, as dates are', -SECOND, 20, null],
    ['five minutes behind', 5 * MINUTE + SECOND, SECOND, null],
    ['a little more than that behind', 5 * MINUTE + 2 * SECOND, SECOND, -(5 * MINUTE + SECOND)],
    ['five minutes ahead', -5 * MINUTE, SECOND, null],
    ['a little more than that ahead', -5 * MINUTE - SECOND, SECOND, 5 * MINUTE + SECOND],
    ['a day behind', 24 * HOUR, 0, -24 * HOUR],
    ['right, and the machine slept before the answer was read', SECOND, 9 * HOUR, null],
    ['set back by an hour while the answer was under way', 0, -HOUR, null],
    ['not known: there was no date', null, SECOND, null],
  ])('%s', (_, date, took, off) => {
    expect(offAfter(date, took)).toBe(off);
  });

  test('is what the latest answer says it is', () => {
    const clock = new ServiceClock();
    expect(clock.off).toBeNull();
    clock.hear(answer(SENT - HOUR, SENT), SENT);
    expect(clock.off).toBe(HOUR);
    const unheard: Outcome = { kind: 'fault', sent: true, cause: 'reset', error: undefined };
    clock.hear(unheard, SENT);
    clock.hear(answer(null, SENT), SENT);
    expect(clock.off).toBe(HOUR);
    clock.hear(answer(SENT, SENT), SENT);
    expect(clock.off).toBeNull();
  });

  test('is not known any more once it may have been set', () => {
    const clock = new ServiceClock();
    clock.hear(answer(SENT - HOUR, SENT), SENT);
    clock.forget();
    expect(clock.off).toBeNull();
  });
});
