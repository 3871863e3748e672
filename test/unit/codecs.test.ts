import { describe, expect, it } from 'vitest';
import type { BuiltInId } from '../../src/core/grant.ts';
import { claudeCodeCodec } from '../../src/core/targets/claude-code.ts';
import type { Codec } from '../../src/core/targets/codec.ts';
import { codexCodec } from '../../src/core/targets/codex.ts';
import { opencodeCodec } from '../../src/core/targets/opencode.ts';
import { piCodec } from '../../src/core/targets/pi.ts';
import { synapsCodec } from '../../src/core/targets/synaps.ts';
import {
  ACCESS_ONLY,
  API_KEY,
  BLANKED,
  DAMAGED,
  FRESH,
  grantOf,
  holderOf,
  NOON,
  NOTHING,
  read,
  removed,
  SHARED,
  textOf,
  written,
} from '../support/codecs.ts';

const MINUTE = 60_000;
const ENDS = NOON + 480 * MINUTE;

const CODECS: readonly (readonly [string, Codec, BuiltInId])[] = [
  ['Pi', piCodec, 'anthropic'],
  ['SynapsCLI', synapsCodec, 'openai'],
  ['opencode', opencodeCodec, 'openai'],
  ['Codex', codexCodec, 'openai'],
  ['Claude Code', claudeCodeCodec, 'anthropic'],
];

