import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { basename, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { onTestFinished } from 'vitest';

/** The environment's variable with the folder of the scripts as JavaScript (see `bundle.ts`). */
export const BUNDLES = 'AUTHBAR_TEST_CHILDREN';

const TSX = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;

/** The command that runs a script of this folder. Without the bundles (the app's specs have none) Node reads TypeScript. */
export function commandFor(script: string): readonly [program: string, ...args: string[]] {
  const bundles = process.env[BUNDLES];
  if (bundles) return [process.execPath, join(bundles, `${basename(script, '.ts')}.mjs`)];
  return [process.execPath, '--import', TSX, fileURLToPath(new URL(script, import.meta.url))];
}

/**
 * Starts a script of this folder, and kills it when the test ends, if it still runs then.
 * @param options.wrapper A command that runs the command that follows it.
 * @param options.env Its whole environment; ours, if left out.
 */
export function startChild(
  script: string,
  args: readonly string[],
  {
    wrapper = [],
    env,
  }: { readonly wrapper?: readonly string[]; readonly env?: NodeJS.ProcessEnv } = {},
): ChildProcess {
  const [program = '', ...rest] = [...wrapper, ...commandFor(script), ...args];
  const child = spawn(program, rest, { stdio: ['pipe', 'pipe', 'inherit'], env });
  onTestFinished(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  });
  return child;
}

/** Resolves when the child has printed something, rejects when it ends without. */
export async function untilItSpeaks(child: ChildProcess): Promise<string> {
  const [text] = await Promise.race([
    once(child.stdout ?? child, 'data'),
    once(child, 'exit').then(([code]) => {
      throw new Error(`the child ended with ${code}`);
    }),
  ]);
  return String(text);
}

/** Its exit code, or the signal that ended it. */
export async function untilItEnds(child: ChildProcess): Promise<number | string> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  return child.exitCode ?? child.signalCode ?? '';
}
