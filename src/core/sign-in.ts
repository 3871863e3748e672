import { AppError, asAppError, hasCode } from '../shared/errors.ts';
import type { Lock } from './files/flock.ts';
import { SCHEMA } from './files/json-file.ts';
import { NO_IDENTITY } from './grant.ts';
import { absorb, withIdentity } from './merge.ts';
import { type CodeExchange, exchangeRequest } from './oauth/token-endpoint.ts';
import type { Outcome } from './oauth/transport.ts';
import type { Provider } from './providers/provider.ts';
import { adopt } from './refresh/adopt.ts';
import { classify, type End } from './refresh/classify.ts';
import { renew } from './refresh/renew.ts';
import { type Desk, publish } from './targets/publish.ts';
import { acceptAnswer, holdsTokens, type OpenAccount } from './vault/account.ts';
import type { AnswerRoom } from './vault/answer-room.ts';
import { fingerprintOf, remember } from './vault/history.ts';
import { EMPTY_LEDGER } from './vault/ledger.ts';
import type { AccountRecord } from './vault/record.ts';
import { type Roster, standingOf } from './vault/roster.ts';

/** A login that is durable, before anything is known about its owner. Its account's lock is held. */
export interface FreshLogin {
  readonly account: OpenAccount;
  readonly lock: Lock;
}

/**
 * Exchanges a code and keeps the answer. When this resolves the login is durable, and the browser may
 * say so.
 * @throws AppError `code-refused`, or what stood in the way; nothing is left behind then.
 */
export async function exchange(
  desk: Desk,
  provider: Provider,
  code: CodeExchange,
): Promise<FreshLogin> {
  const { context, vault } = desk;
  context.secrets.add(code.code, code.verifier);
  const { id, lock } = await vault.newAccount();
  try {
    const room = await vault.reserve(id);
    try {
      await context.step('exchange:before-send');
      const outcome = await context.send(await exchangeRequest(provider, code));
      await context.step('exchange:answered');
      const empty = { record: emptyRecord(desk, provider, id), ledger: EMPTY_LEDGER };
      const account = await keep(desk, provider, empty, outcome, room);
      return { account, lock };
    } finally {
      await room.discard();
    }
  } catch (error) {
    await discardUnused(desk, id);
    await lock.release();
    throw error;
  }
}

async function keep(
  desk: Desk,
  provider: Provider,
  empty: OpenAccount,
  outcome: Outcome,
  room: AnswerRoom,
): Promise<OpenAccount> {
  const { context, vault } = desk;
  const end = classify(provider, outcome, context.clock.now(), null);
  if (!holdsTokens(provider, outcome, end)) throw exchangeError(provider, end);
  return acceptAnswer(context, vault, empty, room, outcome, provider);
}

/** A refused code is told as such; everything else as what it was. */
function exchangeError({ service }: Provider, end: End): AppError {
  const details = { service, signingIn: true };
  if (end.end === 'done') return new AppError('service-refused', details);
  const providerCode = 'providerCode' in end ? end.providerCode : null;
  const refused = end.end === 'over' || providerCode === 'invalid_request';
  return new AppError(refused ? 'code-refused' : end.code, details);
}

/**
 * What follows once the login is durable: whose it is, one account per person and workspace, the
 * targets, the end of the login that it replaces. None of it can lose the login; what does not work now
 * is made up for at the next renewal. Releases the lock.
 * @returns the account's id.
 */
export async function settle(desk: Desk, login: FreshLogin): Promise<string> {
  const { id } = login.account.record;
  let younger: readonly string[] = [];
  try {
    const record = await withIdentity(desk, login.account.record);
    const standing = await standingOf(desk.vault, record);
    if (standing.elder !== null) return await absorb(desk, standing.elder, record);
    const token = record.grant ? fingerprintOf(record.grant) : {};
    await remember(desk.context, id, { event: 'signed-in', ...token });
    await giveOut(desk, login.account, record, standing.roster);
    younger = standing.younger;
  } catch (error) {
    unsettled(desk, error);
  } finally {
    await login.lock.release();
  }
  await gather(desk, younger);
  return id;
}

/** A tool may have a login of the same person already: the newer of the two is everybody's from now on. */
async function giveOut(
  desk: Desk,
  { ledger }: OpenAccount,
  named: AccountRecord,
  roster: Roster,
): Promise<void> {
  const { account } = await adopt(desk, { record: named, ledger }, roster);
  await publish(desk, account.record, { roster, anew: true });
}

/**
 * The same person signed in somewhere else at the same time, and was done before this sign-in had a name:
 * a look at that account brings it here.
 */
async function gather(desk: Desk, younger: readonly string[]): Promise<void> {
  for (const id of younger) {
    await renew(desk, { id, wanted: () => false, byPerson: false }).catch((error) => {
      if (!hasCode(error, 'no-such-login')) unsettled(desk, error);
    });
  }
}

function unsettled({ context }: Desk, error: unknown): void {
  const { code } = asAppError(error);
  context.log({ level: 'warn', event: 'sign-in-unsettled', fields: { code } });
}

function emptyRecord({ context }: Desk, provider: Provider, id: string): AccountRecord {
  const now = context.clock.now();
  return {
    schema: SCHEMA,
    id,
    provider: provider.id,
    identity: NO_IDENTITY,
    addedAt: now,
    signedInAt: now,
    grant: null,
    estranged: false,
    answer: null,
  };
}

/** A folder without a login is nothing that anyone could miss. */
async function discardUnused({ context, vault }: Desk, id: string): Promise<void> {
  // An answer that is on the disk without its name is found here, or stays for the next look to find.
  const record = await vault
    .salvageAnswer(id)
    .then(() => vault.readRecord(id))
    .catch(() => undefined);
  if (record === null) await vault.removeAccount(id).catch(() => {});
  else context.log({ level: 'warn', event: 'answer-kept', fields: {} });
}
