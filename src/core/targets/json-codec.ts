import * as v from 'valibot';
import { AppError } from '../../shared/errors.ts';
import { type BuiltInId, type Grant, TokenSchema } from '../grant.ts';
import type { Codec } from './codec.ts';
import {
  editJsonText,
  type JsonChange,
  type JsonPath,
  type JsonText,
  type JsonValue,
  parseJsonText,
} from './json-text.ts';
import type { Bundle, Held, ToolHolder, WriteOptions } from './target.ts';

/** What sets the tools apart that keep their logins in a JSON object. */
export interface JsonTool {
  serves(provider: BuiltInId): boolean;
  /** The file's own keys that together are a provider's login; everything else is not ours. */
  parts(provider: BuiltInId): readonly string[];
  read(text: JsonText, provider: BuiltInId): Held;
  /** What writes a grant. @throws AppError as `Codec.write`. */
  changes(
    text: JsonText | null,
    holder: ToolHolder,
    grant: Grant,
    options: WriteOptions,
  ): readonly JsonChange[];
  /** Whether a file of which only this is left is of no use to anybody. Left out: none is. */
  useless?(rest: Readonly<Record<string, unknown>>): boolean;
  /** Spaces a level in a new file; 0: all on one line. */
  readonly indent: number;
}

/** What a tool has there is not what it would write: nobody knows whose it is. */
export const DAMAGED: Held = { kind: 'unreadable', code: 'tool-file-damaged' };

/** The latest time that a `Date` can hold, epoch ms. */
const LATEST = 8.64e15;

/** An access token, `''` where the tool blanked it; `null` for what is neither. */
export const AccessField = v.fallback(v.nullable(v.union([v.literal(''), TokenSchema])), null);
/** A token; `null` for what cannot be one. */
export const TokenField = v.fallback(v.nullable(TokenSchema), null);
/** An id or a name; `null` for what is none. */
export const TextField = v.fallback(v.nullable(v.pipe(v.string(), v.nonEmpty())), null);
/** Epoch ms; `null` for what cannot be one. */
export const TimeField = v.fallback(
  v.nullable(v.pipe(v.number(), v.gtValue(0), v.maxValue(LATEST))),
  null,
);

/** The codec of a tool whose file is a JSON object. */
export function jsonCodec(tool: JsonTool): Codec {
  const edit = (bytes: Uint8Array | null, changes: readonly JsonChange[]) =>
    editJsonText(bytes, changes, { indent: tool.indent, finalNewline: false });
  return {
    serves: (provider) => tool.serves(provider),
    read(bytes, provider) {
      const text = parseJsonText(bytes);
      return text ? tool.read(text, provider) : DAMAGED;
    },
    write(bytes, holder, grant, options) {
      return edit(bytes, tool.changes(bytes && understand(bytes), holder, grant, options));
    },
    remove(bytes, provider) {
      const text = understand(bytes);
      const held = tool.read(text, provider);
      if (held.kind === 'unreadable') throw new AppError(held.code);
      if (held.kind === 'nothing' || held.kind === 'api-key') return bytes;
      const removals = tool
        .parts(provider)
        .map((part): JsonChange => ({ path: [part], remove: true }));
      const rest = edit(bytes, removals);
      const left = understand(rest).get([]);
      return isObject(left) && tool.useless?.(left) ? null : rest;
    },
    keep(bytes, provider) {
      const text = understand(bytes);
      if (tool.read(text, provider).kind === 'nothing') return null;
      const parts = tool.parts(provider).map((part) => [part, text.raw([part])]);
      return JSON.stringify(Object.fromEntries(parts));
    },
    restore(bytes, provider, kept) {
      return edit(bytes, putBack(tool.parts(provider), kept));
    },
  };
}

/** Whether this is a JSON object. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A login as its fields tell it: without an access token it was blanked, or is none. */
export function heldLogin({
  accessToken,
  ...rest
}: Omit<Bundle, 'accessToken'> & { accessToken: string | null }): Held {
  if (accessToken === '') return { kind: 'blanked' };
  return accessToken === null ? DAMAGED : { kind: 'bundle', bundle: { accessToken, ...rest } };
}

/** Both tokens as a mode lets a tool have them: it gets `''` for a refresh token, which it cannot spend. */
export function tokensFor({ accessToken, refreshToken }: Grant, { mode }: WriteOptions) {
  return { access: accessToken, refresh: (mode === 'shared' && refreshToken) || '' };
}

/**
 * What puts `fields` into the object at `path`, beside what else it has; or in place of the whole of it,
 * where that is to go or there is none. A field that is `undefined` is left as it is.
 * @throws AppError `tool-file-damaged` where something else than an object would have to go.
 */
export function putFields(
  text: JsonText | null,
  path: JsonPath,
  fields: Readonly<Record<string, JsonValue | undefined>>,
  { fresh }: WriteOptions,
): JsonChange[] {
  const known = Object.entries(fields).flatMap(([key, value]) =>
    value === undefined ? [] : [[key, value] as const],
  );
  if (fresh || !has(text, path)) return [{ path, value: Object.fromEntries(known) }];
  if (!isObject(text.get(path))) throw new AppError('tool-file-damaged');
  return known.map(([key, value]) => ({ path: [...path, key], value }));
}

function has(text: JsonText | null, path: JsonPath): text is JsonText {
  return text !== null && text.raw(path) !== null;
}

function putBack(parts: readonly string[], kept: string): JsonChange[] {
  const told = v.safeParse(keptSchema(parts), kept);
  // Without the schema's own words, which would quote a token.
  if (!told.success) throw new AppError('unexpected', { hint: 'what was kept is damaged' });
  return Object.entries(told.output).map(([part, raw]) =>
    raw === null ? { path: [part], remove: true } : { path: [part], raw },
  );
}

/** What `keep` tells: the text of each part; `null` for one that was not there. */
function keptSchema(parts: readonly string[]) {
  const entries = parts.map((part) => [part, v.nullable(v.string())] as const);
  return v.pipe(v.string(), v.parseJson(), v.object(Object.fromEntries(entries)));
}

function understand(bytes: Uint8Array): JsonText {
  const text = parseJsonText(bytes);
  if (!text) throw new AppError('tool-file-damaged');
  return text;
}
