import type { ToolEntry, ToolEntryState } from '../../shared/app-state.ts';
import { asAppError, type ErrorCode } from '../../shared/errors.ts';
import type { ProviderId } from '../grant.ts';
import { hashToken, type TargetNote } from '../vault/ledger.ts';
import { allAccounts, type Known, type Roster } from '../vault/roster.ts';
import type { Mode } from '../vault/settings.ts';
import type { Facts } from '../vault/view.ts';
import { isPresent } from './find.ts';
import { noteAbout, type Relation, relate } from './lineage.ts';
import { gets, isAnothers } from './places.ts';
import type { Desk } from './publish.ts';
import { modeOf, targetsOf } from './registry.ts';
import type { Held, Target, TargetId } from './target.ts';

/** What a target's entry for one login is like. */
export type EntryState = ToolEntryState;

/** One login in one target. */
export interface TargetEntry
  extends Pick<ToolEntry, 'account' | 'state' | 'since' | 'holder' | 'code'> {
  readonly provider: ProviderId;
  /** Which process is in the way, where that is known. */
  readonly pid: number | null;
}

/** One target and what it holds of ours. */
export interface TargetView {
  readonly target: TargetId;
  readonly name: string;
  readonly path: string | null;
  readonly installed: boolean;
  /** Whether a program that reads it is there: what is written without one is not of that program's making. */
  readonly present: boolean;
  readonly mode: Mode;
  readonly defaultMode: Mode;
  readonly entries: readonly TargetEntry[];
}

/** Why a write may fail for longer than a moment. */
const LASTING: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'disk-full',
  'folder-protected',
  'login-incomplete',
  'tool-file-protected',
]);

/** What lets go by itself, or is unlocked. */
const LOCKS: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['keychain-locked', 'tool-busy']);

/** What does not change when the lock comes free. */
const SETTLED: ReadonlySet<EntryState> = new Set<EntryState>(['other-account', 'api-key']);

/** What may mean that our login is still in a target that is off. */
const LEFT_BEHIND: ReadonlySet<EntryState> = new Set<EntryState>([
  'locked',
  'not-writable',
  'owed',
  'unreadable',
]);

/** How closely the targets are looked at. */
export interface ReportOptions {
  /** Our own keychain items are not read: on some systems the person would be asked for each. */
  readonly quiet: boolean;
}

/**
 * Every target and what it holds, read now. Needs no vault key: tokens are known by their hashes. A tool
 * that is not here costs no more than a look for its folder.
 */
export async function reportTargets(desk: Desk, { quiet }: ReportOptions): Promise<TargetView[]> {
  const all = await allAccounts(desk.vault);
  const views: TargetView[] = [];
  for (const target of targetsOf(desk.context, desk.settings)) {
    const mode = modeOf(target, desk.settings);
    const installed = await target.installed();
    const entries: TargetEntry[] = [];
    for (const known of installed || target.path === null ? all : []) {
      if (!concerns(desk, target, known, all)) continue;
      const unread = quiet && target.id === 'keychain';
      const entry = unread
        ? noted(target, mode, known)
        : await reportEntry(target, mode, known, all);
      if (mode !== 'off' || LEFT_BEHIND.has(entry.state)) entries.push(entry);
    }
    const { id, name, path, defaultMode } = target;
    const present = installed && (await isPresent(target));
    views.push({ target: id, name, path, installed, present, mode, defaultMode, entries });
  }
  return views;
}

/** Of a target that is off only what could not be taken out is told. */
function concerns(desk: Desk, target: Target, { facts, ledger }: Known, all: Roster): boolean {
  if (!target.serves(facts.provider)) return false;
  if (modeOf(target, desk.settings) === 'off') return noteAbout(target, ledger).grantId !== null;
  return gets(desk, target, facts, all);
}

/** What was last noted of a target that is not read. */
function noted(target: Target, mode: Mode, { facts, ledger }: Known): TargetEntry {
  const note = noteAbout(target, ledger);
  const about = { provider: facts.provider, account: facts.id, holder: null, pid: null };
  const { owed, grantId, writtenAt } = note;
  if (mode !== 'off' && owed === null && grantId !== null && grantId === facts.grant?.id) {
    return { ...about, state: 'in-step', since: writtenAt, code: null };
  }
  return { ...about, ...debt(note), ...(mode === 'off' && { state: 'owed' }) };
}

