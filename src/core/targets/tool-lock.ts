import type { Hold } from '../files/hold.ts';

/** The lock, or the locks, that a tool takes itself before it changes its file. */
export interface ToolLock {
  /**
   * Takes all of them, in the tool's own order; none is kept when one cannot be had. Never blocks.
   * @param deadline How long to wait, ms; 0 for one attempt.
   * @throws AppError `tool-busy` (with the holder's pid, where known), or what a file call means.
   */
  acquire(deadline: number): Promise<Hold>;
  /**
   * Taken inside it, for as long as the file is changed and no longer: a tool that locks its renewals may
   * lock the saving apart, for other logins that it keeps in the same place.
   */
  saving?(deadline: number): Promise<Hold>;
  /** Who has it now; `null` when nobody has, or it cannot be told. Best effort, never rejects. */
  holder(): Promise<number | null>;
}
