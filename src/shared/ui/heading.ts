import type { AppState } from '../app-state.ts';
import { wordsFor } from '../words.ts';
import { type Card, cardsOf } from './card.ts';
import type { CardState } from './look.ts';
import { runningSignIn } from './situation.ts';
import type { Fill } from './slots.ts';
import { TEXTS } from './texts.ts';

/** How the icon is drawn. */
export type IconState = 'normal' | 'working' | 'attention';

/** What there is to say about all logins together. */
interface Gist extends Fill<'service' | 'count' | 'keychain'> {
  readonly kind: keyof typeof TEXTS.heading;
}

/** The line above the accounts, and the first of the icon's menu. */
export function headingOf(state: AppState, now: number): string {
  const gist = gistOf(state, now);
  return filled(TEXTS.heading[gist.kind], gist);
}

/** What the icon says when it is pointed at. */
export function tooltipOf(state: AppState, now: number): string {
  const gist = gistOf(state, now);
  return filled(TEXTS.tooltip[gist.kind], gist);
}

/** What is said when the accounts are opened: the heading, and the first thing that is wrong. */
export function saysOnOpen(state: AppState, now: number): string {
  const label = headingOf(state, now);
  const wrong = cardsOf(state, now).find(({ tone }) => tone === 'bad' || tone === 'warn');
  return wrong ? TEXTS.accounts.saysOnOpen({ label, state: wrong.says }) : label;
}

/** The icon works only for what the person has begun; a renewal never touches it. */
export function iconOf(state: AppState, now: number): IconState {
  const asks =
    state.trouble !== null ||
    state.missedNotice !== null ||
    cardsOf(state, now).some((card) => card.attention);
  if (asks) return 'attention';
  return runningSignIn(state) || state.checking.length > 0 ? 'working' : 'normal';
}

/** The first that applies. */
function gistOf(state: AppState, now: number): Gist {
  const cards = cardsOf(state, now).filter((card) => card.state !== 'signing-out');
  const those = (...states: readonly CardState[]) =>
    cards.filter((card) => states.includes(card.state));
  const gist = (kind: Gist['kind'], about: readonly Card[] = []): Gist => ({
    kind,
    service: about[0]?.service ?? '',
    count: about.length,
    keychain: wordsFor(state.system.platform).keychain,
  });

  if (state.trouble) return gist('trouble');
  const needing = those('sign-in-again', 'paused');
  if (needing.length > 1) return gist('someNeedYou', needing);
  if (needing[0]) return gist(needing[0].state === 'paused' ? 'paused' : 'needsYou', needing);
  if (those('locked').length > 0)
    return gist(state.vault.state === 'locked' ? 'locked' : 'noKeychain');
  const waiting = those('waiting', 'asked-to-wait');
  if (waiting.length > 1) return gist('someWait', waiting);
  if (waiting[0])
    return gist(waiting[0].state === 'waiting' ? 'unreachable' : 'askedToWait', waiting);
  if (those('offline').length > 0) return gist('offline');
  if (those('question').length > 0) return gist('question');
  if (runningSignIn(state)) return gist('signingIn');
  if (state.checking.length > 0) return gist('checking');
  // One that is renewed while it still works is signed in.
  const lapsed = state.accounts.some((account) => account.state === 'waiting');
  if (lapsed) return gist('renewing');
  if (cards.length === 0) return gist('none');
  return gist(cards.length === 1 ? 'signedIn' : 'allSignedIn');
}

function filled(
  text: (typeof TEXTS.heading | typeof TEXTS.tooltip)[Gist['kind']],
  gist: Gist,
): string {
  return typeof text === 'string' ? text : text(gist);
}
