import { signal } from '@preact/signals';
import type { AppState, ServiceView } from '../shared/app-state.ts';
import type { ErrorDescription } from '../shared/error-texts.ts';
import type { Api, CallName, Envelope, Result } from '../shared/ipc-contract.ts';
import type { TimeStyle } from '../shared/time-words.ts';
import { serviceName as nameOfService } from '../shared/ui/situation.ts';
import { type Words, wordsFor } from '../shared/words.ts';
import { say } from './says.ts';

const MINUTE = 60_000;

const pushed = signal<AppState | null>(null);
/** How far the engine's clock is ahead of this page's, ms: a test may move one of them. */
let ahead = 0;

/** The engine's time, epoch ms, as of the last full minute or the last state: what countdowns count to. */
export const clock = signal(0);

/** What the last call failed with, until another one is made or the view changes. */
export const trouble = signal<ErrorDescription | null>(null);

/** Everything the window draws. Who reads it while being drawn is drawn again when it changes. */
export function app(): AppState {
  const state = pushed.value;
  if (!state) throw new Error('Nothing is drawn before the first state.');
  return state;
}

/** A service by its provider's id. */
export function serviceOf(provider: string): ServiceView | undefined {
  return app().services.find(({ id }) => id === provider);
}

/** The service's name as people know it. */
export function serviceName(provider: string): string {
  return nameOfService(app(), provider);
}

/** What people call the parts of this system. */
export function words(): Words {
  return wordsFor(app().system.platform);
}

/** How this person reads times. */
export function timeStyle(): TimeStyle {
  return { locale: app().system.locale };
}

/** The engine's time right now, epoch ms. Drawing uses `clock`. */
export function now(): number {
  return Date.now() + ahead;
}

/** Keeps the state up to date from now on. @returns once there is one. */
export async function connect(): Promise<void> {
  window.api['on:state'](accept);
  const answer = await window.api.state();
  // A state that was pushed meanwhile is the newer one.
  if (answer.ok && !pushed.value) accept(answer.value);
  tick();
}

/** Asks for something and leaves what comes of it to the caller. */
export function ask<Name extends CallName>(
  name: Name,
  ...argument: Parameters<Api[Name]>
): Promise<Envelope<Result<Name>>> {
  const send = window.api[name] as (
    ...argument: Parameters<Api[Name]>
  ) => Promise<Envelope<Result<Name>>>;
  return send(...argument);
}

/** Asks for something that a person has pressed for. An error is shown in the view and said. */
export async function call<Name extends CallName>(
  name: Name,
  ...argument: Parameters<Api[Name]>
): Promise<Envelope<Result<Name>>> {
  trouble.value = null;
  const answer = await ask(name, ...argument);
  if (!answer.ok) {
    trouble.value = answer.error;
    say(`${answer.error.title}. ${answer.error.sentence}`, 'alert');
  }
  return answer;
}

function accept(state: AppState): void {
  ahead = state.now - Date.now();
  clock.value = state.now;
  pushed.value = state;
}

function tick(): void {
  clock.value = now();
  setTimeout(tick, MINUTE - (now() % MINUTE));
}
