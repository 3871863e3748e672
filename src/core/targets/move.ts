import { isDisowned } from '../vault/ledger.ts';
import type { AccountRecord } from '../vault/record.ts';
import { openOrRemnant } from '../vault/remnant.ts';
import { allAccounts, inUseIds } from '../vault/roster.ts';
import { type Desk, publish } from './publish.ts';
import { targetsOf } from './registry.ts';
import type { TargetId } from './target.ts';
import { type Withdrawal, withdrawFrom } from './withdraw.ts';

/**
 * Moves a target to another folder: our entries leave the old file, the logins are written to the new
 * one. What else is in either file stays.
 * @returns what was taken out of the old place.
 */
export async function moveTarget(desk: Desk, id: TargetId, path: string): Promise<Withdrawal[]> {
  const withdrawals: Withdrawal[] = [];
  const old = targetsOf(desk.context, desk.settings).find((target) => target.id === id);
  await eachAccount(desk, async (record) => {
    if (old) withdrawals.push(await withdrawFrom(desk, old, record));
  });
  await desk.vault.changeSettings((settings) => ({
    ...settings,
    targets: { ...settings.targets, [id]: { ...settings.targets[id], path } },
  }));
  const moved: Desk = { ...desk, settings: await desk.vault.settings() };
  await eachAccount(moved, (record, inUse) => publish(moved, record, { inUse, anew: true }));
  return withdrawals;
}

async function eachAccount(
  { context, vault }: Desk,
  work: (record: AccountRecord, inUse: boolean) => Promise<void>,
): Promise<void> {
  const all = await allAccounts(vault);
  const inUse = inUseIds(all);
  const here = all.filter(({ ledger }) => ledger.tombstone === null && !isDisowned(ledger));
  for (const { id } of here.map(({ facts }) => facts)) {
    const lock = await vault.lock(id);
    try {
      const { record } = await openOrRemnant(context, vault, id);
      await work(record, inUse.has(id));
    } finally {
      await lock.release();
    }
  }
}
