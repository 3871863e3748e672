import { describe, expect, it } from 'vitest';
import { claudeCodeCodec } from '../../src/core/targets/claude-code.ts';
import type { Held } from '../../src/core/targets/target.ts';
import {
  ACCESS_ONLY,
  BLANKED,
  DAMAGED,
  FRESH,
  holderOf,
  NOON,
  read,
  removed,
  written,
} from '../support/codecs.ts';

const ENDS = NOON + 8 * 3_600_000;

describe('Claude Code', () => {
  const claude = holderOf('anthropic', { tier: 'default_claude_max_5x' });

  it('gets a new file as it writes one itself', () => {
    expect(written(claudeCodeCodec, null, 'anthropic', { holder: claude })).toBe(
      `{"claudeAiOauth":{"accessToken":"new-access","refreshToken":"new-refresh","expiresAt":${ENDS},` +
        '"scopes":["user:profile","user:inference"],"subscriptionType":"max",' +
        '"rateLimitTier":"default_claude_max_5x"}}',
    );
  });

  it('gets an empty refresh token where it is to have none, and no tier that nobody knows', () => {
    const unknown = holderOf('anthropic', { plan: null });
    expect(
      written(claudeCodeCodec, null, 'anthropic', { options: ACCESS_ONLY, holder: unknown }),
    ).toBe(
      `{"claudeAiOauth":{"accessToken":"new-access","refreshToken":"","expiresAt":${ENDS},` +
        '"scopes":["user:profile","user:inference"],"subscriptionType":null}}',
    );
  });

  it.each([
    ['max', '"subscriptionType":"max"'],
    ['pro', '"subscriptionType":"pro"'],
    ['team', '"subscriptionType":"team"'],
    ['enterprise', '"subscriptionType":"enterprise"'],
    ['free', '"subscriptionType":null'],
    [null, '"subscriptionType":null'],
  ])('is told of the plan %j', (plan, field) => {
    const holder = holderOf('anthropic', { plan });
    expect(written(claudeCodeCodec, null, 'anthropic', { holder })).toContain(field);
  });

  it('finds its own fields again, without what was true of the old login only', () => {
    const file =
      '{"mcpOAuth":{"a":1},"claudeAiOauth":{"accessToken":"","refreshToken":"","expiresAt":0,"scopes":[],' +
      '"subscriptionType":"team","loginEnded":"time_limit","refreshTokenExpiresAt":5,"clientId":"c",' +
      '"accountUuid":"old","organizationUuid":"old"},"designOauth":{}}';
    const unknown = holderOf('anthropic', { plan: null });
    expect(written(claudeCodeCodec, file, 'anthropic', { holder: unknown })).toBe(
      `{"mcpOAuth":{"a":1},"claudeAiOauth":{"accessToken":"new-access","refreshToken":"new-refresh","expiresAt":${ENDS},` +
        '"scopes":["user:profile","user:inference"],"subscriptionType":"team","clientId":"c",' +
        '"accountUuid":"u-1","organizationUuid":"ws-1"},"designOauth":{}}',
    );
  });

  it('keeps nothing of somebody else\u2019s entry, and all beside it', () => {
    const file =
      '{"mcpOAuth":{"a":1},"claudeAiOauth":{"accessToken":"a","subscriptionType":"team",' +
      '"rateLimitTier":"t","accountUuid":"x","loginEnded":"y","more":1},"z":0}';
    const unknown = holderOf('anthropic', { plan: null });
    expect(written(claudeCodeCodec, file, 'anthropic', { options: FRESH, holder: unknown })).toBe(
      `{"mcpOAuth":{"a":1},"claudeAiOauth":{"accessToken":"new-access","refreshToken":"new-refresh","expiresAt":${ENDS},` +
        '"scopes":["user:profile","user:inference"],"subscriptionType":null},"z":0}',
    );
  });

  it('keeps whose login it is where we do not know', () => {
    const file = '{"claudeAiOauth":{"accessToken":"a","accountUuid":"u","organizationUuid":"o"}}';
    const unknown = holderOf('anthropic', { userId: null, workspaceId: null });
    const after = written(claudeCodeCodec, file, 'anthropic', { holder: unknown });
    expect(after).toContain('"accountUuid":"u","organizationUuid":"o"');
  });

  it('is read with whose login it is', () => {
    const login = `"accessToken":"a","refreshToken":"r","expiresAt":${ENDS}`;
    const bundle = { accessToken: 'a', refreshToken: 'r', idToken: null, expiresAt: ENDS };
    expect(read(claudeCodeCodec, `{"claudeAiOauth":{${login}}}`, 'anthropic')).toEqual({
      kind: 'bundle',
      bundle: { ...bundle, owner: null },
    });
    const owned = `{"claudeAiOauth":{${login},"accountUuid":"u","organizationUuid":"o"}}`;
    expect(read(claudeCodeCodec, owned, 'anthropic')).toEqual({
      kind: 'bundle',
      bundle: { ...bundle, owner: { userId: 'u', workspaceId: 'o' } },
    });
  });

  it.each<[string, Held]>([
    ['{"accessToken":"","refreshToken":"","expiresAt":0,"scopes":["user:inference"]}', BLANKED],
    ['{"accessToken":7}', DAMAGED],
    ['{"accessToken":"a\\u0000"}', DAMAGED],
    ['{}', DAMAGED],
    ['[]', DAMAGED],
    ['null', DAMAGED],
  ])('tells what %s is', (entry, held) => {
    expect(read(claudeCodeCodec, `{"claudeAiOauth":${entry}}`, 'anthropic')).toEqual(held);
  });

  it('loses our login, and the file where that was all', () => {
    const alone = written(claudeCodeCodec, null, 'anthropic');
    expect(removed(claudeCodeCodec, alone, 'anthropic')).toBeNull();
    const beside = written(claudeCodeCodec, '{"mcpOAuth":{"a":1}}', 'anthropic');
    expect(removed(claudeCodeCodec, beside, 'anthropic')).toBe('{"mcpOAuth":{"a":1}}');
  });
});
