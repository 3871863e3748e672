import * as v from 'valibot';
import { AppError } from '../../shared/errors.ts';
import { isNewer, parseJson, SCHEMA } from '../files/json-file.ts';
import { GrantSchema, IdentitySchema, ProviderIdSchema } from '../grant.ts';
import { seal, unseal, type VaultKey } from './seal.ts';

/**
 * A token endpoint's answer as it arrived. It is durable before a grant is made of it, and stays until
 * that grant is durable as well.
 */
export const StoredAnswerSchema = v.object({
  /** The id that the grant read from it gets. */
  grantId: v.string(),
  /** The grant whose refresh token was sent; `null` for a sign-in. */
  parent: v.nullable(v.string()),
  /** Of the token endpoint that gave it. Left out before it was noted. */
  origin: v.optional(v.string()),
  status: v.number(),
  /** The body's bytes, base64. */
  body: v.string(),
  /** Epoch ms. */
  receivedAt: v.number(),
  /** The answer's `Date`, epoch ms. */
  serverDate: v.nullable(v.number()),
});
export type StoredAnswer = v.InferOutput<typeof StoredAnswerSchema>;

/** What one sealed file holds: the master copy of one login. */
export const RecordSchema = v.object({
  schema: v.literal(SCHEMA),
  id: v.string(),
  provider: ProviderIdSchema,
  identity: IdentitySchema,
  /** When this account was first signed in, epoch ms: of a provider's usable ones the first is in use. */
  addedAt: v.number(),
  /** When the person last signed in, epoch ms. */
  signedInAt: v.number(),
  /** `null` only between an answer that holds no usable access token and the renewal that follows. */
  grant: v.nullable(GrantSchema),
  /**
   * A second login of the same person, which a tool got by itself while the vault moved on: tried when the
   * grant turns out to be over.
   */
  spare: v.optional(v.nullable(GrantSchema)),
  /** A renewal came back as somebody else's login: it is kept here and given to no target. */
  estranged: v.boolean(),
  /** An answer that has not become a grant yet. */
  answer: v.nullable(StoredAnswerSchema),
});
export type AccountRecord = v.InferOutput<typeof RecordSchema>;

/** A record's sealed bytes. */
export function sealRecord(key: VaultKey, record: AccountRecord): Buffer {
  // What could not be read back would take the place of a login that can.
  if (!v.is(RecordSchema, record)) throw new AppError('unexpected', { hint: 'not a record' });
  return seal(key, Buffer.from(JSON.stringify(record)), record.id);
}

/**
 * No cause is kept: what a parser says about a login quotes it.
 * @throws AppError `login-damaged`, `newer-version`.
 */
export function unsealRecord(key: VaultKey, sealed: Uint8Array, id: string): AccountRecord {
  const value = parseJson(unseal(key, sealed, id));
  const parsed = v.safeParse(RecordSchema, value);
  if (parsed.success) return parsed.output;
  if (isNewer(value)) throw new AppError('newer-version');
  throw new AppError('login-damaged', { hint: 'what was sealed is no login' });
}
