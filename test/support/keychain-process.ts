import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { commandFor } from './children/run-child.ts';

export interface ChildOptions {
  /** Of a keychain call, ms; with `freeze` it counts from then on. */
  readonly timeout?: number;
  readonly mayAsk?: boolean;
  /** Of one item's value, bytes; for the `…-item` calls. */
  readonly limit?: number;
  /** Stop this process (SIGSTOP) once keytar is loaded, so that the call after it is stuck. */
  readonly freeze?: number;
  /** SIGKILL itself after so many changes of the keychain. */
  readonly killAfter?: number;
}

export interface ChildRequest {
  readonly id: number;
  readonly op:
    | 'state'
    | 'get'
    | 'set'
    | 'remove'
    | 'stuck'
    | 'write-item'
    | 'read-item'
    | 'remove-item'
    | 'leave';
  readonly args: readonly string[];
}

export type ChildAnswer =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly code: string; readonly hint: string | null };

/** A process with a keychain of its own. */
export interface KeychainProcess {
  /** What the call resolved with, or `{code, hint}` when it failed. Rejects when the process ends. */
  call(op: ChildRequest['op'], ...args: readonly string[]): Promise<unknown>;
  /** How it ended: an exit code or a signal's name. */
  readonly ended: Promise<number | NodeJS.Signals | null>;
  kill(): void;
}

/** Starts a process that uses the keychain which `env` leads to. */
export function startKeychainProcess(
  env: Readonly<Record<string, string>>,
  options: ChildOptions = {},
): KeychainProcess {
  const [program, ...args] = commandFor('./keychain-child.ts');
  const child = spawn(program, [...args, JSON.stringify(options)], {
    env: { ...process.env, ...env },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const waiting = new Map<number, (answer: unknown) => void>();
  createInterface({ input: child.stdout }).on('line', (line) => {
    const { id, ...answer }: ChildAnswer = JSON.parse(line);
    waiting.get(id)?.('code' in answer ? answer : answer.value);
  });
  const ended = once(child, 'exit').then(([code, signal]) => code ?? signal);
  let id = 0;
  return {
    call(op, ...args) {
      id += 1;
      const request: ChildRequest = { id, op, args };
      const answer = new Promise((resolve) => waiting.set(request.id, resolve));
      child.stdin.write(`${JSON.stringify(request)}\n`);
      const gone = ended.then((how) => {
        throw new Error(`the keychain process ended with ${how}`);
      });
      return Promise.race([answer, gone]);
    },
    ended,
    kill: () => child.kill('SIGKILL'),
  };
}
