import { ownerOf } from '../targets/owner.ts';
import { type Desk, noteTarget, openTarget } from '../targets/publish.ts';
import type { Bundle } from '../targets/target.ts';
import { commitGrant, type OpenAccount } from '../vault/account.ts';
import { remember } from '../vault/history.ts';
import type { News } from './adopt.ts';
import { attempt } from './attempt.ts';
import { grantFrom, noteOf } from './news.ts';

/** What a rescue came to. */
export interface Rescue {
  /** `useless`: it is over as well, or somebody else's. `later`: the service could not be asked. */
  readonly how: 'saved' | 'useless' | 'later';
  readonly account: OpenAccount;
}

/**
 * Tools hold logins that may have come after the vault's: one of them was the only one to renew while
 * Authbar was off, and its access token has run out since, so that nobody can say whose it is. Sending the
 * vault's own refresh token would be a replay, for which a service may end both. Renewing the tool's tells;
 * until then no other tool gets it, and the tool has it back, for it is the tool's whoever it belongs to.
 * One after the other, until one is good. The caller holds the account's lock.
 */
export async function rescue(
  desk: Desk,
  account: OpenAccount,
  found: readonly News[],
): Promise<Rescue> {
  let last: Rescue = { how: 'useless', account };
  for (const news of found) {
    last = await tryOut(desk, last.account, news);
    if (last.how !== 'useless') break;
  }
  return last;
}

async function tryOut(desk: Desk, account: OpenAccount, news: News): Promise<Rescue> {
  const grant = grantFrom(desk.context, account, news.bundle);
  const { grant: before, estranged } = account.record;
  if (!grant || !before) return { how: 'useless', account };
  const doubtful = await commitGrant(desk.vault, account, grant, true, before);
  const { account: after, end } = await attempt(desk, doubtful);
  if (end === null) {
    await handBack(desk, news, after);
    const trusted = await trust(desk, after);
    const { target } = news.place;
    if (!trusted.record.estranged) {
      await remember(desk.context, after.record.id, { event: 'adopted', target: target.id });
      return { how: 'saved', account: trusted };
    }
  }
  // Back to what was. If the service could not be asked, the next look finds a token that it answers to.
  const { record } = await commitGrant(desk.vault, after, before, estranged);
  const later = end !== null && end.end !== 'over' ? after.ledger.trouble : null;
  const trouble = later ? { ...later, grantId: before.id } : account.ledger.trouble;
  const ledger = { ...account.ledger, trouble };
  await desk.vault.writeLedger(record.id, ledger);
  return { how: later ? 'later' : 'useless', account: { record, ledger } };
}

/** What the tool's token was renewed to belongs into its place. */
async function handBack(
  desk: Desk,
  { place, bundle }: News,
  { record }: OpenAccount,
): Promise<void> {
  const { grant } = record;
  if (!grant) return;
  await openTarget(desk, place.target, async (open) => {
    const held = await open.read(record);
    const still = held.kind === 'bundle' && held.bundle.accessToken === bundle.accessToken;
    if (still) await open.write(record, grant, { mode: 'shared', fresh: false });
  });
  await noteTarget(desk, record.id, place.target.id, noteOf(grant, desk.context.clock.now()));
}

/** Asks once more whose a doubtful login is. The caller holds the account's lock. */
export async function trust(desk: Desk, account: OpenAccount): Promise<OpenAccount> {
  const { record, ledger } = account;
  if (!record.estranged || !record.grant) return account;
  const { whose } = await ownerOf(desk.context, record, bundleOf(record.grant));
  if (whose !== 'same') return account;
  const trusted = { ...record, estranged: false };
  await desk.vault.writeRecord(trusted);
  return { record: trusted, ledger };
}

function bundleOf(grant: { accessToken: string; refreshToken: string | null }): Bundle {
  return { ...grant, idToken: null, expiresAt: null, owner: null };
}
