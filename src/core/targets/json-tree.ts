import { createScanner, type Node, parseTree, visit } from 'jsonc-parser';

/** A JSON file that could be understood. Offsets are those of `text`. */
export interface JsonFile {
  /** The byte order mark, which is no part of `text`. */
  readonly bom: string;
  readonly text: string;
  readonly root: Node;
}

/** A property of an object. */
export interface Member {
  readonly name: string;
  /** The text from the property before it, or from the brace, to its key. */
  readonly lead: string;
  /** Where its key begins. */
  readonly start: number;
  /** The text from its key to its value. */
  readonly colon: string;
  readonly value: Node;
  /** Where its value ends. */
  readonly end: number;
}

const MAX_BYTES = 4 * 1024 * 1024;
/** Far more than any tool writes, far less than the stack holds. */
const MAX_DEPTH = 200;
const BOM = '\ufeff';
const OPTIONS = { allowTrailingComma: true };

/** `null`: not UTF-8, larger than 4 MiB, nested deeper than 200 levels, or not one JSON object. */
export function readJson(bytes: Uint8Array): JsonFile | null {
  const decoded = bytes.length > MAX_BYTES ? null : decode(bytes);
  if (decoded === null) return null;
  const bom = decoded.startsWith(BOM) ? BOM : '';
  const text = decoded.slice(bom.length);
  const root = treeOf(text);
  return root?.type === 'object' ? { bom, text, root } : null;
}

function decode(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}

/** The one JSON value in `text`, with comments and trailing commas; `null`: it is not one. */
export function treeOf(text: string): Node | null {
  let depth = 0;
  const open = () => {
    depth += 1;
    if (depth > MAX_DEPTH) throw new RangeError('nested too deep');
  };
  const close = () => {
    depth -= 1;
  };
  const onError = () => {
    throw new SyntaxError('not JSON');
  };
  try {
    // `parseTree` goes on after an error and as deep as the text goes. This goes the same way, and stops.
    const brackets = { onObjectBegin: open, onArrayBegin: open, onObjectEnd: close };
    visit(text, { ...brackets, onArrayEnd: close, onError }, OPTIONS);
  } catch {
    return null;
  }
  return parseTree(text, [], OPTIONS) ?? null;
}

/** Of equal keys the last: the one that counts. */
export function find(text: string, node: Node, path: readonly string[]): Node | undefined {
  const [key, ...rest] = path;
  if (key === undefined) return node;
  const member = membersOf(text, node).findLast(({ name }) => name === key);
  return member && find(text, member.value, rest);
}

/** The properties of an object, in their order; of what is no object, none. */
export function membersOf(text: string, node: Node): Member[] {
  if (node.type !== 'object') return [];
  let from = node.offset + 1;
  return (node.children ?? []).flatMap(({ offset: start, children: [key, value] = [] }) => {
    if (!key || !value) return [];
    const lead = text.slice(from, start);
    const colon = text.slice(endOf(key), value.offset);
    from = endOf(value);
    return [{ name: String(key.value), lead, start, colon, value, end: from }];
  });
}

/** Where the text of `node` ends. */
export function endOf(node: Node): number {
  return node.offset + node.length;
}

/** Where the next thing begins that is neither space nor comment. */
export function tokenAt(text: string, from: number): number {
  const scanner = createScanner(text, true);
  scanner.setPosition(from);
  scanner.scan();
  return scanner.getTokenOffset();
}

/** Where the space begins that ends at `end`. */
export function spaceBefore(text: string, end: number): number {
  let start = end;
  while (/[ \t\r\n]/.test(text.charAt(start - 1))) start -= 1;
  return start;
}

/** Where the space ends that begins at `start`. */
export function spaceAfter(text: string, start: number): number {
  let end = start;
  while (/[ \t\r\n]/.test(text.charAt(end))) end += 1;
  return end;
}

/** Of a text between two things: apart from space and commas there are only comments. */
export function hasComment(between: string): boolean {
  return between.includes('/');
}
