import { isDisowned } from '../vault/ledger.ts';
import type { AccountRecord } from '../vault/record.ts';
import { openOrRemnant } from '../vault/remnant.ts';
import { allAccounts, inUseIds } from '../vault/roster.ts';
import type { Settings } from '../vault/settings.ts';
import { type Desk, publish, TARGET_DEADLINE } from './publish.ts';
import { targetsOf } from './registry.ts';
import type { Target, TargetId } from './target.ts';
import { type Withdrawal, withdrawFrom } from './withdraw.ts';

/**
 * Moves a target to another folder: our entries leave the old file, the logins are written to the new
 * one. What else is in either file stays.
 * @returns what was taken out of the old place.
 * @throws AppError when the new place cannot be written; then nothing was changed.
 */
export async function moveTarget(desk: Desk, id: TargetId, path: string): Promise<Withdrawal[]> {
  const to = (settings: Settings): Settings => ({
    ...settings,
    targets: { ...settings.targets, [id]: { ...settings.targets[id], path } },
  });
  const future = targetOf({ ...desk, settings: to(desk.settings) }, id);
  await future?.open(TARGET_DEADLINE, (open) => open.rehearse());
  const withdrawals: Withdrawal[] = [];
  const old = targetOf(desk, id);
  await eachAccount(desk, async (record) => {
    if (old) withdrawals.push(await withdrawFrom(desk, old, record));
  });
  await desk.vault.changeSettings(to);
  const moved: Desk = { ...desk, settings: await desk.vault.settings() };
  await eachAccount(moved, (record, inUse) => publish(moved, record, { inUse, anew: true }));
  return withdrawals;
}

function targetOf({ context, settings }: Desk, id: TargetId): Target | undefined {
  return targetsOf(context, settings).find((target) => target.id === id);
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
