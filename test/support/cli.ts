import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { onTestFinished } from 'vitest';
import { createEngine } from '../../src/core/create.ts';
import { nodeClock } from '../../src/core/files/node-files.ts';
import { signIn } from './engine.ts';
import { type StandIn, type StandInOptions, signInAt, startStandIn } from './provider/index.ts';
import { tempFolder } from './temp-folder.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** The command line as people run it: one bundled file. */
export const BUNDLE = join(ROOT, 'out/cli/authbar.cjs');

/** Builds the bundle if something that goes into it is newer. */
export async function buildCli(): Promise<void> {
  const built = await modified(BUNDLE);
  const sources = await readdir(join(ROOT, 'src'), { recursive: true });
  const inputs = ['build/bundle-cli.mjs', 'package-lock.json', ...sources.map((s) => `src/${s}`)];
  const times = await Promise.all(inputs.map((path) => modified(join(ROOT, path))));
  if (Math.max(...times) < built) return;
  await promisify(execFile)(process.execPath, [join(ROOT, 'build/bundle-cli.mjs')]);
}

async function modified(path: string): Promise<number> {
  return stat(path).then(
    ({ mtimeMs }) => mtimeMs,
    () => 0,
  );
}

/** How a command ended and what it printed. */
export interface CliEnd {
  /** The exit code, or the signal that ended it. */
  readonly code: number | string;
  readonly stdout: string;
  readonly stderr: string;
}

/** A command that runs. */
export class CliRun {
  readonly child: ChildProcess;
  readonly ended: Promise<CliEnd>;
  stdout = '';
  stderr = '';
  #end: CliEnd | null = null;
  /** Those who wait for news. */
  readonly #waiting = new Set<() => void>();

  constructor(args: readonly string[], env: NodeJS.ProcessEnv) {
    this.child = spawn(process.execPath, [BUNDLE, ...args], { env });
    this.child.stdout?.setEncoding('utf8').on('data', (text) => {
      this.stdout += text;
      this.#news();
    });
    this.child.stderr?.setEncoding('utf8').on('data', (text) => {
      this.stderr += text;
      this.#news();
    });
    this.ended = once(this.child, 'close').then(([code, signal]) => {
      this.#end = { code: code ?? signal, stdout: this.stdout, stderr: this.stderr };
      this.#news();
      return this.#end;
    });
  }

  /** Resolves with the first group of what the command has said or printed; rejects if it ends without. */
  async said(pattern: RegExp): Promise<string> {
    for (;;) {
      const found = pattern.exec(`${this.stderr}\n${this.stdout}`);
      if (found) return found[1] ?? found[0];
      if (this.#end) throw new Error(`ended without ${pattern}: ${JSON.stringify(this.#end)}`);
      await new Promise<void>((resolve) => this.#waiting.add(resolve));
    }
  }

  #news(): void {
    for (const resolve of this.#waiting) resolve();
    this.#waiting.clear();
  }

  /** Types a line. */
  type(line: string): void {
    this.child.stdin?.write(`${line}\n`);
  }
}

/** A person's machine with the command line on it, and both providers to sign in to. */
export interface CliWorld {
  readonly home: string;
  readonly state: string;
  readonly env: NodeJS.ProcessEnv;
  readonly provider: StandIn;
  start(args: readonly string[], env?: NodeJS.ProcessEnv): CliRun;
  /** Runs a command to its end, with nothing on its standard input. */
  run(args: readonly string[], env?: NodeJS.ProcessEnv): Promise<CliEnd>;
  /** Signs in through the browser's part of the command. */
  signIn(service: string, person?: string): Promise<CliEnd>;
  /** Makes a login without the command line, one that is `ago` ms old. */
  haveLogin(service: string, options?: { person?: string; ago?: number }): Promise<void>;
}

/** The link that a login shows first. */
export const LINK = /^ {2}(https?:\S+)$/m;

export async function startCliWorld(options: StandInOptions = {}): Promise<CliWorld> {
  const provider = await startStandIn(options);
  onTestFinished(() => provider.close());
  const home = await tempFolder();
  const state = join(home, 'state');
  const env: NodeJS.ProcessEnv = {
    PATH: process.env.PATH,
    HOME: home,
    TZ: 'UTC',
    LANG: 'en_GB.UTF-8',
    AUTHBAR_HOME: state,
    AUTHBAR_VAULT: 'file',
    AUTHBAR_PROVIDERS_FILE: await provider.providersFile(join(home, 'providers.json')),
  };
  const start = (args: readonly string[], more: NodeJS.ProcessEnv = {}) => {
    const run = new CliRun(args, { ...env, ...more });
    onTestFinished(async () => {
      run.child.kill('SIGKILL');
      await run.ended;
    });
    return run;
  };
  return {
    home,
    state,
    env,
    provider,
    start,
    run: (args, more) => {
      const run = start(args, more);
      run.child.stdin?.end();
      return run.ended;
    },
    signIn: async (service, person) => {
      const run = start(['login', service, '--no-browser']);
      await signInAt(await run.said(LINK), person ? { person } : {});
      return run.ended;
    },
    haveLogin: async (service, { person, ago = 0 } = {}) => {
      const clock = { ...nodeClock, now: () => Date.now() - ago };
      const { engine } = await createEngine({ env, clock, userHome: home });
      await signIn(engine, service, person);
    },
  };
}
