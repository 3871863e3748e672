import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { maskToken } from './mask-token.ts';
import type { Narrator } from './narrator.ts';

/** What a command line needs to run in the story. */
export interface CommandLineParts {
  /** The built `authbar`. */
  readonly program: string;
  readonly env: NodeJS.ProcessEnv;
  /** The person's home, told as `~`. */
  readonly home: string;
  readonly narrator: Narrator;
  /** Every secret that is known by now. */
  readonly secrets: () => readonly string[];
  readonly signal: AbortSignal;
}

/** Longer than any command takes that waits for nobody, ms. */
const PATIENCE = 30_000;

/** How one command is run and told. */
export interface RunOptions {
  /** The exit code that the story needs, and what it means. Default: 0, done. */
  readonly exit?: readonly [code: number, means: string];
  /** How long it may take, ms. */
  readonly patience?: number;
  /** Nothing of it is told. */
  readonly quiet?: boolean;
  /** Only the lines from here on, or up to here, are told. */
  readonly from?: RegExp;
  readonly upTo?: RegExp;
  /** Gets the first link that is printed, and a way to paste a line. */
  readonly onLink?: (link: string, paste: (line: string) => void) => Promise<unknown>;
}

/** How a command ended. */
export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The built command line, each command a process of its own. */
export class CommandLine {
  readonly #parts: CommandLineParts;
  readonly #printed: string[] = [];

  constructor(parts: CommandLineParts) {
    this.#parts = parts;
  }

  /** All that was printed so far, but what `token` is there to print. */
  get printed(): string {
    return this.#printed.join('\n');
  }

  /** Runs one command to its end. Rejects with the signal's reason once the story is stopped. */
  async run(args: readonly string[], options: RunOptions = {}): Promise<Ended> {
    const { narrator, signal } = this.#parts;
    signal.throwIfAborted();
    if (!options.quiet) narrator.command(args);
    const child = this.#start(args, options.patience ?? PATIENCE);
    const visitor = new Visitor(child, options.onLink);
    const tell = this.#teller(options);
    const take = (line: string) => {
      tell(line);
      visitor.look(line);
    };
    const [stdout, stderr] = [gather(child.stdout, take), gather(child.stderr, take)];
    const [code] = (await once(child, 'close')) as [number | null];
    const ended = { code, stdout: stdout(), stderr: stderr() };
    if (args[0] !== 'token') this.#printed.push(ended.stdout);
    this.#printed.push(ended.stderr);
    await visitor.gone();
    signal.throwIfAborted();
    this.#checkExit(args, code, options.exit);
    return ended;
  }

  #start(args: readonly string[], timeout: number): ChildProcessWithoutNullStreams {
    const { program, env, signal } = this.#parts;
    const child = spawn(process.execPath, [program, ...args], {
      env,
      timeout,
      killSignal: 'SIGKILL',
    });
    const kill = () => child.kill('SIGKILL');
    signal.addEventListener('abort', kill);
    child.once('close', () => signal.removeEventListener('abort', kill));
    // It may be gone before it has read what was pasted.
    child.stdin.on('error', () => {});
    return child;
  }

  /** Success is worth no words. */
  #checkExit(args: readonly string[], code: number | null, exit: RunOptions['exit']): void {
    const { narrator } = this.#parts;
    if (exit) narrator.check(`exit code ${exit[0]}: ${exit[1]}`, code, exit[0]);
    else if (code !== 0) narrator.check(`\`authbar ${args.join(' ')}\` works`, code, 0);
  }

  /** Tells line by line what is to be told: tokens masked, no path of this machine, no two empty lines. */
  #teller({ quiet, from, upTo }: RunOptions): (line: string) => void {
    const { home, narrator, secrets } = this.#parts;
    let telling = !quiet && !from;
    let over = false;
    let gap = false;
    return (line) => {
      if (!quiet && !over && from?.test(line)) telling = true;
      if (!telling || over) return;
      if (line === '') {
        gap = true;
        return;
      }
      if (gap) narrator.quote('');
      gap = false;
      const masked = secrets().reduce((text, secret) => text.replaceAll(secret, maskToken), line);
      narrator.quote(masked.replaceAll(home, '~'));
      if (upTo?.test(line)) over = true;
    };
  }
}

/** Whoever does something with the first link that a command prints. */
class Visitor {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #onLink: RunOptions['onLink'];
  #visit: Promise<unknown> | null = null;

  constructor(child: ChildProcessWithoutNullStreams, onLink: RunOptions['onLink']) {
    this.#child = child;
    this.#onLink = onLink;
    if (!onLink) child.stdin.end();
  }

  look(line: string): void {
    const link = /\bhttps?:\/\/\S+/.exec(line)?.[0];
    if (!link || !this.#onLink || this.#visit) return;
    const { stdin } = this.#child;
    this.#visit = this.#onLink(link, (text) => stdin.write(`${text}\n`));
    this.#visit.catch(() => this.#child.kill());
  }

  /** Rejects if the visit failed. */
  async gone(): Promise<void> {
    await this.#visit;
  }
}

/** Hands over each line as it comes; what it returns tells all of them. */
function gather(stream: Readable, onLine: (line: string) => void): () => string {
  const lines: string[] = [];
  createInterface({ input: stream }).on('line', (line) => {
    lines.push(line);
    onLine(line);
  });
  return () => lines.join('\n');
}
