import { isDeepStrictEqual } from 'node:util';
import { AppError, asAppError, type ErrorCode } from '../../shared/errors.ts';
import type { Context } from '../context.ts';
import type { Hold } from '../files/hold.ts';
import type { Grant } from '../grant.ts';
import { hashToken, type Ledger, type TargetNote } from '../vault/ledger.ts';
import type { AccountRecord } from '../vault/record.ts';
import type { Roster } from '../vault/roster.ts';
import type { Settings } from '../vault/settings.ts';
import type { Vault } from '../vault/vault.ts';
import { isKnown, NO_NOTE, noteAbout, relate } from './lineage.ts';
import { gets, type Place, placesOf } from './places.ts';
import { targetsOf } from './registry.ts';
import { rememberDebt, rememberWrite } from './remember-write.ts';
import { keepTaken } from './taken.ts';
import type { Held, OpenTarget, Target, TargetId } from './target.ts';

/** How long one target's lock is waited for, ms. The others go on, and this one is owed the grant. */
export const TARGET_DEADLINE = 5000;

/** What the parts that write targets share. */
export interface Desk {
  readonly context: Context;
  readonly vault: Vault;
  readonly settings: Settings;
  /** Tools' locks that are held already, for a renewal close to the end of a login. */
  readonly holds?: ReadonlyMap<TargetId, Hold>;
}

/** Who asks for the logins to be written, and for which account. */
export interface PublishOptions {
  /** All accounts, to tell which one each target gets. */
  readonly roster: Roster;
  /** The person asked for it just now: an entry that they once removed comes back. */
  readonly anew?: boolean;
  /** The person decided that this target gets the login, whatever is there. The others are left out. */
  readonly take?: TargetId;
}

/** What is to be done about a target, given what it holds. */
type Verdict = 'write' | 'replace' | 'in-step' | 'leave' | { readonly owe: ErrorCode };

/** What a target's entry is judged by. */
interface Case {
  readonly place: Place;
  readonly record: AccountRecord;
  readonly grant: Grant;
  readonly ledger: Ledger;
  readonly note: TargetNote;
  readonly options: PublishOptions;
}

/** Runs `work` under the target's lock, which a renewal may hold already. */
export function openTarget<T>(
  { holds }: Desk,
  target: Target,
  work: (open: OpenTarget) => Promise<T>,
): Promise<T> {
  return target.open(TARGET_DEADLINE, work, holds?.get(target.id));
}

/**
 * Brings every target of an account in step with the vault. The caller holds the account's lock.
 * A target that cannot be written now is owed the grant; it never holds the others up.
 */
export async function publish(
  { settings: _, ...rest }: Desk,
  record: AccountRecord,
  options: PublishOptions,
): Promise<void> {
  // Read anew under the account's lock: the person may have turned a target off while it was waited for.
  const desk: Desk = { ...rest, settings: await rest.vault.settings() };
  await forgetMissing(desk, record);
  const places = await placesOf(desk, record, options.roster);
  const { take = null } = options;
  for (const place of places.filter(({ target }) => take === null || target.id === take)) {
    try {
      const ledger = await desk.vault.readLedger(record.id);
      const next = await publishTo(desk, place, record, ledger, options);
      await noteTarget(desk, record.id, place.target, next);
      const before = noteAbout(place.target, ledger);
      const change = { target: place.target.id, before, after: next };
      await rememberWrite(desk.context, record.id, change, take !== null);
    } catch (error) {
      // The ledger cannot be written. The vault is safe, and the next look at the target mends this.
      const fields = { target: place.target.id, code: asAppError(error).code };
      desk.context.log({ level: 'error', event: 'target-not-noted', fields });
    }
  }
}

/** A tool that went away with our login in it has not signed out: it gets the login when it comes back. */
async function forgetMissing(desk: Desk, { id }: AccountRecord): Promise<void> {
  const { targets } = await desk.vault.readLedger(id);
  for (const target of targetsOf(desk.context, desk.settings)) {
    const written = typeof targets[target.id]?.grantId === 'string';
    if (!written || target.path === null || (await target.installed())) continue;
    await noteTarget(desk, id, target, NO_NOTE).catch(() => {});
  }
}

/** Remembers what a target holds of ours. The caller holds the account's lock. */
export async function noteTarget(
  { vault, context }: Desk,
  accountId: string,
  target: Pick<Target, 'id' | 'path'>,
  note: TargetNote,
): Promise<void> {
  const ledger = await vault.readLedger(accountId);
  const before = ledger.targets[target.id] ?? NO_NOTE;
  const next = { ...note, path: target.path };
  if (isDeepStrictEqual(before, next)) return;
  await vault.writeLedger(accountId, {
    ...ledger,
    targets: { ...ledger.targets, [target.id]: next },
  });
  await context.step('target:recorded');
  await rememberDebt(context, accountId, { target: target.id, before, after: note });
}

async function publishTo(
  desk: Desk,
  place: Place,
  record: AccountRecord,
  ledger: Ledger,
  options: PublishOptions,
): Promise<TargetNote> {
  const saved = noteAbout(place.target, ledger);
  const { grant } = record;
  if (!grant || (saved.declined && !options.take)) return saved;
  const now = desk.context.clock.now();
  if (record.estranged) return owe(saved, 'other-account', now);
  const again = options.anew || options.take;
  const note = again ? { ...saved, access: null, refresh: null } : saved;
  return bringInStep(desk, { place, record, grant, ledger, note, options });
}

