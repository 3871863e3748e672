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

/** Runs a script beside another one, whose output it must not disturb: `end` shows its own. */
async function beside(script: string): Promise<{ end(): Promise<boolean> }> {
  const folder = await mkdtemp(join(tmpdir(), 'authbar-test-'));
  const path = join(folder, 'output');
  const file = await open(path, 'a');
  const running = passes(script, file.fd);
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
  // The whole app waits for itself most of the time, the engine's tests hardly ever do.
  const app = await beside('test:e2e');
  results.push(await passes('test:core'), await app.end(), await passes('test:renderer'));
} else {
  results.push(await passes('test:core'), !REQUIRED);
  console.error(`The tests of the window were skipped. ${problem}`);
}
process.exitCode = results.every(Boolean) ? 0 : 1;
