import { type BuiltInId, type Grant, type Identity, NO_IDENTITY } from '../../src/core/grant.ts';
import type { Codec } from '../../src/core/targets/codec.ts';
import type { Held, ToolHolder, WriteOptions } from '../../src/core/targets/target.ts';

/** 2026-03-01T12:00:00.000Z */
export const NOON = 1_772_366_400_000;
const HOUR = 3_600_000;

/** A JWT with these claims; nobody signed it. */
export function jwt(claims: object): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part({ alg: 'RS256' })}.${part(claims)}.c2lnbmVk`;
}

/** A grant of noon for eight hours. */
export function grantOf(changes: Partial<Grant> = {}): Grant {
  return {
    id: 'g1',
    parent: null,
    origin: 'https://issuer.test',
    accessToken: 'new-access',
    refreshToken: 'new-refresh',
    idToken: jwt({ sub: 'u1' }),
    expiresAt: NOON + 8 * HOUR,
    life: 8 * HOUR,
    obtainedAt: NOON,
    scopes: ['user:profile', 'user:inference'],
    ...changes,
  };
}

/** Whose login it is; of a workspace `ws-1`, on the plan `max`, unless told otherwise. */
export function holderOf(provider: BuiltInId, changes: Partial<Identity> = {}): ToolHolder {
  const known = { ...NO_IDENTITY, userId: 'u-1', workspaceId: 'ws-1', plan: 'max' };
  return { provider, id: 'acc1', identity: { ...known, ...changes } };
}

/** Both tokens, beside the fields that are there. */
export const SHARED: WriteOptions = { mode: 'shared', fresh: false };
/** Both tokens, in place of all that is there. */
export const FRESH: WriteOptions = { mode: 'shared', fresh: true };
/** The access token alone. */
export const ACCESS_ONLY: WriteOptions = { mode: 'access-only', fresh: false };

export const NOTHING: Held = { kind: 'nothing' };
export const BLANKED: Held = { kind: 'blanked' };
export const API_KEY: Held = { kind: 'api-key' };
export const DAMAGED: Held = { kind: 'unreadable', code: 'tool-file-damaged' };

/** A file's text. */
export function textOf(bytes: Uint8Array | null): string | null {
  return bytes && Buffer.from(bytes).toString();
}

/** What a file holds. */
export function read(codec: Codec, file: string, provider: BuiltInId): Held {
  return codec.read(Buffer.from(file), provider);
}

/** The file after a login was written into it. */
export function written(
  codec: Codec,
  file: string | null,
  provider: BuiltInId,
  { options = SHARED, holder = holderOf(provider), grant = grantOf() } = {},
): string {
  const bytes = file === null ? null : Buffer.from(file);
  return Buffer.from(codec.write(bytes, holder, grant, options)).toString();
}

/** The file after a login was taken out of it; `null`: it goes as a whole. */
export function removed(codec: Codec, file: string, provider: BuiltInId): string | null {
  return textOf(codec.remove(Buffer.from(file), provider));
}
