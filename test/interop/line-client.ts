import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { onTestFinished } from 'vitest';

interface Answer {
  readonly id?: number;
  readonly result?: unknown;
  readonly error?: { readonly message: string };
}

/** How long a program may take to end by itself once nobody talks to it any more, ms. */
const PATIENCE = 10_000;

/** A program that is asked over its standard input, one JSON object per line, and answers by number. */
export class LineClient {
  readonly #child: ChildProcess;
  /** What whoever still waits is told when the program has ended. */
  readonly #ended: Promise<Answer>;
  readonly #asked = new Map<number, (answer: Answer) => void>();
  #last = 0;
  #stderr = '';

  constructor(command: readonly [string, ...string[]], env: NodeJS.ProcessEnv) {
    const [program, ...args] = command;
    this.#child = spawn(program, args, { env, stdio: 'pipe' });
    this.#child.stderr?.setEncoding('utf8').on('data', (text) => {
      this.#stderr += text;
    });
    if (this.#child.stdout) {
      createInterface(this.#child.stdout).on('line', (line) => this.#hear(JSON.parse(line)));
    }
    // The end of the program says more than a pipe that is broken.
    this.#child.stdin?.on('error', () => {});
    this.#ended = once(this.#child, 'close').then(() => ({
      error: { message: `ended without an answer: ${this.#stderr}` },
    }));
    onTestFinished(() => this.close());
  }

  /** @throws Error with what the program says, or has printed when it ended without an answer. */
  async ask(method: string, params: object = {}): Promise<unknown> {
    this.#last += 1;
    const id = this.#last;
    const answer = new Promise<Answer>((resolve) => this.#asked.set(id, resolve));
    this.tell({ id, method, params });
    const { result, error } = await Promise.race([answer, this.#ended]);
    if (error) throw new Error(`${method}: ${error.message}`);
    return result;
  }

  /** Says something that has no answer. */
  tell(message: object): void {
    this.#child.stdin?.write(`${JSON.stringify(message)}\n`);
  }

  /** Ends the program as its user would, by hanging up. */
  async close(): Promise<void> {
    this.#child.stdin?.end();
    const late = setTimeout(() => this.#child.kill(), PATIENCE);
    await this.#ended;
    clearTimeout(late);
  }

  #hear(answer: Answer): void {
    if (answer.id === undefined) return;
    this.#asked.get(answer.id)?.(answer);
    this.#asked.delete(answer.id);
  }
}
