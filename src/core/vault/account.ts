import { randomBytes } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { AppError } from '../../shared/errors.ts';
import type { Context } from '../context.ts';
import { type Grant, isBuiltIn, isOtherOwner } from '../grant.ts';
import {
  assertSameOrigin,
  type GrantReading,
  isFrom,
  readGrant,
  tokenOrigin,
} from '../oauth/token-endpoint.ts';
import type { Answer, Outcome } from '../oauth/transport.ts';
import { providerOf } from '../providers/index.ts';
import type { Provider } from '../providers/provider.ts';
import type { End } from '../refresh/classify.ts';
import type { AnswerRoom } from './answer-room.ts';
import { type Ledger, withGrant } from './ledger.ts';
import type { AccountRecord, StoredAnswer } from './record.ts';
import type { Vault } from './vault.ts';
import { factsOf } from './view.ts';

/** An account whose lock is held: what the vault and the ledger say about it now. */
export interface OpenAccount {
  readonly record: AccountRecord;
  readonly ledger: Ledger;
}

/** With the pauses between them, about a minute. */
const STORE_TRIES = 8;

/** A random id for a grant. */
export function newGrantId(): string {
  return randomBytes(8).toString('hex');
}

/**
 * Reads an account under its lock, and finishes what a killed process left: an answer that is kept but
 * not read yet becomes the grant.
 * @throws AppError `no-such-login` for one that was signed out, `login-damaged` for one whose file is
 * gone, and what the vault throws.
 */
export async function openAccount(
  context: Context,
  vault: Vault,
  id: string,
): Promise<OpenAccount> {
  await vault.salvageAnswer(id);
  const ledger = await vault.readLedger(id);
  const record = ledger.tombstone ? null : await vault.readRecord(id);
  if (!record) throw await lost(vault, ledger, id);
  const settled = await settleAnswer(context, vault, { record, ledger });
  return known(vault, settled);
}

/**
 * Keeps an answer that holds tokens, then makes a grant of it.
 * @param asked The provider that gave it, as it was when it was asked.
 */
export async function acceptAnswer(
  context: Context,
  vault: Vault,
  account: OpenAccount,
  room: AnswerRoom,
  answer: Answer,
  asked: Provider,
): Promise<OpenAccount> {
  const record = { ...account.record, answer: stored(answer, account.record, asked) };
  await persist(context, vault, room, record);
  return settleAnswer(context, vault, { ...account, record });
}

/**
 * A process that holds an answer always stores it, however late: the token that it was got with is
 * spent, and this is the only copy of the next one.
 */
async function persist(
  context: Context,
  vault: Vault,
  room: AnswerRoom,
  record: AccountRecord,
): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      // In turns: the room is paid for, but what is wrong may be with its file.
      return await (tries % 2 === 1 ? room.store(record) : vault.writeRecord(record));
    } catch (error) {
      if (tries === STORE_TRIES) throw error;
      context.log({ level: 'error', event: 'answer-not-stored', fields: { tries } });
      await context.clock.sleep(250 * 2 ** tries);
    }
  }
}

/**
 * Whether an answer has to be kept: it has an access token, or at least a refresh token. Any other must
 * not take the place of one that has.
 */
export function holdsTokens(provider: Provider, outcome: Outcome, end: End): outcome is Answer {
  if (outcome.kind !== 'answer' || (end.end !== 'done' && end.end !== 'unknown')) return false;
  const read = readGrant(provider, outcome, null, '');
  return read.kind === 'grant' || read.refreshToken !== null;
}

/**
 * Whatever a record holds may be sent to this provider, which may be another one than gave it.
 * @throws AppError as `assertSameOrigin`.
 */
export function assertAllFrom({ grant, answer }: AccountRecord, provider: Provider): void {
  if (grant) assertSameOrigin(grant, provider);
  if (answer) assertSameOrigin(originOf(answer, provider), provider);
}

/** The refresh token to send next: the newest that any answer held. */
export function refreshTokenOf(provider: Provider, record: AccountRecord): string | null {
  return salvage(provider, record) ?? record.grant?.refreshToken ?? null;
}

