import type { Context } from '../core/context.ts';
import { providerShown } from '../core/providers/index.ts';
import { cleanText } from '../core/redact.ts';
import type { TargetId } from '../core/targets/target.ts';
import type { AccountView } from '../shared/account-view.ts';
import { inWords } from '../shared/time-words.ts';
import { wordsFor } from '../shared/words.ts';
import { tilde } from './output.ts';

/** As people know the account's service: `Claude`. */
export function serviceOf(
  { providers }: Pick<Context, 'providers'>,
  { provider }: AccountView,
): string {
  return providerShown(providers, provider).service;
}

/** `anna@example.com`, or what there is in its place. */
export function ownerOf({ email, id }: AccountView): string {
  return email === null ? `account ${id}` : cleanText(email);
}

/**
 * `Claude · anna@example.com`, `Claude · At work · anna@example.com`; and where another one would be called
 * the same, with what tells them apart: `Claude · anna@example.com · Example Works`.
 * @param all All accounts that there are.
 */
export function nameOf(
  context: Pick<Context, 'providers'>,
  view: AccountView,
  all: readonly AccountView[],
): string {
  return partsOf(context, view, all).join(' · ');
}

/** The same with the plan, above what is told of one account. */
export function headingOf(
  context: Pick<Context, 'providers'>,
  view: AccountView,
  all: readonly AccountView[],
): string {
  const parts = partsOf(context, view, all);
  const plan = planOf(view);
  return [...parts, ...(plan === null || parts.includes(plan) ? [] : [plan])].join(' · ');
}

/** `anna@example.com`, and what tells this one apart where others have that address. */
export function ownerAmong(view: AccountView, all: readonly AccountView[]): string {
  return [ownerOf(view), markOf(view, all)].filter(Boolean).join(' · ');
}

function partsOf(
  context: Pick<Context, 'providers'>,
  view: AccountView,
  all: readonly AccountView[],
): string[] {
  const name = cleanText(view.name ?? '');
  const parts = [serviceOf(context, view), name, ownerOf(view), markOf(view, all) ?? ''];
  return parts.filter(Boolean);
}

/** What an account has that no other one of the same person has; `null`: there is no such other one. */
function markOf(view: AccountView, all: readonly AccountView[]): string | null {
  const twins = all.filter(
    (other) =>
      other.id !== view.id && other.provider === view.provider && ownerOf(other) === ownerOf(view),
  );
  if (twins.length === 0) return null;
  for (const mark of [workspaceOf, planOf]) {
    const own = mark(view);
    if (own !== null && twins.every((other) => mark(other) !== own)) return own;
  }
  return `account ${view.id.slice(0, 8)}`;
}

function workspaceOf({ workspace }: AccountView): string | null {
  return cleanText(workspace ?? '', 80) || null;
}

/** `Max`, or `null` where the service did not tell. */
export function planOf({ plan }: AccountView): string | null {
  const text = cleanText(plan ?? '', 40);
  return text === '' ? null : text.charAt(0).toUpperCase() + text.slice(1);
}

/** Where a login is written, as a person would look for it. */
export function placeOf(target: { target: TargetId; name: string; path: string | null }): string {
  if (target.target === 'keychain') return wordsFor(process.platform).keychain;
  return target.path ? `${tilde(cleanText(target.path, 500))} (${target.name})` : target.name;
}

/** `, next at 17:20`; empty where nothing is planned. */
export function nextRenewal({ renewsAt }: AccountView, now: number): string {
  return renewsAt === null ? '' : `, next ${inWords(renewsAt, now)}`;
}
