import { adopt } from '../refresh/adopt.ts';
import type { OpenAccount } from '../vault/account.ts';
import { isDisowned } from '../vault/ledger.ts';
import { openOrRemnant } from '../vault/remnant.ts';
import { allAccounts, inUseIds } from '../vault/roster.ts';
import { noteAbout } from './lineage.ts';
import { type Desk, noteTarget, publish } from './publish.ts';
import type { Target } from './target.ts';

/** An account whose lock is held, and whether the tools get its login. */
export interface Login extends OpenAccount {
  readonly inUse: boolean;
}

/** Runs `work` for each login that a target is given or still has a note of, under the account's lock. */
export async function eachLogin(
  desk: Desk,
  target: Target,
  work: (login: Login) => Promise<void>,
): Promise<void> {
  const all = await allAccounts(desk.vault);
  const inUse = inUseIds(all);
  const wanted = all
    .filter(({ facts }) => target.serves(facts.provider))
    .filter(({ ledger }) => ledger.tombstone === null && !isDisowned(ledger))
    .filter(
      ({ facts, ledger }) =>
        inUse.has(facts.id) || target.everyAccount || noteAbout(target, ledger).grantId !== null,
    );
  for (const { facts } of wanted) {
    const lock = await desk.vault.lock(facts.id);
    try {
      const account = await openOrRemnant(desk.context, desk.vault, facts.id);
      await work({ ...account, inUse: inUse.has(facts.id) });
    } finally {
      await lock.release();
    }
  }
}

/**
 * The newest of the login: what a tool renewed by itself must not be lost with its entry. The others get
 * it at once.
 */
export async function newest(desk: Desk, login: Login): Promise<Login> {
  const { record, inUse } = login;
  if (!(await desk.vault.isOwn(record.id))) return login;
  const { account } = await adopt(desk, login, inUse);
  if (account.record.grant?.id !== record.grant?.id) await publish(desk, account.record, { inUse });
  return { ...account, inUse };
}

/** The person wants the login there now: that they once removed or declined it there is forgotten. */
export async function welcome(desk: Desk, id: string, target: Target): Promise<void> {
  const { declined: _, ...note } = noteAbout(target, await desk.vault.readLedger(id));
  await noteTarget(desk, id, target, { ...note, access: null, refresh: null });
}
