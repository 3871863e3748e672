import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { editCredentials, readCredentials } from '../../src/core/targets/credentials-file.ts';

const ACCESS = 'ANTHROPIC_ACCESS_TOKEN';
const REFRESH = 'ANTHROPIC_REFRESH_TOKEN';
const EXPIRES = 'ANTHROPIC_ACCESS_EXPIRES';

type Changes = Record<string, string | null>;

function edit(file: string | null, changes: Changes): string {
  const bytes = file === null ? null : Buffer.from(file);
  const edited = editCredentials(bytes, new Map(Object.entries(changes)));
  if ('kind' in edited) throw new Error(edited.reason);
  return Buffer.from(edited).toString();
}

function read(file: string): Record<string, string> {
  const credentials = readCredentials(Buffer.from(file));
  if (credentials.kind === 'unreadable') throw new Error(credentials.reason);
  return Object.fromEntries(credentials.values);
}

describe('reading', () => {
  it('does as Peekaboo does', () => {
    const file = [
      '\ufeffFIRST=1',
      '# COMMENT=1',
      '  #INDENTED=1',
      '  SPACED\t= a b ',
      'EQUALS=a=b==',
      'EMPTY=',
      '=nameless',
      'no entry',
      'TWICE=1',
      'TWICE=2',
      'TWICE=',
      'QUOTED="1"',
    ].join('\n');
    expect(read(file)).toEqual({
      FIRST: '1',
      SPACED: 'a b',
      EQUALS: 'a=b==',
      TWICE: '2',
      QUOTED: '"1"',
    });
  });

  it.each(['\n', '\r\n', '\r', '\v', '\f', '\u0085', '\u2028', '\u2029'])(
    'knows the line end %j',
    (end) => {
      expect(read(`A=1${end}B=2${end}`)).toEqual({ A: '1', B: '2' });
    },
  );

  it.each([
    ['no text', Buffer.from('A=1\0'), 'not-text'],
    ['UTF-16', Buffer.from('A=1', 'utf16le'), 'not-text'],
    ['too much', Buffer.alloc(1024 * 1024 + 1, 'a'), 'too-large'],
  ])('leaves %s alone', (_, bytes, reason) => {
    expect(readCredentials(bytes)).toEqual({ kind: 'unreadable', reason });
    expect(editCredentials(bytes, new Map([[ACCESS, 'a']]))).toEqual({
      kind: 'unreadable',
      reason,
    });
  });
});

