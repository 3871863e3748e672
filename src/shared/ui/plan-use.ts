import { spanInWords } from '../time-words.ts';
import type { UsageWindow } from '../usage.ts';
import { TEXTS } from './texts.ts';

const { details: T } = TEXTS;

const WEEK = 7 * 24 * 3_600_000;

/** From here on there is not much left, percent. */
const ALMOST = 90;

/** What a window of a plan is called: `5 hours`, `Week`. */
export function windowName({ length }: UsageWindow): string {
  // A service may round it.
  return Math.abs(length / WEEK - 1) < 0.05 ? T.week : spanInWords(length);
}

/** What has to be said of one that is nearly, or all, used; else `null`. */
export function shortage({ used }: UsageWindow): string | null {
  if (used < ALMOST) return null;
  return used < 100 ? T.almostUsedUp : T.usedUp;
}
