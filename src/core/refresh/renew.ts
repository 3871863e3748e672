import { sweepTemporary } from '../files/durable.ts';
import type { Grant } from '../grant.ts';
import { absorb, isNamed, withIdentity } from '../merge.ts';
import { depart } from '../targets/hand-over.ts';
import { noteAbout } from '../targets/lineage.ts';
import { formerPlaces, placesOf } from '../targets/places.ts';
import { type Desk, publish } from '../targets/publish.ts';
import { commitGrant, type OpenAccount, openAccount } from '../vault/account.ts';
import { fingerprintOf, remember } from '../vault/history.ts';
import type { Ledger, Trouble } from '../vault/ledger.ts';
import type { AccountRecord } from '../vault/record.ts';
import { type Roster, standingOf } from '../vault/roster.ts';
import { isLastOf } from '../vault/view.ts';
import { type Adoption, adopt } from './adopt.ts';
import { type Attempt, attempt, type Permit } from './attempt.ts';
import { holdTools, NO_TOOLS } from './hold-tools.ts';
import { type Rescue, rescue, trust } from './rescue.ts';
import { earliestRenewal, remaining } from './schedule.ts';

/** Least life at which a renewal waits for a tool's login to be proven, ms. */
const UNPROVEN_LIFE = 5 * 60_000;

/** How long a tool that won a race may take to save what it got. */
const WINNER_SECONDS = 10;

/** How long a login stays without a name before it is asked for again, ms. */
const NAME_PAUSE = 15 * 60_000;

/** What a look comes to with a rescue. One that is put off has changed nothing. */
const RESCUED = {
  saved: 'adopted',
  useless: 'failed',
  later: 'failed',
  'put-off': 'not-needed',
} as const satisfies Record<Rescue['how'], RenewalResult['how']>;

/** One look at one account. */
export interface RenewalRequest extends Permit {
  readonly id: string;
  /** Whether a renewal is still wanted, asked again once the lock is held: another process may have done it. */
  readonly wanted: (account: OpenAccount) => boolean;
  /** A person's own request does not wait for our backoff, only for a wait that the provider asked for. */
  readonly byPerson: boolean;
  /** What never left this machine does not wait for our backoff either: there may be a network now. */
  readonly unsentToo?: boolean;
  /** How long to wait for another process that is at it, ms; a minute, if left out. */
  readonly wait?: number;
}

/** What one look at an account came to. */
export interface RenewalResult {
  readonly account: OpenAccount;
  readonly how: 'not-needed' | 'adopted' | 'renewed' | 'failed';
}

/**
 * lock → re-read → adopt or renew → commit → publish, one account. A failure of the renewal is a
 * result, noted in the ledger, never a lost login.
 * @throws AppError when nothing could be tried: `login-busy`, `no-such-login`, `other-computer`,
 * `keychain-locked` and its kin, `disk-full`, `folder-protected`.
 */
export async function renew(before: Desk, request: RenewalRequest): Promise<RenewalResult> {
  const { context, vault } = before;
  await vault.requireOwn(request.id);
  const lock = await vault.lock(request.id, request.wait);
  try {
    await context.step('renewal:locked');
    // Read anew: the person may have chosen another account while the lock was waited for.
    const desk: Desk = { ...before, settings: await vault.settings() };
    const found = await openAccount(context, vault, request.id);
    // Only now: what a killed process left may have been the answer.
    await sweepTemporary(context.fs, vault.paths(request.id).folder);
    const account = await named(desk, found, request.byPerson);
    const { elder, roster } = await standingOf(vault, account.record);
    if (elder === null) return await look(desk, request, account, roster);
    // A sign-in that did not reach the account that its owner has already.
    await absorb(desk, elder, account.record);
    return await renew(desk, { ...request, id: elder });
  } finally {
    await lock.release();
  }
}

/** Asks whose login it is, where that is not known yet; not at every look, for it may never be told. */
async function named(desk: Desk, account: OpenAccount, anyway: boolean): Promise<OpenAccount> {
  const { ledger } = account;
  const now = desk.context.clock.now();
  const early = !anyway && now < (ledger.askedAt ?? 0) + NAME_PAUSE;
  if (early || isSure(account.record)) return account;
  const { record } = account.record.estranged
    ? await trust(desk, account)
    : { record: await withIdentity(desk, account.record) };
  if (isSure(record)) return { record, ledger };
  const asked = { ...ledger, askedAt: now };
  await desk.vault.writeLedger(record.id, asked);
  return { record, ledger: asked };
}

function isSure(record: AccountRecord): boolean {
  return record.grant === null || (isNamed(record) && !record.estranged);
}

async function look(
  desk: Desk,
  request: RenewalRequest,
  found: OpenAccount,
  roster: Roster,
): Promise<RenewalResult> {
  const seen = await adopt(desk, found, roster);
  const due = isDue(desk, request, seen);
  const tools = due ? await holdTools(desk, seen.account, roster) : NO_TOOLS;
  const holding: Desk = { ...desk, holds: tools.holds };
  try {
    // A tool may have renewed it while its lock was waited for.
    const still = tools.holds.size > 0 ? await adopt(holding, seen.account, roster) : seen;
    const result: RenewalResult = isDue(desk, request, still)
      ? await renewLocked(holding, request, still, roster)
      : { account: still.account, how: 'not-needed' };
    const moved = isMoved(found, result.account);
    const how = result.how === 'not-needed' && moved ? 'adopted' : result.how;
    // An access token that had run out could not ask whose it is.
    const { record } = how === 'renewed' ? await named(desk, result.account, true) : result.account;
    await publish(holding, record, { roster });
    const unproven = still.unproven.map(({ place }) => place.target.id);
    await depart(desk, record, roster, unproven);
    const ledger = await desk.vault.readLedger(request.id);
    return { account: { record, ledger }, how };
  } finally {
    await tools.release();
  }
}

