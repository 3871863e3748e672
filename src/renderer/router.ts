import { batch, computed, signal } from '@preact/signals';
import type { Place } from '../shared/app-state.ts';
import { type Spot, spotOfFocus } from './focus.ts';
import { trouble } from './store.ts';

/** Every view that one can go to. `accounts` is where everything starts; without any it is the welcome. */
export type Route =
  /** `focus`: the account whose button the focus starts on, as after a notification. */
  | { readonly view: 'accounts'; readonly focus?: string }
  | { readonly view: 'terms'; readonly provider: string; readonly account: string | null }
  | { readonly view: 'sign-in' }
  /** `text`: what the person has just pasted. */
  | { readonly view: 'code'; readonly text?: string }
  | { readonly view: 'add' }
  | { readonly view: 'address' }
  /** `part`: the section that is scrolled to. */
  | { readonly view: 'details'; readonly account: string; readonly part?: 'history' }
  | { readonly view: 'history'; readonly account: string }
  | { readonly view: 'tool'; readonly tool: string }
  | { readonly view: 'consent'; readonly tool: string }
  | { readonly view: 'other-account'; readonly tool: string; readonly provider: string }
  | { readonly view: 'rename'; readonly account: string }
  | { readonly view: 'sign-out'; readonly account: string }
  | { readonly view: 'key'; readonly service: string }
  | { readonly view: 'remove-key'; readonly service: string }
  | { readonly view: 'settings' }
  | { readonly view: 'report' }
  | { readonly view: 'engineers' }
  | { readonly view: 'about' }
  | { readonly view: 'keychain' }
  | { readonly view: 'quit' };

/** The name of a view. */
export type ViewName = Route['view'];

/** One stay at a view. */
export interface Visit {
  /** Another one for each stay. */
  readonly id: number;
  readonly route: Route;
  /** What led away from it, and how far it was scrolled then: for coming back. */
  readonly left: { readonly spot: Spot | null; readonly scroll: number } | null;
}

/** Which way a view comes in. */
export type Way = 'forward' | 'back' | 'none';

const START: Route = { view: 'accounts' };

let visits = 0;
const stack = signal<readonly Visit[]>([visitTo(START)]);

/** Where the person is. */
export const visit = computed(() => stack.value.at(-1) ?? visitTo(START));

/** Whether there is something to go back to. */
export const canGoBack = computed(() => stack.value.length > 1);

/** How a view was come to, and where it was left if one comes back to it. */
export interface Arrival {
  readonly way: Way;
  readonly left: Visit['left'];
}

/** A view that takes another's place at the same stop, as the steps of a sign-in do, comes from ahead. */
const NEXT_STEP: Arrival = { way: 'forward', left: null };

let arrival: Arrival = { way: 'none', left: null };

/** For a view that is drawn for the first time: how the person came to it. */
export function arrive(): Arrival {
  const now = arrival;
  arrival = NEXT_STEP;
  return now;
}

/** Goes on to a view; back to it, if it lies behind. */
export function go(route: Route): void {
  const behind = stack.value.findIndex((past) => sameRoute(past.route, route));
  if (behind >= 0) cut(behind + 1);
  else move([...stack.value.slice(0, -1), leave(visit.value), visitTo(route)], 'forward');
}

/** Goes to a view in place of the current one, which is not come back to. */
export function goInstead(route: Route): void {
  move([...stack.value.slice(0, -1), visitTo(route)], 'forward');
}

/** What Back does in the current view, where it is more than going back. */
export const ownBack = signal<(() => void) | null>(null);

/** Presses Back, or does what Escape does in its place. @returns false if there is nothing to go back to. */
export function back(): boolean {
  if (ownBack.value) ownBack.value();
  else if (canGoBack.value) cut(stack.value.length - 1);
  else return false;
  return true;
}

/** Goes back once something is done, unless the person has left the view meanwhile. */
export function backFrom(stop: Visit): void {
  if (visit.value.id === stop.id) back();
}

/** To where everything starts, however deep one is. */
export function home(): void {
  cut(1);
}

/** As the window is after it was hidden for a while: nothing of before is kept. */
export function startOver(): void {
  if (visit.value.route !== START) move([visitTo(START)], 'none');
}

/** Leaves views that have nothing to show any more, wherever they lie. */
export function drop(...names: readonly ViewName[]): void {
  const left = stack.value.filter(({ route }) => !names.includes(route.view));
  if (left.length < stack.value.length) move(left, 'back');
}

/** Goes where the tray, a menu or a notification says. */
export function goTo(place: Place): void {
  const stop = visitTo(START);
  if (place.view === 'accounts') move([stop], 'none');
  else if (place.view === 'account') move([visitTo(accountsAt(place))], 'none');
  else move([stop, visitTo(place)], 'none');
}

function accountsAt({ account, focus }: Extract<Place, { view: 'account' }>): Route {
  return focus ? { view: 'accounts', focus: account } : START;
}

function cut(length: number): void {
  if (length < stack.value.length) move(stack.value.slice(0, length), 'back');
}

function move(to: readonly Visit[], by: Way): void {
  arrival = { way: by, left: by === 'back' ? (to.at(-1)?.left ?? null) : null };
  batch(() => {
    trouble.value = null;
    stack.value = to;
  });
}

function visitTo(route: Route): Visit {
  visits += 1;
  return { id: visits, route, left: null };
}

function leave(visit: Visit): Visit {
  const scroll = document.querySelector('.scroll')?.scrollTop ?? 0;
  return { ...visit, left: { spot: spotOfFocus(), scroll } };
}

function sameRoute(one: Route, other: Route): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