describe('editing', () => {
  it("starts a new file as Peekaboo does, with its keys in Peekaboo's order", () => {
    expect(edit(null, { [REFRESH]: 'r', [ACCESS]: 'a', [EXPIRES]: '1', GONE: null })).toBe(
      [
        '# Peekaboo credentials file',
        '# This file contains sensitive API keys and should not be shared',
        '',
        'ANTHROPIC_ACCESS_EXPIRES=1',
        'ANTHROPIC_ACCESS_TOKEN=a',
        'ANTHROPIC_REFRESH_TOKEN=r',
      ].join('\n'),
    );
    expect(edit(null, { [ACCESS]: null })).toBe('');
  });

  it.each<[string, string, Changes, string]>([
    ['replaces in place', 'A=1\nK=old\nB=2\n', { K: 'new' }, 'A=1\nK=new\nB=2\n'],
    ['drops spaces that Tachikoma would read', ' K = old \nA = 1', { K: 'new' }, 'K=new\nA = 1'],
    ['keeps each line end', 'A=1\r\nK=old\r\nB=2\n', { K: 'new' }, 'A=1\r\nK=new\r\nB=2\n'],
    ['keeps a BOM', '\ufeffK=old\nA=1', { K: 'new' }, '\ufeffK=new\nA=1'],
    ['drops a BOM that is none', 'A=1\n\ufeffK=old', { K: 'new' }, 'A=1\nK=new'],
    ['keeps a missing final line end', 'A=1\nK=old', { K: 'new' }, 'A=1\nK=new'],
    ['takes a value with =', 'K=a=b', { K: 'c==' }, 'K=c=='],
    ['adds at the end, sorted', 'A=1\n', { L: '2', K: '1' }, 'A=1\nK=1\nL=2\n'],
    ['adds without a final line end', 'A=1', { K: '1' }, 'A=1\nK=1'],
    ['adds after our last', 'K=1\nA=1\n', { L: '2', K: '2' }, 'K=2\nL=2\nA=1\n'],
    [
      'adds after our very last',
      'K=1\nA=1\nL=1\nB=1',
      { K: '2', L: '2', M: '2' },
      'K=2\nA=1\nL=2\nM=2\nB=1',
    ],
    ['adds after our last, which goes', 'K=1\r\nA=1', { L: '2', K: null }, 'L=2\r\nA=1'],
    ['adds with the line end that is there', 'A=1\r\nB=2', { K: '1' }, 'A=1\r\nB=2\r\nK=1'],
    ['adds to an empty file', '', { K: '1' }, 'K=1\n'],
    ['removes a line with its end', 'A=1\nK=1\nB=2', { K: null }, 'A=1\nB=2'],
    ['removes the last line', 'A=1\nK=1', { K: null }, 'A=1'],
    ['removes the only line', 'K=1\n', { K: null }, ''],
    ['changes nothing where nothing is ours', 'A=1\n\n#K=1\n', { K: null }, 'A=1\n\n#K=1\n'],
    ['sets all of our duplicates', 'K=1\nA=1\nK=2\n', { K: '3' }, 'K=3\nA=1\nK=3\n'],
    ['removes all of our duplicates', 'K=1\nA=1\nK=2\n', { K: null }, 'A=1\n'],
    ['keeps duplicates of others', 'A=1\nA=2\nK=1', { K: '2' }, 'A=1\nA=2\nK=2'],
    ['fills an empty value', 'K=\nA=1', { K: '1' }, 'K=1\nA=1'],
    [
      'leaves what only looks like ours',
      '#K=1\nexport K=1\nKK=1',
      { K: null },
      '#K=1\nexport K=1\nKK=1',
    ],
  ])('%s', (_, file, changes, expected) => {
    expect(edit(file, changes)).toBe(expected);
  });

  it.each([
    ['a line end', 'K', 'secret\nB=2'],
    ['a space', 'K', 'secret secret'],
    ['no ASCII', 'K', 'sécret'],
    ['nothing', 'K', ''],
    ['a key that is none', 'K=', 'secret'],
  ])('refuses to write %s, without telling the value', (_, key, value) => {
    const attempt = (): unknown => editCredentials(Buffer.from(''), new Map([[key, value]]));
    expect(attempt).toThrow(expect.objectContaining({ code: 'unexpected' }));
    expect(attempt).not.toThrow(/s.cret/);
  });
});

const OURS = ['K', 'KEY_2', ACCESS] as const;
const value = fc.stringMatching(/^[\x21-\x7e]{1,12}$/);
const ourKey = fc.constantFrom(...OURS);
const changes = fc
  .dictionary(ourKey, fc.option(value), { minKeys: 1 })
  .map((entries) => new Map(Object.entries(entries)));
const additions = fc
  .dictionary(ourKey, value, { minKeys: 1 })
  .map((entries) => new Map<string, string | null>(Object.entries(entries)));

/** Not `\r` alone: taking out our line between a `\r` and a `\n` makes one line end of the two. */
const LINE_ENDS = ['\n', '\r\n', '\f', '\u0085', '\u2028'];
/** A line that is not ours, of any bytes but NUL and those that end a line. */
const foreignLine = fc
  .oneof(
    fc.uint8Array({ maxLength: 12 }).map((bytes) => Buffer.from(bytes).toString('latin1')),
    fc
      .constantFrom('', ' ', '#K=1', '# é', 'A=1', ' A = 1', 'K', '=', '=K', 'export K=1', 'K2=')
      .map(toBytes),
  )
  .filter((line) => !/[\0\n\v\f\r]|\xc2\x85|\xe2\x80[\xa8\xa9]/.test(line))
  .filter((line) => !isOurs(line));
const ourLine = fc
  .tuple(
    fc.constantFrom('', ' ', '\t'),
    ourKey,
    fc.constantFrom('=', ' = '),
    fc.oneof(value, fc.constant('')),
  )
  .map((parts) => toBytes(parts.join('')));
