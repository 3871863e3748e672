import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type BuiltInId, type Grant, NO_IDENTITY } from '../../src/core/grant.ts';
import { peekabooCodec as codec } from '../../src/core/targets/peekaboo.ts';
import type { ToolHolder } from '../../src/core/targets/target.ts';

const PROVIDERS = [
  ['anthropic', 'ANTHROPIC'],
  ['openai', 'OPENAI'],
] as const;

const OUR_KEYS =
  /^\s*(ANTHROPIC|OPENAI)_(ACCESS_TOKEN|REFRESH_TOKEN|ACCESS_EXPIRES|BETA_HEADER)\s*=/;

function holder(provider: BuiltInId): ToolHolder {
  return { provider, id: 'anna', identity: NO_IDENTITY };
}

const token = fc.stringMatching(/^[\x21-\x7e]{1,40}$/);
const grants: fc.Arbitrary<Grant> = fc.record({
  id: fc.uuid(),
  parent: fc.constant(null),
  origin: fc.constant('https://example.com'),
  accessToken: token,
  refreshToken: fc.option(token),
  idToken: fc.option(token),
  expiresAt: fc.integer({ min: 1000, max: 4_000_000_000_000 }),
  life: fc.constant(3_600_000),
  obtainedAt: fc.constant(0),
  scopes: fc.constant([]),
});

/** Files as people have them, in any encoding, with any line end. */
const foreign = fc
  .oneof(
    fc.constantFrom(
      '',
      '# a remark',
      'MINE=1',
      '  SPACED = a b ',
      'ANTHROPIC_API_KEY=key',
      '=',
      '\t',
    ),
    fc.constantFrom(
      'export A=1',
      '__proto__=1',
      'ANTHROPIC_ACCESS_TOKENS=1',
      '# OPENAI_ACCESS_TOKEN=1',
    ),
    fc.string(),
  )
  .filter((line) => !OUR_KEYS.test(line) && !/[\0\n\v\f\r\u0085\u2028\u2029]/.test(line));
const files = fc
  .tuple(
    fc.constantFrom('', '\ufeff'),
    fc.array(fc.tuple(foreign, fc.constantFrom('\n', '\r\n', '\u2028')), { minLength: 1 }),
  )
  .map(([bom, lines]) => bom + lines.map((line) => line.join('')).join(''));

function write(
  bytes: Uint8Array | null,
  provider: BuiltInId,
  grant: Grant,
  mode: 'shared' | 'access-only' = 'shared',
): Uint8Array {
  return codec.write(bytes, holder(provider), grant, { mode, fresh: false });
}

function text(bytes: Uint8Array | null): string {
  return Buffer.from(bytes ?? '').toString();
}

describe.each(PROVIDERS)('a login of %s', (provider, prefix) => {
  const modes = fc.constantFrom('shared' as const, 'access-only' as const);

  it('is read as it was written, in any file', () => {
    fc.assert(
      fc.property(files, grants, modes, (file, grant, mode) => {
        const bytes = write(Buffer.from(file), provider, grant, mode);
        expect(codec.read(bytes, provider)).toEqual({
          kind: 'bundle',
          bundle: {
            accessToken: grant.accessToken,
            refreshToken: mode === 'shared' ? grant.refreshToken : null,
            idToken: null,
            expiresAt: Math.floor(grant.expiresAt / 1000) * 1000,
            owner: null,
          },
        });
        expect(write(bytes, provider, grant, mode)).toEqual(bytes);
      }),
    );
  });

  it('leaves everything else as it is, byte for byte, when it comes, changes and goes', () => {
    fc.assert(
      fc.property(files, grants, grants, modes, (file, first, second, mode) => {
        const written = write(write(Buffer.from(file), provider, first), provider, second, mode);
        const removed = codec.remove(written, provider);
        expect(text(removed)).toBe(file.trim() === '' ? '' : file);
        const lines = text(written).match(/[^\r\n\u2028]*(\r\n|[\n\u2028]|$)/g) ?? [];
        expect(lines.filter((line) => !OUR_KEYS.test(line)).join('')).toBe(file);
      }),
    );
  });

  it('comes back as it was after it was kept', () => {
    fc.assert(
      fc.property(files, grants, grants, modes, (file, theirs, ours, mode) => {
        const before = write(Buffer.from(file), provider, theirs, mode);
        const kept = codec.keep(before, provider);
        const after = codec.restore(write(before, provider, ours), provider, kept ?? '');
        expect(codec.read(after, provider)).toEqual(codec.read(before, provider));
        expect(codec.keep(after, provider)).toBe(kept);
        expect(text(codec.remove(after, provider))).toBe(text(codec.remove(before, provider)));
      }),
    );
  });

  it('goes with its file where nothing else is in it', () => {
    const file = `${prefix}_ACCESS_TOKEN=a\n${prefix}_ACCESS_EXPIRES=1\n`;
    expect(codec.remove(Buffer.from(file), provider)).toBeNull();
    expect(text(codec.restore(null, provider, `{"${prefix}_ACCESS_TOKEN":"a"}`))).toContain(
      `\n${prefix}_ACCESS_TOKEN=a`,
    );
  });

  it('is none without an access token, and none that cannot be a token', () => {
    for (const file of ['MINE=1', `${prefix}_ACCESS_TOKEN=`, `${prefix}_ACCESS_TOKEN=a # mine`]) {
      expect(codec.read(Buffer.from(file), provider)).toEqual({ kind: 'nothing' });
      expect(codec.keep(Buffer.from(file), provider)).toBeNull();
    }
  });

  it('beside an API key is a login; a key alone is the person’s, and stays', () => {
    const key = Buffer.from(`${prefix}_API_KEY=mine\n`);
    expect(codec.read(key, provider)).toEqual({ kind: 'api-key' });
    expect(codec.keep(key, provider)).toBeNull();
    const both = Buffer.from(`${key}${prefix}_ACCESS_TOKEN=a\n`);
    expect(codec.read(both, provider)).toMatchObject({ kind: 'bundle' });
    expect(text(codec.remove(both, provider))).toBe(`${key}`);
  });

  it('without a time that can be believed has none', () => {
    for (const expires of ['', 'soon', '-1', '0', 'Infinity']) {
      const file = `${prefix}_ACCESS_TOKEN=a\n${prefix}_ACCESS_EXPIRES=${expires}\n`;
      expect(codec.read(Buffer.from(file), provider)).toMatchObject({
        bundle: { expiresAt: null },
      });
    }
  });

  it('is not looked for in what is no text, which is never replaced', () => {
    const [grant] = fc.sample(grants, 1);
    for (const bytes of [Buffer.from('A=1\0'), Buffer.alloc(1024 * 1024 + 1, 'a')]) {
      expect(codec.read(bytes, provider)).toEqual({
        kind: 'unreadable',
        code: 'tool-file-damaged',
      });
      for (const act of [
        () => grant && write(bytes, provider, grant),
        () => codec.remove(bytes, provider),
        () => codec.keep(bytes, provider),
        () => codec.restore(bytes, provider, '{}'),
      ]) {
        expect(act).toThrow(expect.objectContaining({ code: 'tool-file-damaged' }));
      }
    }
  });
});
