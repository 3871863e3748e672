import { AppError, type ErrorCode } from '../../shared/errors.ts';
import { sweepTemporary } from '../files/durable.ts';
import { absorb, isNamed, withIdentity } from '../merge.ts';
import { assertSameOrigin, refreshRequest } from '../oauth/token-endpoint.ts';
import type { Outcome } from '../oauth/transport.ts';
import type { Desk } from '../targets/publish.ts';
import { publish } from '../targets/publish.ts';
import {
  acceptAnswer,
  holdsTokens,
  type OpenAccount,
  openAccount,
  refreshTokenOf,
} from '../vault/account.ts';
import type { AnswerRoom } from '../vault/answer-room.ts';
import { remember } from '../vault/history.ts';
import { hashToken, type Trouble } from '../vault/ledger.ts';
import { standingOf } from '../vault/roster.ts';
import { adopt } from './adopt.ts';
import { classify, type End } from './classify.ts';
import { backoff, earliestRenewal, remaining, STUCK_LONGEST } from './schedule.ts';

/** How long a login stays without a name before it is asked for again, ms. */
const NAME_PAUSE = 15 * 60_000;

/** One look at one account. */
export interface RenewalRequest {
  readonly id: string;
  /** Whether a renewal is still wanted, asked again once the lock is held: another process may have done it. */
  readonly wanted: (account: OpenAccount) => boolean;
  /** A person's own request does not wait for our backoff, only for a wait that the provider asked for. */
  readonly byPerson: boolean;
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
export async function renew(desk: Desk, request: RenewalRequest): Promise<RenewalResult> {
  const { context, vault } = desk;
  await vault.requireOwn(request.id);
  const lock = await vault.lock(request.id, request.wait);
  try {
    await context.step('renewal:locked');
    const found = await openAccount(context, vault, request.id);
    // Only now: what a killed process left may have been the answer.
    await sweepTemporary(context.fs, vault.paths(request.id).folder);
    const account = await named(desk, found, request.byPerson);
    const { elder, inUse } = await standingOf(vault, account.record);
    if (elder === null) return await look(desk, request, account, inUse);
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
  if (early || isNamed(account.record) || !account.record.grant) return account;
  const record = await withIdentity(desk, account.record);
  if (isNamed(record)) return { record, ledger };
  const asked = { ...ledger, askedAt: now };
  await desk.vault.writeLedger(record.id, asked);
  return { record, ledger: asked };
}

async function look(
  desk: Desk,
  request: RenewalRequest,
  found: OpenAccount,
  inUse: boolean,
): Promise<RenewalResult> {
  const adopted = await adopt(desk, found, inUse);
  const result =
    adopted === found || request.wanted(adopted)
      ? await renewLocked(desk, request, adopted, inUse)
      : { account: adopted, how: 'adopted' as const };
  // An access token that had run out could not ask whose it is.
  const { record } =
    result.how === 'renewed' ? await named(desk, result.account, true) : result.account;
  await publish(desk, record, { inUse });
  const ledger = await desk.vault.readLedger(request.id);
  return { ...result, account: { record, ledger } };
}

async function renewLocked(
  desk: Desk,
  request: RenewalRequest,
  account: OpenAccount,
  inUse: boolean,
): Promise<RenewalResult> {
  if (!request.wanted(account)) return { account, how: 'not-needed' };
  if (isHeldBack(account, request.byPerson, desk.context.clock.now())) {
    return { account, how: 'failed' };
  }
  const first = await attempt(desk, account);
  // Bytes left and no answer came: the token may be spent. The same one once more, at once, settles it.
  const unsettled = first.end?.end === 'unknown' && !account.ledger.intent;
  const last = unsettled ? await attempt(desk, first.account) : first;
  if (last.end === null) {
    await remember(desk.context, request.id, { event: 'renewed' });
    return { account: last.account, how: 'renewed' };
  }
  // The token may be over because a tool was quicker: then its login is the good one.
  const after = last.end.end === 'over' ? await adopt(desk, last.account, inUse) : null;
  if (after && after !== last.account) return { account: after, how: 'adopted' };
  return { account: last.account, how: 'failed' };
}

/** No request may be sent yet, or ever again. */
function isHeldBack({ record, ledger }: OpenAccount, byPerson: boolean, now: number): boolean {
  const { trouble } = ledger;
  if (!trouble) return !byPerson && record.grant !== null && now < earliestRenewal(record.grant);
  if (trouble.retryAt === null) return true;
  return now < trouble.retryAt && (trouble.asked || !byPerson);
}

interface Attempt {
  readonly account: OpenAccount;
  /** `null`: it is renewed. */
  readonly end: Exclude<End, { end: 'done' }> | null;
}

/** Sends the refresh token once: room for the answer first, then the intent, then the request. */
async function attempt(desk: Desk, account: OpenAccount): Promise<Attempt> {
  const { context, vault } = desk;
  const { record } = account;
  const provider = context.providers[record.provider];
  const token = refreshTokenOf(provider, record);
  if (token === null)
    return fail(desk, account, { end: 'over', code: 'login-ended', providerCode: null });
  if (record.grant) assertSameOrigin(record.grant, provider);
  const request = await refreshRequest(provider, token);
  context.secrets.add(token);

  const room = await vault.reserve(record.id);
  try {
    await context.step('renewal:reserved');
    const meant = await writeIntent(desk, account, token);
    await context.step('renewal:intent');
    await context.step('renewal:before-send');
    const outcome = await context.send(request);
    await context.step('renewal:answered');
    return await settle(desk, meant, outcome, room);
  } finally {
    await room.discard();
  }
}

/** Durable before the first byte leaves; the second time for one token it says `retried`. */
async function writeIntent(desk: Desk, account: OpenAccount, token: string): Promise<OpenAccount> {
  const { record } = account;
  const hash = hashToken(token);
  const ledger = {
    ...account.ledger,
    intent: {
      at: desk.context.clock.now(),
      token: hash,
      grantId: record.grant?.id ?? '',
      retried: account.ledger.intent?.token === hash,
    },
  };
  await desk.vault.writeLedger(record.id, ledger);
  return { record, ledger };
}

async function settle(
  desk: Desk,
  account: OpenAccount,
  outcome: Outcome,
  room: AnswerRoom,
): Promise<Attempt> {
  const { context, vault } = desk;
  const { grant, provider } = account.record;
  const now = context.clock.now();
  const life = grant ? remaining(grant, now) : 0;
  const end = classify(context.providers[provider], outcome, now, life);
  const kept = holdsTokens(context.providers[provider], outcome, end)
    ? await acceptAnswer(context, vault, account, room, outcome, grant?.id ?? null)
    : account;
  return end.end === 'done' ? { account: kept, end: null } : fail(desk, kept, end);
}

/** Notes how a renewal ended and when the next one may be tried. */
async function fail(
  desk: Desk,
  account: OpenAccount,
  end: Exclude<End, { end: 'done' }>,
): Promise<Attempt> {
  const { context, vault } = desk;
  const { record, ledger } = account;
  const retried = ledger.intent?.retried === true;
  const trouble = troubleOf(desk, account, end, retried);
  // Only an answer, or proof that nothing left, says that the token of this intent is not spent.
  const open = end.end === 'unknown' || (retried && end.end !== 'over');
  const next = { ...ledger, trouble, intent: open ? ledger.intent : null };
  await vault.writeLedger(record.id, next);
  await remember(context, record.id, { event: 'renewal-failed', code: trouble.code });
  return { account: { record, ledger: next }, end };
}

function troubleOf(
  { context }: Desk,
  { record, ledger }: OpenAccount,
  end: Exclude<End, { end: 'done' }>,
  retried: boolean,
): Trouble {
  const now = context.clock.now();
  const before = ledger.trouble;
  const attempts = (before?.attempts ?? 0) + 1;
  const asked = end.end === 'refused' ? end.retryAt : null;
  const longest = end.end === 'stuck' ? STUCK_LONGEST : undefined;
  const wait = now + backoff(attempts - 1, context.random(), longest);
  return {
    end: end.end,
    code: end.end === 'over' && retried ? 'login-lost-in-flight' : end.code,
    providerCode: 'providerCode' in end ? end.providerCode : null,
    grantId: record.grant?.id ?? '',
    since: before?.since ?? now,
    attempts,
    retryAt: end.end === 'over' ? null : Math.max(asked ?? 0, wait),
    asked: asked !== null,
  };
}

/** The failure that a person or a program is told when a renewal was needed and did not happen. */
export function troubleError(desk: Desk, { record, ledger }: OpenAccount): AppError {
  const { service } = desk.context.providers[record.provider];
  // Without a trouble it was held back: what the service sent a moment ago is of no use already.
  const code: ErrorCode = ledger.trouble?.code ?? 'service-refused';
  const retryAt = ledger.trouble?.retryAt ?? (record.grant && earliestRenewal(record.grant));
  return new AppError(code, retryAt ? { service, retryAt } : { service });
}
