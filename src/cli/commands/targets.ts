import type { Context } from '../../core/context.ts';
import type { EntryState, TargetEntry, TargetView } from '../../core/targets/report.ts';
import type { AccountView } from '../../shared/account-view.ts';
import { AppError } from '../../shared/errors.ts';
import { agoInWords } from '../../shared/time-words.ts';
import type { Tools } from '../command.ts';
import { OWED } from '../exit-codes.ts';
import { paint, print, printJson } from '../output.ts';
import { nameOf, placeOf } from '../words.ts';
import { linesOf as withdrawn } from './logout.ts';

/** Where the logins are written, and whether they are in step there. */
export async function targets(tools: Tools, json: boolean): Promise<number> {
  await show(tools, await tools.engine.targets(), json);
  return 0;
}

/** Moves a target to another folder and writes the login there. */
export async function moveTarget(
  tools: Tools,
  target: string,
  folder: string,
  json: boolean,
): Promise<number> {
  if (target !== 'peekaboo') {
    throw new AppError('wrong-use', { hint: 'Only peekaboo has a folder that can be chosen.' });
  }
  if (folder.trim() === '' || folder.includes('\0')) {
    throw new AppError('wrong-use', { hint: 'Name the folder, as in `.tachikoma`.' });
  }
  const left = await tools.engine.moveTarget(target, folder);
  const views = await tools.engine.targets();
  await show(tools, views, json);
  // Two logins leave the same file: one line says it.
  if (!json) for (const line of new Set(left.flatMap(withdrawn))) print(line);
  const moved = views.filter((view) => view.target === target).flatMap(({ entries }) => entries);
  const complete =
    moved.every(({ state }) => state === 'in-step') &&
    left.every(({ result }) => result !== 'failed');
  return complete ? 0 : OWED;
}

async function show({ engine, context }: Tools, views: TargetView[], json: boolean): Promise<void> {
  if (json) {
    printJson({ targets: views.map(({ name: _, ...view }) => view) });
    return;
  }
  const { accounts, vault } = await engine.status();
  const undecided = vault.kind === null && (await mayUseKeychain(context));
  for (const view of views) {
    const place = placeOf(view);
    print(paint(process.stdout, 'bold', place.charAt(0).toUpperCase() + place.slice(1)));
    const pending = undecided && view.target === 'keychain';
    for (const line of linesOf(context, view, accounts, pending)) print(`  ${line}`);
  }
}

/** Whether the first sign-in would choose the keychain. Never asks the person anything. */
async function mayUseKeychain({ env, keychain }: Context): Promise<boolean> {
  return env.AUTHBAR_VAULT !== 'file' && (await keychain.state()) !== 'unavailable';
}

function linesOf(
  context: Context,
  view: TargetView,
  accounts: readonly AccountView[],
  pending: boolean,
): string[] {
  if (view.mode === 'off' && !pending) return ['Nothing is written there.'];
  if (view.entries.length === 0) return ['No login yet.'];
  return view.entries.map((entry) => {
    const account = accounts.find(({ id }) => id === entry.account);
    const name = account ? nameOf(context, account) : entry.account;
    return `${name}: ${wordsOf(entry)}`;
  });
}

function wordsOf({ state, since, code }: TargetEntry): string {
  const when = state === 'in-step' && since !== null ? ` ${agoInWords(since, Date.now())}` : '';
  return `${STATES[state]}${when}.${code ? `   [${code}]` : ''}`;
}

const STATES: Readonly<Record<EntryState, string>> = {
  'in-step': 'written',
  changed: 'another program changed it; Authbar looks into that at the next renewal',
  'other-account': 'another account is there; left alone',
  'api-key': 'a key that you put there is in its place; left alone',
  unreadable: 'the file can’t be read; left alone',
  locked: 'locked now; the login follows later',
  'not-writable': 'can’t be written; the login follows later',
  owed: 'not written yet; the login follows at the next try',
  empty: 'you removed it there; it comes back when you sign in again',
};
