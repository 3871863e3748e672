import { describe, expect, it } from 'vitest';
import {
  editJsonText,
  type JsonChange,
  type JsonStyle,
  type JsonText,
  type JsonValue,
  parseJsonText,
} from '../../src/core/targets/json-text.ts';

/** Paths are written with dots here. */
const pathOf = (dots: string): string[] => (dots === '' ? [] : dots.split('.'));
const set = (dots: string, value: JsonValue): JsonChange => ({ path: pathOf(dots), value });
const setRaw = (dots: string, raw: string): JsonChange => ({ path: pathOf(dots), raw });
const remove = (dots: string): JsonChange => ({ path: pathOf(dots), remove: true });

function edit(file: string | null, changes: readonly JsonChange[], style?: JsonStyle): string {
  const bytes = file === null ? null : Buffer.from(file);
  return Buffer.from(editJsonText(bytes, changes, style)).toString();
}

function parse(file: string): JsonText {
  const parsed = parseJsonText(Buffer.from(file));
  if (!parsed) throw new Error('not understood');
  return parsed;
}

const lines = (...all: readonly string[]): string => all.join('\n');
const damaged = expect.objectContaining({ code: 'tool-file-damaged', details: {} });

describe('reading', () => {
  it('takes the last of equal keys, as JSON.parse does', () => {
    const text = '{"a":1,"a":{"b":2,"\\u0062":3}}';
    expect(parse(text).get([])).toEqual(JSON.parse(text));
    expect(parse(text).get(['a', 'b'])).toBe(3);
    expect(parse(text).raw(['a'])).toBe('{"b":2,"\\u0062":3}');
  });

  it('tells the text of a value as it stands there', () => {
    const file = parse(
      '{ "n": 12345678901234567890.0, "s": "\\u00e4\\/", "o": { "x" : [1,\t2 ] } }',
    );
    expect(file.raw(['n'])).toBe('12345678901234567890.0');
    expect(file.raw(['s'])).toBe('"\\u00e4\\/"');
    expect(file.raw(['o'])).toBe('{ "x" : [1,\t2 ] }');
    expect(file.get(['s'])).toBe('ä/');
    expect(file.get(['o'])).toEqual({ x: [1, 2] });
  });

  it('finds nothing where there is nothing', () => {
    const file = parse('{"null":null,"list":[{"a":1}],"text":"abc"}');
    for (const path of ['none', 'null.a', 'list.0', 'list.length', 'text.0', 'none.a.b']) {
      expect(file.get(pathOf(path))).toBeUndefined();
      expect(file.raw(pathOf(path))).toBeNull();
    }
    expect(file.get(['null'])).toBeNull();
    expect(file.raw(['null'])).toBe('null');
  });

  it.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty', ''])(
    'takes %j for a key like any other',
    (key) => {
      const there = `{${JSON.stringify(key)}:{"a":1}}`;
      expect(parse('{}').get([key])).toBeUndefined();
      expect(parse('{"x":{}}').get(['x', key, 'a'])).toBeUndefined();
      expect(parse(there).get([key, 'a'])).toBe(1);
      expect(Object.keys(parse(there).get([]) as object)).toEqual([key]);
      expect(edit('{}', [{ path: [key, 'a'], value: 1 }], { indent: 0 })).toBe(there);
      expect(edit(there, [{ path: [key], remove: true }])).toBe('{}');
      const value = JSON.parse(there) as JsonValue;
      expect(edit('{"v":0}', [{ path: ['v'], value }])).toBe(`{"v":${there}}`);
      expect('a' in {}).toBe(false);
    },
  );

  it('knows comments, trailing commas and a byte order mark', () => {
    const file = parse('\ufeff// "a": 0\n{ /* { */ "a": /* : */ [1, 2,], // }\n }\n// end');
    expect(file.get([])).toEqual({ a: [1, 2] });
  });
});

