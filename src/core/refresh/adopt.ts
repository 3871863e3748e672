import { asAppError } from '../../shared/errors.ts';
import type { Grant } from '../grant.ts';
import { timeClaim } from '../oauth/jwt.ts';
import { relate } from '../targets/lineage.ts';
import { formerPlaces, isAnothers, type Place, placesOf, withLast } from '../targets/places.ts';
import { type Desk, noteTarget, openTarget } from '../targets/publish.ts';
import { keepTaken } from '../targets/taken.ts';
import type { Bundle, Held } from '../targets/target.ts';
import { commitGrant, type OpenAccount } from '../vault/account.ts';
import { fingerprintOf, remember } from '../vault/history.ts';
import { type TargetNote, withKnown } from '../vault/ledger.ts';
import type { Roster } from '../vault/roster.ts';
import { grantFrom, isMixed, noteOf, ownerAt, savedNote } from './news.ts';

/** How long a tool may take between the two tokens of one login, ms. */
const SETTLING = 1000;

/** How long an entry has to be gone to count as removed: some tools take it out to write it anew, ms. */
const GONE_FOR = 2000;

/** What a look at the targets came to. */
export interface Adoption {
  readonly account: OpenAccount;
  /** Tools hold what may be a newer login of this account, and that could not be found out. */
  readonly unproven: readonly News[];
  /** A tool gave up the very login that the vault holds: it may have ended it at the provider. */
  readonly suspect: boolean;
}

/** What one target says about the account. */
type Finding = 'nothing' | 'suspect' | { unproven: News } | { changed: OpenAccount };

/** A login that a tool holds and we do not know. */
export interface News {
  readonly place: Place;
  readonly bundle: Bundle;
  /** Nothing of ours was ever there: it did not come from a login of ours. */
  readonly foreign: boolean;
  /** The vault's grant was there: it must have come from that. */
  readonly renewed: boolean;
  /** The whole entry. */
  readonly kept: string | null;
}

/**
 * Looks whether a tool renewed the login by itself, and takes over what it got once it is proven to be
 * the same person's. The caller holds the account's lock.
 */
export async function adopt(desk: Desk, account: OpenAccount, roster: Roster): Promise<Adoption> {
  let current = account;
  const unproven: News[] = [];
  let suspect = false;
  const own = await placesOf(desk, account.record, roster);
  // Where it was: a tool that still had this login may have renewed it since.
  const former = await formerPlaces(desk, account.record, account.ledger, roster);
  for (const place of [...own, ...former]) {
    const finding = await examine(desk, place, current, roster);
    if (finding === 'suspect') suspect = true;
    else if (finding === 'nothing') continue;
    else if ('changed' in finding) current = finding.changed;
    else unproven.push(finding.unproven);
  }
  // What was found out on the way is noted there.
  const ledger = await desk.vault.readLedger(current.record.id);
  return { account: { record: current.record, ledger }, unproven, suspect };
}

async function examine(
  desk: Desk,
  place: Place,
  account: OpenAccount,
  roster: Roster,
): Promise<Finding> {
  const note = savedNote(account, place);
  // A keychain item where we never wrote cannot be news, and a look may cost a question.
  if (note.declined || (note.grantId === null && place.target.path === null)) return 'nothing';
  try {
    const held = await settled(desk, place, account);
    const whole = isWhole(place, note, account);
    // What is another account's of ours is for that one to look at.
    if (held.kind === 'bundle' && isAnothers(held.bundle, account.record, roster)) return 'nothing';
    switch (relate(held, account.record.grant, account.ledger, note)) {
      case 'gone':
      case 'blanked':
        return whole ? 'suspect' : 'nothing';
      // What a killed process of ours has left half written is whole once it was opened.
      case 'being-written':
      case 'renewed-there':
      case 'conflict':
      case 'foreign':
        return await judge(desk, account, await readUnderLock(desk, place, account));
      default:
        return 'nothing';
    }
  } catch (error) {
    // Reading never fails a renewal.
    const fields = { target: place.target.id, code: asAppError(error).code };
    desk.context.log({ level: 'warn', event: 'target-unread', fields });
    return 'nothing';
  }
}

/** Whether the tool had all that it takes to end the vault's very login. */
function isWhole({ target }: Place, note: TargetNote, { record }: OpenAccount): boolean {
  return !target.passive && note.grantId === record.grant?.id && note.refresh !== null;
}

