import { describe, expect, test } from 'vitest';
import type { KeyServiceId } from '../../src/core/keys/services.ts';
import type { Codec } from '../../src/core/targets/codec.ts';
import { opencodeCodec } from '../../src/core/targets/opencode.ts';
import { peekabooCodec } from '../../src/core/targets/peekaboo.ts';
import { piCodec } from '../../src/core/targets/pi.ts';
import { synapsCodec } from '../../src/core/targets/synaps.ts';
import type { KeyCodec } from '../../src/core/targets/tool-keys.ts';
import { grantOf, holderOf, SHARED, textOf, written } from '../support/codecs.ts';
import { A_KEY, KEY_SERVICES, OTHER_KEY } from '../support/keys.ts';

function keysOf({ keys }: Codec): KeyCodec {
  if (!keys) throw new Error('it keeps no keys');
  return keys;
}

function put(codec: Codec, file: string | null, id: KeyServiceId, key = A_KEY[id]): string {
  const bytes = file === null ? null : Buffer.from(file);
  return textOf(keysOf(codec).write(bytes, id, key)) ?? '';
}

function take(codec: Codec, file: string, id: KeyServiceId): string {
  return textOf(keysOf(codec).remove(Buffer.from(file), id)) ?? '';
}

function look(codec: Codec, file: string, id: KeyServiceId) {
  return keysOf(codec).read(Buffer.from(file), id);
}

describe('Peekaboo’s file', () => {
  test('has a line for each service', () => {
    const file = KEY_SERVICES.reduce<string | null>(
      (text, id) => put(peekabooCodec, text, id),
      null,
    );
    expect(file?.split('\n').slice(3)).toEqual([
      `OPENAI_API_KEY=${A_KEY.openai}`,
      `ANTHROPIC_API_KEY=${A_KEY.anthropic}`,
      `X_AI_API_KEY=${A_KEY.grok}`,
      `GEMINI_API_KEY=${A_KEY.gemini}`,
    ]);
  });

  test('keeps all else byte for byte, and the login beside the key', () => {
    const login = written(peekabooCodec, '# mine\r\nMINIMAX_API_KEY=x\r\n', 'anthropic');
    const file = put(peekabooCodec, login, 'anthropic');
    expect(file).toBe(`${login}ANTHROPIC_API_KEY=${A_KEY.anthropic}\r\n`);
    expect(take(peekabooCodec, file, 'anthropic')).toBe(login);
    expect(peekabooCodec.read(Buffer.from(file), 'anthropic')).toMatchObject({ kind: 'bundle' });
  });

  test.each([
    ['grok', 'XAI_API_KEY'],
    ['grok', 'GROK_API_KEY'],
    ['gemini', 'GOOGLE_API_KEY'],
  ] as const)('has the person’s own %s key as %s', (id, name) => {
    expect(look(peekabooCodec, `${name}=mine`, id)).toEqual({ kind: 'other' });
  });

  test('a value that is no key is the person’s, and an empty one is nothing', () => {
    expect(look(peekabooCodec, 'OPENAI_API_KEY=two words', 'openai')).toEqual({ kind: 'other' });
    expect(look(peekabooCodec, 'OPENAI_API_KEY=', 'openai')).toEqual({ kind: 'nothing' });
    expect(look(peekabooCodec, '\0', 'openai')).toEqual({ kind: 'unreadable' });
  });
});

const JSON_TOOLS = [
  ['Pi', piCodec, 'api_key'],
  ['opencode', opencodeCodec, 'api'],
] as const;

describe.each(JSON_TOOLS)('%s’s file', (_, codec, type) => {
  test('has an entry for each service', () => {
    const file = KEY_SERVICES.reduce<string | null>((text, id) => put(codec, text, id), null);
    expect(JSON.parse(file ?? '')).toEqual({
      openai: { type, key: A_KEY.openai },
      anthropic: { type, key: A_KEY.anthropic },
      xai: { type, key: A_KEY.grok },
      google: { type, key: A_KEY.gemini },
    });
  });

  test('keeps all else byte for byte', () => {
    const around = '{\n  // mine\n  "other": {"type": "wellknown", "n": 1.50},\n  "last": 1\n}\n';
    const file = put(codec, around, 'grok');
    expect(look(codec, file, 'grok')).toEqual({ kind: 'key', key: A_KEY.grok });
    expect(take(codec, file, 'grok')).toBe(around);
  });

  test('keeps what the tool has put beside a key, when the key changes', () => {
    const before = JSON.stringify({ google: { type, key: A_KEY.gemini, metadata: { a: 'b' } } });
    expect(JSON.parse(put(codec, before, 'gemini', OTHER_KEY.gemini))).toEqual({
      google: { type, key: OTHER_KEY.gemini, metadata: { a: 'b' } },
    });
  });

  test.each([
    ['a login', { type: 'oauth', access: 'a', refresh: 'r', expires: 1 }],
    ['a key of another kind', { type: 'other', key: 'k' }],
    ['an entry without a key', { type }],
    ['a key that is no text', { type, key: 7 }],
    ['no object', 'text'],
  ])('%s there is the person’s', (_what, entry) => {
    expect(look(codec, JSON.stringify({ anthropic: entry }), 'anthropic')).toEqual({
      kind: 'other',
    });
  });

  test('that is damaged is never written', () => {
    expect(look(codec, '{"anthropic":', 'anthropic')).toEqual({ kind: 'unreadable' });
    expect(() => put(codec, '{"anthropic":', 'anthropic')).toThrow('tool-file-damaged');
    expect(() => take(codec, '[]', 'anthropic')).toThrow('tool-file-damaged');
  });

  test('a login takes a key’s place whole', () => {
    const before = put(codec, null, 'anthropic');
    const after = codec.write(Buffer.from(before), holderOf('anthropic'), grantOf(), SHARED);
    expect(JSON.parse(Buffer.from(after).toString()).anthropic).not.toHaveProperty('key');
    expect(codec.read(after, 'anthropic')).toMatchObject({ kind: 'bundle' });
  });
});

test('a login and a key share a place exactly where the tool has one for both', () => {
  const rivals = [piCodec, opencodeCodec, peekabooCodec].map((codec) =>
    KEY_SERVICES.map((id) => keysOf(codec).rivalOf(id)),
  );
  expect(rivals).toEqual([
    [null, 'anthropic', null, null],
    ['openai', 'anthropic', null, null],
    [null, null, null, null],
  ]);
});

test('SynapsCLI, whose form for a key nobody has told, gets none', () => {
  expect(synapsCodec.keys).toBeUndefined();
});
