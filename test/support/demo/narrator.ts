import { setTimeout as wait } from 'node:timers/promises';
import { inspect, isDeepStrictEqual, styleText } from 'node:util';
import { redactShapes } from '../../../src/core/redact.ts';

/** Where the story is shown, and how. */
export interface Screen {
  readonly write: (text: string) => void;
  /** Characters in a line; the story never uses more than 80. */
  readonly columns: number;
  readonly colour: boolean;
  /** Time to read after each chapter, ms. */
  readonly pause: number;
}

type Look = Parameters<typeof styleText>[0];

const WIDEST = 80;
const NARROWEST = 40;
const INDENT = '     ';
const QUOTE = '│ ';

/** Tells the story and keeps count of what was found true. */
export class Narrator {
  readonly #screen: Screen;
  readonly #width: number;
  #held = 0;
  #failed = 0;
  #blank = true;

  constructor(screen: Screen) {
    this.#screen = screen;
    this.#width = Math.min(Math.max(screen.columns, NARROWEST), WIDEST) - INDENT.length;
  }

  /** How many checks held so far. */
  get held(): number {
    return this.#held;
  }

  /** How many did not. */
  get failed(): number {
    return this.#failed;
  }

  /** The first and the last words, from the screen's edge. */
  say(text: string, look: Look = 'reset'): void {
    for (const line of wrap(text, this.#width + INDENT.length)) this.#line(this.#paint(look, line));
  }

  chapter(number: number, of: number, title: string, plain: string): void {
    this.gap();
    const place = `${number}/${of}`.padEnd(INDENT.length);
    this.#line(this.#paint('cyan', place) + this.#paint('bold', title));
    for (const line of wrap(plain, this.#width)) this.#line(INDENT + line);
  }

  /** An empty line, never two. */
  gap(): void {
    if (!this.#blank) this.#line('');
  }

  /** The command that is run next. */
  command(args: readonly string[]): void {
    this.gap();
    this.#line(
      `${INDENT}${this.#paint('dim', '$')} ${this.#paint('cyan', `authbar ${args.join(' ')}`)}`,
    );
  }

  /** A line that somebody else wrote: Authbar, or a file. A word that is too long is cut. */
  quote(line: string): void {
    const width = this.#width - QUOTE.length;
    const breakable = line.split(' ').every((word) => word.length < width);
    const lines = breakable ? wrap(line, width) : [cut(line, width)];
    for (const part of lines) {
      this.#line(`${INDENT}${this.#paint('dim', QUOTE)}${part}`.trimEnd());
    }
  }

  /** What somebody else does in the story. */
  note(text: string): void {
    this.gap();
    for (const line of wrap(text, this.#width)) this.#line(INDENT + this.#paint('yellow', line));
  }

  /**
   * A fact: `came` has to be `expected`, or match it. Otherwise both are shown, and the story ends with
   * this chapter.
   */
  check(what: string, came: unknown, expected: unknown = true): void {
    const held = holds(came, expected);
    if (held) this.#held += 1;
    else this.#failed += 1;
    const mark = held ? this.#paint('green', '✓') : this.#paint('red', '✗');
    const [first = '', ...more] = wrap(what, this.#width - 2);
    this.#line(`${INDENT}${mark} ${first}`);
    for (const line of more) this.#line(`${INDENT}  ${line}`);
    if (!held) {
      this.#line(`${INDENT}    expected  ${shown(expected)}`);
      this.#line(`${INDENT}    came      ${shown(came)}`);
    }
  }

  /** Time to read. */
  async pause(signal: AbortSignal): Promise<void> {
    if (this.#screen.pause > 0) await wait(this.#screen.pause, undefined, { signal });
  }

  #paint(look: Look, text: string): string {
    const { colour } = this.#screen;
    return colour && look !== 'reset' ? styleText(look, text, { validateStream: false }) : text;
  }

  #line(text: string): void {
    this.#blank = text === '';
    this.#screen.write(`${text}\n`);
  }
}

/** Whether `came` is `expected`, or matches it. */
export function holds(came: unknown, expected: unknown): boolean {
  return expected instanceof RegExp
    ? expected.test(String(came))
    : isDeepStrictEqual(came, expected);
}

/** A value on one line, without a secret in it. */
function shown(value: unknown): string {
  const text = inspect(value, { breakLength: Number.POSITIVE_INFINITY, depth: 4 });
  return cut(redactShapes(text), 400);
}

function cut(text: string, width: number): string {
  return text.length > width ? `${text.slice(0, width - 1)}…` : text;
}

/** Breaks between words; what follows keeps the first line's indent. */
function wrap(text: string, width: number): string[] {
  if (text.length <= width) return [text];
  const indent = /^ */.exec(text)?.[0] ?? '';
  const lines: string[] = [];
  let line = '';
  for (const word of text.trim().split(' ')) {
    const longer = line === '' ? `${indent}${word}` : `${line} ${word}`;
    if (line !== '' && longer.length > width) {
      lines.push(line);
      line = `${indent}${word}`;
    } else {
      line = longer;
    }
  }
  return [...lines, line];
}
