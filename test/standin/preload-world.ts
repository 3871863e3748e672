import { readFileSync } from 'node:fs';
import { host } from './host.ts';

/** The script of one of the two worlds, as `build/bundle-standin.mjs` puts it beside this code. */
function bundled(world: 'page' | 'preload'): string {
  return readFileSync(new URL(`./world-${world}.js`, import.meta.url), 'utf8');
}

/** What `process` is in a sandboxed preload. */
function processInfo(): object {
  const { arch, versions } = process;
  const { platform } = host;
  const place = { type: 'renderer', sandboxed: true, contextIsolated: true };
  return { platform, arch, versions, env: {}, argv: [], ...place };
}

/** What the page's own world runs first. `secret` is what the two worlds of a page know it by. */
export function pageScript(secret: string): string {
  return `{${bundled('page')}\nworld.start(${JSON.stringify(secret)})}`;
}

/** What the isolated world runs: Electron's renderer side, and the preload in it. */
export function preloadScript(secret: string, file: string | undefined): string {
  // As code and not as text: the page's policy may forbid `eval`.
  const preload = file ? readFileSync(file, 'utf8') : '';
  const script = `function (require, module, process) { const { exports } = module; ${preload}\n}`;
  const facts = `${JSON.stringify(secret)}, ${JSON.stringify(processInfo())}`;
  return `{${bundled('preload')}\nworld.start(${facts}, ${script})}`;
}