async function reportEntry(
  target: Target,
  mode: Mode,
  { facts, ledger }: Known,
  all: Roster,
): Promise<TargetEntry> {
  const note = noteAbout(target, ledger);
  const about = { provider: facts.provider, account: facts.id, holder: null, pid: null };
  try {
    // Without the tool's lock: looking must not stand in the way of anybody.
    const held = await target.read(facts);
    if (isInStep(held, mode, facts, note)) {
      return { ...about, state: 'in-step', since: note.writtenAt, code: null };
    }
    const sister = held.kind === 'bundle' && isAnothers(held.bundle, facts, all);
    // The other account's turn is over, and this one's is still to come.
    const waits = sister && mode !== 'off';
    const found = waits ? debt(note) : describe(held, mode, { facts, ledger }, note);
    // That stands there whoever has the lock for a moment; often we do, to look.
    if (SETTLED.has(found.state)) return { ...about, ...found };
    const pid = (await target.lockedBy?.()) ?? null;
    if (pid !== null) return { ...about, state: 'locked', since: null, pid, code: 'tool-busy' };
    return { ...about, ...found };
  } catch (error) {
    const { code, details } = asAppError(error);
    const state = LOCKS.has(code) ? 'locked' : 'not-writable';
    return { ...about, state, since: null, pid: details.pid ?? null, code };
  }
}

/** By the hashes alone: whether it is what was last written, and that is what is to be there. */
function isInStep(held: Held, mode: Mode, { grant }: Facts, note: TargetNote): boolean {
  if (held.kind !== 'bundle' || mode === 'off') return false;
  const { accessToken, refreshToken } = held.bundle;
  const refresh = refreshToken === null ? null : hashToken(refreshToken);
  const written = hashToken(accessToken) === note.access && refresh === note.refresh;
  // What a change of the mode could not change is owed.
  const hasForm = (mode === 'shared') === (refresh !== null) || note.owed === null;
  return written && hasForm && note.grantId !== null && note.grantId === grant?.id;
}

function describe(
  held: Held,
  mode: Mode,
  { facts, ledger }: Known,
  note: TargetNote,
): Pick<TargetEntry, 'state' | 'since' | 'holder' | 'code'> {
  const known =
    held.kind === 'bundle' && note.stranger?.token === hashToken(held.bundle.accessToken);
  const stranger = known ? note.stranger : undefined;
  const relation = relate(held, null, ledger, note);
  const gaveUp = relation === 'blanked' && note.grantId === facts.grant?.id;
  const found = stranger?.whose === 'other' ? 'other-account' : gaveUp ? 'empty' : STATES[relation];
  const state = found === 'owed' && mode !== 'off' ? debtOf(note) : found;
  return {
    state,
    since: note.owed?.since ?? stranger?.at ?? null,
    holder: state === 'other-account' && (known || note.declined) ? (note.holder ?? null) : null,
    code: held.kind === 'unreadable' ? held.code : (note.owed?.code ?? OF_STRANGERS[state] ?? null),
  };
}

/** Told also where nobody has tried to write yet. */
const OF_STRANGERS: Partial<Record<EntryState, ErrorCode>> = {
  'other-account': 'tool-other-account',
  'api-key': 'tool-other-account',
};

function debt(note: TargetNote): Pick<TargetEntry, 'state' | 'since' | 'code'> {
  const { owed } = note;
  return { state: debtOf(note), since: owed?.since ?? null, code: owed?.code ?? null };
}

/** Why a login is not there that is to be there. */
function debtOf({ owed, declined }: TargetNote): EntryState {
  if (declined) return 'empty';
  if (owed && LOCKS.has(owed.code)) return 'locked';
  return owed && LASTING.has(owed.code) ? 'not-writable' : 'owed';
}

/** Without the grant itself `relate` cannot say `in-step` or `renewed-there`: by the hashes it was told before. */
const STATES: Readonly<Record<Relation, EntryState>> = {
  'in-step': 'in-step',
  older: 'owed',
  empty: 'owed',
  gone: 'empty',
  blanked: 'owed',
  'being-written': 'owed',
  'renewed-there': 'changed',
  conflict: 'changed',
  foreign: 'other-account',
  'api-key': 'api-key',
  unreadable: 'unreadable',
};
