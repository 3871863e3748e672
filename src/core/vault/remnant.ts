import { AppError, hasCode } from '../../shared/errors.ts';
import type { Context } from '../context.ts';
import { type OpenAccount, openAccount } from './account.ts';
import type { Vault } from './vault.ts';

/**
 * The account under its lock, a signed-out one too. Of a login that can never be read again it is what is
 * left: enough to find our entries by, and to give its place to a new sign-in.
 * @throws AppError `no-such-login`, and what the keychain throws while it is locked.
 */
export async function openOrRemnant(
  context: Context,
  vault: Vault,
  id: string,
): Promise<OpenAccount> {
  const ledger = await vault.readLedger(id);
  try {
    if (!ledger.tombstone) return await openAccount(context, vault, id);
    const record = await vault.readRecord(id);
    if (record) return { record, ledger };
  } catch (error) {
    // A locked keychain is waited for. A damaged login, or a key that is gone, never comes back by itself.
    if (!hasCode(error, 'login-damaged', 'list-damaged')) throw error;
  }
  const facts = await vault.readFacts(id);
  if (!facts) throw new AppError('no-such-login');
  return { record: { ...facts, grant: null, answer: null, estranged: false }, ledger };
}
