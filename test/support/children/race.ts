import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { World } from '../engine.ts';
import type { ChildTask } from './engine-child.ts';
import { startChild, untilItEnds } from './run-child.ts';

/**
 * Runs an engine for each task, each in a process of its own on the world's state folder, all from the
 * same moment on.
 * @returns what each of them printed; `null` for one that died.
 */
export async function race(
  world: Pick<World, 'env' | 'provider'>,
  tasks: readonly ChildTask[],
): Promise<unknown[]> {
  const children = tasks.map((task) =>
    startChild('engine-child.ts', [JSON.stringify({ ...task, gate: true })], { env: world.env }),
  );
  const lines = children.map((child) => createInterface({ input: child.stdout ?? process.stdin }));
  const answers = lines.map((each) => each[Symbol.asyncIterator]());
  await Promise.all(answers.map((each) => each.next()));
  for (const child of children) child.stdin?.end();
  const results = await Promise.all(answers.map(async (each) => parsed((await each.next()).value)));
  await Promise.all(children.map((child: ChildProcess) => untilItEnds(child)));
  await world.provider.journal.settled();
  return results;
}

function parsed(line: string | undefined): unknown {
  return line === undefined ? null : JSON.parse(line);
}
