import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { runtime } from './runtime.ts';

/** Says on what the specs run, before the first of them; the stand-in is built for it. */
export default function setup(): void {
  console.log(
    `The app runs on ${runtime() === 'electron' ? 'Electron' : 'the stand-in for Electron'}.`,
  );
  if (runtime() === 'electron') return;
  const script = fileURLToPath(new URL('../../build/bundle-standin.mjs', import.meta.url));
  execFileSync(process.execPath, [script], { stdio: 'inherit' });
}
