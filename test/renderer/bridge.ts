import type { Page } from '@playwright/test';
import type { AppState } from '../../src/shared/app-state.ts';
import {
  type Api,
  type Argument,
  CALLS,
  type CallName,
  type Envelope,
  EVENTS,
  type EventName,
  type Events,
  type Result,
} from '../../src/shared/ipc-contract.ts';

/** A call that the page made. */
export interface Made {
  readonly name: CallName;
  readonly argument: unknown;
}

type Answer<Name extends CallName> = (
  argument: Argument<Name>,
) => Result<Name> | Envelope<Result<Name>> | Promise<Result<Name>>;

/** What the bridge's script leaves in the page for the specs. */
interface Left {
  readonly emit: (event: EventName, data: unknown) => void;
  readonly said: { readonly where: string; readonly text: string }[];
}

declare global {
  interface Window {
    /** The specs' own way to the bridge. */
    readonly bridge: Left;
    readonly answer: (name: CallName, argument: unknown) => Promise<Envelope<unknown>>;
  }
}

/** The app, as the page sees it: it has a state, answers calls, and tells of things. All of it is played by a spec. */
export class Bridge {
  readonly calls: Made[] = [];
  readonly #page: Page;
  #state: AppState;
  readonly #answers = new Map<CallName, (argument: never) => unknown>();

  constructor(page: Page, state: AppState) {
    this.#page = page;
    this.#state = state;
  }

  /** Puts the bridge into the page that is loaded next. */
  async install(): Promise<void> {
    await this.#page.exposeFunction('answer', (name: CallName, argument: unknown) =>
      this.#answerTo(name, argument),
    );
    await this.#page.addInitScript(installApi, {
      calls: Object.keys(CALLS) as CallName[],
      events: [...EVENTS],
    });
  }

  get state(): AppState {
    return this.#state;
  }

  /** What the page is told when it calls. Without an answer a call gives nothing, and it works. */
  answer<Name extends CallName>(name: Name, answer: Answer<Name>): void {
    this.#answers.set(name, answer);
  }

  /** The app's state changes, and it tells the page so. */
  async push(change: Partial<AppState>): Promise<void> {
    this.#state = { ...this.#state, ...change };
    await this.emit('state', this.#state);
  }

  async emit<Name extends EventName>(name: Name, data: Events[Name]): Promise<void> {
    await this.#page.evaluate(([event, sent]) => window.bridge.emit(event, sent), [
      name,
      data,
    ] as const);
  }

  /** The arguments of the calls of one name, in order. */
  made(name: CallName): unknown[] {
    return this.calls.filter((call) => call.name === name).map(({ argument }) => argument);
  }

  /** Everything that was put into the live regions, in order. */
  async said(): Promise<string[]> {
    return this.#page.evaluate(() => window.bridge.said.map(({ text }) => text));
  }

  async #answerTo(name: CallName, argument: unknown): Promise<Envelope<unknown>> {
    this.calls.push({ name, argument });
    if (name === 'state') return { ok: true, value: this.#state };
    const value = await this.#answers.get(name)?.(argument as never);
    const isEnvelope = typeof value === 'object' && value !== null && 'ok' in value;
    return isEnvelope ? (value as Envelope<unknown>) : { ok: true, value };
  }
}

/** Runs in the page, before anything of it. */
function installApi({ calls, events }: { calls: CallName[]; events: EventName[] }): void {
  const listeners = new Map<string, Set<(data: unknown) => void>>();
  const api: Record<string, unknown> = {};
  for (const name of calls) {
    api[name] = (argument: unknown) => window.answer(name, argument);
  }
  for (const event of events) {
    const heard = new Set<(data: unknown) => void>();
    listeners.set(event, heard);
    api[`on:${event}`] = (listener: (data: unknown) => void) => {
      heard.add(listener);
      return () => heard.delete(listener);
    };
  }
  const said: Left['said'] = [];
  const emit = (event: EventName, data: unknown) => {
    for (const listener of listeners.get(event) ?? []) listener(data);
  };
  Object.defineProperty(window, 'api', { value: Object.freeze(api) as unknown as Api });
  Object.defineProperty(window, 'bridge', { value: { emit, said } satisfies Left });
  document.addEventListener('DOMContentLoaded', () => {
    for (const region of document.querySelectorAll('[role=status], [role=alert]')) {
      const where = region.getAttribute('role') ?? '';
      new MutationObserver((changes) => {
        for (const { addedNodes } of changes) {
          for (const { textContent } of addedNodes) said.push({ where, text: textContent ?? '' });
        }
      }).observe(region, { childList: true });
    }
  });
}
