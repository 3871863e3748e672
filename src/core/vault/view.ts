import * as v from 'valibot';
import type { AccountState, AccountView } from '../../shared/account-view.ts';
import type { ErrorCode } from '../../shared/errors.ts';
import { SCHEMA } from '../files/json-file.ts';
import { IdentitySchema, isBuiltIn, ProviderIdSchema } from '../grant.ts';
import { dueAt, earliestRenewal, jitterOf, remaining } from '../refresh/schedule.ts';
import type { VaultState } from './key.ts';
import type { Ledger } from './ledger.ts';
import type { AccountRecord } from './record.ts';

/**
 * The facts in `view.json`: what the sealed record holds that is no secret. A cache, rebuilt from the
 * record whenever that changes.
 */
export const FactsSchema = v.object({
  schema: v.literal(SCHEMA),
  id: v.string(),
  provider: ProviderIdSchema,
  identity: IdentitySchema,
  addedAt: v.number(),
  signedInAt: v.number(),
  /** Origin of the token endpoint that gave it. Only where the person added the service: it may be replaced. */
  origin: v.optional(v.string()),
  /** `null` while there is no usable access token. */
  grant: v.nullable(
    v.object({
      id: v.string(),
      expiresAt: v.number(),
      life: v.number(),
      obtainedAt: v.number(),
      /** `false`: the provider gave nothing to renew it with. Left out where it did. */
      renewable: v.optional(v.boolean()),
    }),
  ),
});
export type Facts = v.InferOutput<typeof FactsSchema>;

/** Whether there is nothing to renew this login with, in any place. */
export function isLastOf({ grant, spare, answer }: AccountRecord): boolean {
  return grant !== null && grant.refreshToken === null && !spare && answer === null;
}

function isFinal({ renewable }: NonNullable<Facts['grant']>): boolean {
  return renewable === false;
}

/** What may be shown of a record. */
export function factsOf(record: AccountRecord): Facts {
  const { id, provider, identity, addedAt, signedInAt, grant, answer } = record;
  const origin = isBuiltIn(provider) ? undefined : (grant ?? answer)?.origin;
  return {
    schema: SCHEMA,
    id,
    provider,
    identity,
    addedAt,
    signedInAt,
    ...(origin !== undefined && { origin }),
    grant: grant && {
      id: grant.id,
      expiresAt: grant.expiresAt,
      life: grant.life,
      obtainedAt: grant.obtainedAt,
      ...(isLastOf(record) && { renewable: false }),
    },
  };
}

/** What an account's state follows from. */
export interface Situation {
  readonly now: number;
  /** `gone`: there is no key that could open it. */
  readonly vault: VaultState | 'gone';
  readonly ownMachine: boolean;
  /** Whether the sealed login is there at all. */
  readonly present: boolean;
  readonly inUse: boolean;
  /** The person's own name for it. */
  readonly name: string | null;
  /** Nobody knows where the provider that gave it is, so nothing is renewed. */
  readonly providerGone?: boolean;
}

/** An account as screens see it, in this situation. */
export function viewOf(facts: Facts, ledger: Ledger, situation: Situation): AccountView {
  const { identity, grant } = facts;
  const [state, code] = stateOf(facts, ledger, situation);
  return {
    id: facts.id,
    provider: facts.provider,
    email: identity.email,
    workspace: identity.workspace,
    plan: identity.plan,
    name: situation.name,
    inUse: situation.inUse,
    state,
    code,
    expiresAt: grant?.expiresAt ?? null,
    renewedAt: grant?.obtainedAt ?? null,
    renewsAt: situation.providerGone ? null : renewsAt(facts, ledger, situation.now),
    signInBy: grant && isFinal(grant) ? grant.expiresAt : null,
  };
}

/**
 * When the account is next worked on: its planned renewal, the next try after a failure, or at once what a
 * killed process has left unsettled. One that cannot be renewed is looked at when it is over, to note that.
 */
function renewsAt(
  { grant, signedInAt }: Facts,
  { trouble, intent }: Ledger,
  now: number,
): number | null {
  if (trouble) return trouble.retryAt;
  if (!grant) return signedInAt;
  if (isFinal(grant) && !intent) return grant.expiresAt <= now ? grant.expiresAt : null;
  return intent ? Math.max(intent.at, earliestRenewal(grant)) : dueAt(grant, jitterOf(grant.id));
}

/** "Works now" and "renewal is late" are two facts: a login is signed in until something stops. */
function stateOf(
  { grant }: Facts,
  { trouble, intent, tombstone }: Ledger,
  { now, vault, ownMachine, present, providerGone }: Situation,
): [AccountState, ErrorCode | null] {
  if (tombstone) return ['sign-in-again', 'sign-out-unfinished'];
  if (!ownMachine) return ['other-computer', 'other-computer'];
  if (!present) return ['sign-in-again', 'login-damaged'];
  if (vault === 'gone') return ['sign-in-again', 'list-damaged'];
  if (vault === 'locked') return ['locked', 'keychain-locked'];
  if (vault === 'denied') return ['locked', 'keychain-refused'];
  if (vault === 'unavailable') return ['locked', 'storage-choice'];
  const works = grant !== null && remaining(grant, now) > 0;
  if (providerGone) return [works ? 'late' : 'waiting', 'provider-missing'];
  if (trouble?.code === 'account-paused') return ['paused', trouble.code];
  if (trouble?.end === 'over') {
    // Lost in flight is nobody's fault and stops nothing yet; the others are known to be over.
    const silent = trouble.code === 'login-lost-in-flight' && works;
    return [silent ? 'late' : 'sign-in-again', trouble.code];
  }
  if (!works && grant && isFinal(grant)) return ['sign-in-again', 'no-renewal'];
  if (!works) return ['waiting', trouble?.code ?? null];
  return trouble || intent ? ['late', trouble?.code ?? null] : ['signed-in', null];
}
