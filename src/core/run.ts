import * as v from 'valibot';
import { AppError, asAppError, hasCode } from '../shared/errors.ts';
import type { Context } from './context.ts';
import type { Engine, RefreshReport } from './engine.ts';
import { ensurePrivateFolder } from './files/durable.ts';
import { heldBy, type Lock, tryLock } from './files/flock.ts';
import { readOptional, SCHEMA } from './files/json-file.ts';
import type { Clock } from './ports.ts';
import type { FileWatcher } from './targets/watch.ts';

/** Longest pause between two looks, ms: the clock may have jumped, or another process have changed things. */
const LONGEST_PAUSE = 30_000;
const SHORTEST_PAUSE = 1000;

/** How often what is kept for some days only is looked through, ms. */
const SWEEP_PAUSE = 60 * 60_000;

const NoteSchema = v.object({ kind: v.picklist(['app', 'daemon']), pid: v.number() });

/** The process that keeps the logins of a state folder fresh. */
export type RunningEngine = v.InferOutput<typeof NoteSchema>;

/** Who keeps the logins fresh now; `null` when nobody does. */
export async function runningEngine({ paths, fs }: Context): Promise<RunningEngine | null> {
  const pid = await heldBy(paths.engineLock);
  if (pid === null) return null;
  const text = (await readOptional(fs, paths.engineLock))?.toString('utf8') ?? '';
  const note = v.safeParse(v.pipe(v.string(), v.parseJson(), NoteSchema), text);
  // Somebody else, if the lock has changed hands in between; then the next question has its answer.
  return note.success ? { kind: note.output.kind, pid: note.output.pid } : null;
}

/** What a shell that keeps logins fresh wants to know. */
export interface RunOptions {
  readonly kind: 'app' | 'daemon';
  readonly version: string;
  readonly signal: AbortSignal;
  /** Once this process is the one. */
  readonly onStart?: () => void;
  /** After each look at which something was done or went wrong. */
  readonly onReport: (report: RefreshReport) => void;
}

/**
 * Keeps every login fresh until the signal is aborted, and looks at once where a tool changed its file.
 * One process per state folder does this.
 * @throws AppError `engine-running` with the pid of the one that does, `newer-version`.
 */
export async function run(context: Context, engine: Engine, options: RunOptions): Promise<void> {
  // Who only asks which engine runs needs none of it.
  const { watchTargets } = await import('./targets/watch.ts');
  const { sweepTaken } = await import('./targets/taken.ts');
  const watcher = watchTargets(context);
  const lock = await takeEngine(context, options);
  try {
    options.onStart?.();
    let sweptAt = Number.NEGATIVE_INFINITY;
    while (!options.signal.aborted) {
      // Before the look: what changes after it was looked at must wake us.
      await watcher.update();
      if (context.clock.now() - sweptAt >= SWEEP_PAUSE) {
        await sweepTaken(context);
        sweptAt = context.clock.now();
      }
      const pause = await look(context, engine, options);
      await rest(context.clock, pause, watcher, options.signal);
    }
  } finally {
    await watcher.close();
    await lock.release();
  }
}

async function takeEngine(context: Context, { kind, version }: RunOptions): Promise<Lock> {
  const { paths, fs } = context;
  await ensurePrivateFolder(fs, paths.home);
  const content = `${JSON.stringify({ schema: SCHEMA, kind, pid: process.pid, version })}\n`;
  const lock = await tryLock(paths.engineLock, { content });
  if (lock) return lock;
  const pid = await heldBy(paths.engineLock);
  throw new AppError('engine-running', pid === null ? {} : { pid });
}

/**
 * Looks after every login once. What goes wrong now may be right at the next look; only what a newer
 * program wrote stays as it is.
 * @returns how long to wait for the next look, ms.
 */
async function look(context: Context, engine: Engine, options: RunOptions): Promise<number> {
  try {
    for (const report of await engine.refresh(null)) {
      if (report.how !== 'not-needed') options.onReport(report);
    }
    return await pause(context, engine);
  } catch (error) {
    if (hasCode(error, 'newer-version')) throw error;
    context.log({ level: 'error', event: 'look-failed', fields: { code: asAppError(error).code } });
    return LONGEST_PAUSE;
  }
}

async function pause(context: Context, engine: Engine): Promise<number> {
  const { accounts } = await engine.status();
  const now = context.clock.now();
  const waits = accounts.map(({ renewsAt }) => (renewsAt ?? Number.POSITIVE_INFINITY) - now);
  // What is due and was not done just now cannot be done now.
  const ahead = waits.filter((wait) => wait > 0);
  return Math.max(SHORTEST_PAUSE, Math.min(LONGEST_PAUSE, ...ahead));
}

/** Waits for the next look: for as long as planned, or until a tool's file may hold news. */
async function rest(
  clock: Clock,
  pause: number,
  watcher: FileWatcher,
  signal: AbortSignal,
): Promise<void> {
  if (signal.aborted) return;
  const over = new AbortController();
  const end = () => over.abort();
  signal.addEventListener('abort', end, { once: true, signal: over.signal });
  const either = [clock.sleep(pause, over.signal), watcher.changed(over.signal)];
  await Promise.race(either).catch(() => {});
  end();
}
