import * as v from 'valibot';
import type { BuiltInId, Grant } from '../grant.ts';
import type { Codec } from './codec.ts';
import {
  AccessField,
  DAMAGED,
  heldLogin,
  isObject,
  jsonCodec,
  putFields,
  TextField,
  TimeField,
  TokenField,
  tokensFor,
} from './json-codec.ts';
import type { JsonText } from './json-text.ts';
import { type KeyEntries, keyEntryCodec } from './key-entry.ts';
import type { Held, ToolHolder, WriteOptions } from './target.ts';

/** How a tool keeps one provider's login. */
export interface EntryKind {
  /** The entry's key. */
  readonly key: string;
  /** What the tool takes off an expiry before it writes it, ms. */
  readonly skew: number;
}

const EntrySchema = v.object({
  access: AccessField,
  refresh: TokenField,
  expires: TimeField,
  accountId: TextField,
});

/**
 * The `auth.json` that Pi, SynapsCLI and opencode have in common: an object with an entry per provider,
 * `{"type":"oauth","refresh","access","expires","accountId"?}`, or of another type for a key.
 * @param keys How keys are kept; left out where ours are not for the tool.
 */
export function oauthEntryCodec(
  kinds: Readonly<Record<BuiltInId, EntryKind>>,
  keys?: Omit<KeyEntries, 'logins'>,
): Codec {
  const codec = jsonCodec({
    serves: () => true,
    parts: (provider) => [kinds[provider].key],
    read: (text, provider) => read(text, kinds[provider], provider),
    changes: (text, holder, grant, options) => {
      const kind = kinds[holder.provider];
      // Nothing of a key may stay in a login's entry.
      const fresh = options.fresh || (text !== null && isKey(text, kind));
      return putFields(text, [kind.key], entry(kind, holder, grant, options), {
        ...options,
        fresh,
      });
    },
    indent: 2,
  });
  return keys ? { ...codec, keys: keyEntryCodec({ ...keys, logins: kinds }) } : codec;
}

function isKey(text: JsonText, { key }: EntryKind): boolean {
  const entry = text.get([key]);
  return isObject(entry) && entry.type !== 'oauth';
}

function read(text: JsonText, { key, skew }: EntryKind, provider: BuiltInId): Held {
  if (text.raw([key]) === null) return { kind: 'nothing' };
  const entry = text.get([key]);
  if (!isObject(entry)) return DAMAGED;
  if (entry.type !== 'oauth') return { kind: 'api-key' };
  const { access, refresh, expires, accountId } = v.parse(EntrySchema, entry);
  const workspaceId = provider === 'openai' ? accountId : null;
  return heldLogin({
    accessToken: access,
    refreshToken: refresh,
    idToken: null,
    expiresAt: expires && expires + skew,
    owner: workspaceId === null ? null : { userId: null, workspaceId },
  });
}

function entry({ skew }: EntryKind, holder: ToolHolder, grant: Grant, options: WriteOptions) {
  const { access, refresh } = tokensFor(grant, options);
  const workspaceId = holder.provider === 'openai' ? holder.identity.workspaceId : null;
  return {
    type: 'oauth',
    refresh,
    access,
    // SynapsCLI and opencode take a whole number that is not negative, and nothing else.
    expires: Math.max(0, Math.floor(grant.expiresAt - skew)),
    accountId: workspaceId ?? undefined,
  };
}
