/** What `npm test` runs once all is built: the engine's suite, and the window's if there is a browser to draw it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, open, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findChromium } from './standin/find-chromium.ts';

const REQUIRED = process.env.AUTHBAR_CI_REQUIRE?.split(',').includes('browser') === true;

/** @returns whether every test of the script's passed. */
async function passes(script: string, output: 'inherit' | number = 'inherit'): Promise<boolean> {
  // `npm` is a script on Windows, which only a shell starts.
  const shell = process.platform === 'win32';
  const child = spawn('npm', ['run', '--silent', script], {
    stdio: ['ignore', output, output],
    shell,
  });
  const [code] = await once(child, 'close');
  return code === 0;
}

/** Runs one after the other, to the last one, whatever comes of them. */
async function allPass(scripts: readonly string[], output: number): Promise<boolean> {
  let passed = true;
  for (const script of scripts) passed = (await passes(script, output)) && passed;
  return passed;
}

/** Runs scripts beside another one, whose output they must not disturb: `end` shows theirs. */
async function beside(...scripts: string[]): Promise<{ end(): Promise<boolean> }> {
  const folder = await mkdtemp(join(tmpdir(), 'authbar-test-'));
  const path = join(folder, 'output');
  const file = await open(path, 'a');
  const running = allPass(scripts, file.fd);
  return {
    async end() {
      const passed = await running;
      await file.close();
      process.stdout.write(await readFile(path));
      await rm(folder, { recursive: true });
      return passed;
    },
  };
}

const problem = await findChromium(process.env).then(
  () => null,
  (error: Error) => error.message,
);
const results: boolean[] = [];
if (problem === null) {
  // Each of them waits a good deal, and never for the others.
  const window = await beside('test:e2e', 'test:renderer');
  results.push(await passes('test:core'), await window.end());
} else {
  results.push(await passes('test:core'), !REQUIRED);
  console.error(`The tests of the window were skipped. ${problem}`);
}
process.exitCode = results.every(Boolean) ? 0 : 1;
