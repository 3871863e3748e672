import { isDeepStrictEqual } from 'node:util';
import { AppError, asAppError, type ErrorCode } from '../../shared/errors.ts';
import type { Context } from '../context.ts';
import type { Grant } from '../grant.ts';
import { remember } from '../vault/history.ts';
import { hashToken, type Ledger, type TargetNote } from '../vault/ledger.ts';
import type { AccountRecord } from '../vault/record.ts';
import type { Mode, Settings } from '../vault/settings.ts';
import type { Vault } from '../vault/vault.ts';
import { isKnown, NO_NOTE, relate } from './lineage.ts';
import { modeOf, targetsOf } from './registry.ts';
import type { Held, OpenTarget, Target, TargetId } from './target.ts';

/** How long one target's lock is waited for. The others go on, and this one is owed the grant. */
export const TARGET_DEADLINE = 5000;

/** What the parts that write targets share. */
export interface Desk {
  readonly context: Context;
  readonly vault: Vault;
  readonly settings: Settings;
}

/** One target and how much of a login it gets. */
export interface Place {
  readonly target: Target;
  readonly mode: Exclude<Mode, 'off'>;
}

/** What is to be done about a target, given what it holds. */
type Verdict = 'write' | 'in-step' | 'leave' | { readonly owe: ErrorCode };

/** The targets that get this account's login. A standby account is given to no tool. */
export function placesOf(desk: Desk, record: AccountRecord, inUse: boolean): Place[] {
  return targetsOf(desk.context, desk.settings).flatMap((target) => {
    const mode = modeOf(target, desk.settings);
    const wanted = target.serves(record.provider) && (inUse || target.everyAccount);
    return wanted && mode !== 'off' ? [{ target, mode }] : [];
  });
}

/**
 * Brings every target of an account in step with the vault. The caller holds the account's lock.
 * A target that cannot be written now is owed the grant; it never holds the others up.
 * @param options.anew The person asked for it just now: an entry that they once removed comes back.
 */
export async function publish(
  desk: Desk,
  record: AccountRecord,
  options: { readonly inUse: boolean; readonly anew?: boolean },
): Promise<void> {
  for (const place of placesOf(desk, record, options.inUse)) {
    try {
      const ledger = await desk.vault.readLedger(record.id);
      const saved = ledger.targets[place.target.id] ?? NO_NOTE;
      const note = options.anew ? { ...saved, access: null, refresh: null } : saved;
      const next = await bringInStep(desk, place, record, ledger, note, options.anew === true);
      await noteTarget(desk, record.id, place.target.id, next);
    } catch (error) {
      // The ledger cannot be written. The vault is safe, and the next look at the target mends this.
      const fields = { target: place.target.id, code: asAppError(error).code };
      desk.context.log({ level: 'error', event: 'target-not-noted', fields });
    }
  }
}

/** Remembers what a target holds of ours. The caller holds the account's lock. */
export async function noteTarget(
  { vault, context }: Desk,
  accountId: string,
  target: TargetId,
  note: TargetNote,
): Promise<void> {
  const ledger = await vault.readLedger(accountId);
  const before = ledger.targets[target] ?? NO_NOTE;
  if (isDeepStrictEqual(before, note)) return;
  await vault.writeLedger(accountId, {
    ...ledger,
    targets: { ...ledger.targets, [target]: note },
  });
  await context.step('target:recorded');
  const code = note.owed?.code;
  if (code && code !== before.owed?.code) {
    await remember(context, accountId, { event: 'target-owed', target, code });
  }
}

async function bringInStep(
  desk: Desk,
  { target, mode }: Place,
  record: AccountRecord,
  ledger: Ledger,
  note: TargetNote,
  anew: boolean,
): Promise<TargetNote> {
  const { grant } = record;
  if (!grant) return note;
  const now = desk.context.clock.now();
  if (record.estranged) return owe(note, 'other-account', now);
  try {
    return await target.open(TARGET_DEADLINE, async (open) => {
      const held = await open.read(record);
      const verdict = verdictOn(held, grant, mode, ledger, note);
      if (verdict === 'leave') return note;
      const mayReplace = typeof verdict !== 'object' || (await isLeftover(desk, held, anew));
      const owed = mayReplace ? null : verdict.owe;
      if (owed) return owe(note, owed, now);
      if (verdict !== 'in-step') await write(desk.context, open, record, grant, mode);
      return given(note, grant, mode, now);
    });
  } catch (error) {
    return owe(note, asAppError(error).code, now);
  }
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

function verdictOn(
  held: Held,
  grant: Grant,
  mode: Place['mode'],
  ledger: Ledger,
  note: TargetNote,
): Verdict {
  switch (relate(held, grant, ledger, note)) {
    case 'in-step':
      return hasForm(held, grant, mode) ? 'in-step' : 'write';
    case 'older':
    case 'empty':
      return 'write';
    case 'gone':
      return 'leave';
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
  record: AccountRecord,
  grant: Grant,
  mode: Place['mode'],
): Promise<void> {
  await context.step('target:before-write');
  await open.write(record, grant, mode);
  await context.step('target:written');
  // A tool without a lock may have written at the same moment; the next look brings it in step.
  if (!hasForm(await open.read(record), grant, mode)) throw new AppError('tool-busy');
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