/** Whether a renewal is to be tried, given what the tools hold. */
function isDue({ context }: Desk, request: RenewalRequest, seen: Adoption): boolean {
  if (request.mayStart?.() === false) return false;
  const now = context.clock.now();
  const { record, ledger } = seen.account;
  const life = record.grant ? remaining(record.grant, now) : 0;
  // There is nothing to ask with, and no reason to end it before its time.
  if (isLastOf(record) && life > 0 && seen.unproven.length === 0) return false;
  // Ours may be spent: while it lasts, the tool's is waited for to be proven.
  if (seen.unproven.length > 0 && !request.byPerson && life > UNPROVEN_LIFE) return false;
  // A killed process may have spent our token, and a tool that gave up our very login may have ended it:
  // better to know now.
  const unsettled = ledger.intent !== null && !isHeldBack(seen.account, request, now);
  return request.wanted(seen.account) || seen.suspect || unsettled;
}

function isMoved(before: OpenAccount, after: OpenAccount): boolean {
  return before.record.grant?.id !== after.record.grant?.id;
}

async function renewLocked(
  desk: Desk,
  request: RenewalRequest,
  { account, unproven }: Adoption,
  roster: Roster,
): Promise<RenewalResult> {
  if (isHeldBack(account, request, desk.context.clock.now())) {
    return { account, how: 'failed' };
  }
  const followers = unproven.filter(({ renewed }) => renewed);
  const rescued = await rescue(desk, account, followers, request);
  if (rescued.how !== 'useless') return { account: rescued.account, how: RESCUED[rescued.how] };
  const result = await renewOwn(desk, request, rescued.account, roster);
  const { grant } = result.account.record;
  if (result.how === 'renewed' && grant) {
    await remember(desk.context, request.id, { event: 'renewed', ...fingerprintOf(grant) });
  }
  return result;
}

/** Renews the vault's login; if that is over, what else there may be of this person's. */
async function renewOwn(
  desk: Desk,
  permit: Permit,
  account: OpenAccount,
  roster: Roster,
): Promise<RenewalResult> {
  const own = await attempt(desk, account, permit);
  if (own.end?.end !== 'over') return attempted(own);
  const last = own.account;
  // A tool was quicker, or signed in by itself: then its login is the good one.
  const seen = await lookForWinner(desk, last, roster);
  if (isMoved(last, seen.account)) return { account: seen.account, how: 'adopted' };
  const { spare } = last.record;
  if (spare) return trySpare(desk, permit, seen.account, { spare, trouble: last.ledger.trouble });
  const conflicts = seen.unproven.filter(({ renewed }) => !renewed);
  const rescued = await rescue(desk, seen.account, conflicts, permit);
  const result: RenewalResult = { account: rescued.account, how: RESCUED[rescued.how] };
  return rescued.how === 'put-off' ? undecided(desk, result, account.ledger) : result;
}

/** If the spare is over as well, what became of the login in use is told, and that one served until its end. */
async function trySpare(
  desk: Desk,
  permit: Permit,
  { record, ledger }: OpenAccount,
  { spare, trouble }: { readonly spare: Grant; readonly trouble: Trouble | null },
): Promise<RenewalResult> {
  const { grant, estranged } = record;
  const other = await commitGrant(desk.vault, { record, ledger }, spare, estranged);
  const second = await attempt(desk, other, permit);
  if (second.end?.end !== 'over' || !grant) return attempted(second);
  const back = await commitGrant(desk.vault, second.account, grant, estranged);
  const told = { ...back.ledger, trouble };
  await desk.vault.writeLedger(record.id, told);
  return { account: { record: back.record, ledger: told }, how: 'failed' };
}

function attempted({ account, end }: Attempt): RenewalResult {
  if (end?.end === 'put-off') return { account, how: 'not-needed' };
  return { account, how: end === null ? 'renewed' : 'failed' };
}

/** A login is over once all there is was tried: until then the next look begins as this one did. */
async function undecided(
  desk: Desk,
  { account: { record, ledger }, how }: RenewalResult,
  { trouble, intent }: Ledger,
): Promise<RenewalResult> {
  const before = { ...ledger, trouble, intent };
  await desk.vault.writeLedger(record.id, before);
  return { account: { record, ledger: before }, how };
}

/** A tool that was quicker may not have saved yet what it got. */
async function lookForWinner(desk: Desk, account: OpenAccount, roster: Roster): Promise<Adoption> {
  const places = [
    ...(await placesOf(desk, account.record, roster)),
    ...(await formerPlaces(desk, account.record, account.ledger, roster)),
  ];
  const rivals = places.some(
    ({ target }) => !target.passive && noteAbout(target, account.ledger).refresh !== null,
  );
  let seen = await adopt(desk, account, roster);
  for (let second = 0; rivals && second < WINNER_SECONDS; second += 1) {
    if (isMoved(account, seen.account)) return seen;
    await desk.context.clock.sleep(1000);
    seen = await adopt(desk, account, roster);
  }
  return seen;
}

/** No request may be sent yet, or ever again. */
function isHeldBack(
  { record, ledger }: OpenAccount,
  { byPerson, unsentToo = false }: RenewalRequest,
  now: number,
): boolean {
  const { trouble } = ledger;
  if (!trouble) return !byPerson && record.grant !== null && now < earliestRenewal(record.grant);
  if (trouble.retryAt === null) return true;
  const patient = !byPerson && !(unsentToo && trouble.end === 'unsent');
  return now < trouble.retryAt && (trouble.asked || patient);
}
