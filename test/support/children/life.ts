import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface, type Interface } from 'node:readline';
import type { Step } from '../../../src/core/ports.ts';
import type { World } from '../engine.ts';
import type { Moment } from '../kills.ts';
import { startChild } from './run-child.ts';

/** By which what an engine has made is told from what others have. */
const UMASK = 0o037;

/** The mode of each folder that an engine here made without asking for one: of its folder locks. */
export const MADE_BY_IT = 0o777 & ~UMASK;

/** An engine in a process of its own, from its birth to its kill. */
export class Life {
  readonly pid: number | undefined;
  /** Every step that it came to. */
  readonly steps: { readonly at: number; readonly step: Step }[] = [];
  /** Resolves with the signal once it is dead and all that it said is here. */
  readonly ended: Promise<NodeJS.Signals | null>;
  readonly #child: ChildProcess;
  readonly #lines: Interface;
  readonly #ready: Promise<void>;

  constructor({ env }: Pick<World, 'env'>) {
    this.#child = startChild('engine-to-kill.ts', [String(UMASK)], { env });
    this.pid = this.#child.pid;
    this.#child.stdin?.on('error', () => {}); // It may die while it is spoken to.
    this.ended = once(this.#child, 'close').then(([, signal]) => signal);
    this.#lines = createInterface({ input: this.#child.stdout ?? process.stdin });
    this.#lines.on('line', (line) => {
      const [at = '', step] = line.split(' ');
      if (/^\d/.test(at)) this.steps.push({ at: Number(at), step: step as Step });
    });
    this.#ready = this.#until('ready');
    this.#ready.catch(() => {}); // Nobody may have waited for it.
  }

  /** Becomes the engine: at once, or never. */
  async begin(): Promise<void> {
    await this.#ready;
    const began = this.#until('began');
    this.#child.stdin?.write('go\n');
    await began;
  }

  /** Lets it die at the nth time, from now on, that it comes to a step. */
  dieAt(moment: Moment): void {
    this.#child.stdin?.write(`${JSON.stringify(moment)}\n`);
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }

  #until(word: string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#child.once('close', () => reject(new Error(`it died before it said: ${word}`)));
      this.#lines.on('line', (line) => {
        if (line === word) resolve();
        if (line.startsWith('failed')) reject(new Error(`it ${line}`));
      });
    });
  }
}
