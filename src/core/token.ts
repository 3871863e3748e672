import type { AppError } from '../shared/errors.ts';
import { accountNamed } from './choose.ts';
import type { Context } from './context.ts';
import type { Grant, ProviderId } from './grant.ts';
import { assertSameOrigin, isOfAnother } from './oauth/token-endpoint.ts';
import { type Providers, providerOf } from './providers/index.ts';
import { neededLife, remaining } from './refresh/schedule.ts';
import { nameGiven } from './vault/choices.ts';
import type { AccountRecord } from './vault/record.ts';
import { allAccounts, inUseIds } from './vault/roster.ts';
import type { Vault } from './vault/vault.ts';

/** An access token that a program may use now. */
export interface AccessToken {
  readonly provider: ProviderId;
  /** The account's id. */
  readonly account: string;
  readonly accessToken: string;
  /** Epoch ms. */
  readonly expiresAt: number;
  readonly scopes: readonly string[];
  /** Of the token endpoint that issued it: it is shown to nobody but that provider. */
  readonly origin: string;
  /** Why no newer one could be had; `null` when it is as good as was asked for. */
  readonly late: AppError | null;
}

/**
 * The usual case, with as few looks as it takes: a token with at least `minLife` ms left (or half of a
 * shorter whole life), of a login that nothing is wrong with. `null`: it takes a closer look.
 * @throws AppError of the keychain, or `other-computer`.
 */
export async function keptToken(
  { clock, providers }: Context,
  vault: Vault,
  name: string,
  minLife: number,
): Promise<AccessToken | null> {
  const all = await allAccounts(vault);
  const settings = await vault.settings();
  const inUse = inUseIds(all, settings);
  const views = all.map(({ facts: { id, provider, identity }, ledger }) => ({
    id,
    provider,
    email: identity.email,
    workspace: identity.workspace,
    inUse: inUse.has(id),
    name: nameGiven(settings, id),
    sound: !ledger.trouble && !ledger.intent && !ledger.tombstone,
  }));
  // Chosen among all of them: the next best one would be somebody else's.
  const named = soleNamed(() => accountNamed(views, name, providers));
  if (!named?.sound) return null;
  await vault.requireOwn(named.id);
  const record = await vault.readRecord(named.id);
  const grant = record?.estranged ? null : record?.grant;
  if (!record || !grant || !lasts(grant, minLife, clock.now())) return null;
  return isOfAnother(grant, providerOf(providers, record.provider))
    ? null
    : tokenOf(providers, record, grant, null);
}

/** Whether a grant has the life that is asked for; see `neededLife`. */
export function lasts(grant: Grant, minLife: number, now: number): boolean {
  return remaining(grant, now) >= neededLife(minLife, grant);
}

/**
 * What is handed out of a record.
 * @throws AppError `provider-missing` for the token of a service whose id is another one's now: whoever asks
 * for a token of that id would show it to the other.
 */
export function tokenOf(
  providers: Providers,
  { id, provider }: AccountRecord,
  grant: Grant,
  late: AppError | null,
): AccessToken {
  const service = providerOf(providers, provider);
  if (isOfAnother(grant, service)) assertSameOrigin(grant, service);
  const { accessToken, expiresAt, scopes, origin } = grant;
  return { provider, account: id, accessToken, expiresAt, scopes, origin, late };
}

/** A name that fits none may fit a login that nothing shows yet; the closer look says what is wrong. */
function soleNamed<T>(choose: () => T): T | null {
  try {
    return choose();
  } catch {
    return null;
  }
}
