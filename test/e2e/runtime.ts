import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The project. */
export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

const STANDIN = join(ROOT, 'out/standin');
const require = createRequire(import.meta.url);

/** How the app is launched. */
export interface LaunchOptions {
  /** The home folder; everything that the app and its tools keep lies in it. */
  readonly home: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Further words of its command line. */
  readonly args?: readonly string[];
  /** The folder of the app, if not this project. */
  readonly app?: string;
  /** Whose manners it is to have, if not this machine's. */
  readonly platform?: 'darwin' | 'linux' | 'win32';
}

/** `electron`, or `stand-in` where its binary is missing and need not be there. */
export function runtime(): 'electron' | 'stand-in' {
  const chosen = process.env.ELECTRON_OVERRIDE_DIST_PATH;
  if (chosen) return chosen === STANDIN ? 'stand-in' : 'electron';
  if (process.env.AUTHBAR_CI_REQUIRE?.split(',').includes('electron')) return 'electron';
  const folder = dirname(require.resolve('electron'));
  const note = join(folder, 'path.txt');
  const isThere = existsSync(note) && existsSync(join(folder, 'dist', readFileSync(note, 'utf8')));
  return isThere ? 'electron' : 'stand-in';
}

/**
 * Has to be called before anybody, Playwright included, asks Electron's launcher for the program: the
 * launcher reads the variable when it is first loaded, and otherwise downloads what is missing.
 */
export function prepareRuntime(): void {
  if (runtime() === 'electron') return;
  if (!existsSync(join(STANDIN, 'electron'))) {
    throw new Error('The stand-in for Electron is not built: node build/bundle-standin.mjs');
  }
  process.env.ELECTRON_OVERRIDE_DIST_PATH = STANDIN;
}

/** The program that runs the app. */
export function executable(): string {
  prepareRuntime();
  return require('electron');
}

/** Of the environment of the tests, what leads elsewhere than into the home of a launch. */
const LEADS_ELSEWHERE =
  /^(AUTHBAR_(?!CHROMIUM)\w+|XDG_(CONFIG|DATA|STATE|CACHE)_HOME|NODE_OPTIONS)$/;

/** What the app's process has for an environment: this one, with another home. */
export function environmentOf({ home, env, platform }: LaunchOptions): Record<string, string> {
  const inherited = Object.entries(process.env).filter(([name]) => !LEADS_ELSEWHERE.test(name));
  const homes = { HOME: home, USERPROFILE: home };
  const data = { APPDATA: join(home, 'Roaming'), LOCALAPPDATA: join(home, 'Local') };
  const manners = platform && { STANDIN_PLATFORM: platform, AUTHBAR_E2E_PLATFORM: platform };
  return {
    ...(Object.fromEntries(inherited) as Record<string, string>),
    ...homes,
    ...data,
    ...manners,
    ...env,
  };
}
