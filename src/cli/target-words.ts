import type { Context } from '../core/context.ts';
import { cleanText } from '../core/redact.ts';
import type { TargetEntry, TargetView } from '../core/targets/report.ts';
import type { AccountView } from '../shared/account-view.ts';
import { AppError } from '../shared/errors.ts';
import { agoInWords } from '../shared/time-words.ts';
import { wordsFor } from '../shared/words.ts';
import { tell } from './failure.ts';
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
      return [told.message, `${told.action}   [${told.code}]`];
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
