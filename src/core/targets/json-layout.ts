import { AppError } from '../../shared/errors.ts';
import { type Member, spaceBefore, treeOf } from './json-tree.ts';

/** How what is added to a JSON file is written, so that it looks like what is there. */

/** What a value can be set to. */
export type JsonValue =
  | null
  | boolean
  | number
  | string
  | readonly JsonValue[]
  | { readonly [key: string]: JsonValue };

/** How the properties of an object are laid out. */
export interface Layout {
  /** The line break and the indentation before each key; empty where all is on one line. */
  readonly line: string;
  /** What a level adds to the indentation. */
  readonly unit: string;
  readonly colon: string;
}

/** The text of a value, for a property in this layout. */
export type Content = (layout: Layout) => string;

/** A line break and the indentation behind it. */
const LINE = /(?:\r\n|\n|\r)[ \t]*/g;

/** How a property stands in its object. What it does not tell is as in the object around that. */
export function layoutOf({ lead, colon }: Member, outer: Layout): Layout {
  const line = lead.match(LINE)?.at(-1) ?? '';
  const indentation = line.replace(/[\r\n]/g, '');
  const around = outer.line.replace(/[\r\n]/g, '');
  const further = indentation.length > around.length && indentation.startsWith(around);
  return {
    line,
    unit: further ? indentation.slice(around.length) : outer.unit,
    colon: /^[ \t]*:[ \t]*$/.test(colon) ? colon : outer.colon,
  };
}

/** Of the object that is the value of such a property. */
export function deeper(layout: Layout): Layout {
  return { ...layout, line: layout.line && layout.line + layout.unit };
}

/**
 * What stands between a comment and the key of a property that is added.
 * @param space What has been behind the comment: a line comment has a line break there, and needs one.
 */
export function leadBehindComment(space: string, { line }: Layout): string {
  const [lineBreak] = space.match(LINE) ?? [];
  return lineBreak ? line || lineBreak : ' ';
}

/** What stands before the key of a property that is added to `members`: what stands before the last. */
export function leadLike(members: readonly Member[], layout: Layout): string {
  // Before the first there is only what stands behind the brace.
  const lead = members.slice(1).at(-1)?.lead;
  return layout.line || (lead?.slice(spaceBefore(lead, lead.length)) ?? gap(layout));
}

/** A property without what stands before its key. */
export function property(key: string, content: Content, layout: Layout): string {
  return JSON.stringify(key) + layout.colon + content(layout);
}

/** @throws AppError `unexpected` for what is not the text of one JSON value. */
export function verbatim(raw: string): Content {
  // Exactly the value: a comment behind it could swallow what follows.
  if (treeOf(raw)?.length !== raw.length) {
    throw new AppError('unexpected', { hint: 'not the text of one JSON value' });
  }
  return () => raw;
}

/** A value as JSON. */
export function rendered(value: JsonValue): Content {
  if (value === null || typeof value !== 'object') return () => JSON.stringify(value);
  const isList = Array.isArray(value);
  return (layout) => {
    const inner = deeper(layout);
    const parts = Object.entries(value).map(([key, each]) =>
      isList ? rendered(each)(inner) : property(key, rendered(each), inner),
    );
    return enclosed(isList ? '[]' : '{}', parts, layout);
  };
}

/** `content` in the objects that lead to it. */
export function nested(path: readonly string[], content: Content): Content {
  return path.reduceRight<Content>(
    (inner, key) => (layout) => enclosed('{}', [property(key, inner, deeper(layout))], layout),
    content,
  );
}

function enclosed(brackets: '{}' | '[]', parts: readonly string[], layout: Layout): string {
  if (parts.length === 0) return brackets;
  const { line } = deeper(layout);
  const inside = line + parts.join(`,${line || gap(layout)}`) + layout.line;
  return brackets.charAt(0) + inside + brackets.charAt(1);
}

/** What is between two properties on one line: the space that is behind a colon. */
function gap({ colon }: Layout): string {
  return colon.slice(colon.indexOf(':') + 1);
}
