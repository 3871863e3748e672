import { describe, expect, it } from 'vitest';
import { codexCodec } from '../../src/core/targets/codex.ts';
import type { Held } from '../../src/core/targets/target.ts';
import {
  ACCESS_ONLY,
  API_KEY,
  BLANKED,
  DAMAGED,
  FRESH,
  grantOf,
  holderOf,
  jwt,
  NOTHING,
  read,
  removed,
  SHARED,
  textOf,
  written,
} from '../support/codecs.ts';

const ID_TOKEN = jwt({ sub: 'u1' });

describe('Codex', () => {
  const tokens = `{"id_token":"${ID_TOKEN}","access_token":"a","refresh_token":"r","account_id":"ws-1"}`;
  const bundle = {
    accessToken: 'a',
    refreshToken: 'r',
    idToken: ID_TOKEN,
    expiresAt: null,
    owner: { userId: null, workspaceId: 'ws-1' },
  };

  it('gets a new file as it writes one itself', () => {
    expect(written(codexCodec, null, 'openai')).toBe(
      [
        '{',
        '  "auth_mode": "chatgpt",',
        '  "OPENAI_API_KEY": null,',
        '  "tokens": {',
        `    "id_token": "${ID_TOKEN}",`,
        '    "access_token": "new-access",',
        '    "refresh_token": "new-refresh",',
        '    "account_id": "ws-1"',
        '  },',
        '  "last_refresh": "2026-03-01T12:00:00.000Z"',
        '}',
      ].join('\n'),
    );
  });

  it('gets an empty refresh token where it is to have none, and no workspace that nobody knows', () => {
    const nowhere = holderOf('openai', { workspaceId: null });
    const file = written(codexCodec, null, 'openai', { options: ACCESS_ONLY, holder: nowhere });
    expect(JSON.parse(file).tokens).toEqual({
      id_token: ID_TOKEN,
      access_token: 'new-access',
      refresh_token: '',
    });
  });

  it('finds its own fields again, unless all of them were somebody else\u2019s', () => {
    const own = '"oauth_provenance":{"issuer":"i","client_id":"c"},"login_owner_id":"o"';
    const file = `{"auth_mode":"chatgpt","OPENAI_API_KEY":"sk-1","tokens":{"access_token":"a",${own}},"last_refresh":"x","agent_identity":7}`;
    const fields = `"access_token":"new-access",${own},"id_token":"${ID_TOKEN}","refresh_token":"new-refresh","account_id":"ws-1"`;
    const rest = '"last_refresh":"2026-03-01T12:00:00.000Z","agent_identity":7}';
    expect(written(codexCodec, file, 'openai')).toBe(
      `{"auth_mode":"chatgpt","OPENAI_API_KEY":"sk-1","tokens":{${fields}},${rest}`,
    );
    const fresh = written(codexCodec, file, 'openai', { options: FRESH });
    expect(fresh).not.toMatch(/oauth_provenance|login_owner_id/);
    expect(fresh).toMatch(/^\{"auth_mode":"chatgpt","OPENAI_API_KEY":"sk-1","tokens":\{"id_token"/);
    expect(fresh).toContain(`},${rest}`);
  });

  it('gets a login in place of tokens that are null', () => {
    const file = written(codexCodec, '{"OPENAI_API_KEY":null,"tokens":null}', 'openai');
    expect(file).toMatch(/^\{"OPENAI_API_KEY":null,"tokens":\{"id_token":/);
    expect(read(codexCodec, file, 'openai').kind).toBe('bundle');
  });

  it.each([null, 'opaque', 'a.b.c', `${ID_TOKEN.split('.')[0]}.W10.c2ln`])(
    'gets no login with the id token %j, which would make it refuse the file',
    (idToken) => {
      const write = () => codexCodec.write(null, holderOf('openai'), grantOf({ idToken }), SHARED);
      expect(write).toThrow(expect.objectContaining({ code: 'login-incomplete' }));
    },
  );

  it.each<[string, Held]>([
    [`{"tokens":${tokens}}`, { kind: 'bundle', bundle }],
    [`{"auth_mode":null,"tokens":${tokens}}`, { kind: 'bundle', bundle }],
    [`{"OPENAI_API_KEY":"sk","tokens":${tokens}}`, { kind: 'bundle', bundle }],
    [
      `{"auth_mode":"chatgpt","OPENAI_API_KEY":"sk","tokens":${tokens}}`,
      { kind: 'bundle', bundle },
    ],
    ['{"auth_mode":"chatgpt","OPENAI_API_KEY":"sk","tokens":null}', NOTHING],
    ['{"OPENAI_API_KEY":null,"tokens":null}', NOTHING],
    ['{"OPENAI_API_KEY":"","last_refresh":"x"}', NOTHING],
    ['{"OPENAI_API_KEY":"sk"}', API_KEY],
    ['{"OPENAI_API_KEY":"sk","tokens":{"access_token":""}}', API_KEY],
    [`{"auth_mode":"apikey","OPENAI_API_KEY":"sk","tokens":${tokens}}`, API_KEY],
    [`{"auth_mode":"chatgptAuthTokens","tokens":${tokens}}`, API_KEY],
    [`{"auth_mode":7,"tokens":${tokens}}`, API_KEY],
    ['{"auth_mode":"chatgpt","tokens":{"access_token":"","id_token":""}}', BLANKED],
    ['{"tokens":{"access_token":""}}', BLANKED],
    ['{"tokens":{"access_token":"a b"}}', DAMAGED],
    ['{"tokens":{}}', DAMAGED],
    ['{"tokens":"text"}', DAMAGED],
    ['{"tokens":[]}', DAMAGED],
  ])('tells what %s is', (file, held) => {
    expect(read(codexCodec, file, 'openai')).toEqual(held);
  });

  it('reads tokens that lack the rest', () => {
    const file =
      '{"tokens":{"access_token":"a","refresh_token":"","id_token":7,"account_id":null}}';
    expect(read(codexCodec, file, 'openai')).toEqual({
      kind: 'bundle',
      bundle: { ...bundle, refreshToken: null, idToken: null, owner: null },
    });
  });

  it.each([
    [written(codexCodec, null, 'openai'), null],
    [`{"auth_mode":"chatgpt","tokens":${tokens},"last_refresh":"x"}`, null],
    [`{"auth_mode":"chatgpt","OPENAI_API_KEY":"sk","tokens":${tokens}}`, '{"OPENAI_API_KEY":"sk"}'],
    [`{"tokens":${tokens},"agent_identity":null}`, '{"agent_identity":null}'],
    [
      `{"auth_mode":"apikey","OPENAI_API_KEY":"sk","tokens":${tokens}}`,
      `{"auth_mode":"apikey","OPENAI_API_KEY":"sk","tokens":${tokens}}`,
    ],
    ['{"OPENAI_API_KEY":null}', '{"OPENAI_API_KEY":null}'],
    ['{"auth_mode":"chatgpt","tokens":null}', '{"auth_mode":"chatgpt","tokens":null}'],
  ])('loses our login, and the file where that was all: %s', (file, rest) => {
    expect(removed(codexCodec, file, 'openai')).toBe(rest);
  });

  it('finds its own way to sign in again', () => {
    const file = '{ "auth_mode": "apikey", "OPENAI_API_KEY": "sk" }';
    const kept = codexCodec.keep(Buffer.from(file), 'openai') ?? '';
    const taken = written(codexCodec, file, 'openai', { options: FRESH });
    expect(read(codexCodec, taken, 'openai')).toMatchObject({
      bundle: { accessToken: 'new-access' },
    });
    expect(textOf(codexCodec.restore(Buffer.from(taken), 'openai', kept))).toBe(file);
  });
});
