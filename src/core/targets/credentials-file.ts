import { AppError } from '../../shared/errors.ts';

/**
 * The `KEY=VALUE` file of Peekaboo and Tachikoma, as text: no file is touched here.
 *
 * Both programs split at every Unicode line end, trim each line, pass over empty ones and those with
 * `#`, split at the first `=` and let a later line win. Peekaboo also trims around the `=`, Tachikoma
 * does not; so we read as Peekaboo and write what both read. Neither knows quotes or `export`.
 * @see https://github.com/steipete/Peekaboo (`ConfigurationManager+Credentials.swift`)
 * @see https://github.com/steipete/Tachikoma (`AuthManager.swift`)
 */
export interface Credentials {
  readonly kind: 'ok';
  /** The values that are not empty; of a key that stands there twice, the last. */
  readonly values: ReadonlyMap<string, string>;
}

/** Left alone: it is not the text that it should be. */
export interface Unreadable {
  readonly kind: 'unreadable';
  readonly reason: 'not-text' | 'too-large';
}

/** A line, one character for each of its bytes, so that a foreign one survives whatever it holds. */
interface Line {
  readonly text: string;
  /** Its line end; `''` on the last line only. */
  readonly end: string;
}

const MAX_BYTES = 1024 * 1024;
const BOM = '\xef\xbb\xbf';
/** Swift's `CharacterSet.newlines`, in UTF-8. */
const LINE_END = /(\r\n|[\n\v\f\r]|\xc2\x85|\xe2\x80[\xa8\xa9])/;
const KEY = /^[A-Z][A-Z0-9_]*$/;
const VALUE = /^[\x21-\x7e]+$/;

const HEADER = [
  '# Peekaboo credentials file',
  '# This file contains sensitive API keys and should not be shared',
  '',
];

/** The values as the tools read them: of a key that stands there twice the last one. */
export function readCredentials(bytes: Uint8Array): Credentials | Unreadable {
  const parsed = parse(bytes);
  if ('kind' in parsed) return parsed;
  const values = new Map<string, string>();
  for (const { text } of parsed.lines) {
    const [key, value] = entryOf(text);
    if (key && value) values.set(key, value);
  }
  return { kind: 'ok', values };
}

/**
 * The file with `changes` made: a key's value, or `null` to take the key out. Lines that are there are
 * changed where they stand (each of them, if a key stands there twice); new ones follow our last, else
 * the end. Everything else stays byte for byte.
 * @param bytes The file as it is; `null` when there is none, for a new one with Peekaboo's own header.
 * @throws AppError `unexpected` for a key or value that the file cannot hold: the caller's mistake.
 */
export function editCredentials(
  bytes: Uint8Array | null,
  changes: ReadonlyMap<string, string | null>,
): Uint8Array | Unreadable {
  assertWritable(changes);
  if (bytes === null) return newFile(changes);
  const parsed = parse(bytes);
  if ('kind' in parsed) return parsed;
  const text = edit(parsed.lines, changes).map((line) => line.text + line.end);
  return Buffer.from(parsed.bom + text.join(''), 'latin1');
}

function newFile(changes: ReadonlyMap<string, string | null>): Uint8Array {
  const entries = entriesFor(changes, new Set());
  return Buffer.from(entries.length === 0 ? '' : [...HEADER, ...entries].join('\n'));
}

function edit(lines: readonly Line[], changes: ReadonlyMap<string, string | null>): Line[] {
  const keys = lines.map(({ text }) => entryOf(text)[0]);
  const ours = keys.findLastIndex((key) => changes.has(key));
  // A file that ends with a line end has an empty line behind it, which stays the last.
  const end = lines.at(-1)?.text === '' ? lines.length - 1 : lines.length;
  const at = ours < 0 ? end : ours + 1;
  const lineEnd = lines[at - 1]?.end || lines[at - 2]?.end || '\n';

  const kept = lines.map((line, index): Line | null => {
    const key = keys[index] ?? '';
    const value = changes.get(key);
    if (value === undefined) return line;
    return value === null ? null : { text: `${key}=${value}`, end: line.end };
  });
  const added = entriesFor(changes, new Set(keys)).map((text) => ({ text, end: lineEnd }));
  const edited = kept.toSpliced(at, 0, ...added).filter((line) => line !== null);
  // Only the last line has no end, so that a final line end that was missing is missing still.
  return edited.map(({ text, end: old }, index) => ({
    text,
    end: index === edited.length - 1 ? '' : old || lineEnd,
  }));
}

/** The lines to add, sorted as both programs sort them. */
function entriesFor(
  changes: ReadonlyMap<string, string | null>,
  present: ReadonlySet<string>,
): string[] {
  return [...changes]
    .filter(([key, value]) => value !== null && !present.has(key))
    .map(([key, value]) => `${key}=${value}`)
    .sort();
}

function parse(bytes: Uint8Array): { bom: string; lines: Line[] } | Unreadable {
  if (bytes.length > MAX_BYTES) return { kind: 'unreadable', reason: 'too-large' };
  if (bytes.includes(0)) return { kind: 'unreadable', reason: 'not-text' };
  const text = Buffer.from(bytes).toString('latin1');
  const bom = text.startsWith(BOM) ? BOM : '';
  const parts = text.slice(bom.length).split(LINE_END);
  const lines: Line[] = [];
  for (let index = 0; index < parts.length; index += 2) {
    lines.push({ text: parts[index] ?? '', end: parts[index + 1] ?? '' });
  }
  return { bom, lines };
}

/** The key and the value of a line, empty when it has none. */
function entryOf(text: string): readonly [key: string, value: string] {
  if (!text.includes('=')) return ['', ''];
  const line = Buffer.from(text, 'latin1').toString('utf8').trim();
  if (line.startsWith('#')) return ['', ''];
  const split = line.indexOf('=');
  return [line.slice(0, split).trim(), line.slice(split + 1).trim()];
}

function assertWritable(changes: ReadonlyMap<string, string | null>): void {
  for (const [key, value] of changes) {
    if (KEY.test(key) && (value === null || VALUE.test(value))) continue;
    throw new AppError('unexpected', { hint: 'a credentials file cannot hold this key or value' });
  }
}
