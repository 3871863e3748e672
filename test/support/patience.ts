/** How long what happens by itself may take on a machine that is busy: vitest waits for a second. */
export const PATIENCE = { timeout: 60_000 } as const;
