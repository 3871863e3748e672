import { createHash } from 'node:crypto';
import * as v from 'valibot';
import { ERROR_CODES } from '../../shared/errors.ts';
import { SCHEMA } from '../files/json-file.ts';
import type { Grant } from '../grant.ts';

/** How many tokens' hashes are remembered. */
export const RING_SIZE = 64;

const CodeSchema = v.picklist(ERROR_CODES);

/** What one target was last given, and what it is still owed. */
export const TargetNoteSchema = v.object({
  /** Hash of the access and the refresh token that we last wrote there; `null`: nothing of ours. */
  access: v.nullable(v.string()),
  refresh: v.nullable(v.string()),
  grantId: v.nullable(v.string()),
  /** The file that it is about; a target can be moved, by us or by the tool's own variable. */
  path: v.optional(v.nullable(v.string())),
  /** Epoch ms. */
  writtenAt: v.nullable(v.number()),
  /** Why the present grant is not there yet. */
  owed: v.nullable(v.object({ code: CodeSchema, since: v.number() })),
  /** The person put back what was there before: it is left alone until they decide otherwise. */
  declined: v.optional(v.boolean()),
  /** The last grant of ours that was there when another account of the person's got the place. */
  left: v.optional(v.string()),
  /** The last unknown access token there, by its hash, and what was found out about its owner. */
  stranger: v.optional(
    v.object({
      token: v.string(),
      whose: v.picklist(['same', 'other', 'unknown']),
      at: v.number(),
    }),
  ),
  /** Whose login is there instead of ours, where that could be found out. */
  holder: v.optional(v.nullable(v.string())),
});
export type TargetNote = v.InferOutput<typeof TargetNoteSchema>;

/** A renewal that did not end in a new grant. */
export const TroubleSchema = v.object({
  end: v.picklist(['unsent', 'refused', 'unknown', 'over', 'stuck']),
  code: CodeSchema,
  /** The provider's own error code, cleaned. */
  providerCode: v.nullable(v.string()),
  /** The grant that it is about. A newer grant makes it void. */
  grantId: v.string(),
  /** First of an unbroken row of failures, epoch ms. */
  since: v.number(),
  attempts: v.number(),
  /** No request before this, epoch ms; `null`: none until a new sign-in. */
  retryAt: v.nullable(v.number()),
  /** The provider asked for the wait; a person's request does not shorten it. */
  asked: v.boolean(),
});
export type Trouble = v.InferOutput<typeof TroubleSchema>;

/** Written before a renewal is sent, so that a crash cannot hide that a single-use token may be spent. */
export const IntentSchema = v.object({
  at: v.number(),
  /** Hash of the refresh token that was about to be sent. */
  token: v.string(),
  grantId: v.string(),
  /** The same token was sent a second time. */
  retried: v.boolean(),
});

/**
 * What is known about an account without its secrets: hashes only, so it can be read while the
 * keychain is locked. Tokens are long and random, so their plain SHA-256 tells nothing.
 */
export const LedgerSchema = v.object({
  schema: v.literal(SCHEMA),
  /** SHA-256 of the last tokens, oldest first. */
  ring: v.array(v.string()),
  intent: v.nullable(IntentSchema),
  trouble: v.nullable(TroubleSchema),
  targets: v.record(v.string(), TargetNoteSchema),
  /** When a login without a name was last asked about in vain, epoch ms. */
  askedAt: v.optional(v.number()),
  /** Signed out: never adopted or committed again without a sign-in. Epoch ms. */
  tombstone: v.nullable(v.object({ at: v.number() })),
});
export type Ledger = v.InferOutput<typeof LedgerSchema>;

/** An account of which nothing is known yet. */
export const EMPTY_LEDGER: Ledger = {
  schema: SCHEMA,
  ring: [],
  intent: null,
  trouble: null,
  targets: {},
  tombstone: null,
};

/** Whether the login came here with a copied folder: it belongs to another computer for good. */
export function isDisowned({ trouble }: Pick<Ledger, 'trouble'>): boolean {
  return trouble?.code === 'other-computer';
}

/** The ledger with tokens that turned out to be older than the vault's. */
export function withKnown(ledger: Ledger, tokens: readonly (string | null)[]): Ledger {
  const hashes = tokens.filter((token) => token !== null).map(hashToken);
  const others = ledger.ring.filter((hash) => !hashes.includes(hash));
  return { ...ledger, ring: [...others, ...hashes].slice(-RING_SIZE) };
}

/** SHA-256, hex. */
export function hashToken(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

/** The ledger once `grant` is the vault's: its tokens known, what was said about older ones void. */
export function withGrant(ledger: Ledger, grant: Grant): Ledger {
  const hashes = [grant.accessToken, grant.refreshToken]
    .filter((token) => token !== null)
    .map(hashToken);
  const known = ledger.ring.filter((hash) => !hashes.includes(hash));
  return {
    ...ledger,
    ring: [...known, ...hashes].slice(-RING_SIZE),
    intent: ledger.intent?.grantId === grant.id ? ledger.intent : null,
    trouble: ledger.trouble?.grantId === grant.id ? ledger.trouble : null,
  };
}