/** What the target holds once its tool is not in the middle of changing it. */
async function settled({ context }: Desk, place: Place, account: OpenAccount): Promise<Held> {
  const { record, ledger } = account;
  const note = savedNote(account, place);
  const held = await place.target.read(record);
  const gone = relate(held, record.grant, ledger, note) === 'gone';
  const unfinished = held.kind === 'being-written' || isMixed(held, ledger);
  if (!unfinished && !(gone && isWhole(place, note, account))) return held;
  await context.clock.sleep(gone ? GONE_FOR : SETTLING);
  return place.target.read(record);
}

async function readUnderLock(desk: Desk, place: Place, account: OpenAccount): Promise<News | null> {
  const { record, ledger } = account;
  return openTarget(desk, place.target, async (open) => {
    await open.sweep();
    const held = await open.read(record);
    const note = withLast(savedNote(account, place));
    const relation = relate(held, record.grant, ledger, note);
    const renewed = relation === 'renewed-there';
    const foreign = relation === 'foreign';
    if (held.kind !== 'bundle' || !(renewed || foreign || relation === 'conflict')) return null;
    const kept = await open.keep(record);
    return { place, bundle: held.bundle, foreign, renewed, kept };
  });
}

async function judge(desk: Desk, account: OpenAccount, news: News | null): Promise<Finding> {
  const grant = news && grantFrom(desk.context, account, news.bundle);
  if (!news || !grant) return 'nothing';
  const whose = await ownerAt(desk, account, news.place, news.bundle);
  // Where ours is not to be, it may have come from the one that is.
  const ours = savedNote(account, news.place).grantId !== null;
  if (whose === 'unknown') return ours ? { unproven: news } : 'nothing';
  if (whose === 'other') return 'nothing';
  const newer = news.renewed || isNewer(news, grant, account.record.grant);
  const settle = newer ? takeOver : outlive;
  return { changed: await settle(desk, account, news, grant) };
}

/** The issuer's own clock first; of tokens that do not tell, the one that ends later. */
function isNewer({ foreign }: News, theirs: Grant, ours: Grant | null): boolean {
  if (!ours) return true;
  const [their, our] = [theirs, ours].map(({ accessToken }) => timeClaim(accessToken, 'iat'));
  const [a, b] = their && our ? [their, our] : [theirs.expiresAt, ours.expiresAt];
  // That clock counts seconds. Ours may be what was adopted from there, or written there, a moment ago by a
  // process that was killed before it noted so; what ours was renewed from is known, so theirs is not older.
  return a > b || (a === b && !foreign && ours.parent !== null);
}

/** What the tool holds becomes the vault's grant. Where both moved, the vault's own stays as a spare. */
async function takeOver(
  desk: Desk,
  { record }: OpenAccount,
  { place, renewed }: News,
  grant: Grant,
): Promise<OpenAccount> {
  const spare = renewed ? null : record.grant;
  const account = { record, ledger: await desk.vault.readLedger(record.id) };
  const next = await commitGrant(desk.vault, account, grant, record.estranged, spare);
  await noteTarget(desk, record.id, place.target, noteOf(grant, desk.context.clock.now()));
  const target = place.target.id;
  await remember(desk.context, record.id, { event: 'adopted', target, ...fingerprintOf(grant) });
  return { record: next.record, ledger: await desk.vault.readLedger(record.id) };
}

/** The vault's grant is the newer one: theirs stays as a spare, and their place may be written. */
async function outlive(
  desk: Desk,
  account: OpenAccount,
  { place, bundle, kept }: News,
  grant: Grant,
): Promise<OpenAccount> {
  const { target } = place;
  const { id, provider } = account.record;
  if (kept !== null) {
    await keepTaken(desk, { target: target.id, provider, account: id, path: target.path, kept });
  }
  const record = { ...account.record, spare: grant };
  await desk.vault.writeRecord(record);
  const ledger = withKnown(await desk.vault.readLedger(id), [
    bundle.accessToken,
    bundle.refreshToken,
  ]);
  await desk.vault.writeLedger(id, ledger);
  await remember(desk.context, id, { event: 'replaced', target: target.id });
  return { record, ledger };
}
