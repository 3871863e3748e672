import { AppError } from '../shared/errors.ts';
import type { Context } from './context.ts';
import type { Engine } from './engine.ts';
import { holdEngine, type RunningEngine, runningEngine } from './engine-lock.ts';
import { keepTrying, type Lock } from './files/flock.ts';
import type { ServeOptions } from './serve.ts';

/** How long a daemon may take to make way for the app, ms. */
const YIELD_WAIT = 10_000;

/** How long the holder of the lock may take to say who it is, ms. */
const NOTE_WAIT = 1000;

/** How often one that stands by tries whether it is needed, ms. */
const STANDBY_PAUSE = 2000;

/** What a shell that keeps logins fresh brings along and wants to know. */
export interface RunOptions extends ServeOptions {
  readonly version: string;
  /**
   * A daemon waits until it is needed: the app runs already (`holder`), or has asked it to make way. Its
   * next turn is told by `onStart`.
   */
  readonly onStandby?: (holder: RunningEngine | null) => void;
}

/**
 * Keeps every login fresh until the signal is aborted, and then until what is under way is finished. One
 * process per state folder does this: a daemon makes way for the app, and comes back when that has ended.
 * @throws AppError `engine-running` with the pid of the one that does, `newer-version`.
 */
export async function run(context: Context, engine: Engine, options: RunOptions): Promise<void> {
  // Who only asks which engine runs needs none of it.
  const { serve } = await import('./serve.ts');
  let turn = await firstTurn(context, options);
  while (turn && (await serve(context, engine, turn, options)) === 'yielded') {
    options.onStandby?.(null);
    turn = await standBy(context, options);
  }
}

/** @returns `null` if it was stopped while it stood by. */
async function firstTurn(context: Context, options: RunOptions): Promise<Lock | null> {
  const found = await turnOrHolder(context, options);
  if (found && 'release' in found) return found;
  const holder = found;
  if (options.kind === 'daemon' && holder?.kind === 'app') {
    options.onStandby?.(holder);
    return standBy(context, options);
  }
  const yields = options.kind === 'app' && holder?.kind !== 'app';
  const taken = yields ? await takeOver(context, options) : null;
  if (taken) return taken;
  throw new AppError('engine-running', holder ? { pid: holder.pid } : {});
}

/** Whoever has just become the engine has not said yet who it is. */
function turnOrHolder(context: Context, options: RunOptions): Promise<Lock | RunningEngine | null> {
  const { clock } = context;
  const attempt = async () =>
    (await holdEngine(context, options)) ?? (await runningEngine(context));
  return keepTrying(attempt, { deadline: clock.now() + NOTE_WAIT, clock });
}

/** Asks the daemon to make way, again and again: one that has just started does not listen yet. */
async function takeOver(context: Context, options: RunOptions): Promise<Lock | null> {
  const { clock } = context;
  const attempt = async () => {
    const turn = await holdEngine(context, options);
    if (!turn && (await runningEngine(context))?.kind === 'daemon') await askForTurn(context);
    return turn;
  };
  return keepTrying(attempt, { deadline: clock.now() + YIELD_WAIT, clock });
}

async function askForTurn(context: Context): Promise<void> {
  const { connectBroker } = await import('./broker/client.ts');
  const daemon = await connectBroker(context).catch(() => null);
  await daemon?.yield().catch(() => {});
  daemon?.close();
}

async function standBy(context: Context, options: RunOptions): Promise<Lock | null> {
  const { clock } = context;
  while (!options.signal.aborted) {
    await clock.sleep(STANDBY_PAUSE, options.signal).catch(() => {});
    const turn = options.signal.aborted ? null : await holdEngine(context, options);
    if (turn) return turn;
  }
  return null;
}
