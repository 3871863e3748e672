import { AppError, hasCode } from '../../shared/errors.ts';
import type { Context } from '../context.ts';
import { ensurePrivateFolder } from '../files/durable.ts';
import { acquireLock, heldBy } from '../files/flock.ts';
import type { ToolLock } from './tool-lock.ts';

/**
 * For a tool that locks nothing: two of us who change its file at once would undo each other's change, so
 * one waits for the other. It is the kernel's lock, which nobody takes for abandoned.
 */
export function ownLock({ fs, clock, paths }: Pick<Context, 'fs' | 'clock' | 'paths'>): ToolLock {
  return {
    async acquire(deadline) {
      // Before the first sign-in there is no folder yet.
      await ensurePrivateFolder(fs, paths.home);
      const options = { deadline: clock.now() + deadline, clock };
      const lock = await acquireLock(paths.targetsLock, options).catch((error) => {
        throw hasCode(error, 'login-busy') ? new AppError('tool-busy', error.details) : error;
      });
      let intact = true;
      return {
        get intact() {
          return intact;
        },
        release() {
          intact = false;
          return lock.release();
        },
      };
    },
    holder: () => heldBy(paths.targetsLock),
  };
}
