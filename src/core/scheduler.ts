import { uptime as systemUptime } from 'node:os';
import { asAppError, hasCode } from '../shared/errors.ts';
import type { Context } from './context.ts';
import type { Engine, RefreshReport } from './engine.ts';
import type { LookOptions } from './look.ts';
import type { PowerEvent } from './ports.ts';
import { dueNow, nextAt, planOf, type Timetable } from './refresh/timetable.ts';
import type { SchedulerOptions } from './scheduler-options.ts';
import { sweepTaken } from './targets/taken.ts';
import { type FileWatcher, watchTargets } from './targets/watch.ts';
import { rememberMachine } from './vault/history.ts';
import { Wakefulness } from './wakefulness.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const NEVER = Number.POSITIVE_INFINITY;

/** The clock is read at least this often, ms, and the tools' folders are looked for; nothing else is then done. */
const HEARTBEAT = 30 * SECOND;

/** Least time between two reads of the clock, ms. */
const SHORTEST_PAUSE = SECOND;

/** All accounts are looked after at least this often, ms: another process may have changed things. */
const FULL_PAUSE = 5 * MINUTE;

/** How often what is kept for some days only is looked through, ms. */
const SWEEP_PAUSE = 60 * MINUTE;

/** No timer is this late by itself, ms: the clock was set, or the machine slept. */
const JUMP = 10 * SECOND;

/** A shorter sleep explains nothing, ms. */
const WORTH_NOTING = MINUTE;

/** When what could not be sent is tried again after a wake, ms: the network takes a moment. */
const RETRIES = [2 * SECOND, 4 * SECOND, 8 * SECOND];

/** What the next look is asked to do. */
interface Wishes {
  /** Everything: take in what tools and other processes did, and pay debts. */
  readonly full: boolean;
  /** What could not be sent is tried again now. */
  readonly unsentToo: boolean;
}

const NO_WISHES: Wishes = { full: false, unsentToo: false };

/**
 * Keeps every login fresh: a timetable in memory, one timer for the nearest account, a look at what is due,
 * and a full look when there may be news.
 */
export class Scheduler {
  readonly #context: Context;
  readonly #engine: Engine;
  readonly #options: SchedulerOptions;
  readonly #uptime: () => number;
  readonly #machine: Wakefulness;
  /** When each account is next worked on. */
  #entries: Timetable = new Map();
  /** What is due right after it was looked after cannot be done now: not before this, epoch ms. */
  readonly #notBefore = new Map<string, number>();
  /** The accounts that a try could mend. */
  #troubled: readonly string[] = [];
  #wishes: Wishes = { full: true, unsentToo: false };
  /** Whether the timetable may be out of date. */
  #stale = false;
  /** When a full look last began, epoch ms. */
  #lookedAt = 0;
  #sweptAt = Number.NEGATIVE_INFINITY;
  /** When to try again what could not be sent, epoch ms. */
  #retries: readonly number[] = [];
  /** When `onStatus` wants to be called again, epoch ms. */
  #statusAt = NEVER;
  /** After a look that could not be made: none before this, epoch ms. */
  #brokenUntil = 0;
  /** A sleep that was not noted yet, ms. */
  #slept = 0;
  /** Our own look is under way: what it changes is no news to us. */
  #looking = false;
  /** Nothing new is begun any more. */
  #over = false;
  /** Ends the rest that is under way, or the next one. */
  #bell = new AbortController();

  constructor(context: Context, engine: Engine, options: SchedulerOptions) {
    this.#context = context;
    this.#engine = engine;
    this.#options = options;
    this.#uptime = options.uptime ?? (() => systemUptime() * SECOND);
    this.#machine = new Wakefulness(context.clock.now());
  }

  /**
   * Goes on until the signal is aborted, and then until what is under way is finished.
   * @throws AppError `newer-version`.
   */
  async run(signal: AbortSignal): Promise<void> {
    const watcher = watchTargets(this.#context);
    const ends = [
      this.#options.power?.subscribe((event) => this.#onPower(event)),
      this.#engine.subscribe(() => this.#onChange()),
    ];
    const stop = () => {
      this.#over = true;
      this.#bell.abort();
    };
    signal.addEventListener('abort', stop, { once: true });
    void this.#follow(watcher, signal);
    try {
      while (!signal.aborted) {
        this.#bell = new AbortController();
        await this.#work(watcher);
        if (!signal.aborted) await this.#rest();
      }
    } finally {
      for (const end of ends) end?.();
      await watcher.close();
    }
  }

  /** A person or another program wants everything looked at now, so the machine is awake. */
  poke(): void {
    this.#wake();
  }

  /** A person or another program is there, so the machine is awake, should it be thought to sleep. */
  attend(): void {
    if (this.#machine.asleep) this.#wake();
  }

  #onPower(event: PowerEvent): void {
    const now = this.#context.clock.now();
    if (event === 'lock' || event === 'unlock') this.#machine.screen(event === 'unlock');
    if (event === 'suspend') this.#machine.suspend(now);
    // A network comes and goes while the machine is put to sleep as well.
    const awake = event === 'online' && !this.#machine.asleep;
    if (awake || event === 'resume' || event === 'unlock') this.#wake();
  }

  #onChange(): void {
    if (this.#looking) return;
    this.#stale = true;
    this.#ring();
  }

  async #follow(watcher: FileWatcher, signal: AbortSignal): Promise<void> {
    try {
      for (;;) {
        await watcher.changed(signal);
        this.#wishes = { ...this.#wishes, full: true };
        this.#ring();
      }
    } catch {
      // The signal.
    }
  }

