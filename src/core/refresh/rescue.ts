import { asAppError } from '../../shared/errors.ts';
import type { Grant } from '../grant.ts';
import { isFrom } from '../oauth/token-endpoint.ts';
import { providerOf } from '../providers/index.ts';
import { isKnown, noteAbout } from '../targets/lineage.ts';
import { type Ownership, ownerOf } from '../targets/owner.ts';
import { formerPlaces, placesOf } from '../targets/places.ts';
import { type Desk, noteTarget, openTarget } from '../targets/publish.ts';
import { commitGrant, type OpenAccount } from '../vault/account.ts';
import { fingerprintOf, remember } from '../vault/history.ts';
import { hashToken } from '../vault/ledger.ts';
import { standingOf } from '../vault/roster.ts';
import type { News } from './adopt.ts';
import { type Attempt, attempt, type Permit } from './attempt.ts';
import { grantFrom, noteOf } from './news.ts';

/** What a rescue came to. */
export interface Rescue {
  /**
   * `useless`: it is over as well, or somebody else's. `later`: the service could not be asked.
   * `put-off`: it may not be asked now.
   */
  readonly how: 'saved' | 'useless' | 'later' | 'put-off';
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
  permit: Permit,
): Promise<Rescue> {
  let last: Rescue = { how: 'useless', account };
  for (const news of found) {
    last = await tryOut(desk, last.account, news, permit);
    if (last.how !== 'useless') break;
  }
  return last;
}

async function tryOut(
  desk: Desk,
  account: OpenAccount,
  news: News,
  permit: Permit,
): Promise<Rescue> {
  const grant = grantFrom(desk.context, account, news.bundle);
  const { grant: before, estranged } = account.record;
  if (!grant || !before) return { how: 'useless', account };
  const doubtful = await commitGrant(desk.vault, account, grant, true, before);
  const { account: after, end } = await attempt(desk, doubtful, permit);
  let unasked = false;
  if (end === null) {
    // Not handed back, it is nowhere but in the vault: there it stays, and the next look asks whose it is.
    if (!(await handBack(desk, news, after))) return { how: 'later', account: after };
    const whose = await ownerNow(desk, after);
    unasked = whose === 'unknown';
    if (whose === 'same') {
      const target = news.place.target.id;
      const { id, grant: renewed } = after.record;
      const token = renewed ? fingerprintOf(renewed) : {};
      await remember(desk.context, id, { event: 'adopted', target, ...token });
      return { how: 'saved', account: await accept(desk, after) };
    }
  }
  // Half an answer may hold the only refresh token of it: the next look goes on from there.
  if (after.record.answer) return { how: 'later', account: after };
  // Back to what was. If the service could not be asked, the next look finds a token that it answers to.
  const { record } = await commitGrant(desk.vault, after, before, estranged);
  const how = unasked ? 'later' : withoutIt(end);
  const late = how === 'later' ? after.ledger.trouble : null;
  const trouble = late ? { ...late, grantId: before.id } : account.ledger.trouble;
  const ledger = { ...account.ledger, trouble };
  await desk.vault.writeLedger(record.id, ledger);
  return { how, account: { record, ledger } };
}

/** What a rescue came to that did not get a login. */
function withoutIt(end: Attempt['end']): Exclude<Rescue['how'], 'saved'> {
  if (end === null || end.end === 'over') return 'useless';
  return end.end === 'put-off' ? 'put-off' : 'later';
}

/** What the tool's token was renewed to belongs into its place. False when it cannot be written now. */
async function handBack(
  desk: Desk,
  { place, bundle }: Pick<News, 'place' | 'bundle'>,
  { record }: OpenAccount,
): Promise<boolean> {
  const { grant } = record;
  const { target } = place;
  if (!grant) return false;
  try {
    await openTarget(desk, target, async (open) => {
      const held = await open.read(record);
      const still = held.kind === 'bundle' && held.bundle.accessToken === bundle.accessToken;
      if (still) await open.write(record, grant, { mode: 'shared', fresh: false });
    });
    await noteTarget(desk, record.id, target, noteOf(grant, desk.context.clock.now()));
    return true;
  } catch (error) {
    const fields = { target: target.id, code: asAppError(error).code };
    desk.context.log({ level: 'warn', event: 'not-handed-back', fields });
    return false;
  }
}

/**
 * Asks once more whose an estranged login is. One that a rescue which was broken off left in the vault goes
 * back to its tool if it is somebody else's, and the person's own comes back. The caller holds the
 * account's lock.
 */
export async function trust(desk: Desk, account: OpenAccount): Promise<OpenAccount> {
  const { estranged, spare } = account.record;
  if (!estranged) return account;
  const whose = await ownerNow(desk, account);
  if (whose === 'same') return accept(desk, account);
  return whose === 'other' && spare ? giveUp(desk, account, spare) : account;
}

async function ownerNow(desk: Desk, { record }: OpenAccount): Promise<Ownership['whose']> {
  const provider = providerOf(desk.context.providers, record.provider);
  if (!record.grant || !isFrom(record.grant, provider)) return 'unknown';
  const { accessToken, refreshToken } = record.grant;
  const bundle = { accessToken, refreshToken, idToken: null, expiresAt: null, owner: null };
  return (await ownerOf(desk.context, record, bundle)).whose;
}

/** It is the person's own, for certain: everybody gets it. */
async function accept(desk: Desk, { record, ledger }: OpenAccount): Promise<OpenAccount> {
  const trusted = { ...record, estranged: false, spare: null };
  await desk.vault.writeRecord(trusted);
  return { record: trusted, ledger };
}

async function giveUp(desk: Desk, account: OpenAccount, own: Grant): Promise<OpenAccount> {
  const { roster } = await standingOf(desk.vault, account.record);
  const theirs = [account.record.grant?.accessToken, account.record.grant?.refreshToken];
  const places = [
    ...(await placesOf(desk, account.record, roster)),
    ...(await formerPlaces(desk, account.record, account.ledger, roster)),
  ];
  for (const place of places) {
    const held = await place.target.read(account.record).catch(() => null);
    // It had our grant, and what it has now came through the vault and is not ours.
    const note = noteAbout(place.target, account.ledger);
    const isTheirs = held?.kind === 'bundle' && isKnown(held.bundle, account.ledger, note);
    if (!isTheirs || note.grantId !== own.id || held.bundle.accessToken === own.accessToken)
      continue;
    if (!(await handBack(desk, { place, bundle: held.bundle }, account))) return account;
    theirs.push(held.bundle.accessToken, held.bundle.refreshToken);
  }
  // With the notes as they were before it was handed back: what is there is not ours.
  const { record, ledger } = await commitGrant(desk.vault, account, own, false);
  const hashes = theirs.map((token) => token && hashToken(token));
  const { targets } = await desk.vault.readLedger(record.id);
  const cleared = {
    ...ledger,
    targets,
    ring: ledger.ring.filter((hash) => !hashes.includes(hash)),
  };
  await desk.vault.writeLedger(record.id, cleared);
  return { record, ledger: cleared };
}