describe('what cannot be understood', () => {
  const deep = (levels: number) => `{"a":${'['.repeat(levels)}${']'.repeat(levels)}}`;

  it.each([
    ['nothing', ''],
    ['only space', ' \n'],
    ['only a comment', '// {}'],
    ['no object', '[]'],
    ['a bare value', 'null'],
    ['two objects', '{}{}'],
    ['something behind it', '{} x'],
    ['a cut file', '{"a":{"b":1}'],
    ['a cut string', '{"a":"b'],
    ['a cut comment', '{} /* a'],
    ['a missing comma', '{"a":1 "b":2}'],
    ['two commas', '{"a":1,,"b":2}'],
    ['only a comma', '{,}'],
    ['no value', '{"a":}'],
    ['no colon', '{"a"}'],
    ['a bare key', '{a:1}'],
    ['single quotes', "{'a':1}"],
    ['a number that is none', '{"a":01}'],
    ['a word that is none', '{"a":undefined}'],
    ['a line break in a string', '{"a":"\n"}'],
    ['an escape that is none', '{"a":"\\x41"}'],
    ['a control character', '{"a":"\u0001"}'],
    ['space that JSON has not', '{\u00a0"a":1}'],
    ['two byte order marks', '\ufeff\ufeff{}'],
    ['more than 200 levels', deep(200)],
    ['levels without end', '{"a":'.repeat(200_000)],
    ['levels without end, and wrong', '[},'.repeat(200_000)],
    ['more than 4 MiB', `{"a":"${'a'.repeat(4 * 1024 * 1024)}"}`],
    ['UTF-16', Buffer.from('{"a":1}', 'utf16le')],
    ['Latin-1', Buffer.from('{"a":"ä"}', 'latin1')],
    ['half a surrogate pair in UTF-8', Buffer.from('{"a":"\xed\xa0\x80"}', 'latin1')],
  ])('%s', (_, text) => {
    const bytes = Buffer.from(text as string);
    expect(parseJsonText(bytes)).toBeNull();
    expect(() => editJsonText(bytes, [])).toThrow(damaged);
    expect(() => editJsonText(bytes, [set('a', 1)])).toThrow(damaged);
  });

  it('begins just behind what can', () => {
    expect(parse(deep(199)).get(['a'])).toBeDefined();
    expect(parse(`{"a":"${'a'.repeat(4 * 1024 * 1024 - 8)}"}`).get(['a'])).toHaveLength(4194296);
    expect(parse('{"a":"\\ud800"}').get(['a'])).toBe('\ud800');
  });

  it('is not made either', () => {
    expect(() => edit('{}', [set('a', 'a'.repeat(4 * 1024 * 1024))])).toThrow(damaged);
    expect(() => edit('{}', [setRaw('a', '['.repeat(200) + ']'.repeat(200))])).toThrow(damaged);
    expect(() => edit('{}', [set('', [])])).toThrow(damaged);
  });

  it.each(['', '1,"b":2', '1 // a', ' 1', '1}', '{"a"}'])(
    'refuses %j as the text of a value',
    (raw) => {
      expect(() => edit('{}', [setRaw('a', raw)])).toThrow(
        expect.objectContaining({ code: 'unexpected' }),
      );
    },
  );
});

describe('a new file', () => {
  it.each<[JsonStyle | undefined, string]>([
    [undefined, '{\n  "a": {\n    "b": [\n      1\n    ]\n  }\n}'],
    [
      { indent: 4, finalNewline: true },
      '{\n    "a": {\n        "b": [\n            1\n        ]\n    }\n}\n',
    ],
    [{ indent: 0 }, '{"a":{"b":[1]}}'],
  ])('in the style %j', (style, expected) => {
    expect(edit(null, [set('a.b', [1])], style)).toBe(expected);
    const indent = style?.indent ?? 2;
    expect(expected.trimEnd()).toBe(JSON.stringify({ a: { b: [1] } }, null, indent));
  });

  it('without a change is an empty object', () => {
    expect(edit(null, [])).toBe('{}');
    expect(edit(null, [], { finalNewline: true })).toBe('{}\n');
  });
});

