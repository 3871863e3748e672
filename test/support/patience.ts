import { nodeClock } from '../../src/core/files/node-files.ts';
import type { Clock } from '../../src/core/ports.ts';

/** How long what happens by itself may take on a machine that is busy: vitest waits for a second. */
export const PATIENCE = { timeout: 60_000 } as const;

/** The clock of a client that gives nobody up for being slow. */
export const PATIENT_CLOCK: Clock = {
  ...nodeClock,
  sleep: (ms, signal) => nodeClock.sleep(100 * ms, signal),
};
