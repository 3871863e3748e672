import { type AppError, asAppError } from '../shared/errors.ts';
import type { Notifier } from '../shared/notice.ts';
import { type Broker, type BrokerService, startBroker } from './broker/server.ts';
import type { Context } from './context.ts';
import type { Engine, RefreshReport } from './engine.ts';
import type { EngineKind } from './engine-lock.ts';
import type { Lock } from './files/flock.ts';
import { createNotices } from './notices.ts';
import type { Power } from './ports.ts';
import { Scheduler } from './scheduler.ts';
import type { SchedulerOptions } from './scheduler-options.ts';
import { rememberMachine } from './vault/history.ts';

/** What the process that is the engine works with. */
export interface ServeOptions {
  readonly kind: EngineKind;
  readonly signal: AbortSignal;
  /** Where there is none, a sleep is noticed by the clock alone. */
  readonly power?: Power;
  /** Where there is none, nobody is told anything unasked. */
  readonly notifier?: Notifier;
  /** Each time this process becomes the engine. What a person asks for is told to `scheduler`. */
  readonly onStart?: (scheduler: Pick<Scheduler, 'poke'>) => void;
  /** Other programs cannot ask this engine anything; everything else works. */
  readonly onDeaf?: (error: AppError) => void;
  /** After each look at which something was done or went wrong. */
  readonly onReport: (report: RefreshReport) => void;
}

/**
 * Is the engine: keeps logins fresh, answers other programs, tells the person. Until it is stopped, or a
 * daemon is asked to make way; then socket and lock are let go at once, and what is under way is finished,
 * for the accounts have locks of their own.
 */
export async function serve(
  context: Context,
  engine: Engine,
  turn: Lock,
  options: ServeOptions,
): Promise<'stopped' | 'yielded'> {
  const end = new AbortController();
  const over = new Promise<void>((resolve) => {
    end.signal.addEventListener('abort', () => resolve(), { once: true });
  });
  const stop = () => end.abort();
  options.signal.addEventListener('abort', stop, { once: true });
  let yielded = false;
  const makeWay = () => {
    yielded = options.kind === 'daemon';
    if (yielded) stop();
  };
  const { signal } = end;
  const scheduler = new Scheduler(
    context,
    engine,
    schedulerOptions(context, engine, { ...options, signal }),
  );
  const requests = new Requests(engine, scheduler, makeWay);
  const broker = await openBroker(context, requests, options);
  let running = Promise.resolve();
  try {
    options.onStart?.(scheduler);
    if (options.signal.aborted) stop();
    running = scheduler.run(signal);
    await Promise.race([running, over]);
  } finally {
    options.signal.removeEventListener('abort', stop);
    await broker?.close();
    await turn.release();
  }
  await running;
  await requests.idle();
  return yielded ? 'yielded' : 'stopped';
}

/** Without one everything else works, and other programs work under the same locks. */
async function openBroker(
  context: Context,
  requests: BrokerService,
  { onDeaf }: ServeOptions,
): Promise<Broker | null> {
  try {
    return await startBroker(context, requests);
  } catch (error) {
    const coded = asAppError(error);
    context.log({ level: 'error', event: 'broker-not-started', fields: { code: coded.code } });
    onDeaf?.(coded);
    return null;
  }
}

function schedulerOptions(
  context: Context,
  engine: Engine,
  { power, notifier, onReport, signal }: ServeOptions,
): SchedulerOptions {
  const notices = notifier ? createNotices(context, notifier) : null;
  let locked = false;
  return {
    ...(power && { power }),
    onReport,
    async onStatus({ vault, accounts }, presence) {
      const before = locked;
      locked = vault.state === 'locked';
      if (locked && !before) await rememberMachine(context, { event: 'keychain-locked' });
      const { signingIn } = engine;
      return notices ? notices.look({ accounts, presence, signingIn, signal }) : null;
    },
  };
}

/** What other programs may ask of the engine. */
class Requests implements BrokerService {
  readonly #engine: Engine;
  readonly #scheduler: Scheduler;
  readonly #makeWay: () => void;
  readonly #work = new Set<Promise<unknown>>();

  constructor(engine: Engine, scheduler: Scheduler, makeWay: () => void) {
    this.#engine = engine;
    this.#scheduler = scheduler;
    this.#makeWay = makeWay;
  }

  token(name: string, minLife: number): ReturnType<BrokerService['token']> {
    this.#scheduler.attend();
    return this.#tracked(this.#engine.token(name, minLife));
  }

  status(): ReturnType<BrokerService['status']> {
    return this.#engine.status();
  }

  refresh(
    name: string | null,
    { force }: { readonly force: boolean },
  ): ReturnType<BrokerService['refresh']> {
    this.#scheduler.attend();
    return this.#tracked(this.#engine.refresh(name, { force, byPerson: true }));
  }

  subscribe(listener: () => void): () => void {
    return this.#engine.subscribe(listener);
  }

  yield(): void {
    this.#makeWay();
  }

  /** Resolves once nothing is under way: an answer that is cut off may cost a login. */
  async idle(): Promise<void> {
    while (this.#work.size > 0) await Promise.allSettled(this.#work);
  }

  #tracked<T>(work: Promise<T>): Promise<T> {
    this.#work.add(work);
    const done = () => this.#work.delete(work);
    work.then(done, done);
    return work;
  }
}
