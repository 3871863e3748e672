import { temporariesOf } from '../files/durable.ts';
import type { Desk } from '../targets/publish.ts';
import { factsOf } from './view.ts';

/**
 * Finds logins that nothing shows: an answer that was kept when its process died, or a lost `view.json`.
 * Best effort; what is locked now is found the next time.
 */
export async function recover({ context, vault }: Desk): Promise<void> {
  for (const id of await vault.ids()) {
    if ((await vault.readFacts(id)) || !(await hasLogin(id))) continue;
    try {
      const { openAccount } = await import('./account.ts');
      const lock = await vault.lock(id, 0);
      try {
        const { record } = await openAccount(context, vault, id);
        await vault.writeFacts(factsOf(record));
      } finally {
        await lock.release();
      }
    } catch {
      context.log({ level: 'warn', event: 'not-recovered', fields: { id } });
    }
  }

  async function hasLogin(id: string): Promise<boolean> {
    if (await vault.hasRecord(id)) return true;
    return (await temporariesOf(context.fs, vault.paths(id).grant)).length > 0;
  }
}
