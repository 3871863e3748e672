import type { Context } from '../core/context.ts';
import { providerShown } from '../core/providers/index.ts';
import { cleanText } from '../core/redact.ts';
import type { TargetId } from '../core/targets/target.ts';
import type { AccountView } from '../shared/account-view.ts';
import { inWords } from '../shared/time-words.ts';
import { wordsFor } from '../shared/words.ts';

/** As people know the account's service: `Claude`. */
export function serviceOf({ providers }: Context, { provider }: AccountView): string {
  return providerShown(providers, provider).service;
}

/** `anna@example.com`, or what there is in its place. */
export function ownerOf({ email, id }: AccountView): string {
  return email === null ? `account ${id}` : cleanText(email);
}

/** `Claude · anna@example.com`, `Claude · At work · anna@example.com`. */
export function nameOf(context: Context, view: AccountView): string {
  const name = cleanText(view.name ?? '');
  return [serviceOf(context, view), name, ownerOf(view)].filter(Boolean).join(' · ');
}

/** `Max`, or `null` where the service did not tell. */
export function planOf({ plan }: AccountView): string | null {
  const text = cleanText(plan ?? '', 40);
  return text === '' ? null : text.charAt(0).toUpperCase() + text.slice(1);
}

/** Where a login is written, as a person would look for it. */
export function placeOf(target: { target: TargetId; name: string; path: string | null }): string {
  if (target.target === 'keychain') return wordsFor(process.platform).keychain;
  return target.path ? `${cleanText(target.path, 500)} (${target.name})` : target.name;
}

/** `, next at 17:20`; empty where nothing is planned. */
export function nextRenewal({ renewsAt }: AccountView, now: number): string {
  return renewsAt === null ? '' : `, next ${inWords(renewsAt, now)}`;
}
