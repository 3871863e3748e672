import type { Context } from '../context.ts';
import { readOptional } from '../files/json-file.ts';
import type { Keys } from './keys.ts';
import { claimMachine, isMarked, isOwnMachine } from './machine.ts';
import { newKeyId, readSettings, type VaultKind, writeSettings } from './settings.ts';
import type { Vault } from './vault.ts';

/**
 * Makes a state folder one that a login can be kept in: the choice of where its key is recorded, the key
 * in memory, the folder marked as this machine's. The caller holds the setup lock.
 * @param wanted Where the key is to be, if nothing else decides that.
 * @throws AppError as `Vault.prepare` says.
 */
export async function setUp(
  context: Context,
  vault: Vault,
  keys: Keys,
  wanted?: VaultKind,
): Promise<void> {
  const saved = await readSettings(context);
  const kind = await keys.kind(saved, wanted);
  // The other computer's keychain stayed there, and with it the key of what was copied.
  const keyless = kind === 'keychain' && !(await isOwnMachine(context));
  const accounts = await vault.ids();
  const keyId = keyless ? newKeyId() : await keys.nameFor(saved.keyId, kind, accounts);
  const settings = { ...saved, vault: keyless ? null : saved.vault, keyId };
  const lost = (await readOptional(context.fs, context.paths.settings)) === null;
  const fresh = settings.vault === null || keyId !== saved.keyId || lost;
  // The key's name is recorded before the key is made, and the choice only once the key is kept.
  if (fresh) await writeSettings(context, settings);
  await keys.make(keyId, kind, accounts);
  if (fresh) await writeSettings(context, { ...settings, vault: kind });
  await claim(context, vault);
}

/**
 * A sign-in marks the folder as this machine's; where it was copied, the logins that came with it belong
 * to the other machine for good.
 */
async function claim(context: Context, vault: Vault): Promise<void> {
  const copied = !(await isOwnMachine(context));
  if (copied) for (const id of await vault.ids()) await disown(context, vault, id);
  if (copied || !(await isMarked(context))) await claimMachine(context);
}

async function disown({ clock }: Context, vault: Vault, id: string): Promise<void> {
  const grantId = (await vault.readFacts(id))?.grant?.id ?? '';
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
