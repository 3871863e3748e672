import { nodeClock } from '../../src/core/files/node-files.ts';
import type { Clock } from '../../src/core/ports.ts';

/** Longer than any test, ms. */
const FOR_EVER = 24 * 60 * 60_000;

/** The machine's clock, set ahead by hand. Whoever sleeps wakes when the moved time has come. */
export class TestClock implements Clock {
  #offset = 0;
  /** Since when it stands, epoch ms. */
  #stoodAt: number | null = null;
  /** What passes by itself while it stands, ms. */
  #passing = 0;
  readonly #moved = new EventTarget();
  #hurry = 0;

  now(): number {
    return (this.#stoodAt ?? Date.now()) + this.#offset;
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

  /**
   * From now on it stands: what is done takes no time by it, however slow the machine is. It is moved by
   * hand, and by each sleep of up to `longest` ms, which lasts as long as ever (a wait for a lock, say).
   */
  stand(longest = Number.POSITIVE_INFINITY): void {
    this.#stoodAt ??= Date.now();
    this.#passing = longest;
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
      const left = this.#stoodAt === null || ms <= this.#passing ? end - this.now() : FOR_EVER;
      const over = await nodeClock.sleep(left, moved.signal).then(
        () => true,
        () => false,
      );
      this.#moved.removeEventListener('moved', wake);
      signal?.removeEventListener('abort', wake);
      if (over && this.now() < end && this.#stoodAt !== null) this.advance(end - this.now());
    }
    signal?.throwIfAborted();
  }
}
