import { type ChildProcess, spawn } from 'node:child_process';
import { constants } from 'node:os';
import { isatty } from 'node:tty';
import { commandEnvironment, keyEnvironment } from '../../core/exec-environment.ts';
import { cleanText } from '../../core/redact.ts';
import { type Tools, unbroken } from '../command.ts';
import { paint, say } from '../output.ts';
import { keyInstead } from './key-instead.ts';
import { mentionShortLife, takeToken } from './token.ts';

/** As shells have them. */
const NOT_FOUND = 127;
const NOT_STARTED = 126;
const BY_SIGNAL = 128;

/** What a person may type at a terminal. */
const TYPED: readonly NodeJS.Signals[] = ['SIGINT', 'SIGQUIT'];
const PASSED_ON: readonly NodeJS.Signals[] = [...TYPED, 'SIGTERM', 'SIGHUP'];

/** How `authbar exec` was asked. */
export interface ExecOptions {
  readonly command: readonly string[];
  /** Least life that the token must have, ms; `undefined`: the usual, and a shorter one will do. */
  readonly minLife: number | undefined;
}

/** Runs a command with the login, or else the API key, in its environment. Resolves with the command's own exit code. */
export async function exec(tools: Tools, name: string, options: ExecOptions): Promise<number> {
  const taken: { env?: NodeJS.ProcessEnv } = {};
  const code = await unbroken(async () => {
    taken.env = await environmentFor(tools, name, options.minLife);
    return 0;
  })(tools);
  if (!taken.env || code !== 0) return code;
  return runCommand(options.command, taken.env);
}

async function environmentFor(
  tools: Tools,
  name: string,
  minLife: number | undefined,
): Promise<NodeJS.ProcessEnv> {
  try {
    const token = await takeToken(tools, name, minLife);
    await mentionShortLife(token, minLife);
    return commandEnvironment(process.env, token.provider, token.accessToken);
  } catch (error) {
    const { service, key } = await keyInstead(tools, name, error);
    return keyEnvironment(process.env, service, key);
  }
}

async function runCommand(
  [program = '', ...args]: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<number> {
  const signals = passSignals();
  try {
    const child = spawn(program, args, { stdio: 'inherit', env });
    signals.to(child);
    return await endOf(child);
  } catch (error) {
    return tellNotStarted(program, (error as NodeJS.ErrnoException).code);
  } finally {
    signals.stop();
  }
}

/** Its exit code, as a shell would have it. Rejects if it could not be started. */
function endOf(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once('exit', (code, signal) => {
      resolve(code ?? BY_SIGNAL + (signal ? constants.signals[signal] : 0));
    });
    // One that we may not signal, as `sudo`, is an error too, and is waited for all the same.
    child.on('error', (error) => {
      if (child.pid === undefined) reject(error);
    });
  });
}

/**
 * The command decides what a signal ends. What is typed at a terminal reaches it without us, and a second
 * Ctrl-C would mean something else to many.
 */
function passSignals(): { to(child: ChildProcess): void; stop(): void } {
  const atTerminal = [0, 1, 2].some((stream) => isatty(stream));
  let command: ChildProcess | null = null;
  const pass = (signal: NodeJS.Signals) => {
    if (!atTerminal || !TYPED.includes(signal)) command?.kill(signal);
  };
  for (const signal of PASSED_ON) process.on(signal, pass);
  return {
    to: (child) => {
      command = child;
    },
    stop: () => {
      for (const signal of PASSED_ON) process.off(signal, pass);
    },
  };
}

function tellNotStarted(program: string, code = 'unknown'): number {
  const name = `“${cleanText(program, 200)}”`;
  const missing = code === 'ENOENT';
  const [what, next] = missing
    ? [
        `There is no command ${name} here.`,
        'Check its name and your PATH; if it is a script, its first line too.',
      ]
    : [`${name} can’t be run.`, `Check that it is a program and that you may run it.   [${code}]`];
  say(paint(process.stderr, 'bold', what));
  say(`  → ${next}`);
  return missing ? NOT_FOUND : NOT_STARTED;
}
