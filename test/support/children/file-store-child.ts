// Does one thing with a file store and prints how it ended, if it lives to see it.
import { nodeFiles } from '../../../src/core/files/node-files.ts';
import type { Step } from '../../../src/core/ports.ts';
import { fileStore } from '../../../src/core/targets/file-store.ts';
import { AppError } from '../../../src/shared/errors.ts';
import { NOBODY } from '../nobody.ts';

export interface StoreTask {
  readonly action: 'read' | 'write' | 'discard' | 'sweep';
  readonly path: string;
  /** What `write` writes. */
  readonly text?: string;
  readonly inPlace?: boolean;
  /** Where to die (SIGKILL). */
  readonly dieAt?: Step;
  /** Gives root up first, because root passes every check. */
  readonly asNobody?: boolean;
}

const task: StoreTask = JSON.parse(process.argv[2] ?? '{}');
const { action, path, text = '', inPlace = false, dieAt, asNobody } = task;

if (asNobody && process.getuid?.() === 0) {
  process.setgroups?.([]);
  process.setgid?.(NOBODY);
  process.setuid?.(NOBODY);
}
const step = (name: Step): void => {
  if (name === dieAt) process.kill(process.pid, 'SIGKILL');
};
const store = fileStore({ fs: nodeFiles, step }, path, { inPlace });
const end = await (action === 'write' ? store.write(Buffer.from(text)) : store[action]()).then(
  () => 'done',
  (error: unknown) => (error instanceof AppError ? error.code : String(error)),
);
console.log(end);
