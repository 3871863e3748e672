import type { Context } from '../context.ts';
import { sweepTemporary } from '../files/durable.ts';
import { tryLock } from '../files/flock.ts';
import { sweepTaken } from '../targets/taken.ts';
import type { Vault } from './vault.ts';

/** How long a signed-out login's hashes are kept, so that no tool's old copy of it is taken for news. */
const TOMBSTONE_DAYS = 90;

/**
 * Removes what sign-ins that never got a login, sign-outs of long ago, and takes that nobody had undone
 * have left. Best effort; an account that is in use by anyone is left alone.
 */
export async function sweep(context: Context, vault: Vault): Promise<void> {
  const { fs, clock, paths, log } = context;
  await sweepTemporary(fs, paths.home);
  await sweepTaken(context);
  for (const id of await vault.ids()) {
    try {
      const lock = await tryLock(vault.paths(id).lock);
      if (!lock) continue;
      try {
        await vault.salvageAnswer(id);
        if (await isLeftover(fs, clock.now(), vault, id)) await vault.removeAccount(id);
      } finally {
        await lock.release();
      }
    } catch {
      log({ level: 'warn', event: 'not-swept', fields: { id } });
    }
  }
}

async function isLeftover(
  fs: Context['fs'],
  now: number,
  vault: Vault,
  id: string,
): Promise<boolean> {
  const { tombstone } = await vault.readLedger(id);
  if (tombstone) return now - tombstone.at > TOMBSTONE_DAYS * 24 * 60 * 60_000;
  if (await vault.hasRecord(id)) return false;
  // A login that was set aside as damaged is for the person to look at.
  const names = await fs.readdir(vault.paths(id).folder);
  return !names.some((name) => name.includes('.damaged-') || name === 'view.json');
}
