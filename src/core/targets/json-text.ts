import { type Edit, getNodeValue, type Node } from 'jsonc-parser';
import { AppError } from '../../shared/errors.ts';
import {
  type Content,
  deeper,
  type JsonValue,
  type Layout,
  layoutOf,
  leadBehindComment,
  leadLike,
  nested,
  property,
  rendered,
  verbatim,
} from './json-layout.ts';
import {
  endOf,
  find,
  hasComment,
  type JsonFile,
  type Member,
  membersOf,
  readJson,
  spaceAfter,
  spaceBefore,
  tokenAt,
} from './json-tree.ts';

/**
 * A tool's JSON file as text: a change is made where the value stands, and all else stays byte for byte
 * (comments, trailing commas, the order of keys, equal keys, escapes, long numbers, line ends, a byte order
 * mark). No file is touched here.
 *
 * jsonc-parser reads, but the edits are our own: its `modify` changes the first of two equal keys, where
 * every reader takes the last, and lays out anew what stands around a change.
 */
export type { JsonValue } from './json-layout.ts';

/** The keys that lead to a value, from the outermost object; `[]` is that object itself. */
export type JsonPath = readonly string[];

/**
 * Set a value; set it to this JSON text byte for byte; or remove the property.
 *
 * Setting changes the last of equal keys, the one that counts; removing removes all of them, lest an
 * earlier one begins to count. Setting makes the objects on the way, also where there is something that
 * is none: whether that may be is for the caller to know.
 */
export type JsonChange =
  | { readonly path: JsonPath; readonly value: JsonValue }
  | { readonly path: JsonPath; readonly raw: string }
  | { readonly path: JsonPath; readonly remove: true };

/** How a new file looks, and an object in a file that does not tell how it should look. */
export interface JsonStyle {
  /** Spaces for each level; 0: all on one line and no spaces. Default 2. */
  readonly indent?: number;
  /** Of a new file. Default: none. */
  readonly finalNewline?: boolean;
}

/** A file that could be understood. */
export interface JsonText {
  /** The value as plain data; `undefined`: not there. Of equal keys the last, as `JSON.parse` has it. */
  get(path: JsonPath): unknown;
  /** The text of that value as it stands there; `null`: not there. */
  raw(path: JsonPath): string | null;
}

/** @returns `null` for what is not UTF-8, larger than 4 MiB, deeper than 200 levels or not one JSON object. */
export function parseJsonText(bytes: Uint8Array): JsonText | null {
  const file = readJson(bytes);
  if (!file) return null;
  const { text, root } = file;
  return {
    get: (path) => {
      const node = find(text, root, path);
      return node && getNodeValue(node);
    },
    raw: (path) => {
      const node = find(text, root, path);
      return node ? text.slice(node.offset, endOf(node)) : null;
    },
  };
}

/**
 * The file with `changes` made, one after the other. What is added looks like what it is added to.
 * @param bytes `null`: there is no file yet; for a new one.
 * @throws AppError `tool-file-damaged` (without a path) for bytes that `parseJsonText` does not understand,
 * before or after; `unexpected` for a `raw` that is not one JSON value: the caller's mistake.
 */
export function editJsonText(
  bytes: Uint8Array | null,
  changes: readonly JsonChange[],
  style: JsonStyle = {},
): Uint8Array {
  const old = bytes ?? Buffer.from(style.finalNewline ? '{}\n' : '{}');
  const edited = changes.reduce((file, change) => edit(understood(file), change, style), old);
  understood(edited);
  return edited;
}

function understood(bytes: Uint8Array): JsonFile {
  const file = readJson(bytes);
  if (!file) throw new AppError('tool-file-damaged');
  return file;
}

function edit({ bom, text, root }: JsonFile, change: JsonChange, style: JsonStyle): Uint8Array {
  const edits =
    'remove' in change ? removal(text, root, change.path) : setting(text, root, change, style);
  return Buffer.from(bom + applied(text, edits));
}

/** In one go and in their order; jsonc-parser's `applyEdits` copies the whole text for each. */
function applied(text: string, edits: readonly Edit[]): string {
  let at = 0;
  const parts = edits.map(({ offset, length, content }) => {
    const before = text.slice(at, offset);
    at = offset + length;
    return before + content;
  });
  return parts.join('') + text.slice(at);
}

