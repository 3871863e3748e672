import * as v from 'valibot';
import { AppError } from '../../shared/errors.ts';
import { TokenSchema } from '../grant.ts';
import type { KeyServiceId } from '../keys/services.ts';
import { editCredentials, readCredentials } from './credentials-file.ts';
import type { HeldKey, KeyCodec } from './tool-keys.ts';

/**
 * The lines of Peekaboo's file: the first is ours, the others mean the same to Peekaboo or Tachikoma. Where
 * one of those stands, the person has a key there already, which ours would outrank.
 * @see https://github.com/steipete/Tachikoma (`AuthManager.swift`, `credentialKeys`)
 * @see https://github.com/steipete/Peekaboo (`ConfigurationManager+Credentials.swift`)
 */
const LINES: Readonly<Record<KeyServiceId, readonly [ours: string, ...others: string[]]>> = {
  openai: ['OPENAI_API_KEY'],
  anthropic: ['ANTHROPIC_API_KEY'],
  grok: ['X_AI_API_KEY', 'XAI_API_KEY', 'GROK_API_KEY'],
  gemini: ['GEMINI_API_KEY', 'GOOGLE_API_KEY'],
};

/** The API keys in Peekaboo's file. A login has lines of its own beside them, and counts for more there. */
export const peekabooKeys: KeyCodec = {
  nameOf: (service) => LINES[service][0],
  rivalOf: () => null,
  toldAs: (provider) => provider,
  read(bytes, service): HeldKey {
    const file = readCredentials(bytes);
    if (file.kind === 'unreadable') return { kind: 'unreadable' };
    const [ours, ...others] = LINES[service];
    const value = file.values.get(ours);
    if (value !== undefined) {
      return v.is(TokenSchema, value) ? { kind: 'key', key: value } : { kind: 'other' };
    }
    return { kind: others.some((name) => file.values.has(name)) ? 'other' : 'nothing' };
  },
  write: (bytes, service, key) => edited(bytes, service, key),
  remove: (bytes, service) => edited(bytes, service, null),
};

function edited(bytes: Uint8Array | null, service: KeyServiceId, key: string | null): Uint8Array {
  const text = editCredentials(bytes, new Map([[LINES[service][0], key]]));
  if ('kind' in text) throw new AppError('tool-file-damaged');
  return text;
}