const bom = fc.constantFrom('', '\ufeff').map(toBytes);

/** One character for each byte, so that strings can be compared. */
function toBytes(text: string): string {
  return Buffer.from(text).toString('latin1');
}

function isOurs(line: string): boolean {
  const [key] = Buffer.from(line, 'latin1').toString().split('=');
  return line.includes('=') && OURS.some((each) => each === key?.trim());
}

function fileOf(line: fc.Arbitrary<string>, ends = LINE_ENDS): fc.Arbitrary<string> {
  const lineEnd = fc.constantFrom(...ends).map(toBytes);
  return fc
    .tuple(bom, fc.array(fc.tuple(line, lineEnd), { maxLength: 8 }), fc.option(line, { nil: '' }))
    .map(([start, lines, last]) => start + lines.flat().join('') + last);
}

function editBytes(file: string, what: ReadonlyMap<string, string | null>): string {
  const edited = editCredentials(Buffer.from(file, 'latin1'), what);
  if ('kind' in edited) throw new Error(edited.reason);
  return Buffer.from(edited).toString('latin1');
}

/** Every byte that is not ours: foreign lines with their ends, and the BOM. */
function foreignPart(file: string): string {
  const [start = ''] = /^\xef\xbb\xbf/.exec(file) ?? [];
  const parts = file.slice(start.length).split(/(\r\n|[\n\v\f\r]|\xc2\x85|\xe2\x80[\xa8\xa9])/);
  return parts.reduce(
    (kept, part, index) =>
      index % 2 === 1 || isOurs(part) ? kept : kept + part + (parts[index + 1] ?? ''),
    start,
  );
}

/** The same, but for the one line end that comes and goes with a line of ours behind it. */
function expectForeignKept(after: string, before: string): void {
  const [kept, was] = [foreignPart(after), foreignPart(before)];
  const stripped = (part: string): string =>
    part.replace(/(\r\n|[\n\v\f\r]|\xc2\x85|\xe2\x80[\xa8\xa9])$/, '');
  expect([was, stripped(was)]).toContain(kept.length > was.length ? stripped(kept) : kept);
}

describe('for every file', () => {
  it('any bytes, any changes: no throw, and no byte of a file that is refused or not ours is lost', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), changes, (bytes, what) => {
        const before = Buffer.from(bytes);
        const edited = editCredentials(bytes, what);
        expect(Buffer.from(bytes)).toEqual(before);
        expect('kind' in edited).toBe(bytes.includes(0));
        expect(readCredentials(bytes).kind).toBe(bytes.includes(0) ? 'unreadable' : 'ok');
        if ('kind' in edited) return;
        expectForeignKept(Buffer.from(edited).toString('latin1'), before.toString('latin1'));
      }),
      { numRuns: 2000 },
    );
  });

  it('foreign lines stay, byte for byte and in order, and ours say what they should', () => {
    fc.assert(
      fc.property(fileOf(fc.oneof(foreignLine, ourLine)), changes, (file, what) => {
        const edited = editBytes(file, what);
        expectForeignKept(edited, file);
        const found = readCredentials(Buffer.from(edited, 'latin1'));
        for (const [key, wanted] of what) {
          expect(found.kind === 'ok' && (found.values.get(key) ?? null)).toBe(wanted);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('a second time changes nothing', () => {
    fc.assert(
      fc.property(fileOf(fc.oneof(foreignLine, ourLine)), changes, (file, what) => {
        const once = editBytes(file, what);
        expect(editBytes(once, what)).toBe(once);
      }),
      { numRuns: 2000 },
    );
  });

  it('taking out what was put in gives the file as it was', () => {
    fc.assert(
      fc.property(fileOf(foreignLine, [...LINE_ENDS, '\r']), additions, (file, what) => {
        const nothing = new Map([...what].map(([key]) => [key, null]));
        expect(editBytes(editBytes(file, what), nothing)).toBe(file);
      }),
      { numRuns: 2000 },
    );
  });

  it('what is not named is not touched, be it ours or not', () => {
    fc.assert(
      fc.property(fileOf(fc.oneof(foreignLine, ourLine)), (file) => {
        expect(editBytes(file, new Map([['OTHER', null]]))).toBe(file);
      }),
    );
  });
});