describe('setting', () => {
  it.each<[what: string, file: string, change: JsonChange, expected: string]>([
    ['a value where it stands', '{ "a" : 1 , "b":2}', set('a', 'x'), '{ "a" : "x" , "b":2}'],
    ['the last of equal keys', '{"a":1,"a":2}', set('a', 3), '{"a":1,"a":3}'],
    [
      'below the last of equal keys',
      '{"a":{"b":1},"a":{}}',
      set('a.b', 2),
      '{"a":{"b":1},"a":{"b":2}}',
    ],
    ['a key written with escapes', '{"\\u0061":1}', set('a', 2), '{"\\u0061":2}'],
    ['the text of a value', '{"a":1}', setRaw('a', '{ "x":1e3 }'), '{"a":{ "x":1e3 }}'],
    ['all', '// a\n{"b":1}\n', set('', { a: 1 }), '// a\n{\n  "a": 1\n}\n'],
    [
      'into a compact file',
      '{"a":1}',
      set('b', { c: [1, { d: 2 }] }),
      '{"a":1,"b":{"c":[1,{"d":2}]}}',
    ],
    [
      'into one with spaces',
      '{"a": 1}',
      set('b', { c: 1, d: [] }),
      '{"a": 1, "b": {"c": 1, "d": []}}',
    ],
    ['on the line of its siblings', '{ "a":1, "b":2 }', set('c', 3), '{ "a":1, "b":2, "c":3 }'],
    ['behind a trailing comma', '{\n "a": 1 ,\n}', set('b', 2), '{\n "a": 1 ,\n "b": 2,\n}'],
    [
      'with tabs',
      '{\n\t"a": 1\n}\n',
      set('b.c', 2),
      '{\n\t"a": 1,\n\t"b": {\n\t\t"c": 2\n\t}\n}\n',
    ],
    [
      'with CRLF',
      '\ufeff{\r\n "a": 1\r\n}\r\n',
      set('b', [1]),
      '\ufeff{\r\n "a": 1,\r\n "b": [\r\n  1\r\n ]\r\n}\r\n',
    ],
    [
      'with a space before the colon',
      '{\n "a" : 1\n}',
      set('b.c', 2),
      '{\n "a" : 1,\n "b" : {\n  "c" : 2\n }\n}',
    ],
    ['into an empty object', '{"a":{}}', set('a.b', { c: 1 }), '{"a":{"b":{"c":1}}}'],
    [
      'into an empty object on several lines',
      '{\n "a": {\n }\n}',
      set('a.b', 1),
      '{\n "a": {\n  "b": 1\n }\n}',
    ],
    ['into an empty file', ' { }\r\n', set('a', 1), ' {\r\n  "a": 1\r\n}\r\n'],
    ['in place of what is no object', '{"a":[1]}', set('a.b.c', 1), '{"a":{"b":{"c":1}}}'],
    ['in place of null', '{\n "a": null\n}', set('a.b', 1), '{\n "a": {\n  "b": 1\n }\n}'],
    [
      'deep down',
      '{\n  "a": {\n    "b": {}\n  }\n}',
      set('a.b.c', 1),
      '{\n  "a": {\n    "b": {\n      "c": 1\n    }\n  }\n}',
    ],
    ['behind a comment', '{\n "a": 1 // a\n}', set('b', 2), '{\n "a": 1, // a\n "b": 2\n}'],
    [
      'behind all comments',
      '{\n "a": 1, // a\n // z\n}',
      set('b', 2),
      '{\n "a": 1, // a\n // z\n "b": 2,\n}',
    ],
    ['behind nothing but a comment', '{\n // a\n}', set('b', 2), '{\n // a\n  "b": 2\n}'],
    ['behind a comment on one line', '{"a":1/* , */}', set('b', 2), '{"a":1,/* , */ "b":2}'],
    ['a compact one behind a line comment', '{"a":1// a\n}', set('b', 2), '{"a":1,// a\n"b":2\n}'],
    ['what JSON has to escape', '{"a":1}', set('"\n', '\ud800"'), '{"a":1,"\\"\\n":"\\ud800\\""}'],
  ])('%s', (_, file, change, expected) => {
    expect(edit(file, [change])).toBe(expected);
  });
});

