import { nodeClock } from '../../src/core/files/node-files.ts';
import type { Clock } from '../../src/core/ports.ts';

/** The machine's clock, set ahead by hand. Whoever sleeps wakes when the moved time has come. */
export class TestClock implements Clock {
  #offset = 0;
  readonly #moved = new EventTarget();
  #hurry = 0;

  now(): number {
    return Date.now() + this.#offset;
  }

  /** Moves the wall clock by `ms`, forward or back. */
  advance(ms: number): void {
    this.#offset += ms;
    this.#moved.dispatchEvent(new Event('moved'));
  }

  /** From now on a sleep of up to `ms` moves the clock instead of taking its time. */
  hurry(ms: number): void {
    this.#hurry = ms;
  }

  async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (ms <= this.#hurry) {
      // Whoever waits for a file or a socket gets a turn.
      await nodeClock.sleep(1, signal);
      return this.advance(ms);
    }
    const end = this.now() + ms;
    while (this.now() < end) {
      signal?.throwIfAborted();
      const moved = new AbortController();
      const wake = () => moved.abort();
      this.#moved.addEventListener('moved', wake, { once: true });
      signal?.addEventListener('abort', wake, { once: true });
      await nodeClock.sleep(end - this.now(), moved.signal).catch(() => {});
      this.#moved.removeEventListener('moved', wake);
      signal?.removeEventListener('abort', wake);
    }
    signal?.throwIfAborted();
  }
}