/**
 * Makes `grant` the account's own: durable in the vault, then in the ledger, which voids old troubles.
 * @param spare What is tried if `grant` turns out to be over.
 */
export async function commitGrant(
  vault: Vault,
  account: OpenAccount,
  grant: Grant,
  estranged: boolean,
  spare: Grant | null = null,
): Promise<OpenAccount> {
  const record = { ...account.record, grant, answer: null, estranged, spare };
  await vault.writeRecord(record);
  const ledger = { ...withGrant(account.ledger, grant), intent: null, trouble: null };
  await vault.writeLedger(record.id, ledger);
  return { record, ledger };
}

/** An answer becomes the grant, if it holds one; if not it is kept, for the refresh token in it. */
async function settleAnswer(
  { providers }: Context,
  vault: Vault,
  account: OpenAccount,
): Promise<OpenAccount> {
  const { record } = account;
  const provider = providerOf(providers, record.provider);
  // Kept as it came, until the provider that gave it is there again: read by another one's rules it would
  // be that one's login, and be sent there.
  if (!record.answer || provider.gone || !isGivenBy(provider, record.answer)) return account;
  const read = readStored(provider, record.answer, record.grant);
  if (read.kind !== 'grant') return account;
  // An id token that was kept from before says whose the login was, not whose it is now.
  const { accessToken, idToken } = read.grant;
  const fresh = idToken === record.grant?.idToken ? null : idToken;
  const owner = provider.identityFromTokens({ accessToken, idToken: fresh });
  const estranged = owner === null ? record.estranged : isOtherOwner(owner, record.identity);
  // While it is not known whose a login is, the person's own is not let go.
  const spare = estranged ? (record.spare ?? null) : null;
  return commitGrant(vault, account, read.grant, estranged, spare);
}

/** What shows a login outlives it only where its file was damaged or taken away. */
async function lost(vault: Vault, { tombstone }: Ledger, id: string): Promise<AppError> {
  const shown = tombstone === null && (await vault.readFacts(id)) !== null;
  return new AppError(shown ? 'login-damaged' : 'no-such-login');
}

/** A crash after the grant was kept leaves a view and a ledger that do not know it. */
async function known(vault: Vault, account: OpenAccount): Promise<OpenAccount> {
  const { record } = account;
  const facts = factsOf(record);
  if (!isDeepStrictEqual(await vault.readFacts(record.id), facts)) await vault.writeFacts(facts);
  if (!record.grant) return account;
  const ledger = withGrant(account.ledger, record.grant);
  if (!isDeepStrictEqual(ledger, account.ledger)) await vault.writeLedger(record.id, ledger);
  return { record, ledger };
}

function salvage(provider: Provider, { answer, grant }: AccountRecord): string | null {
  if (!answer || !isGivenBy(provider, answer)) return null;
  const read = readStored(provider, answer, grant);
  return read.kind === 'unusable' ? read.refreshToken : read.grant.refreshToken;
}

function isGivenBy(provider: Provider, answer: StoredAnswer): boolean {
  return isFrom(originOf(answer, provider), provider);
}

/** Where an answer of before came from nobody knows, unless its service was never another one. */
function originOf({ origin }: StoredAnswer, provider: Provider): Pick<Grant, 'origin'> {
  return { origin: origin ?? (isBuiltIn(provider.id) ? tokenOrigin(provider) : '') };
}

function readStored(
  provider: Provider,
  answer: StoredAnswer,
  previous: Grant | null,
): GrantReading {
  const { grantId, status, receivedAt, serverDate } = answer;
  const body = Buffer.from(answer.body, 'base64');
  return readGrant(provider, { status, body, receivedAt, serverDate }, previous, grantId);
}

function stored(answer: Answer, { grant }: AccountRecord, asked: Provider): StoredAnswer {
  const { status, receivedAt, serverDate, body } = answer;
  return {
    grantId: newGrantId(),
    parent: grant?.id ?? null,
    origin: tokenOrigin(asked),
    status,
    body: Buffer.from(body).toString('base64'),
    receivedAt,
    serverDate,
  };
}
