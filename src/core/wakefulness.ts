import type { Presence } from './notice-state.ts';

/** After a suspend, a machine that has run for this long without a break is awake, ms: the resume was missed. */
const MISSED_RESUME = 5 * 60_000;

/** Whether the machine is awake, as far as it has told, and whether a person is there. */
export class Wakefulness {
  /** Since when it sleeps, or is about to, epoch ms. */
  #asleepSince: number | null = null;
  /** How long it has run since then all the same, in one piece, ms. */
  #ran = 0;
  #unlocked = true;
  #awakeSince: number;

  constructor(now: number) {
    this.#awakeSince = now;
  }

  get asleep(): boolean {
    return this.#asleepSince !== null;
  }

  get presence(): Presence {
    return { unlocked: this.#unlocked, awakeSince: this.#awakeSince };
  }

  screen(unlocked: boolean): void {
    this.#unlocked = unlocked;
  }

  suspend(now: number): void {
    this.#asleepSince ??= now;
    this.#ran = 0;
  }

  /**
   * While it is said to be asleep, it ran for `ms`. A break in it was the sleep itself: some machines wake
   * for a moment in the night, and nothing should be begun then.
   * @returns whether it must be awake by now.
   */
  ran(ms: number, broken: boolean): boolean {
    this.#ran = broken ? 0 : this.#ran + ms;
    return this.#ran >= MISSED_RESUME;
  }

  /** It is awake. @returns how long it slept, as far as that was announced, ms. */
  wake(now: number): number {
    const slept = this.#asleepSince === null ? 0 : now - this.#asleepSince - this.#ran;
    this.#asleepSince = null;
    this.#ran = 0;
    this.#awakeSince = now;
    return Math.max(0, slept);
  }
}
