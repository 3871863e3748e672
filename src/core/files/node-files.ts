import * as fsPromises from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';
import type { Clock, FileSystem } from '../ports.ts';

/** Node reads a longer delay as 1 ms. https://nodejs.org/api/timers.html#settimeoutcallback-delay-args */
const LONGEST_TIMER = 2 ** 31 - 1;

/** The machine's files. */
export const nodeFiles: FileSystem = fsPromises;

/** The machine's clock. */
export const nodeClock: Clock = {
  now: () => Date.now(),
  async sleep(ms, signal) {
    const options = signal ? { signal } : {};
    try {
      for (let left = ms; ; left -= LONGEST_TIMER) {
        await wait(Math.min(left, LONGEST_TIMER), undefined, options);
        if (left <= LONGEST_TIMER) return;
      }
    } catch (error) {
      // Node rejects with an AbortError of its own, which would hide who stopped the sleep.
      throw signal?.aborted ? signal.reason : error;
    }
  },
};
