import { setImmediate as turn, setTimeout as wait } from 'node:timers/promises';
import type { Clock, Power, PowerEvent } from '../../src/core/ports.ts';
import type { TestClock } from './test-clock.ts';

/** The waits of a scheduler that has nothing to do are longer than those between two looks at a file. */
const REST = 1000;

/** How long a watcher may take to start, ms, which it does in its own time. */
export const WATCH_START = 5000;

interface Sleeper {
  readonly at: number;
  readonly ms: number;
  wake(): void;
}

/** Tells what it is told to tell. */
export class FakePower implements Power {
  readonly #listeners = new Set<(event: PowerEvent) => void>();

  subscribe(listener: (event: PowerEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  tell(...events: readonly PowerEvent[]): void {
    for (const event of events) for (const listener of this.#listeners) listener(event);
  }
}

/**
 * A machine with a scheduler on it that can be put to sleep and have its clock set. Timers go on while it
 * runs, and only then, as on Linux; the scheduler's waits pass at once, all else takes its time.
 */
export class FakeMachine implements Clock {
  readonly power = new FakePower();
  readonly #wall: TestClock;
  readonly #sleepers = new Set<Sleeper>();
  /** Those who wait for the scheduler to rest. */
  readonly #watching = new Set<() => void>();
  #ran = 0;
  #slept = 0;

  /** @param wall It stands from now on: a slow look must not use up what is left until the next one. */
  constructor(wall: TestClock) {
    this.#wall = wall;
    wall.stand();
  }

  now(): number {
    return this.#wall.now();
  }

  /** Ms since its start, sleeps included. */
  readonly uptime = (): number => this.#ran + this.#slept;

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      const over = () => {
        this.#sleepers.delete(sleeper);
        signal?.removeEventListener('abort', stop);
      };
      const stop = () => {
        over();
        reject(signal?.reason);
      };
      const wake = () => {
        over();
        resolve();
      };
      const sleeper = { at: this.#ran + ms, ms, wake };
      this.#sleepers.add(sleeper);
      signal?.addEventListener('abort', stop);
      if (rests(sleeper)) {
        for (const told of this.#watching) told();
        this.#watching.clear();
      }
    });
  }

  /** Runs for `ms`, all that is due in that time included. */
  async run(ms: number): Promise<void> {
    const end = this.#ran + ms;
    await this.#rested();
    for (let next = this.#next(); next.at <= end; next = this.#next()) {
      this.#advance(next.at - this.#ran);
      next.wake();
      await this.#rested();
    }
    this.#advance(end - this.#ran);
  }

  /** Sleeps for `ms`, without a word. */
  doze(ms: number): void {
    this.#slept += ms;
    this.#wall.advance(ms);
  }

  /** Sleeps for `ms`, and tells. */
  async sleepAndWake(ms: number): Promise<void> {
    await this.#rested();
    this.power.tell('suspend');
    this.doze(ms);
    this.power.tell('resume');
  }

  /** Sets the clock ahead, or back. */
  setClock(ms: number): void {
    this.#wall.advance(ms);
  }

  #advance(ms: number): void {
    this.#ran += ms;
    this.#wall.advance(ms);
  }

  #next(): Sleeper {
    const [first] = [...this.#sleepers].sort((a, b) => a.at - b.at);
    return first ?? { at: Number.POSITIVE_INFINITY, ms: 0, wake: () => {} };
  }

  /** Until the scheduler has done what there was to do. */
  async #rested(): Promise<void> {
    for (;;) {
      await turn();
      if ([...this.#sleepers].some(rests)) return;
      // Not turn after turn: what it does is done by other threads, which need the processor.
      const told = new AbortController();
      const news = new Promise<void>((resolve) => this.#watching.add(resolve));
      const late = wait(2 * WATCH_START, true, told).catch(() => false);
      const [started] = [...this.#sleepers].filter(({ ms }) => ms === WATCH_START);
      const isLate = await Promise.race([news, late]);
      told.abort();
      // A pause can be just as long as a watcher may take to start. The start would be over by now.
      if (isLate && started && this.#sleepers.has(started)) return;
    }
  }
}

/** Whether somebody waits who has nothing to do. */
function rests({ ms }: Sleeper): boolean {
  return ms >= REST && ms !== WATCH_START;
}
