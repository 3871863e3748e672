/** Runs the tests of the window, if there is a browser to draw it: `npm run test:window`. */
import { spawnSync } from 'node:child_process';
import { findChromium } from './standin/find-chromium.ts';

const REQUIRED = process.env.AUTHBAR_CI_REQUIRE?.split(',').includes('browser') === true;

/** @returns the script's exit code. */
function run(script: string): number {
  // `npm` is a script on Windows, which only a shell starts.
  const options = { stdio: 'inherit', shell: process.platform === 'win32' } as const;
  return spawnSync('npm', ['run', '--silent', script], options).status ?? 1;
}

const problem = await findChromium(process.env).then(
  () => null,
  (error: Error) => error.message,
);
if (problem === null) {
  process.exitCode = run('test:renderer') || run('test:e2e');
} else {
  console.error(`The tests of the window were skipped. ${problem}`);
  process.exitCode = REQUIRED ? 1 : 0;
}
