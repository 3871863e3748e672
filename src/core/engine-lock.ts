import * as v from 'valibot';
import type { Context } from './context.ts';
import { ensurePrivateFolder } from './files/durable.ts';
import { heldBy, type Lock, tryLock } from './files/flock.ts';
import { readOptional, SCHEMA } from './files/json-file.ts';

/** How often the holder says that it lives, ms. */
const BEAT = 30_000;

/** A holder that has said nothing for this long hangs, ms. */
const HUNG_AFTER = 60_000;

/** What the holder says in `engine.lock`. One of another version may say it differently and is a holder too. */
const NoteSchema = v.object({
  kind: v.fallback(v.picklist(['app', 'daemon']), 'app'),
  pid: v.number(),
  version: v.fallback(v.nullable(v.string()), null),
  /** When it last lived, by `awake`. */
  beat: v.fallback(v.nullable(v.number()), null),
});

/** Who keeps the logins of a state folder fresh: the app, or a command that runs for it. */
export type EngineKind = v.InferOutput<typeof NoteSchema>['kind'];

/** The process that keeps the logins of a state folder fresh. */
export interface RunningEngine {
  readonly kind: EngineKind;
  readonly pid: number;
  /** The version of its program; `null` if it does not say. */
  readonly version: string | null;
  /** It holds the lock and has shown no life for a minute. */
  readonly hung: boolean;
}

/** Who keeps the logins fresh now; `null` when nobody does. */
export async function runningEngine({ paths, fs }: Context): Promise<RunningEngine | null> {
  if ((await heldBy(paths.engineLock)) === null) return null;
  const text = (await readOptional(fs, paths.engineLock))?.toString('utf8') ?? '';
  const note = v.safeParse(v.pipe(v.string(), v.parseJson(), NoteSchema), text);
  // Somebody else, if the lock has changed hands in between; then the next question has its answer.
  if (!note.success) return null;
  const { beat, ...holder } = note.output;
  return { ...holder, hung: beat !== null && awake() - beat > HUNG_AFTER };
}

/** Makes this process the engine; `null` when there is one. Until `release` it says that it lives. */
export async function holdEngine(
  { paths, fs }: Context,
  { kind, version }: { readonly kind: EngineKind; readonly version: string },
): Promise<Lock | null> {
  await ensurePrivateFolder(fs, paths.home);
  const note = () =>
    `${JSON.stringify({ schema: SCHEMA, kind, pid: process.pid, version, beat: awake() })}\n`;
  const lock = await tryLock(paths.engineLock, { content: note() });
  if (!lock) return null;
  let written = Promise.resolve();
  const beat = () => {
    written = overwrite(fs, paths.engineLock, note());
  };
  // The machine's own timer: this is about the process, whatever time it is for the logins.
  const heart = setInterval(beat, BEAT).unref();
  return {
    async release() {
      clearInterval(heart);
      await written;
      await lock.release();
    },
  };
}

/**
 * Time as the timers of all processes count it, ms: no clock is set by it, and it stands still in a sleep
 * exactly where they do, so that nobody looks hung right after one.
 * https://nodejs.org/api/process.html#processhrtimebigint
 */
function awake(): number {
  return Number(process.hrtime.bigint() / 1_000_000n);
}

/** In one piece and never shorter than before, so that a reader finds a whole note. Best effort. */
async function overwrite(fs: Context['fs'], path: string, text: string): Promise<void> {
  try {
    const file = await fs.open(path, 'r+');
    try {
      await file.write(text, 0);
    } finally {
      await file.close();
    }
  } catch {
    // A disk that cannot be written shows elsewhere; the lock holds.
  }
}
