import { AppError } from '../../shared/errors.ts';
import type { BuiltInId } from '../grant.ts';
import type { KeyServiceId } from '../keys/services.ts';
import { isObject } from './json-codec.ts';
import { editJsonText, type JsonChange, type JsonText, parseJsonText } from './json-text.ts';
import type { HeldKey, KeyCodec } from './tool-keys.ts';

/** How a tool keeps API keys in an `auth.json`: an entry for each service, `{"type":…,"key":…}`. */
export interface KeyEntries {
  /** The entry's `type`. */
  readonly type: string;
  /** The entries' names. */
  readonly names: Readonly<Record<KeyServiceId, string>>;
  /** The names of the entries for logins. */
  readonly logins: Readonly<Record<BuiltInId, { readonly key: string }>>;
}

/** The API keys in the `auth.json` of Pi and of opencode. All else stays byte for byte. */
export function keyEntryCodec({ type, names, logins }: KeyEntries): KeyCodec {
  const pairs = Object.entries(logins) as [BuiltInId, { key: string }][];
  const services = Object.keys(names) as KeyServiceId[];
  return {
    nameOf: (service) => names[service],
    rivalOf: (service) => pairs.find(([, { key }]) => key === names[service])?.[0] ?? null,
    toldAs: (provider) =>
      services.find((service) => names[service] === logins[provider].key) ?? null,
    read(bytes, service) {
      const text = parseJsonText(bytes);
      return text ? held(text, names[service], type) : { kind: 'unreadable' };
    },
    write(bytes, service, key) {
      const name = names[service];
      const text = bytes && understand(bytes);
      // What a tool has put beside a key of ours stays there.
      const isKey = text && held(text, name, type).kind === 'key';
      return edit(
        bytes,
        isKey ? { path: [name, 'key'], value: key } : { path: [name], value: { type, key } },
      );
    },
    remove: (bytes, service) => edit(bytes, { path: [names[service]], remove: true }),
  };
}

function held(text: JsonText, name: string, type: string): HeldKey {
  if (text.raw([name]) === null) return { kind: 'nothing' };
  const entry = text.get([name]);
  if (!isObject(entry) || entry.type !== type) return { kind: 'other' };
  return typeof entry.key === 'string' ? { kind: 'key', key: entry.key } : { kind: 'other' };
}

function edit(bytes: Uint8Array | null, change: JsonChange): Uint8Array {
  return editJsonText(bytes, [change], { indent: 2, finalNewline: false });
}

function understand(bytes: Uint8Array): JsonText {
  const text = parseJsonText(bytes);
  if (!text) throw new AppError('tool-file-damaged');
  return text;
}
