import { type ChildProcess, spawn } from 'node:child_process';
import { onTestFinished } from 'vitest';
import { untilItEnds, untilItSpeaks } from './run-child.ts';

/** flock(1) of util-linux, which holds the lock on the file until its standard input ends. */
export async function holdFlock(path: string): Promise<ChildProcess> {
  const stdio = ['pipe', 'pipe', 'inherit'] as const;
  const holder = spawn('flock', ['--close', path, 'sh', '-c', 'echo held; exec cat'], {
    stdio: [...stdio],
  });
  onTestFinished(() => letGo(holder));
  await untilItSpeaks(holder);
  return holder;
}

/** Ends what `holdFlock` started. */
export async function letGo(holder: ChildProcess): Promise<void> {
  holder.stdin?.end();
  await untilItEnds(holder);
}

/** Whether flock(1) finds the lock on the file free. */
export async function isFlockFree(path: string): Promise<boolean> {
  return (await untilItEnds(spawn('flock', ['--nonblock', path, 'true']))) === 0;
}
