import { AppError } from '../shared/errors.ts';
import type { Grant } from './grant.ts';
import { identify } from './oauth/identity.ts';
import { isFrom, revokeRequest } from './oauth/token-endpoint.ts';
import { providerOf } from './providers/index.ts';
import type { Provider } from './providers/provider.ts';
import { adopt } from './refresh/adopt.ts';
import { type Desk, publish } from './targets/publish.ts';
import { commitGrant } from './vault/account.ts';
import { isMentioned, withAccountReplaced } from './vault/choices.ts';
import { fingerprintOf, remember } from './vault/history.ts';
import { hashToken, isDisowned } from './vault/ledger.ts';
import type { AccountRecord } from './vault/record.ts';
import { openOrRemnant } from './vault/remnant.ts';
import { standingOf } from './vault/roster.ts';

/** Longest wait for a login to be ended at the provider, ms. */
const REVOKE_TIMEOUT = 10_000;

/** Whether it is known whose login it is. */
export function isNamed({ identity: { userId, email } }: AccountRecord): boolean {
  return userId !== null || email !== null;
}

/** Asks whose login it is, if that is not known yet. The caller holds the account's lock. */
export async function withIdentity(desk: Desk, record: AccountRecord): Promise<AccountRecord> {
  if (!record.grant || isNamed(record)) return record;
  const provider = providerOf(desk.context.providers, record.provider);
  // Another service would be shown the access token.
  if (!isFrom(record.grant, provider)) return record;
  const { identity, known } = await identify(provider, record.grant, { send: desk.context.send });
  if (!known) return record;
  const named: AccountRecord = { ...record, identity };
  await desk.vault.writeRecord(named);
  return named;
}

/**
 * Puts a fresh login into the account that its owner has already, so that the account keeps its id, its
 * place and what is known about the targets; then removes the fresh folder and ends the old login at the
 * provider. The caller holds the fresh account's lock; locks are always taken from younger to elder. A
 * crash in between leaves both, and the next look at the fresh one comes here again.
 * @returns `elder`.
 */
export async function absorb(desk: Desk, elder: string, fresh: AccountRecord): Promise<string> {
  const { context, vault } = desk;
  if (!fresh.grant) throw new AppError('unexpected', { hint: 'a login without a grant' });
  const lock = await vault.lock(elder);
  try {
    const old = await openOrRemnant(context, vault, elder);
    if (old.ledger.tombstone) throw new AppError('no-such-login');
    // Taken over before a crash, and renewed since: what is left here is spent.
    if (old.ledger.ring.includes(hashToken(fresh.grant.accessToken))) {
      await handOverChoices(desk, fresh.id, elder);
      await vault.removeAccount(fresh.id);
      return elder;
    }
    const { identity, signedInAt } = fresh;
    const account = { ...old, record: { ...old.record, identity, signedInAt } };
    const committed = await commitGrant(vault, account, fresh.grant, false);
    await handOverChoices(desk, fresh.id, elder);
    await vault.removeAccount(fresh.id);
    await remember(context, elder, { event: 'signed-in', ...fingerprintOf(fresh.grant) });
    const { roster } = await standingOf(vault, committed.record);
    const open = { ...desk, settings: await vault.settings() };
    const { record } = (await adopt(open, committed, roster)).account;
    await publish(open, record, { roster, anew: true });
    if (old.record.spare)
      await revoke(desk, providerOf(context.providers, record.provider), old.record.spare);
    const replaced = isDisowned(old.ledger) ? null : old.record.grant;
    if (replaced && replaced.refreshToken !== fresh.grant.refreshToken) {
      await revoke(desk, providerOf(context.providers, record.provider), replaced);
    }
    return elder;
  } finally {
    await lock.release();
  }
}

/** What the person chose about the fresh account was meant for its owner. */
async function handOverChoices({ vault }: Desk, fresh: string, elder: string): Promise<void> {
  if (!isMentioned(await vault.settings(), fresh)) return;
  await vault.changeSettings((settings) => withAccountReplaced(settings, fresh, elder));
}

/**
 * Ends a login at its provider. Best effort.
 * @returns whether the provider said so.
 */
export async function revoke(
  { context }: Desk,
  provider: Provider,
  grant: Grant,
): Promise<boolean> {
  const { revokeUrl } = provider.endpoints;
  if (!grant.refreshToken || revokeUrl === null || !isFrom(grant, provider)) return false;
  const request = await revokeRequest(provider, grant.refreshToken);
  const outcome = await context.send(request, { timeout: REVOKE_TIMEOUT });
  // RFC 7009, 2.2: a token that the server does not know (any more) is answered with 200 as well.
  return outcome.kind === 'answer' && outcome.status === 200;
}
