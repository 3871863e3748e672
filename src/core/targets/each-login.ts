import { adopt } from '../refresh/adopt.ts';
import type { OpenAccount } from '../vault/account.ts';
import { isDisowned } from '../vault/ledger.ts';
import { openOrRemnant } from '../vault/remnant.ts';
import { allAccounts, type Known, type Roster } from '../vault/roster.ts';
import { noteAbout } from './lineage.ts';
import { gets, hasBeen } from './places.ts';
import { type Desk, noteTarget, publish } from './publish.ts';
import type { Target } from './target.ts';

/** An account whose lock is held, and all of them, to tell which one each target gets. */
export interface Login extends OpenAccount {
  readonly roster: Roster;
}

/**
 * Runs `work` for each login that a target is given or still has a note of, under the account's lock; those
 * that another one has followed first, for what is there may be theirs.
 */
export async function eachLogin(
  desk: Desk,
  target: Target,
  work: (login: Login) => Promise<void>,
): Promise<void> {
  const roster = await allAccounts(desk.vault);
  const isDue = ({ facts }: Known) => gets(desk, target, facts, roster);
  const wanted = roster
    .filter(({ facts }) => target.serves(facts.provider))
    .filter(({ ledger }) => ledger.tombstone === null && !isDisowned(ledger))
    .filter((known) => isDue(known) || hasBeen(noteAbout(target, known.ledger)))
    .sort((a, b) => Number(isDue(a)) - Number(isDue(b)));
  for (const { facts } of wanted) {
    const lock = await desk.vault.lock(facts.id);
    try {
      const account = await openOrRemnant(desk.context, desk.vault, facts.id);
      await work({ ...account, roster });
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
  const { record, roster } = login;
  if (!(await desk.vault.isOwn(record.id))) return login;
  const { account } = await adopt(desk, login, roster);
  if (account.record.grant?.id !== record.grant?.id)
    await publish(desk, account.record, { roster });
  return { ...account, roster };
}

/** The person wants the login there now: that they once removed or declined it there is forgotten. */
export async function welcome(desk: Desk, id: string, target: Target): Promise<void> {
  const { declined: _, ...note } = noteAbout(target, await desk.vault.readLedger(id));
  await noteTarget(desk, id, target, { ...note, access: null, refresh: null });
}
