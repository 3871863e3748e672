import type { Context } from '../context.ts';
import { claimMachine, isMarked, isOwnMachine } from './machine.ts';
import type { Vault } from './vault.ts';

/**
 * A sign-in marks the folder as this machine's; where it was copied, the logins that came with it belong
 * to the other machine for good. The caller holds the setup lock.
 */
export async function claim(context: Context, vault: Vault): Promise<void> {
  const copied = !(await isOwnMachine(context));
  if (copied) for (const id of await vault.ids()) await disown(context, vault, id);
  if (copied || !(await isMarked(context))) await claimMachine(context);
}

async function disown({ clock }: Context, vault: Vault, id: string): Promise<void> {
  const grantId = (await vault.readFacts(id))?.grant?.id;
  if (grantId === undefined) return;
  await vault.writeLedger(id, {
    ...(await vault.readLedger(id)),
    trouble: {
      end: 'over',
      code: 'other-computer',
      providerCode: null,
      grantId,
      since: clock.now(),
      attempts: 0,
      retryAt: null,
      asked: false,
    },
  });
}
