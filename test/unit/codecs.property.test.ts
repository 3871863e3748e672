import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Grant } from '../../src/core/grant.ts';
import { FRESH, grantOf, jwt, NOON, read, removed, SHARED, written } from '../support/codecs.ts';
import { JSON_TOOLS, TOOLS, type Tool, UNKNOWN } from '../support/tool-files.ts';

const token = fc.string({ minLength: 1, maxLength: 80 }).map((text) => text.replaceAll(' ', '_'));
const grant: fc.Arbitrary<Grant> = fc
  .record({
    accessToken: token,
    refreshToken: fc.option(token),
    idToken: fc.nat().map((sub) => jwt({ sub })),
    expiresAt: fc.integer({ min: NOON, max: 2 * NOON }),
    scopes: fc.array(token),
  })
  .map(grantOf);
const anyOptions = fc.constantFrom(SHARED, FRESH);

function write(tool: Tool, file: string | null, given: Grant, options = SHARED): string {
  return written(tool.codec, file, tool.provider, { options, grant: given });
}

function anyFile(tool: Tool) {
  return fc.oneof(tool.withLogin, tool.without);
}

/** These pieces stand in the text in this order, the first at its begin, the last at its end. */
function expectInOrder(text: string, pieces: readonly string[]): void {
  expect(text.startsWith(pieces.at(0) ?? '')).toBe(true);
  expect(text.endsWith(pieces.at(-1) ?? '')).toBe(true);
  let from = 0;
  for (const piece of pieces) {
    const at = text.indexOf(piece, from);
    expect(at, `${piece} in ${text}`).toBeGreaterThanOrEqual(from);
    from = at + piece.length;
  }
}

/** Whether `after` is `before` with something put in at one place. */
function isInsertion(before: string, after: string): boolean {
  let head = 0;
  while (head < before.length && before[head] === after[head]) head += 1;
  return after.length >= before.length && after.endsWith(before.slice(head));
}

describe.each(TOOLS.map((tool) => [tool.name, tool] as const))('%s', (_, tool) => {
  const { codec, provider } = tool;

  it('leaves all that is outside a login as it is', () => {
    fc.assert(
      fc.property(tool.withLogin, grant, anyOptions, ({ file, outside }, given, options) => {
        expectInOrder(write(tool, file, given, options), outside);
      }),
    );
  });

  it('adds a login and changes nothing else', () => {
    fc.assert(
      fc.property(tool.without, grant, anyOptions, ({ file }, given, options) => {
        expect(isInsertion(file, write(tool, file, given, options))).toBe(true);
      }),
    );
  });

  it('reads what it wrote', () => {
    const files = fc.oneof(anyFile(tool), fc.constant({ file: null }));
    fc.assert(
      fc.property(files, grant, anyOptions, ({ file }, given, options) => {
        const { expiry } = tool;
        expect(read(codec, write(tool, file, given, options), provider)).toMatchObject({
          kind: 'bundle',
          bundle: {
            accessToken: given.accessToken,
            refreshToken: given.refreshToken,
            idToken: tool.idToken ? given.idToken : null,
            expiresAt: expiry && Math.floor(given.expiresAt / expiry) * expiry,
          },
        });
      }),
    );
  });

  it('comes to rest: the same grant once more changes nothing', () => {
    fc.assert(
      fc.property(anyFile(tool), grant, anyOptions, ({ file }, given, options) => {
        const once = write(tool, file, given, options);
        expect(write(tool, once, given, options)).toBe(once);
      }),
    );
  });

  it('keeps the fields that nobody knows, unless the entry was somebody else’s', () => {
    fc.assert(
      fc.property(tool.withLogin, grant, ({ file, unknown }, given) => {
        expectInOrder(write(tool, file, given), ['', ...unknown, '']);
        expect(write(tool, file, given, FRESH)).not.toContain(UNKNOWN);
      }),
    );
  });

  it('leaves the others’ entries as they were and where they were when ours goes', () => {
    fc.assert(
      fc.property(anyFile(tool), grant, ({ file, others }, given) => {
        const after = removed(codec, write(tool, file, given), provider) ?? '';
        expectInOrder(after, ['', ...others, '']);
        expect(read(codec, after, provider)).toEqual({ kind: 'nothing' });
      }),
    );
  });

  it('leaves no trace where it added a login and takes it out', () => {
    fc.assert(
      fc.property(tool.without, grant, ({ file }, given) => {
        expect(removed(codec, write(tool, file, given), provider)).toBe(file);
      }),
    );
  });

  it('puts back what was there', () => {
    fc.assert(
      fc.property(tool.withLogin, grant, ({ file }, given) => {
        const kept = codec.keep(Buffer.from(file), provider) ?? '';
        const taken = Buffer.from(write(tool, file, given, FRESH));
        expect(Buffer.from(codec.restore(taken, provider, kept)).toString()).toBe(file);
      }),
    );
  });
});

describe.each(JSON_TOOLS.map((tool) => [tool.name, tool] as const))('%s', (_, tool) => {
  it('never changes a file whose end is missing', () => {
    fc.assert(
      fc.property(tool.withLogin, grant, fc.nat(), ({ file }, given, at) => {
        const half = file.slice(0, at % file.trimEnd().length);
        fc.pre(half.trim() !== '');
        expect(read(tool.codec, half, tool.provider).kind).toBe('unreadable');
        expect(() => write(tool, half, given, FRESH)).toThrow('tool-file-damaged');
        expect(() => removed(tool.codec, half, tool.provider)).toThrow('tool-file-damaged');
      }),
    );
  });
});
