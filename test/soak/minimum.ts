import { dueAt } from '../../src/core/refresh/schedule.ts';

/** From when to when a machine slept, epoch ms. */
export type Sleep = readonly [from: number, to: number];

/** An account whose access tokens live for `life` ms, and its first sign-in, epoch ms. */
export interface Beginning {
  readonly signedInAt: number;
  readonly life: number;
}

/** The middle one, so that it evens out. */
const JITTER = 0.5;

/**
 * How many renewals the due rule alone asks for until `end`: each as soon as it is due, or at the next wake,
 * where nothing ever goes wrong and nobody else renews.
 */
export function leastRenewals(
  { signedInAt, life }: Beginning,
  sleeps: readonly Sleep[],
  end: number,
): number {
  let renewals = -1;
  for (let at = signedInAt; at <= end; renewals += 1) {
    const due = dueAt({ obtainedAt: at, expiresAt: at + life, life }, JITTER);
    at = sleeps.find(([from, to]) => from <= due && due < to)?.[1] ?? due;
  }
  return renewals;
}
