import { writeSync } from 'node:fs';
import { homedir } from 'node:os';
import { styleText } from 'node:util';

/** How words are shown where there is colour. They never rely on it. */
export type Look = Parameters<typeof styleText>[0];

type Stream = NodeJS.WriteStream;

/** Data, for whoever reads standard output. */
export function print(line = ''): void {
  printText(`${line}\n`);
}

/** Text that has its line ends already. */
export function printText(text: string): void {
  guarded(process.stdout).write(text);
}

/**
 * A line of plain ASCII, written without the stream, whose making would take longer than all the rest of
 * a command that only looks something up.
 */
export function printPlain(line: string): void {
  let rest = Buffer.from(`${line}\n`, 'ascii');
  try {
    while (rest.length > 0) rest = rest.subarray(writeSync(1, rest));
  } catch {
    // A pipe that is full, or whose reader has gone, is the stream's to deal with.
    guarded(process.stdout).write(rest);
  }
}

/** One JSON document, for a program. */
export function printJson(value: object): void {
  print(JSON.stringify({ schema: 1, ...value }));
}

/**
 * `text` for a person: a path below the home folder begins with `~`, as a shell reads it.
 * @param home As the system has it.
 */
export function tilde(text: string, home = homedir()): string {
  // Windows' own shells don't know it, and a home that is the root would be in every path.
  if (process.platform === 'win32' || home.length < 2) return text;
  return text.replaceAll(`${home}/`, (path, at: number) =>
    at === 0 || /[\s(“'`]/.test(text.charAt(at - 1)) ? '~/' : path,
  );
}

/** Talk, for the person: it never mixes with the data. */
export function say(line = ''): void {
  sayText(`${line}\n`);
}

/** Text that has its line ends already. */
export function sayText(text: string): void {
  guarded(process.stderr).write(text);
}

/** `text` in `look`, where the stream is a terminal with colours. https://no-color.org */
export function paint(stream: Stream, look: Look, text: string): string {
  const colourful = stream.isTTY && !process.env.NO_COLOR && process.env.TERM !== 'dumb';
  return colourful ? styleText(look, text) : text;
}

/** As one word for a shell. */
export function quoted(text: string): string {
  return /^[\w./:@-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

const guards = new Set<Stream>();

/** A reader that has gone (`authbar status | head -1`) is no failure, and there is nobody left to tell. */
function guarded(stream: Stream): Stream {
  if (guards.has(stream)) return stream;
  guards.add(stream);
  return stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
}
