import type { IpcMain, IpcMainInvokeEvent } from 'electron';
import * as v from 'valibot';
import type { Log } from '../../core/ports.ts';
import type { ErrorDescription } from '../../shared/error-texts.ts';
import { AppError, asAppError } from '../../shared/errors.ts';
import { CALLS, type CallName, type Envelope, type Handlers } from '../../shared/ipc-contract.ts';

/** Who called: what the gate looks at before anything else. */
export type Caller = Pick<IpcMainInvokeEvent, 'sender' | 'senderFrame'>;

/** What the gate stands on. */
export interface GateOptions {
  /** Whether it was our own window's page that called. */
  readonly isTrusted: (caller: Caller) => boolean;
  /** An error in the person's words. */
  readonly describe: (error: AppError) => ErrorDescription;
  readonly log: Log;
  /** Does `work`, the call of this name, and whatever belongs around it. */
  readonly around: <Value>(name: CallName, work: () => Promise<Value>) => Promise<Value>;
}

/** Takes what has already been parsed. */
type Handler = (argument: unknown) => Promise<unknown>;

/** The name of every call. */
export const CALL_NAMES = Object.keys(CALLS) as readonly CallName[];

/**
 * Answers every call of the contract, and nothing else: from our own page only, with an argument that
 * its schema has let through, and always with an envelope. Nothing is thrown over the border, where an
 * error would lose all but its message.
 */
export function answerCalls(
  ipc: Pick<IpcMain, 'handle'>,
  handlers: Handlers,
  options: GateOptions,
): void {
  for (const name of CALL_NAMES) {
    ipc.handle(name, (event, ...args: unknown[]) => answer(name, event, args));
  }

  async function answer(
    name: CallName,
    caller: Caller,
    args: readonly unknown[],
  ): Promise<Envelope<unknown>> {
    try {
      if (!options.isTrusted(caller)) throw refusal(name, 'caller');
      const [value, ...others] = args;
      const parsed = v.safeParse(CALLS[name].argument, value);
      if (!parsed.success || others.length > 0) throw refusal(name, 'argument');
      // The schema of this name made the argument that the handler of this name takes.
      const handler = handlers[name] as Handler;
      return { ok: true, value: await options.around(name, () => handler(parsed.output)) };
    } catch (error) {
      return { ok: false, error: options.describe(failure(name, error)) };
    }
  }

  /** What was sent is not logged: it may be a code that a person pasted. */
  function refusal(channel: CallName, what: 'caller' | 'argument'): AppError {
    options.log({ level: 'error', event: 'call-refused', fields: { channel, what } });
    return new AppError('unexpected');
  }

  function failure(channel: CallName, error: unknown): AppError {
    const coded = asAppError(error);
    options.log({ level: 'warn', event: 'call-failed', fields: { channel, code: coded.code } });
    return coded;
  }
}
