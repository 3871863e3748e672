import { AppError, type ErrorCode } from '../../shared/errors.ts';
import { refreshRequest } from '../oauth/token-endpoint.ts';
import type { Outcome } from '../oauth/transport.ts';
import { providerOf } from '../providers/index.ts';
import type { Provider } from '../providers/provider.ts';
import type { Desk } from '../targets/publish.ts';
import {
  acceptAnswer,
  assertAllFrom,
  holdsTokens,
  type OpenAccount,
  refreshTokenOf,
} from '../vault/account.ts';
import type { AnswerRoom } from '../vault/answer-room.ts';
import { remember } from '../vault/history.ts';
import { hashToken, type Trouble } from '../vault/ledger.ts';
import { classify, type End } from './classify.ts';
import { backoff, earliestRenewal, remaining, STUCK_LONGEST } from './schedule.ts';

/** Asked right before each request with a refresh token. */
export interface Permit {
  /** False leaves it to a later look. The machine may be about to sleep. */
  readonly mayStart?: () => boolean;
}

/** One request with a refresh token, and what it came to. */
export interface Attempt {
  readonly account: OpenAccount;
  /** `null`: it is renewed. `put-off`: it may not be begun now, and nothing was changed. */
  readonly end: Exclude<End, { end: 'done' }> | { readonly end: 'put-off' } | null;
}

/**
 * Sends the refresh token, and the same one once more, at once, where bytes left and no answer came: the
 * token may be spent. Where that has to be put off, its intent stays open. The caller holds the account's lock.
 */
export async function attempt(
  desk: Desk,
  account: OpenAccount,
  { mayStart = () => true }: Permit,
): Promise<Attempt> {
  if (!mayStart()) return { account, end: { end: 'put-off' } };
  const first = await send(desk, account);
  const unsettled = first.end?.end === 'unknown' && !account.ledger.intent;
  return unsettled && mayStart() ? send(desk, first.account) : first;
}

/** Room for the answer first, then the intent, then the request. */
async function send(desk: Desk, account: OpenAccount): Promise<Attempt> {
  const { context, vault } = desk;
  const { record } = account;
  const provider = providerOf(context.providers, record.provider);
  assertAllFrom(record, provider);
  const token = refreshTokenOf(provider, record);
  if (token === null)
    return fail(desk, account, { end: 'over', code: 'no-renewal', providerCode: null });
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
    return await settle(desk, meant, { provider, outcome, room });
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

/** What a request came to. Who was asked may be another one by now, or gone. */
interface Answered {
  readonly provider: Provider;
  readonly outcome: Outcome;
  readonly room: AnswerRoom;
}

async function settle(
  desk: Desk,
  account: OpenAccount,
  { provider, outcome, room }: Answered,
): Promise<Attempt> {
  const { context, vault } = desk;
  const { grant } = account.record;
  const now = context.clock.now();
  const life = grant ? remaining(grant, now) : 0;
  const end = classify(provider, outcome, now, life);
  const kept = holdsTokens(provider, outcome, end)
    ? await acceptAnswer(context, vault, account, room, outcome, provider)
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
  const { code, providerCode } = trouble;
  // Before the ledger: a process that dies in between is followed by one that finds the same, and once said
  // is enough. The other way round nobody would ever say it.
  await remember(context, record.id, {
    event: 'renewal-failed',
    end: trouble.end,
    code,
    ...(providerCode && { providerCode }),
  });
  await vault.writeLedger(record.id, next);
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
  const { service } = providerOf(desk.context.providers, record.provider);
  // Without a trouble it was held back: what the service sent a moment ago is of no use already.
  const code: ErrorCode = ledger.trouble?.code ?? 'service-refused';
  const retryAt = ledger.trouble?.retryAt ?? (record.grant && earliestRenewal(record.grant));
  return new AppError(code, retryAt ? { service, retryAt } : { service });
}
