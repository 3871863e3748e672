import type { Context } from '../core/context.ts';
import { cleanText } from '../core/redact.ts';
import type { TargetEntry, TargetView } from '../core/targets/report.ts';
import type { Withdrawal } from '../core/targets/withdraw.ts';
import type { AccountView } from '../shared/account-view.ts';
import { AppError } from '../shared/errors.ts';
import { agoInWords } from '../shared/time-words.ts';
import { wordsFor } from '../shared/words.ts';
import { nextStep, tell } from './failure.ts';
import { nameOf, placeOf, serviceOf } from './words.ts';

/** A target's heading. */
export function placeOfView(view: TargetView): string {
  const place = placeOf(view);
  return place.charAt(0).toUpperCase() + place.slice(1);
}

/** One line for all the tools that are not here. */
export function notFound(views: readonly TargetView[]): string {
  const names = views.map(({ name }) => name).join(', ');
  return `Not found on ${wordsFor(process.platform).computer}: ${names}.`;
}

/**
 * What a target holds, a line for each login and one for what the person may do about it.
 * @param pending The first sign-in will decide whether it is used.
 */
export function linesFor(
  context: Context,
  view: TargetView,
  accounts: readonly AccountView[],
  pending: boolean,
): string[] {
  const lines = view.entries.flatMap((entry) => {
    const account = accounts.find(({ id }) => id === entry.account);
    const name = account ? nameOf(context, account, accounts) : entry.account;
    const [state = '', ...steps] = linesOfEntry(context, view, entry, accounts);
    return [`${name}: ${state}`, ...steps];
  });
  return [...modeLines(view, pending), ...(lines.length > 0 ? lines : emptyLines(view, pending))];
}

/** What one login is like in a target, and in a second line what the person may do about it. */
export function linesOfEntry(
  context: Context,
  view: TargetView,
  entry: TargetEntry,
  accounts: readonly AccountView[],
): string[] {
  const account = accounts.find(({ id }) => id === entry.account);
  const [state, step] = wordsOf(view, entry, account && serviceOf(context, account));
  return [state, ...(step ? [`  → ${step}`] : [])];
}

/** Only what is not as usual is said. */
function modeLines({ mode, defaultMode, name, entries }: TargetView, pending: boolean): string[] {
  if (mode === 'off') return pending || entries.length > 0 ? [] : ['Nothing is written there.'];
  if (mode === 'access-only') return ['Only Authbar renews it there.'];
  return mode === defaultMode ? [] : [`${name} and Authbar may renew it there.`];
}

function emptyLines({ mode }: TargetView, pending: boolean): string[] {
  return mode === 'off' && !pending ? [] : ['No login yet.'];
}

/** What became of a login in one place that it was taken out of. */
export function linesOfWithdrawal(withdrawal: Withdrawal): string[] {
  const place = placeOf(withdrawal);
  const { result, code, name, path } = withdrawal;
  if (result === 'removed') return [`  Removed from ${place}.`];
  if (result === 'absent') return [`  Nothing of it was in ${place}.`];
  if (result === 'kept') {
    return [`  Left alone: ${place} ${code ? 'can’t be read' : 'holds another login'}.`];
  }
  const told = tell(new AppError(code ?? 'unexpected', { tool: name, ...(path && { path }) }));
  return [`  Still in ${place}. ${told.message}`, `    ${nextStep(told)}`];
}

/** What became of the logins in a tool that is off now. */
export function linesOfOff(withdrawals: readonly Withdrawal[]): string[] {
  const those = (result: Withdrawal['result']) =>
    withdrawals.filter((each) => each.result === result);
  const [failed, kept] = [those('failed'), those('kept')];
  const lines: string[] = kept.map(({ code }) =>
    code ? '  Left alone: it can’t be read.' : '  Left alone: a login that is not from here.',
  );
  const removed = those('removed').length;
  if (removed > 0) lines.unshift(`  Your ${removed > 1 ? 'logins were' : 'login was'} taken out.`);
  else if (failed.length + kept.length === 0) lines.push('  No login from here was in it.');
  // Two logins leave the same file: one line says it.
  const all = [...lines, ...failed.flatMap(linesOfWithdrawal)];
  if (failed.length === 0) all.push('  Nothing is written there from now on.');
  return [...new Set(all)];
}

/** What one login is like there, and the next step where there is one for the person. */
function wordsOf(view: TargetView, entry: TargetEntry, service = ''): [string, string?] {
  const { target, name, mode, entries } = view;
  const { state, since, holder, pid, code } = entry;
  const behind = code ? `   [${code}]` : '';
  const when = since === null ? '' : ` ${agoInWords(since, Date.now())}`;
  const which = entries.length > 1 && service ? ` ${service.toLowerCase()}` : '';
  const take = `\`authbar targets take ${target}${which}\` puts your login there.${behind}`;
  if (mode === 'off')
    return ['still there.', `Run \`authbar targets disable ${target}\` again.${behind}`];
  switch (state) {
    case 'in-step':
      return [`written${when}.`];
    case 'changed':
      return [`${name} changed it${when}; Authbar looks into that at the next renewal.${behind}`];
    case 'other-account':
      return [
        `${name} is signed in as ${holder ? cleanText(holder) : 'someone else'}; left alone.`,
        take,
      ];
    case 'api-key':
      return ['a key that you put there is in its place; left alone.', take];
    case 'locked': {
      const who = pid === null ? 'locked now' : `process ${pid} is at it now`;
      return [`${who}; the login follows later.${behind}`];
    }
    case 'unreadable':
    case 'not-writable': {
      if (target === 'keychain') return [`can’t be written; the login follows later.${behind}`];
      const { path } = view;
      const told = tell(
        new AppError(code ?? 'unexpected', { tool: name, service, ...(path && { path }) }),
      );
      return [told.message, nextStep(told).replace(/^→ /, '')];
    }
    case 'empty':
      return [
        'it was removed there.',
        `\`authbar targets enable ${target}\` brings it back.${behind}`,
      ];
    case 'owed':
      return [`not written yet; the login follows at the next try.${behind}`];
  }
}
