import type { UsageWindow } from '../../shared/usage.ts';

export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;

/** No plan counts by more than that, ms. */
const LONGEST = 366 * DAY;

/** A window as a service tells it; any of the numbers may be nonsense, or `NaN` where it told none. */
export interface WindowReading {
  /** ms. */
  readonly length: number;
  /** Percent. */
  readonly used: number;
  /** Epoch ms. */
  readonly resetsAt: number;
}

/**
 * What of a service's readings can be believed, the shortest window first. One without a length or a share
 * is left out, more than all is all, and a window that would begin anew before now, or after its own
 * length, begins nobody knows when. `now` is epoch ms.
 */
export function windowsFrom(readings: readonly WindowReading[], now: number): UsageWindow[] {
  return readings
    .filter(({ length, used }) => length > 0 && length <= LONGEST && used >= 0)
    .map(({ length, used, resetsAt }) => {
      // A day more: the service's clock is not ours.
      const believable = resetsAt > now && resetsAt <= now + length + DAY;
      return { length, used: percent(used), resetsAt: believable ? resetsAt : null };
    })
    .sort((a, b) => a.length - b.length);
}

/** Whole percent; only what is really all of it is 100. */
function percent(used: number): number {
  return used >= 100 ? 100 : Math.min(99, Math.round(used));
}
