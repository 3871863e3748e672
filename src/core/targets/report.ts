import { asAppError, type ErrorCode } from '../../shared/errors.ts';
import type { ProviderId } from '../grant.ts';
import { hashToken, type Ledger, type TargetNote } from '../vault/ledger.ts';
import { allAccounts, inUseIds } from '../vault/roster.ts';
import type { Mode } from '../vault/settings.ts';
import type { Facts } from '../vault/view.ts';
import { NO_NOTE, type Relation, relate } from './lineage.ts';
import { type Desk, TARGET_DEADLINE } from './publish.ts';
import { modeOf, targetsOf } from './registry.ts';
import type { Held, Target, TargetId } from './target.ts';

/** What a target's entry for one login is like. */
export type EntryState =
  | 'in-step'
  | 'changed'
  | 'other-account'
  | 'api-key'
  | 'unreadable'
  | 'locked'
  | 'not-writable'
  | 'owed'
  | 'empty';

/** One login in one target. */
export interface TargetEntry {
  readonly provider: ProviderId;
  /** The account's id. */
  readonly account: string;
  readonly state: EntryState;
  /** Since when it is so, where that is known, epoch ms. */
  readonly since: number | null;
  /** Whose login is there instead, where that is known. */
  readonly holder: string | null;
  /** Which process is in the way, where that is known. */
  readonly pid: number | null;
  readonly code: ErrorCode | null;
}

/** One target and what it holds of ours. */
export interface TargetView {
  readonly target: TargetId;
  readonly name: string;
  readonly path: string | null;
  readonly installed: boolean;
  readonly mode: Mode;
  readonly defaultMode: Mode;
  readonly entries: readonly TargetEntry[];
}

/** Every target and what it holds, read now. Needs no vault key: tokens are known by their hashes. */
export async function reportTargets(desk: Desk): Promise<TargetView[]> {
  const all = await allAccounts(desk.vault);
  const facts = all.map((each) => each.facts);
  const inUse = inUseIds(all);
  const views: TargetView[] = [];
  for (const target of targetsOf(desk.context, desk.settings)) {
    const mode = modeOf(target, desk.settings);
    const wanted = facts.filter(
      ({ id }) => mode !== 'off' && (inUse.has(id) || target.everyAccount),
    );
    const entries: TargetEntry[] = [];
    for (const each of wanted) entries.push(await reportEntry(desk, target, each));
    const { id, name, path, defaultMode } = target;
    const installed = await target.installed();
    views.push({ target: id, name, path, installed, mode, defaultMode, entries });
  }
  return views;
}

async function reportEntry(desk: Desk, target: Target, facts: Facts): Promise<TargetEntry> {
  const ledger = await desk.vault.readLedger(facts.id);
  const note = ledger.targets[target.id] ?? NO_NOTE;
  const about = { provider: facts.provider, account: facts.id, holder: null, pid: null };
  try {
    const held = await target.open(TARGET_DEADLINE, (open) => open.read(facts));
    const state = stateOf(held, facts, ledger, note);
    const since = state === 'in-step' ? note.writtenAt : (note.owed?.since ?? null);
    return { ...about, state, since, code: state === 'in-step' ? null : (note.owed?.code ?? null) };
  } catch (error) {
    const { code } = asAppError(error);
    const locked = code === 'keychain-locked' || code === 'tool-busy';
    return { ...about, state: locked ? 'locked' : 'not-writable', since: null, code };
  }
}

function stateOf(held: Held, facts: Facts, ledger: Ledger, note: TargetNote): EntryState {
  const current = note.grantId !== null && note.grantId === facts.grant?.id;
  if (current && held.kind === 'bundle' && hashToken(held.bundle.accessToken) === note.access) {
    return 'in-step';
  }
  return STATES[relate(held, null, ledger, note)];
}

/** Without the grant itself, `relate` cannot say `in-step` or `renewed-there`; `stateOf` has told those apart. */
const STATES: Readonly<Record<Relation, EntryState>> = {
  'in-step': 'in-step',
  older: 'owed',
  empty: 'owed',
  gone: 'empty',
  'being-written': 'owed',
  'renewed-there': 'changed',
  conflict: 'changed',
  foreign: 'other-account',
  'api-key': 'api-key',
  unreadable: 'unreadable',
};
