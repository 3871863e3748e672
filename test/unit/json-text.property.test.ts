import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  editJsonText,
  type JsonChange,
  type JsonPath,
  type JsonText,
  type JsonValue,
  parseJsonText,
} from '../../src/core/targets/json-text.ts';

/** Few, so that keys meet: equal ones in an object, and those of a path with those that are there. */
const key = fc.constantFrom('a', 'b', 'c', '', '__proto__', 'toString', 'ä"\\\n', '😀', '\ud800');
const path = fc.array(key, { minLength: 1, maxLength: 3 });
const value = fc
  .jsonValue({ maxDepth: 3 })
  // JSON has a -0, but JSON.stringify does not write it.
  .map((each): JsonValue => JSON.parse(JSON.stringify(each)));

/** Every character of a key or string may be written as an escape. */
const escaped = (text: string) => {
  const units = text.split('').map((unit) => unit.charCodeAt(0));
  return `"${units.map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`).join('')}"`;
};
const keyText = fc.oneof(
  key.map((each) => JSON.stringify(each)),
  key.map(escaped),
);
const scalar = fc.oneof(
  fc.constantFrom('null', 'true', '-0', '1.50', '1E400', '12345678901234567890', '0.1e-7'),
  fc.constantFrom('"// \\" {"', '"/* \\\\"', '"\\u00E4\\/"', '"\\ud800"', '"ä 😀 \u2028"'),
  fc.string({ unit: 'binary' }).map((each) => JSON.stringify(each)),
);

/** What stands before a part of a file that is `level` objects and lists deep. */
type Space = (level: number) => string;

interface Manner {
  readonly beforeKey: Space;
  readonly beforeColon: Space;
  readonly beforeValue: Space;
  readonly beforeComma: Space;
  readonly beforeEnd: Space;
  readonly trailingComma: string;
}

/** A value that is yet to be written. */
type Writer = (manner: Manner, level: number) => string;

const always = (text: string) => () => text;

function enclosed(open: string, parts: readonly Writer[], close: string): Writer {
  return (manner, level) => {
    // Of an empty object, space alone is not kept.
    const nothing = manner.beforeEnd(level);
    if (parts.length === 0) return open + (nothing.includes('/') ? nothing : '') + close;
    const texts = parts.map((part) => manner.beforeKey(level + 1) + part(manner, level + 1));
    const commas = texts.join(`${manner.beforeComma(level)},`);
    const trailing = manner.trailingComma && manner.beforeComma(level) + manner.trailingComma;
    return open + commas + trailing + manner.beforeEnd(level) + close;
  };
}

const { object } = fc.letrec<{ any: Writer; object: Writer; list: Writer }>((tie) => ({
  any: fc.oneof({ depthSize: 'small' }, scalar.map(always), tie('object'), tie('list')),
  object: fc
    .array(fc.tuple(keyText, tie('any')), { maxLength: 5 })
    .map((members) => enclosed('{', members.map(property), '}')),
  list: fc.array(tie('any'), { maxLength: 3 }).map((each) => enclosed('[', each, ']')),
}));

function property([text, writer]: readonly [string, Writer]): Writer {
  return (manner, level) =>
    `${text}${manner.beforeColon(level)}:${manner.beforeValue(level)}${writer(manner, level)}`;
}

/** As programs write: on one line, or on a line each. */
const neat: fc.Arbitrary<Manner> = fc
  .record({
    unit: fc.constantFrom(null, '', ' ', '  ', '    ', '\t'),
    lineEnd: fc.constantFrom('\n', '\r\n', '\r'),
    beforeColon: fc.constantFrom('', ' ').map(always),
    beforeValue: fc.constantFrom('', ' ').map(always),
  })
  .map(({ unit, lineEnd, ...colon }) => {
    const space: Space = unit === null ? always('') : (level) => lineEnd + unit.repeat(level);
    return {
      ...colon,
      beforeKey: space,
      beforeComma: always(''),
      beforeEnd: space,
      trailingComma: '',
    };
  });

const wildSpace = fc
  .array(fc.constantFrom(' ', '\n', '\r\n  ', '\r', '\t', '/* , } */', '/*\n//*/', '// "a":1,}\n'))
  .map((parts) => parts.join(''));