function setting(
  text: string,
  root: Node,
  change: Exclude<JsonChange, { remove: true }>,
  { indent = 2 }: JsonStyle,
): Edit[] {
  const content = 'raw' in change ? verbatim(change.raw) : rendered(change.value);
  const compact = { line: '', unit: '', colon: ':' };
  const lineBreak = text.match(/\r\n|\n|\r/)?.[0] ?? '\n';
  const indented = { line: lineBreak, unit: ' '.repeat(indent), colon: ': ' };
  return settingIn(text, root, change.path, content, indent === 0 ? compact : indented);
}

/** @param layout Of the object that `node` is in. */
function settingIn(
  text: string,
  node: Node,
  path: JsonPath,
  content: Content,
  layout: Layout,
): Edit[] {
  const [key, ...rest] = path;
  const members = membersOf(text, node);
  const bare = members.length === 0 && !hasComment(text.slice(node.offset, endOf(node)));
  if (key === undefined || node.type !== 'object' || bare) {
    return [replace(node.offset, endOf(node), nested(path, content)(layout))];
  }
  const member = members.findLast(({ name }) => name === key);
  if (member) return settingIn(text, member.value, rest, content, layoutOf(member, layout));
  return addition(text, node, key, nested(rest, content), layout);
}

/** Goes behind all that is in the object: each comment there stays with what it is about. */
function addition(text: string, node: Node, key: string, content: Content, outer: Layout): Edit[] {
  const members = membersOf(text, node);
  const last = members.at(-1);
  const layout = last ? layoutOf(last, outer) : deeper(outer);
  const from = last?.end ?? node.offset + 1;
  const close = endOf(node) - 1;
  const at = spaceBefore(text, close);
  const lead = hasComment(text.slice(from, at))
    ? leadBehindComment(text.slice(at, close), layout)
    : leadLike(members, layout);
  const added = lead + property(key, content, layout);
  // A comma behind the last property is the manner of the file.
  if (last && text[tokenAt(text, from)] === ',') return [replace(at, at, `${added},`)];
  return [replace(from, from, last ? ',' : ''), replace(at, at, added)];
}

function removal(text: string, root: Node, path: JsonPath): Edit[] {
  const node = find(text, root, path.slice(0, -1));
  if (!node) return [];
  const members = membersOf(text, node);
  const name = path.at(-1);
  const kept = members.findLastIndex((member) => member.name !== name);
  // With the comma and the space behind it, so that what follows stands where it stood.
  const edits = members
    .slice(0, kept + 1)
    .filter((member) => member.name === name)
    .map(({ start, end }) => replace(start, spaceAfter(text, tokenAt(text, end) + 1), ''));
  const [first] = members.slice(kept + 1);
  return first ? [...edits, ...removalAtEnd(text, node, first, members.at(-1) ?? first)] : edits;
}

/** Without the object's last properties, from `first` to `last`, and what is between them. */
function removalAtEnd(text: string, node: Node, first: Member, last: Member): Edit[] {
  const from = first.start - first.lead.length;
  const close = endOf(node) - 1;
  const all = from === node.offset + 1;
  const commented = hasComment(first.lead);
  if (all && !commented && !hasComment(text.slice(last.end, close))) {
    return [replace(from, close, '')];
  }
  const comma = tokenAt(text, last.end);
  const trailing = text[comma] === ',';
  const end = trailing ? comma + 1 : last.end;
  const space = spaceBefore(text, first.start);
  // The line break before it may end a line comment; then it goes only where another one follows.
  const needed =
    commented &&
    /[\r\n]/.test(text.slice(space, first.start)) &&
    !/^[ \t]*[\r\n]/.test(text.slice(end));
  const rest = replace(needed ? first.start : space, end, '');
  if (all || trailing) return [rest];
  const before = tokenAt(text, from);
  return [replace(commented ? before : from, before + 1, ''), rest];
}

function replace(from: number, to: number, content: string): Edit {
  return { offset: from, length: to - from, content };
}
