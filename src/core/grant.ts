import * as v from 'valibot';

/** Longest token that is kept or sent. Real ones are under 4 KiB; this only stops nonsense. */
export const MAX_TOKEN_BYTES = 16 * 1024;

/**
 * A token as it may be stored and sent: printable ASCII without spaces (RFC 6749 appendix A.12 allows
 * VSCHAR; a space or a newline would break the headers and line files that it is written into).
 */
export const TokenSchema = v.pipe(
  v.string(),
  v.minLength(1),
  v.maxLength(MAX_TOKEN_BYTES),
  v.regex(/^[\x21-\x7e]+$/, 'not a token'),
);

/** The providers that are built in. */
export const BuiltInIdSchema = v.picklist(['anthropic', 'openai']);
export type BuiltInId = v.InferOutput<typeof BuiltInIdSchema>;

/** A provider that a person added. The prefix keeps it apart from whatever is built in one day. */
export type CustomId = `custom-${string}`;
const CUSTOM_ID = /^custom-[a-z][a-z0-9-]{1,30}$/;
export const CustomIdSchema = v.custom<CustomId>(
  (value) => typeof value === 'string' && CUSTOM_ID.test(value),
);

/** Every provider. */
export const ProviderIdSchema = v.union([BuiltInIdSchema, CustomIdSchema]);
export type ProviderId = BuiltInId | CustomId;

/** Whether a provider is built in: only the logins of those are given to tools. */
export function isBuiltIn(id: ProviderId): id is BuiltInId {
  return v.is(BuiltInIdSchema, id);
}

/** What a provider gave us. Secret: it leaves `core` into a target, to its provider, and as one access token. */
export const GrantSchema = v.object({
  /** Random id of this grant. */
  id: v.string(),
  /** The grant that it was renewed from; `null` after a sign-in. */
  parent: v.nullable(v.string()),
  /** Origin of the token endpoint that issued it. It is never sent anywhere else. */
  origin: v.string(),
  accessToken: TokenSchema,
  refreshToken: v.nullable(TokenSchema),
  idToken: v.nullable(TokenSchema),
  /** Epoch ms by this machine's clock, no skew taken off. */
  expiresAt: v.number(),
  /** Whole life of the access token when it was issued, ms. */
  life: v.number(),
  /** When the answer arrived, epoch ms. */
  obtainedAt: v.number(),
  scopes: v.array(v.string()),
});
export type Grant = v.InferOutput<typeof GrantSchema>;

/** Whose login it is. Not secret. `null`: the provider did not tell. */
export const IdentitySchema = v.object({
  /** The provider's id of the person. */
  userId: v.nullable(v.string()),
  email: v.nullable(v.string()),
  /** The provider's id of the workspace (OpenAI: `chatgpt_account_id`; Anthropic: organization uuid). */
  workspaceId: v.nullable(v.string()),
  /** The workspace's name, where the provider tells one. */
  workspace: v.nullable(v.string()),
  /** As the provider spells it: `max`, `pro`, `plus`, `team` … */
  plan: v.nullable(v.string()),
  /** Anthropic's `rate_limit_tier`, which Claude Code keeps beside the plan. */
  tier: v.nullable(v.string()),
});
export type Identity = v.InferOutput<typeof IdentitySchema>;

/** Nothing is known of whose login it is. */
export const NO_IDENTITY: Identity = {
  userId: null,
  email: null,
  workspaceId: null,
  workspace: null,
  plan: null,
  tier: null,
};

/** Another person or another workspace for certain: what is unknown on either side is no difference. */
export function isOtherOwner(a: Identity, b: Identity): boolean {
  const differ = (one: string | null, other: string | null) =>
    one !== null && other !== null && one !== other;
  const known = a.userId !== null && b.userId !== null;
  const person = known ? differ(a.userId, b.userId) : differ(a.email, b.email);
  return person || differ(a.workspaceId, b.workspaceId);
}

/** Same person and same workspace, as far as both sides are known. Unknown on either side: not the same. */
export function sameOwner(a: Identity, b: Identity): boolean {
  const person =
    a.userId !== null && b.userId !== null
      ? a.userId === b.userId
      : a.email !== null && a.email === b.email;
  return person && a.workspaceId === b.workspaceId;
}