describe('every tool', () => {
  it.each([
    ['Pi', piCodec, ['anthropic', 'openai']],
    ['SynapsCLI', synapsCodec, ['anthropic', 'openai']],
    ['opencode', opencodeCodec, ['anthropic', 'openai']],
    ['Codex', codexCodec, ['openai']],
    ['Claude Code', claudeCodeCodec, ['anthropic']],
  ])('%s is given what it can use', (_, codec, served) => {
    const providers: BuiltInId[] = ['anthropic', 'openai'];
    expect(providers.filter((provider) => codec.serves(provider))).toEqual(served);
  });

  describe.each(CODECS)('%s', (_, codec, provider) => {
    it.each(['{}', '{ }\n', '\ufeff{}', '{"other":{"type":"oauth","access":"a"}}'])(
      'reads nothing in %j',
      (file) => {
        expect(read(codec, file, provider)).toEqual(NOTHING);
        expect(codec.keep(Buffer.from(file), provider)).toBeNull();
        expect(removed(codec, file, provider)).toBe(file);
      },
    );

    it.each([
      ['half a file', Buffer.from('{"other":{"type":"oa')],
      ['no JSON', Buffer.from('hello')],
      ['an array', Buffer.from('[]')],
      ['null', Buffer.from('null')],
      ['UTF-16', Buffer.from('{}', 'utf16le')],
      ['no UTF-8', Buffer.from('{"a":"\xff"}', 'latin1')],
    ])('leaves %s alone', (_name, bytes) => {
      const damaged = expect.objectContaining({ code: 'tool-file-damaged' });
      const kept = codec.keep(Buffer.from(written(codec, null, provider)), provider) ?? '';
      expect(codec.read(bytes, provider)).toEqual(DAMAGED);
      for (const options of [SHARED, FRESH]) {
        const write = () => codec.write(bytes, holderOf(provider), grantOf(), options);
        expect(write).toThrow(damaged);
      }
      expect(() => codec.remove(bytes, provider)).toThrow(damaged);
      expect(() => codec.keep(bytes, provider)).toThrow(damaged);
      expect(() => codec.restore(bytes, provider, kept)).toThrow(damaged);
    });

    it('tells nothing of what was kept and is damaged', () => {
      const kept = codec.keep(Buffer.from(written(codec, null, provider)), provider) ?? '';
      const broken = kept.replaceAll('{', '[');
      for (const each of ['secret', '{"secret":1}', '["secret"]', kept.slice(0, -1), broken]) {
        const restore = () => codec.restore(null, provider, each);
        expect(restore).toThrow(expect.objectContaining({ code: 'unexpected' }));
        expect(restore).not.toThrow(/secret|new-access/);
      }
    });

    it('changes a file in its own style', () => {
      const crlf = '\ufeff{\r\n\t"a": 12345678901234567890,\r\n\t"a": -0.10\r\n}\r\n';
      const file = written(codec, crlf, provider);
      expect(file).toMatch(/^\ufeff\{\r\n\t"a": 12345678901234567890,\r\n\t"a": -0\.10,\r\n\t"/);
      expect(file).toMatch(/[^\s]\r\n\}\r\n$/);
      expect(file.replaceAll('\r\n', '')).not.toMatch(/\n/);
      expect(removed(codec, file, provider)).toBe(crlf);
    });

    it('leaves remarks where they are', () => {
      const remarks = '// mine\n{\n  // first\n  "a": 1, /* one */\n  "b": 2 // last\n}\n// end\n';
      const file = written(codec, remarks, provider);
      for (const remark of [
        '// mine\n{\n  // first\n',
        '"a": 1, /* one */\n',
        '// last\n',
        '\n// end\n',
      ]) {
        expect(file).toContain(remark);
      }
      expect(removed(codec, file, provider)).toBe(remarks);
    });

    it('has to do with the last of equal keys, the one that counts', () => {
      const login = written(codec, null, provider).slice(1, -1);
      const twice = `{${login.replaceAll('new-', 'older-')},${login.replaceAll('new-', 'old-')}}`;
      expect(read(codec, twice, provider)).toMatchObject({ bundle: { accessToken: 'old-access' } });
      const file = written(codec, twice, provider);
      expect(read(codec, file, provider)).toMatchObject({ bundle: { accessToken: 'new-access' } });
      expect(file).toContain('older-access');
      expect(file).not.toContain('old-access');
      expect(removed(codec, file, provider) ?? '').not.toContain('access');
    });
  });
});

describe.each([
  ['Pi', piCodec, 'anthropic', 'anthropic', 5 * MINUTE],
  ['Pi', piCodec, 'openai', 'openai-codex', 0],
  ['SynapsCLI', synapsCodec, 'anthropic', 'anthropic', 5 * MINUTE],
  ['SynapsCLI', synapsCodec, 'openai', 'openai-codex', 5 * MINUTE],
  ['opencode', opencodeCodec, 'anthropic', 'anthropic', 0],
  ['opencode', opencodeCodec, 'openai', 'openai', 0],
] as const)('%s, %s', (_, codec, provider, key, skew) => {
  const isOpenai = provider === 'openai';
  const account = isOpenai ? ',"accountId":"ws-1"' : '';
  const owner = isOpenai ? { userId: null, workspaceId: 'ws-1' } : null;
  const entry = (refresh: string) =>
    `{"type":"oauth","refresh":"${refresh}","access":"new-access","expires":${ENDS - skew}${account}}`;
  const pretty = (compact: string) => JSON.stringify(JSON.parse(compact), null, 2);

  it('is written into a new file as the tool writes it', () => {
    expect(written(codec, null, provider)).toBe(pretty(`{"${key}":${entry('new-refresh')}}`));
  });

  it('is written without a refresh token that the tool could spend', () => {
    const file = written(codec, null, provider, { options: ACCESS_ONLY });
    expect(file).toBe(pretty(`{"${key}":${entry('')}}`));
    expect(read(codec, file, provider)).toMatchObject({ bundle: { refreshToken: null } });
  });

  it('is written beside what others have there', () => {
    const others = '"x":{"type":"api_key","key":"k"},"__proto__":{"n":12345678901234567890},"x":1';
    expect(written(codec, `{${others}}`, provider)).toBe(
      `{${others},"${key}":${entry('new-refresh')}}`,
    );
  });

  it('keeps the fields that are not ours, unless all of it was somebody else\u2019s', () => {
    const before = `{ "${key}": { "mine" : 1e400, "type":"oauth","refresh":"r","access":"a","expires":1.5 }, "z":[ ] }`;
    expect(written(codec, before, provider)).toContain(
      `"${key}": { "mine" : 1e400, "type":"oauth"`,
    );
    expect(written(codec, before, provider, { options: FRESH })).not.toContain('mine');
    expect(written(codec, before, provider, { options: FRESH })).toMatch(/, "z":\[ \] }$/);
  });

  it('is read in our units', () => {
    expect(read(codec, `{"${key}":${entry('r')}}`, provider)).toEqual({
      kind: 'bundle',
      bundle: {
        accessToken: 'new-access',
        refreshToken: 'r',
        idToken: null,
        expiresAt: ENDS,
        owner,
      },
    });
  });

  it.each(['', ',"expires":null', ',"expires":"1"', ',"expires":-1', ',"expires":1e99'])(
    'is a login whose expiry is not known, with %j',
    (expires) => {
      const file = `{"${key}":{"type":"oauth","access":"a","refresh":"r"${expires}}}`;
      expect(read(codec, file, provider)).toMatchObject({ bundle: { expiresAt: null } });
    },
  );

  it('never ends before there was time', () => {
    const grant = grantOf({ expiresAt: 1.5 });
    const file = textOf(codec.write(null, holderOf(provider), grant, SHARED));
    expect(file).toContain(`"expires": ${skew === 0 ? 1 : 0}`);
  });

  it.each([
    ['{"type":"oauth","access":"","refresh":"","expires":0}', BLANKED],
    ['{"type":"oauth","access":"a b","refresh":"r","expires":1}', DAMAGED],
    ['{"type":"oauth","access":7,"refresh":"r","expires":1}', DAMAGED],
    ['{"type":"oauth","refresh":"r","expires":1}', DAMAGED],
    ['"text"', DAMAGED],
    ['null', DAMAGED],
    ['[{"type":"oauth","access":"a"}]', DAMAGED],
    ['{"type":"api_key","key":"k"}', API_KEY],
    ['{"type":"api","key":"k"}', API_KEY],
    ['{"type":"wellknown","key":"k","token":"t"}', API_KEY],
    ['{"access":"a"}', API_KEY],
    ['{"__proto__":{"type":"oauth","access":"a"}}', API_KEY],
  ])('tells what %s is', (value, held) => {
    expect(read(codec, `{"${key}":${value}}`, provider)).toEqual(held);
  });

  it('takes what cannot be a refresh token for none', () => {
    const file = `{"${key}":{"type":"oauth","access":"a","refresh":"r r"}}`;
    expect(read(codec, file, provider)).toMatchObject({ bundle: { refreshToken: null } });
  });

  it('leaves what nobody understands where it is, and gives way to the person\u2019s decision', () => {
    const file = `{"${key}":[1]}`;
    expect(() => written(codec, file, provider)).toThrow('tool-file-damaged');
    expect(() => removed(codec, file, provider)).toThrow('tool-file-damaged');
    const taken = written(codec, file, provider, { options: FRESH });
    expect(taken).toBe(`{"${key}":${entry('new-refresh')}}`);
    const kept = codec.keep(Buffer.from(file), provider) ?? '';
    expect(textOf(codec.restore(Buffer.from(taken), provider, kept))).toBe(file);
  });

  it('goes without the file, and without a key of the person', () => {
    expect(removed(codec, `{"${key}":${entry('r')}}`, provider)).toBe('{}');
    const apiKey = `{"${key}":{"type":"api_key","key":"k"}}`;
    expect(removed(codec, apiKey, provider)).toBe(apiKey);
  });

  it('does not name a workspace that it does not know', () => {
    const nowhere = holderOf(provider, { workspaceId: null });
    expect(written(codec, null, provider, { holder: nowhere })).not.toContain('accountId');
    const file = `{"${key}":{"type":"oauth","access":"a","refresh":"","expires":1,"accountId":"ws-0"}}`;
    expect(written(codec, file, provider, { holder: nowhere })).toContain('"accountId":"ws-0"');
  });
});
