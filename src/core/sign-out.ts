import { asAppError } from '../shared/errors.ts';
import { revoke } from './merge.ts';
import { providerOf } from './providers/index.ts';
import { adopt } from './refresh/adopt.ts';
import type { Desk } from './targets/publish.ts';
import { type Withdrawal, withdraw } from './targets/withdraw.ts';
import type { OpenAccount } from './vault/account.ts';
import { isMentioned, withoutAccount } from './vault/choices.ts';
import { remember } from './vault/history.ts';
import type { AccountRecord } from './vault/record.ts';
import { openOrRemnant } from './vault/remnant.ts';
import { standingOf } from './vault/roster.ts';

/** What a sign-out did. */
export interface SignOutReport {
  readonly withdrawals: readonly Withdrawal[];
  /** Whether the provider ended the login as well. */
  readonly revoked: boolean;
  /** The login is another computer's, which keeps it: it was only taken away from here. */
  readonly foreign: boolean;
  /** Whether it may live on at the provider, where only the person can end it now. */
  readonly unended: boolean;
}

/**
 * lock → adopt the newest → durable tombstone → revoke → empty our entries → remove the login. Once the
 * tombstone stands, nothing brings the login back but a new sign-in; a crash after it is finished by
 * the next call.
 * @throws AppError `no-such-login`, `login-busy`, and what the keychain throws while it is locked.
 */
export async function signOut(desk: Desk, id: string): Promise<SignOutReport> {
  const report = await signOutLocked(desk, id);
  await forget(desk, id);
  return report;
}

/** What the person chose about it goes too: its name is theirs. Best effort. */
async function forget({ context, vault }: Desk, id: string): Promise<void> {
  try {
    if (!isMentioned(await vault.settings(), id)) return;
    await vault.changeSettings((settings) => withoutAccount(settings, id));
  } catch (error) {
    const fields = { id, code: asAppError(error).code };
    context.log({ level: 'warn', event: 'choice-not-forgotten', fields });
  }
}

async function signOutLocked(desk: Desk, id: string): Promise<SignOutReport> {
  const { context, vault } = desk;
  const lock = await vault.lock(id);
  try {
    // What was copied from another computer is that one's login: here it only leaves.
    const own = await vault.isOwn(id);
    const { record } = await newest(desk, id, own);
    const ledger = await vault.readLedger(id);
    if (!ledger.tombstone) {
      await vault.writeLedger(id, { ...ledger, tombstone: { at: context.clock.now() } });
      await remember(context, id, { event: 'signed-out' });
    }
    await context.step('sign-out:tombstone');
    const provider = providerOf(context.providers, record.provider);
    const revoked = own && record.grant !== null && (await revoke(desk, provider, record.grant));
    if (own && record.spare) await revoke(desk, provider, record.spare);
    await context.step('sign-out:revoked');
    const withdrawals = await withdraw(desk, record);
    await vault.removeLogin(id);
    await context.step('sign-out:removed');
    return { withdrawals, revoked, foreign: !own, unended: own && !revoked && mayLiveOn(record) };
  } finally {
    await lock.release();
  }
}

/** Without a refresh token a login ends by itself. Of one that cannot be read nobody knows. */
function mayLiveOn({ grant }: AccountRecord): boolean {
  return grant === null || grant.refreshToken !== null;
}

/** The login as it is to be ended: the newest of it, or what is left of one that cannot be read. */
async function newest(desk: Desk, id: string, own: boolean): Promise<OpenAccount> {
  const { context, vault } = desk;
  const account = await openOrRemnant(context, vault, id);
  if (!own || account.ledger.tombstone) return account;
  const { roster } = await standingOf(vault, account.record);
  return (await adopt(desk, account, roster)).account;
}
