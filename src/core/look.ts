import type { AccountView } from '../shared/account-view.ts';
import { AppError, asAppError } from '../shared/errors.ts';
import { type Permit, troubleError } from './refresh/attempt.ts';
import { type RenewalResult, renew } from './refresh/renew.ts';
import { isDue } from './refresh/schedule.ts';
import { signOut } from './sign-out.ts';
import { turnOf } from './targets/hand-over.ts';
import type { Desk } from './targets/publish.ts';
import type { OpenAccount } from './vault/account.ts';
import type { Known } from './vault/roster.ts';

/** Who wants accounts looked after, and how urgently. */
export interface LookOptions extends Permit {
  /** A person wants a renewal even if it is not due. */
  readonly force?: boolean;
  /** A person asks: our own backoff does not count. */
  readonly byPerson?: boolean;
  /** What never left this machine is tried again at once: there may be a network now. */
  readonly unsentToo?: boolean;
}

/** What became of one account when it was looked after. */
export interface Look {
  /** How it was shown before. */
  readonly view: AccountView;
  /** The id that it is kept under now: another one, if its owner had an account already. */
  readonly id: string;
  /** `signed-out`: its sign-out, which was unfinished, is done. */
  readonly how: RenewalResult['how'] | 'signed-out';
  /** Why it was not renewed, though it had to be; or what its sign-out has left. */
  readonly error: AppError | null;
}

/** The accounts to look after, and what was known of all when they were chosen. */
export interface Choice {
  readonly chosen: readonly AccountView[];
  readonly known: readonly Known[];
}

/** Looks after each of the chosen accounts. Never rejects: what goes wrong with one is told of that one. */
export async function lookAfter(
  desk: Desk,
  { chosen, known }: Choice,
  options: LookOptions,
): Promise<Look[]> {
  const leaving = chosen.filter(({ code }) => code === 'sign-out-unfinished');
  const looks: Look[] = [];
  // First: what is on its way out must not be given to a tool again.
  for (const view of leaving) looks.push(await guarded(view, finishSignOut(desk, view)));
  const staying = chosen.filter((view) => !leaving.includes(view));
  const grantIds = new Map(known.map(({ facts }) => [facts.id, facts.grant?.id]));
  const turns = new Map(known.map((each) => [each.facts.id, turnOf(desk, each, known)]));
  for (const turn of [0, 1, 2]) {
    const now = staying.filter(({ id }) => (turns.get(id) ?? 1) === turn);
    const renewals = now.map((view) =>
      guarded(view, keepFresh(desk, view, grantIds.get(view.id), options)),
    );
    looks.push(...(await Promise.all(renewals)));
  }
  return looks;
}

/** One that cannot be looked after now must not keep the others from it. */
async function guarded(view: AccountView, work: Promise<Look>): Promise<Look> {
  return work.catch((error) => ({ view, id: view.id, how: 'failed', error: asAppError(error) }));
}

async function keepFresh(
  desk: Desk,
  view: AccountView,
  seen: string | undefined,
  { force = false, byPerson = false, unsentToo = false, mayStart }: LookOptions,
): Promise<Look> {
  const { clock } = desk.context;
  // A person who asks about a login in trouble wants it tried now, not when its turn comes.
  const due =
    force ||
    (byPerson && view.state !== 'signed-in') ||
    (view.renewsAt !== null && view.renewsAt <= clock.now());
  // Asked again under the lock: whoever renewed it meanwhile did it for all who were waiting. What a tool
  // renewed while nobody looked may be due again.
  const wanted = ({ record: { grant }, ledger }: OpenAccount) => {
    if (!grant) return true;
    if (grant.id !== seen) return isDue(grant, clock.now());
    return due || (unsentToo && ledger.trouble?.end === 'unsent');
  };
  const { account, how } = await renew(desk, {
    id: view.id,
    wanted,
    byPerson: byPerson || force,
    unsentToo,
    ...(mayStart && { mayStart }),
  });
  const error = how === 'failed' ? troubleError(desk, account) : null;
  return { view, id: account.record.id, how, error };
}

async function finishSignOut(desk: Desk, view: AccountView): Promise<Look> {
  const { unended, withdrawals } = await signOut(desk, view.id);
  const code = withdrawals.find(({ result }) => result === 'failed')?.code;
  const owed = code ?? (unended ? 'sign-out-unfinished' : null);
  return { view, id: view.id, how: 'signed-out', error: owed && new AppError(owed) };
}