async function bringInStep(desk: Desk, each: Case): Promise<TargetNote> {
  const { place, record, grant, note } = each;
  const now = desk.context.clock.now();
  try {
    // Most looks find everything as it should be: then the tool's lock is not touched.
    const held = await place.target.read(record);
    const verdict = verdictOn(each, held);
    if (verdict === 'leave') return note;
    if (verdict === 'in-step') return given(note, grant, place.mode, now);
    // Nor where somebody else's login stands, which was found out before.
    if (await isStanding(desk, each, held, verdict)) return note;
    return await openTarget(desk, place.target, (open) => settle(desk, each, open));
  } catch (error) {
    return owe(note, asAppError(error).code, now);
  }
}

/** Whether it is owed for the same reason as before, which no lock of ours would change. */
async function isStanding(desk: Desk, each: Case, held: Held, verdict: Verdict): Promise<boolean> {
  const still = await mayReplace(desk, each, held, verdict);
  return (
    typeof still === 'object' &&
    still.owe === 'tool-other-account' &&
    each.note.owed?.code === still.owe
  );
}

/** Decides once more, under the tool's lock, and does it. */
async function settle(desk: Desk, each: Case, open: OpenTarget): Promise<TargetNote> {
  const { place, record, grant, note, options } = each;
  const now = desk.context.clock.now();
  // What a killed writer left half done may be why the entry is not as it should be.
  await open.sweep();
  const held = await open.read(record);
  const verdict = await mayReplace(desk, each, held, verdictOn(each, held));
  if (typeof verdict === 'object') return owe(note, verdict.owe, now);
  if (verdict === 'leave') return note;
  if (verdict !== 'in-step') {
    // Chosen while this was on its way: the other account's turn comes after ours, or was before it.
    const settings = await desk.vault.settings();
    if (!gets({ settings }, place.target, record, options.roster)) return note;
    if (options.take && verdict === 'replace') await keepAway(desk, each, open);
    await write(desk.context, open, each, verdict === 'replace');
  }
  return given(note, grant, place.mode, now);
}

/** What the person wants replaced, or what is nobody's any more, is. */
async function mayReplace(
  desk: Desk,
  { options }: Case,
  held: Held,
  verdict: Verdict,
): Promise<Verdict> {
  if (typeof verdict !== 'object' || held.kind === 'unreadable') return verdict;
  const mine = held.kind !== 'being-written' && options.take !== undefined;
  return mine || (await isLeftover(desk, held, options.anew === true)) ? 'replace' : verdict;
}

/** What a take replaces is kept first, for the person to have it put back. */
async function keepAway(desk: Desk, { place, record }: Case, open: OpenTarget): Promise<void> {
  const { id, path } = place.target;
  const kept = await open.keep(record);
  if (kept === null) return;
  await keepTaken(desk, { target: id, provider: record.provider, account: record.id, path, kept });
}

/**
 * What an account of ours that has left could not take with it belongs to nobody. The same is true of our
 * own access token beside a refresh token that we do not know, once the person has signed in anew.
 */
async function isLeftover({ vault }: Desk, held: Held, anew: boolean): Promise<boolean> {
  if (held.kind !== 'bundle') return false;
  const bundle = anew ? { ...held.bundle, refreshToken: null } : held.bundle;
  const ledgers = await Promise.all((await vault.ids()).map((id) => vault.readLedger(id)));
  return isKnown(bundle, { ring: ledgers.flatMap(({ ring }) => ring) });
}

function verdictOn({ place, grant, ledger, note }: Case, held: Held): Verdict {
  switch (relate(held, grant, ledger, note)) {
    case 'in-step':
      return hasForm(held, grant, place.mode) ? 'in-step' : 'write';
    case 'older':
    case 'empty':
      return 'write';
    case 'gone':
      return 'leave';
    case 'blanked':
      // The tool gave this very login up, or the service did: writing it again would help nobody.
      return note.access === hashToken(grant.accessToken) || ledger.trouble?.end === 'over'
        ? 'leave'
        : 'write';
    case 'being-written':
      return { owe: 'tool-busy' };
    case 'unreadable':
      return { owe: 'tool-file-damaged' };
    // Somebody's own login, or one whose owner is not proven yet: neither adopted nor overwritten.
    case 'renewed-there':
    case 'conflict':
    case 'foreign':
    case 'api-key':
      return { owe: 'tool-other-account' };
  }
}

/** Whether the refresh token is there exactly if the mode gives it. */
function hasForm(held: Held, grant: Grant, mode: Place['mode']): boolean {
  const wanted = mode === 'shared' ? grant.refreshToken : null;
  return held.kind === 'bundle' && held.bundle.refreshToken === wanted;
}

async function write(
  context: Context,
  open: OpenTarget,
  { place: { mode }, record, grant, note }: Case,
  replace: boolean,
): Promise<void> {
  await context.step('target:before-write');
  await open.write(record, grant, { mode, fresh: replace || note.grantId === null });
  await context.step('target:written');
  // A tool without a lock may have written at the same moment; the next look brings it in step.
  const held = await open.read(record);
  const there = relate(held, grant, { ring: [] }) === 'in-step' && hasForm(held, grant, mode);
  if (!there) throw new AppError('tool-busy');
}

function given(note: TargetNote, grant: Grant, mode: Place['mode'], now: number): TargetNote {
  const shared = mode === 'shared' && grant.refreshToken !== null;
  const access = hashToken(grant.accessToken);
  return {
    access,
    refresh: shared && grant.refreshToken ? hashToken(grant.refreshToken) : null,
    grantId: grant.id,
    writtenAt: note.access === access ? note.writtenAt : now,
    owed: null,
  };
}

function owe(note: TargetNote, code: ErrorCode, now: number): TargetNote {
  const since = note.owed?.code === code ? note.owed.since : now;
  return { ...note, owed: { code, since } };
}
