import type { RefreshReport } from './engine.ts';
import type { Presence } from './notice-state.ts';
import type { Power } from './ports.ts';
import type { Status } from './survey.ts';

/** What a scheduler works with, beside the engine. */
export interface SchedulerOptions {
  readonly power?: Power;
  /** After each look at which something was done or went wrong. */
  readonly onReport: (report: RefreshReport) => void;
  /** After each look, and when it asked for. @returns when to be called again, epoch ms, if ever. */
  readonly onStatus?: (status: Status, presence: Presence) => Promise<number | null>;
  /** Ms since the system started, its sleeps included: other than the clock it cannot be set. */
  readonly uptime?: () => number;
}
