import { setImmediate as turn, setTimeout as wait } from 'node:timers/promises';
import type { Clock } from '../../src/core/ports.ts';
import { FakePower, WATCH_START } from './power.ts';
import type { TestClock } from './test-clock.ts';

/** A scheduler's pauses are at least as long, ms. */
const PAUSE = 1000;

/** The longest wait of what is at work, ms: for an answer that never comes. */
const LONGEST_WAIT = 30_000;

/** How long in real time nothing may move on before that is told as what it is, ms. */
const STUCK_AFTER = 120_000;

/** How many times in a row nothing may be seen at work, so that nobody is between two steps. */
const CALM = 3;

/** The names that Node has for calls of the file system that are under way. */
const FILE_CALLS: ReadonlySet<string> = new Set(['FSReqPromise', 'FSReqCallback', 'CloseReq']);

interface Sleeper {
  readonly at: number;
  readonly ms: number;
  /** Whose pause it is; `null`: nobody's who is at work otherwise. */
  readonly paused: Clock | null;
  wake(): void;
}

/**
 * A machine on which everything is in simulated time, not a scheduler alone: each wait by this clock passes
 * at once, the nearest first, as soon as nothing is at work. Timers go on while it runs, and only then.
 *
 * What is at work cannot be seen from outside: a module that is imported leaves no trace in Node. So while a
 * scheduler does not pause, or anything that `attend` was told of goes on, only short waits pass: for a
 * lock, for a tool, for an answer.
 */
export class SimulatedMachine implements Clock {
  readonly power = new FakePower();
  readonly #wall: TestClock;
  readonly #sleepers = new Set<Sleeper>();
  readonly #schedulers = new Set<Clock>();
  #ran = 0;
  #held = 0;
  #attended = 0;

  /** @param wall It stands from now on: what is done takes no time on this machine. */
  constructor(wall: TestClock) {
    this.#wall = wall;
    wall.stand();
  }

  now(): number {
    return this.#wall.now();
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return this.#sleep(ms, null, signal);
  }

  /** The clock of one more scheduler: while it does not pause, it is at work. */
  scheduler(): Clock {
    const clock: Clock = {
      now: () => this.now(),
      sleep: (ms, signal) => {
        const pauses = ms >= PAUSE && ms !== WATCH_START;
        return this.#sleep(ms, pauses ? clock : null, signal);
      },
    };
    this.#schedulers.add(clock);
    return clock;
  }

  /** Time stands still until this wait for a socket is over: its answer is on its way. */
  hold<T>(work: Promise<T>): Promise<T> {
    this.#held += 1;
    return work.finally(() => {
      this.#held -= 1;
    });
  }

  /** Only short waits pass until this work is done. */
  attend<T>(work: Promise<T>): Promise<T> {
    this.#attended += 1;
    return work.finally(() => {
      this.#attended -= 1;
    });
  }

  /** The scheduler is gone: nobody waits for its pauses. */
  dismiss(clock: Clock): void {
    this.#schedulers.delete(clock);
  }

  /** Runs for `ms`, all that is due in that time included. */
  async run(ms: number): Promise<void> {
    const end = this.#ran + ms;
    for (;;) {
      const next = await this.#next();
      if (next === null || next.at > end) break;
      this.#advance(next.at - this.#ran);
      next.wake();
    }
    this.#advance(end - this.#ran);
  }

  /** Sleeps for `ms`, without a word. */
  doze(ms: number): void {
    this.#wall.advance(ms);
  }

  #advance(ms: number): void {
    this.#ran += ms;
    this.#wall.advance(ms);
  }

  #sleep(ms: number, paused: Clock | null, signal?: AbortSignal): Promise<void> {
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
      const sleeper = { at: this.#ran + ms, ms, paused, wake };
      this.#sleepers.add(sleeper);
      signal?.addEventListener('abort', stop);
    });
  }

  /** Whose time comes next. `null`: nobody's. */
  async #next(): Promise<Sleeper | null> {
    const stuckAt = performance.now() + STUCK_AFTER;
    for (;;) {
      await this.#calm(stuckAt);
      const working = this.#isAtWork();
      const next = this.#nearest((each) => !working || isShort(each));
      // Whose pause ends before that wait does comes first: time goes forward only.
      if (next || !working) return next && this.#nearest(() => true);
      await this.#give(stuckAt);
    }
  }

  /** Resolves once nothing is seen at work. */
  async #calm(stuckAt: number): Promise<void> {
    for (let calm = 0; calm < CALM; calm += 1) {
      await turn();
      for (; this.#isMoving(); calm = 0) await this.#give(stuckAt);
    }
  }

  /** Those who are at work need the processor more. A test that waits for ever says nothing of why. */
  async #give(stuckAt: number): Promise<void> {
    await wait(1);
    if (performance.now() > stuckAt) throw new Error(`nothing moves on: ${this.#described()}`);
  }

  #described(): string {
    const sleepers = [...this.#sleepers].map(({ at, ms, paused }) => ({
      left: at - this.#ran,
      ms,
      pauses: paused !== null,
    }));
    const schedulers = this.#schedulers.size;
    const [held, attended] = [this.#held, this.#attended];
    const resources = process.getActiveResourcesInfo();
    return JSON.stringify({ held, attended, schedulers, sleepers, resources });
  }

  #nearest(mayPass: (sleeper: Sleeper) => boolean): Sleeper | null {
    let nearest: Sleeper | null = null;
    for (const sleeper of this.#sleepers) {
      if (mayPass(sleeper) && (nearest === null || sleeper.at < nearest.at)) nearest = sleeper;
    }
    return nearest;
  }

  /** Whether anything goes on that no wait of ours is part of. */
  #isMoving(): boolean {
    return this.#held > 0 || process.getActiveResourcesInfo().some((name) => FILE_CALLS.has(name));
  }

  #isAtWork(): boolean {
    const pausing = new Set([...this.#sleepers].map(({ paused }) => paused));
    return this.#attended > 0 || [...this.#schedulers].some((each) => !pausing.has(each));
  }
}

/** The wait of somebody who is at work. */
function isShort({ ms, paused }: Sleeper): boolean {
  return paused === null && ms <= LONGEST_WAIT;
}