/** As people write, with comments that look like anything else. */
const wild: fc.Arbitrary<Manner> = fc
  .record({
    spaces: fc.array(wildSpace, { minLength: 1 }),
    trailingComma: fc.constantFrom('', ','),
  })
  .map((drawn) => {
    let turn = 0;
    const space: Space = () => drawn.spaces[turn++ % drawn.spaces.length] ?? '';
    const before = { beforeKey: space, beforeColon: space, beforeValue: space };
    return { ...before, beforeComma: space, beforeEnd: space, trailingComma: drawn.trailingComma };
  });

function written(manner: fc.Arbitrary<Manner>): fc.Arbitrary<string> {
  const bom = fc.constantFrom('', '\ufeff');
  const end = fc.constantFrom('', '\n', '\r\n', ' // end');
  return fc
    .tuple(bom, object, manner, end)
    .map(([start, root, how, rest]) => start + root(how, 0) + rest);
}

const neatFile = written(neat);
const file = fc.oneof(neatFile, written(wild));

function parse(text: string): JsonText {
  const parsed = parseJsonText(Buffer.from(text));
  if (!parsed) throw new Error(`not understood: ${JSON.stringify(text)}`);
  return parsed;
}

const edit = (text: string, ...changes: readonly JsonChange[]): string =>
  Buffer.from(editJsonText(Buffer.from(text), changes)).toString();

type Plain = Readonly<Record<string, unknown>>;

const isPlain = (data: unknown): data is Plain =>
  typeof data === 'object' && data !== null && !Array.isArray(data);

/** What `data` is after the change, told without any text. */
function changed(data: unknown, [first, ...rest]: JsonPath, to?: JsonValue): unknown {
  if (first === undefined) return to;
  if (!isPlain(data) && to === undefined) return data;
  const copy = Object.assign(Object.create(null), isPlain(data) ? data : {});
  const inner = changed(copy[first], rest, to);
  if (inner === undefined) delete copy[first];
  else copy[first] = inner;
  return copy;
}

/** The texts of all other values in the objects on the way to `path`. */
function others(text: string, path: JsonPath): (string | null)[] {
  const parsed = parse(text);
  return path.flatMap((own, depth) => {
    const parent = path.slice(0, depth);
    const data = parsed.get(parent);
    const keys = isPlain(data) ? Object.keys(data).filter((each) => each !== own) : [];
    return keys.map((each) => parsed.raw([...parent, each]));
  });
}

describe('any file', () => {
  it('is read as JSON.parse reads it', () => {
    fc.assert(
      fc.property(neatFile, (text) => {
        const json = text.replace(/^\ufeff|\s*\/\/ end$/g, '');
        expect(parse(text).get([])).toEqual(JSON.parse(json));
      }),
    );
  });

  it('has the value that was set, and all else as it was', () => {
    fc.assert(
      fc.property(file, path, value, (text, where, to) => {
        const edited = edit(text, { path: where, value: to });
        expect(parse(edited).get([])).toEqual(changed(parse(text).get([]), where, to));
        expect(others(edited, where)).toEqual(others(text, where));
      }),
    );
  });

  it('has lost what was removed, and all else is as it was', () => {
    fc.assert(
      fc.property(file, path, (text, where) => {
        const edited = edit(text, { path: where, remove: true });
        expect(parse(edited).get([])).toEqual(changed(parse(text).get([]), where));
        expect(others(edited, where)).toEqual(others(text, where));
      }),
    );
  });

  it('is the same bytes again when a new property is removed', () => {
    fc.assert(
      fc.property(file, path, value, (text, where, to) => {
        const parsed = parse(text);
        fc.pre(parsed.get(where) === undefined && isPlain(parsed.get(where.slice(0, -1))));
        const there = edit(text, { path: where, value: to });
        expect(there).not.toBe(text);
        expect(edit(there, { path: where, remove: true })).toBe(text);
      }),
    );
  });

  it('is the same bytes again when a changed value is set to the text that it had', () => {
    fc.assert(
      fc.property(file, path, value, (text, where, to) => {
        const raw = parse(text).raw(where);
        fc.pre(raw !== null);
        const back = { path: where, raw: raw ?? '' };
        expect(edit(text, { path: where, value: to }, back)).toBe(text);
      }),
    );
  });
});
