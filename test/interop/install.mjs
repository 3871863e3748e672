// Installs the programs that the interop suite runs, exactly as the lockfile has them, if that has not
// been done yet. No script of theirs runs.
import { execFileSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const programs = fileURLToPath(new URL('programs/', import.meta.url));

/** npm writes this file last, so that it is only there after an install that was finished. */
const installed = modified('node_modules/.package-lock.json');
if (installed < modified('package-lock.json')) {
  const npm = ['ci', '--ignore-scripts', '--no-audit', '--no-fund'];
  // `npm` is a script on Windows, which only a shell starts.
  const options = { cwd: programs, stdio: 'inherit', shell: process.platform === 'win32' };
  execFileSync('npm', npm, options);
}

function modified(path) {
  return statSync(programs + path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}
