/**
 * Does under Node what `electron [switches] <app>` does: loads what `-r` names, starts Chromium, and runs
 * the app's main. Playwright's `_electron.launch` cannot tell it from the real one.
 */
import { readFileSync, statSync } from 'node:fs';
import inspector from 'node:inspector';
import Module, { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Chromium } from './chromium.ts';
import { findChromium } from './find-chromium.ts';
import { host } from './host.ts';
import electron, { app } from './index.ts';
import { meansElectron, resolve as resolveElectron } from './resolve-hook.ts';

interface CommandLine {
  /** The modules of `-r`. */
  readonly required: readonly string[];
  readonly app: string;
}

function readCommandLine(words: readonly string[]): CommandLine {
  const required: string[] = [];
  for (let i = 0; i < words.length; i += 1) {
    const word = words[i] ?? '';
    if (word === '-r' || word === '--require') {
      i += 1;
      required.push(words[i] ?? '');
    } else if (!word.startsWith('-')) {
      return { required, app: resolve(word) };
    }
  }
  throw new Error('stand-in: which app? Usage: electron [switches] <folder or file>');
}

/** What tells a program that it runs in Electron. */
function disguise(words: readonly string[]): void {
  const define = (target: object, name: string, value: unknown) =>
    Object.defineProperty(target, name, {
      value,
      enumerable: true,
      configurable: true,
      writable: true,
    });
  const folder = dirname(process.argv[1] ?? '');
  const { version } = createRequire(import.meta.url)('electron/package.json');
  define(process.versions, 'electron', version);
  define(process, 'type', 'browser');
  define(process, 'defaultApp', true);
  define(process, 'resourcesPath', join(folder, 'resources'));
  define(process, 'argv', [join(folder, 'electron'), ...words]);
}

/** Not in @types/node 20; Node 24 has it, and warns of the other way. */
interface NewerModule {
  readonly registerHooks?: (hooks: { readonly resolve: typeof resolveElectron }) => void;
}

interface CommonJsLoader {
  _load(name: string, ...rest: readonly unknown[]): unknown;
}

/** Makes `electron` mean the stand-in, for `import` and for `require`. */
function standIn(): void {
  const { registerHooks } = Module as NewerModule;
  if (registerHooks) registerHooks({ resolve: resolveElectron });
  else Module.register('./resolve-hook.js', import.meta.url);
  const loader = Module as unknown as CommonJsLoader;
  const load = loader._load;
  loader._load = function (this: unknown, name, ...rest) {
    return meansElectron(name) ? electron : load.call(this, name, ...rest);
  };
}

async function startChromium(words: readonly string[]): Promise<Chromium> {
  const chromium = new Chromium({
    executable: await findChromium(process.env),
    profiles: app.commandLine.getSwitchValue('user-data-dir') || tmpdir(),
    sandbox: process.getuid?.() !== 0 && !words.includes('--no-sandbox'),
    debuggable: words.some((word) => word.startsWith('--remote-debugging-port')),
  });
  chromium.onGone((reason) => {
    console.error(`stand-in: Chromium is gone: ${reason}`);
    process.exit(1);
  });
  return chromium.ready();
}

/** The file that the app starts with. */
function openApp(path: string): string {
  const isFolder = statSync(path).isDirectory();
  host.appPath = isFolder ? path : dirname(path);
  if (!isFolder) return path;
  host.manifest = JSON.parse(readFileSync(join(path, 'package.json'), 'utf8'));
  return join(path, host.manifest.main ?? 'index.js');
}

async function start(words: readonly string[]): Promise<void> {
  const commandLine = readCommandLine(words);
  disguise(words);
  if (words.includes('--inspect=0')) inspector.open(0, '127.0.0.1');
  // First, since all the rest can be done while it comes up.
  host.chromium = startChromium(words);
  standIn();
  const main = openApp(commandLine.app);
  const require = createRequire(join(process.cwd(), 'electron'));
  for (const name of commandLine.required) require(name);
  // Playwright calls into its own loader as soon as it reads this; that has been loaded only now.
  host.chromium
    .then(({ listening }) => listening)
    .then((line) => console.error(line))
    .catch(() => undefined);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => app.quit());
  await import(pathToFileURL(main).href);
  await host.chromium;
  app.start();
}

await start(process.argv.slice(2)).catch((error) => {
  console.error(error);
  process.exit(1);
});