describe('removing', () => {
  it.each<[what: string, file: string, change: JsonChange, expected: string]>([
    ['the first', '{"x":1, "a":2}', remove('x'), '{"a":2}'],
    ['one in the middle', '{ "a":1, "x":2,\n "b":3 }', remove('x'), '{ "a":1, "b":3 }'],
    ['the last', '{"a":1, "x":2 }', remove('x'), '{"a":1 }'],
    ['the only one', '{\n "x": 1\n}\n', remove('x'), '{}\n'],
    ['the only one before a trailing comma', '{"a":{ "x":1, }}', remove('a.x'), '{"a":{}}'],
    ['the last before a trailing comma', '{\n "a": 1,\n "x": 2,\n}', remove('x'), '{\n "a": 1,\n}'],
    ['the last with its comma in front', '{ "a":1\n, "x":2\n}', remove('x'), '{ "a":1\n}'],
    ['what is not there', '{"a":1}', remove('x'), '{"a":1}'],
    ['below what is not there', '{"a":1}', remove('x.y'), '{"a":1}'],
    ['below what is no object', '{"a":[{"x":1}]}', remove('a.x'), '{"a":[{"x":1}]}'],
    ['all, which is no property', '{"a":1}', remove(''), '{"a":1}'],
    [
      'all of equal keys',
      '{"x":1,"a":2,"x":3,"x":4,"b":5,"x":6,"x":7}',
      remove('x'),
      '{"a":2,"b":5}',
    ],
    ['nothing but equal keys', '{"x":1,"\\u0078":2}', remove('x'), '{}'],
    [
      'from the last of equal keys',
      '{"a":{"x":1},"a":{"x":2,"b":3}}',
      remove('a.x'),
      '{"a":{"x":1},"a":{"b":3}}',
    ],
    [
      'the first, not the comment on it',
      '{\n "x": 1, // x\n "a": 2\n}',
      remove('x'),
      '{\n // x\n "a": 2\n}',
    ],
    [
      'the last, not the comments',
      '{\n "a": 1, // a\n "x": 2 // x\n}',
      remove('x'),
      '{\n "a": 1 // a\n  // x\n}',
    ],
    ['the only one, not the comment', '{ // a\n "x": 1\n}', remove('x'), '{ // a\n}'],
    ['and not what a comment ends with', '{"a":1, // a\n "x":2}', remove('x'), '{"a":1 // a\n }'],
    ['and not what another ends with', '{"a":1 // a\n, "x":2}', remove('x'), '{"a":1 // a\n}'],
    ['not what a comment holds', '{"a":1/* , "x":2 */,"x":3}', remove('x'), '{"a":1/* , "x":2 */}'],
  ])('%s', (_, file, change, expected) => {
    expect(edit(file, [change])).toBe(expected);
  });
});

describe('several changes', () => {
  it('are made one after the other', () => {
    const file = lines('{', '  "keep": 1.0,', '  "tokens": null', '}', '');
    const changes = [set('tokens.access', 'a'), remove('none'), set('tokens.refresh', 'r')];
    const expected = lines(
      '{',
      '  "keep": 1.0,',
      '  "tokens": {',
      '    "access": "a",',
      '    "refresh": "r"',
      '  }',
      '}',
      '',
    );
    expect(edit(file, changes)).toBe(expected);
    expect(edit(expected, [remove('tokens'), set('tokens', null)])).toBe(file);
  });

  it('none at all leave the bytes as they are', () => {
    const file = '\ufeff{ "a":1,/* a */"a" : 1E400, }\r\n\t';
    expect(edit(file, [])).toBe(file);
  });
});
