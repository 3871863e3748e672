import type { Outcome } from './transport.ts';

/** A clock is called wrong from here on, ms: less than this, other programs bear as well. */
const TOO_FAR = 5 * 60_000;

/**
 * How far this machine's clock is off, by what the services' latest answer said of theirs. Known in this
 * process only, and only where it is sure: while a request was under way the machine may have slept, so a
 * date within that time is right.
 */
export class ServiceClock {
  #off = 0;

  /** Where it is too much, ms; more than 0: this machine is ahead. Else `null`, which also means not known. */
  get off(): number | null {
    return Math.abs(this.#off) > TOO_FAR ? this.#off : null;
  }

  /** To be told how each request ended that was begun at `sentAt`, epoch ms by this machine's clock. */
  hear(outcome: Outcome, sentAt: number): void {
    if (outcome.kind !== 'answer' || outcome.serverDate === null) return;
    const { serverDate, receivedAt } = outcome;
    const [from, to] = [Math.min(sentAt, receivedAt), Math.max(sentAt, receivedAt)];
    this.#off = Math.max(0, from - serverDate) + Math.min(0, to - serverDate);
  }

  /** The clock may have been set: nothing is known of it before the next answer. */
  forget(): void {
    this.#off = 0;
  }
}
