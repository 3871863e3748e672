import type { AccountView } from '../shared/account-view.ts';
import { asAppError } from '../shared/errors.ts';
import type { Notifier } from '../shared/notice.ts';
import type { Context } from './context.ts';
import { readState, writeState } from './files/json-file.ts';
import { nextNotices } from './notice-rules.ts';
import {
  type Debt,
  NOTHING_TOLD,
  type NoticeInput,
  type NoticeState,
  NoticeStateSchema,
  type WatchedAccount,
} from './notice-state.ts';
import { isPresent } from './targets/find.ts';
import { noteAbout } from './targets/lineage.ts';
import { inShownOrder } from './targets/names.ts';
import { placesOf } from './targets/places.ts';
import { isRefused } from './targets/refused.ts';
import type { TargetId } from './targets/target.ts';
import { allAccounts } from './vault/roster.ts';
import { Vault } from './vault/vault.ts';

/** What a look at the logins came to, for the notices that follow from it. */
export interface NoticeLook extends Pick<NoticeInput, 'presence' | 'signingIn'> {
  /** Every account, as `status` has them. */
  readonly accounts: readonly AccountView[];
  /** Once aborted, another process tells the person, and this one neither shows nor notes anything. */
  readonly signal?: AbortSignal;
}

/** Tells a person what they have to know, and takes back what is not so any more. */
export interface Notices {
  /**
   * To be called after each look at the logins, one call at a time.
   * @returns when to call again although nothing else happens, epoch ms; `null`: no need.
   * @throws AppError `newer-version`.
   */
  look(look: NoticeLook): Promise<number | null>;
}

/** The notices of this state folder. Only the process that keeps the logins fresh has them. */
export function createNotices(context: Context, notifier: Notifier): Notices {
  const { clock, paths } = context;
  const vault = new Vault(context);
  let state: NoticeState | null = null;
  return {
    async look({ accounts, presence, signingIn, signal }) {
      state ??= (await readState(context, paths.notices, NoticeStateSchema)) ?? NOTHING_TOLD;
      const watched = await Promise.all(accounts.map((view) => watch(context, vault, view)));
      if (signal?.aborted) return null;
      const input = { now: clock.now(), accounts: watched, presence, signingIn };
      const next = nextNotices(state, input);
      for (const id of next.remove) notifier.remove(id);
      // First shown, then noted: if the process dies in between, twice is better than never.
      for (const notice of next.show) notifier.show(notice, accounts);
      if (JSON.stringify(next.state) !== JSON.stringify(state)) await save(context, next.state);
      state = next.state;
      return next.callAt;
    },
  };
}

/** What was told is still known to this process when it cannot be written. */
async function save({ fs, log, paths }: Context, state: NoticeState): Promise<void> {
  await writeState(fs, paths.notices, state).catch((error) => {
    const fields = { code: asAppError(error).code };
    log({ level: 'warn', event: 'notices-not-written', fields });
  });
}

async function watch(context: Context, vault: Vault, view: AccountView): Promise<WatchedAccount> {
  const [facts, ledger] = [await vault.readFacts(view.id), await vault.readLedger(view.id)];
  const signedInAt = facts?.signedInAt ?? 0;
  const owes = Object.values(ledger.targets).some(({ owed }) => owed !== null);
  // Most are well, and then nobody asks which tools they are in.
  if (!facts || (view.state === 'signed-in' && !owes)) {
    return { view, signedInAt, tools: [], owed: [] };
  }
  const desk = { context, vault, settings: await vault.settings() };
  const places = (await placesOf(desk, facts, await allAccounts(vault))).filter(
    ({ target }) => target.id !== 'keychain',
  );
  const having: { readonly target: TargetId }[] = [];
  for (const { target } of places) {
    const has = noteAbout(target, ledger).access !== null && !isRefused(target.id, facts.provider);
    if (has && (await isPresent(target))) having.push({ target: target.id });
  }
  const tools = inShownOrder(having).map(({ target }) => target);
  const notes = places.map(({ target }) => ({ target: target.id, ...noteAbout(target, ledger) }));
  const owed = notes.flatMap(({ target, owed }): Debt[] => (owed ? [{ target, ...owed }] : []));
  return { view, signedInAt, tools, owed };
}