  /** Whatever was planned, it may be late, and there may be a network. */
  #wake(unannounced = 0): void {
    const now = this.#context.clock.now();
    this.#slept = Math.max(this.#slept, unannounced, this.#machine.wake(now));
    this.#wishes = { full: true, unsentToo: true };
    this.#retries = RETRIES.map((ms) => now + ms);
    this.#brokenUntil = 0;
    this.#ring();
  }

  /** One look, if one is wanted now. What goes wrong with it may be right at the next one. */
  async #work(watcher: FileWatcher): Promise<void> {
    const now = this.#context.clock.now();
    if (this.#machine.asleep || now < this.#brokenUntil) return;
    // Before the look: what changes after it was looked at must wake us. A tool that came is given its login.
    const moved = await watcher.update();
    const wishes = this.#takeWishes(now, moved);
    try {
      await this.#noteSleep();
      const looked = await this.#look(now, wishes);
      if (looked) await this.#plan(looked);
    } catch (error) {
      // What a newer program wrote stays as it is.
      if (hasCode(error, 'newer-version')) throw error;
      const { code } = asAppError(error);
      this.#context.log({ level: 'error', event: 'look-failed', fields: { code } });
      this.#wishes = { full: true, unsentToo: wishes.unsentToo || this.#wishes.unsentToo };
      this.#brokenUntil = Math.min(this.#context.clock.now() + HEARTBEAT, this.#nextRetry);
    }
  }

  #takeWishes(now: number, moved: boolean): Wishes {
    const { full, unsentToo } = this.#wishes;
    const retry = this.#nextRetry <= now;
    this.#retries = this.#retries.filter((at) => at > now);
    this.#wishes = NO_WISHES;
    const late = now - this.#lookedAt >= FULL_PAUSE;
    return { full: full || moved || late, unsentToo: unsentToo || retry };
  }

  get #nextRetry(): number {
    return this.#retries[0] ?? NEVER;
  }

  /** @returns the accounts that were looked after; `null` if there was nothing to do at all. */
  async #look(now: number, { full, unsentToo }: Wishes): Promise<readonly string[] | null> {
    if (full) {
      this.#lookedAt = now;
      await this.#sweep(now);
      return this.#refresh((options) => this.#engine.refresh(null, options), unsentToo);
    }
    const due = dueNow(this.#entries, now);
    const ids = [...new Set([...due, ...(unsentToo ? this.#troubled : [])])];
    if (ids.length > 0)
      return this.#refresh((options) => this.#engine.look(ids, options), unsentToo);
    return this.#stale || this.#statusAt <= now ? [] : null;
  }

  async #sweep(now: number): Promise<void> {
    if (now - this.#sweptAt < SWEEP_PAUSE) return;
    await sweepTaken(this.#context);
    this.#sweptAt = now;
  }

  async #refresh(
    look: (options: LookOptions) => Promise<readonly RefreshReport[]>,
    unsentToo: boolean,
  ): Promise<readonly string[]> {
    this.#looking = true;
    try {
      const mayStart = () => !this.#machine.asleep && !this.#over;
      const reports = await look({ unsentToo, mayStart });
      for (const report of reports) {
        if (report.how !== 'not-needed') this.#options.onReport(report);
      }
      return reports.map(({ account }) => account.id);
    } finally {
      this.#looking = false;
    }
  }

  /** Fills the timetable anew. */
  async #plan(looked: readonly string[]): Promise<void> {
    this.#stale = false;
    const status = await this.#engine.status();
    // Another process may be the engine by now, which tells the person itself.
    if (this.#over) return;
    const now = this.#context.clock.now();
    for (const id of looked) this.#notBefore.set(id, now + HEARTBEAT);
    const { entries, troubled } = planOf(status.accounts, now, this.#notBefore);
    this.#entries = entries;
    this.#troubled = troubled;
    this.#statusAt = (await this.#options.onStatus?.(status, this.#machine.presence)) ?? NEVER;
  }

  async #noteSleep(): Promise<void> {
    const slept = this.#slept;
    this.#slept = 0;
    if (slept >= WORTH_NOTING) await rememberMachine(this.#context, { event: 'slept', ms: slept });
  }

  /** Waits for what is next, and looks at the clock afterwards. */
  async #rest(): Promise<void> {
    const { clock } = this.#context;
    const [before, upBefore] = [clock.now(), this.#uptime()];
    const pause = this.#pause(before);
    const whole = await clock.sleep(pause, this.#bell.signal).then(
      () => true,
      () => false,
    );
    // Timers follow no clock that can be set.
    const ran = whole ? pause : 0;
    const elapsed = clock.now() - before;
    const broken = elapsed > pause + JUMP || elapsed < ran - JUMP;
    if (this.#machine.asleep) {
      if (this.#machine.ran(ran, broken)) this.#wake();
    } else if (broken) {
      this.#context.serviceClock.forget();
      this.#wake(this.#uptime() - upBefore - pause);
    }
  }

  /** How long to wait, ms. */
  #pause(now: number): number {
    if (this.#machine.asleep) return HEARTBEAT;
    const full = this.#wishes.full ? now : this.#lookedAt + FULL_PAUSE;
    const retry = this.#troubled.length > 0 ? this.#nextRetry : NEVER;
    const wanted = [nextAt(this.#entries), full, retry, this.#statusAt];
    const next = Math.max(Math.min(...wanted), this.#brokenUntil);
    return Math.min(HEARTBEAT, Math.max(SHORTEST_PAUSE, next - now));
  }

  /** Ends the rest. What runs on in a machine that goes to sleep must not keep it from being thought asleep. */
  #ring(): void {
    if (!this.#machine.asleep) this.#bell.abort();
  }
}
