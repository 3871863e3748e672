import type { IconState } from './heading.ts';

/** How the icon is drawn or should be, since when, epoch ms. */
export interface IconSince {
  readonly state: IconState;
  readonly since: number;
}

/** The icon never flickers: between two of its changes lies at least this, ms. */
const PACE = 1000;

/** What is over sooner never shows as work, ms. */
const WORK_DELAY = 300;

/** When the icon may change from what it shows to what it should show, epoch ms. */
export function changeAt(shown: IconSince, wanted: IconSince): number {
  const delay = wanted.state === 'working' ? WORK_DELAY : 0;
  return Math.max(shown.since + PACE, wanted.since + delay);
}
