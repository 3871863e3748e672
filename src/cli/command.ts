import type { Context } from '../core/context.ts';
import { createEngine } from '../core/create.ts';
import type { Engine } from '../core/engine.ts';
import type { Log } from '../core/ports.ts';
import { cleanText } from '../core/redact.ts';
import { asAppError } from '../shared/errors.ts';
import { INTERRUPTED } from './exit-codes.ts';
import { say } from './output.ts';

/** What a command works with. */
export interface Tools {
  readonly engine: Engine;
  readonly context: Context;
}

/** A command's work. Resolves with its exit code. */
export type Work = (tools: Tools) => Promise<number>;

/** Runs one command from the engine's start to the exit code, failures included. */
export async function perform(work: Work, json: boolean): Promise<void> {
  const made: { tools?: Tools } = {};
  const log: Log = ({ level, event, fields = {} }) => {
    const words = Object.entries(fields).map(([name, value]) => `${name}=${value}`);
    const line = cleanText(['authbar:', level, event, ...words].join(' '), 500);
    say(made.tools?.context.secrets.redact(line) ?? line);
  };
  try {
    const debug = process.env.AUTHBAR_LOG === 'debug';
    made.tools = await createEngine({ mayAsk: isSomebodyThere, ...(debug && { log }) });
    process.exitCode = await work(made.tools);
  } catch (error) {
    const { fail } = await import('./failure.ts');
    process.exitCode = await fail(asAppError(error), json, process.argv.slice(2));
  }
  if (made.tools?.context.keychain.stuck) {
    const { leaveNow } = await import('../core/vault/leave.ts');
    await leaveNow(Number(process.exitCode));
  }
}

/** Whether a person can answer when the system asks for its keychain. Loads a lot, so only then. */
async function isSomebodyThere(): Promise<boolean> {
  const { isatty } = await import('node:tty');
  return isatty(0) && isatty(2);
}

/**
 * Lets work go on to its end after the first Ctrl-C: a renewal that is cut off may cost the login. A
 * second one ends the process.
 */
export function unbroken(work: Work): Work {
  return async (tools) => {
    let stopped = false;
    const onStop = () => {
      stopped = true;
      say('Finishing first, so that no login is lost. Press Ctrl-C again to stop at once.');
    };
    process.once('SIGINT', onStop);
    try {
      const code = await work(tools);
      return stopped ? INTERRUPTED : code;
    } finally {
      process.off('SIGINT', onStop);
    }
  };
}
