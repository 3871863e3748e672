import { spawn } from 'node:child_process';
import { safeUrl } from '../core/oauth/safe-url.ts';

/** A browser that still runs after this time, ms, has opened. */
const PATIENCE = 3000;

interface Opener {
  readonly program: string;
  readonly args: readonly string[];
}

/** What decides how a browser is opened. */
export interface BrowserOptions {
  readonly env?: NodeJS.ProcessEnv;
  readonly platform?: NodeJS.Platform;
}

/**
 * Opens `url` in the person's browser: with what `BROWSER` names, else with what the system opens
 * addresses with. No shell ever sees the address, and nothing but https, or http on this computer, is
 * opened.
 * @returns whether it worked, as far as can be told.
 */
export async function openBrowser(url: string, options: BrowserOptions = {}): Promise<boolean> {
  const { env = process.env, platform = process.platform } = options;
  const safe = safeUrl(url);
  if (!safe) return false;
  for (const opener of openersOf(safe.href, env, platform)) {
    if (await start(opener, env)) return true;
  }
  return false;
}

/** Which programs to try, in this order. */
export function openersOf(
  url: string,
  env: NodeJS.ProcessEnv,
  platform: NodeJS.Platform,
): Opener[] {
  if (env.BROWSER) return named(env.BROWSER, url, platform);
  if (platform === 'darwin') return [{ program: '/usr/bin/open', args: [url] }];
  if (platform === 'win32') {
    const program = `${env.SystemRoot ?? 'C:\\Windows'}\\System32\\rundll32.exe`;
    return [{ program, args: ['url.dll,FileProtocolHandler', url] }];
  }
  return [{ program: 'xdg-open', args: [url] }];
}

/**
 * `BROWSER` as Python and xdg-open read it: programs to try, a colon between them (on Windows there is
 * one only, for its paths have colons). With `%s` it is a command whose words are divided by spaces;
 * without, all of it is the program and the address follows.
 */
function named(value: string, url: string, platform: NodeJS.Platform): Opener[] {
  const entries = platform === 'win32' ? [value] : value.split(':');
  return entries.flatMap((entry) => {
    const words = entry.includes('%s') ? entry.trim().split(/\s+/) : [entry, '%s'];
    const [program, ...args] = words;
    if (!program) return [];
    return [{ program, args: args.map((word) => word.replaceAll('%s', () => url)) }];
  });
}

/** In a session of its own: Ctrl-C in this terminal must not close the browser. */
function start({ program, args }: Opener, env: NodeJS.ProcessEnv): Promise<boolean> {
  return new Promise((resolve) => {
    const child = spawn(program, args, { env, stdio: 'ignore', detached: true });
    child.unref();
    const patience = setTimeout(() => resolve(true), PATIENCE);
    const settle = (opened: boolean) => {
      clearTimeout(patience);
      resolve(opened);
    };
    child.once('error', () => settle(false));
    child.once('exit', (code) => settle(code === 0));
  });
}
