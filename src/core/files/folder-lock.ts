import { type BigIntStats, lstatSync, mkdir, rmdir, rmdirSync, stat, utimes } from 'node:fs';
import { constants } from 'node:os';
import { AppError } from '../../shared/errors.ts';
import type { Clock } from '../ports.ts';
import { errnoOf, mapFileError } from './durable.ts';
import { keepTrying } from './flock.ts';
import type { Hold } from './hold.ts';

/** How long to wait for a folder lock, and how the tools that share it keep it alive. */
export interface FolderLockOptions {
  readonly clock: Clock;
  /** How long to wait, ms; 0 for one attempt. */
  readonly deadline: number;
  /** How old a lock has to be, ms, to be taken for abandoned; at least 2000. */
  readonly stale: number;
  /** How often a lock that is held says that it is not, ms; at least 1000. */
  readonly update: number;
}

/**
 * Takes the lock that is the folder `path` itself, as proper-lockfile does: whoever makes the folder has
 * the lock, and renews its time until it removes it. Such a lock ages: a holder that sleeps with the
 * machine may find it with another, which `intact` tells.
 * @throws AppError `tool-busy` at the deadline; `tool-file-protected` when something else has its name or
 *   it cannot be made; otherwise as `mapFileError` says.
 * @see https://github.com/moxystudio/node-proper-lockfile
 */
export async function acquireFolderLock(path: string, options: FolderLockOptions): Promise<Hold> {
  const { clock, deadline } = options;
  const patience = { clock, deadline: clock.now() + deadline };
  const hold = await keepTrying(() => tryFolderLock(path, options), patience);
  if (!hold) throw new AppError('tool-busy', { path });
  return hold;
}

async function tryFolderLock(
  path: string,
  { stale, update }: FolderLockOptions,
): Promise<Hold | null> {
  const { lock } = await library();
  const folder = new Folder(path);
  try {
    const free = await lock(path, {
      lockfilePath: path,
      realpath: false,
      retries: 0,
      stale,
      update,
      fs: folder.calls,
      // Left out, the library throws from a timer, where nobody catches it.
      onCompromised: () => folder.lose(),
    });
    folder.take();
    return holdOn(folder, free);
  } catch (error) {
    if (isBusy(error)) return null;
    throw refusalOf(error, path);
  }
}

function holdOn(folder: Folder, free: () => Promise<void>): Hold {
  let released: Promise<void> | undefined;
  return {
    get intact() {
      return !released && folder.isOurs;
    },
    release() {
      // What cannot be removed is taken for abandoned soon, because nobody renews it any more.
      released ??= free().catch(() => {});
      return released;
    },
  };
}

/** The folder that is the lock, told from another one that has got its name since. */
class Folder {
  readonly #path: string;
  #taken: string | null = null;
  #lost = false;

  constructor(path: string) {
    this.#path = path;
  }

  /** It was made for us just now. */
  take(): void {
    this.#taken = identityOf(this.#path);
  }

  lose(): void {
    this.#lost = true;
  }

  /** Looks, because the library does so from time to time only, and not while the machine sleeps. */
  get isOurs(): boolean {
    return !this.#lost && this.#taken !== null && identityOf(this.#path) === this.#taken;
  }

  /** Node's own, except that they do not remove the lock of whoever took ours for abandoned. */
  readonly calls = {
    mkdir,
    stat,
    utimes,
    rmdir: (path: string, done: (error: Error | null) => void): void => {
      if (this.#isForeign) done(null);
      else rmdir(path, done);
    },
    rmdirSync: (path: string): void => {
      if (!this.#isForeign) rmdirSync(path);
    },
  };

  get #isForeign(): boolean {
    return this.#taken !== null && !this.isOurs;
  }
}

/** Not the number alone: ext4 gives that of a removed folder to the next one. */
function identityOf(path: string): string | null {
  try {
    const { dev, ino, birthtimeNs }: BigIntStats = lstatSync(path, { bigint: true });
    return `${dev}:${ino}:${birthtimeNs}`;
  } catch {
    return null;
  }
}

function isBusy(error: unknown): boolean {
  const code = errnoOf(error) ?? '';
  if (code === 'ELOCKED') return true;
  // Made, and removed again by someone who took the one before it for abandoned, as we did.
  if (code === 'ENOENT') return callOf(error) !== 'mkdir';
  // Windows does not let a name go before the last one has closed the folder that had it.
  return process.platform === 'win32' && ['EPERM', 'EBUSY'].includes(code);
}

function refusalOf(error: unknown, path: string): AppError {
  const hint = hintFor(error);
  if (hint) return new AppError('tool-file-protected', { path, hint }, error);
  const mapped = mapFileError(error, path);
  if (mapped.code !== 'folder-protected') return mapped;
  return new AppError('tool-file-protected', { path }, error);
}

function hintFor(error: unknown): string | null {
  switch (errnoOf(error)) {
    case 'ENOENT':
      return 'Its folder is missing.';
    case 'ENOTDIR':
      // The library removes what is old, whatever it is; only a folder lets it.
      return callOf(error) === 'rmdir'
        ? 'A file is where the tool’s lock belongs.'
        : 'A file is where its folder should be.';
    case 'ENOTEMPTY':
    case 'EEXIST':
      return 'Something is in the folder that is the tool’s lock.';
    default:
      return null;
  }
}

/** The system call that failed; `undefined` when `error` is not the system's. */
function callOf(error: unknown): unknown {
  return error instanceof Error && 'syscall' in error ? error.syscall : undefined;
}

let loaded: Promise<typeof import('proper-lockfile')> | undefined;

/**
 * Loaded when it is first needed, and then without the signal handlers that it brings along: they kill
 * the process at the first Ctrl-C when the handler that was to finish the work is one that serves once.
 * (What it has for the end of the process stays: locks that are held then are removed.)
 * @see https://github.com/tapjs/signal-exit/blob/v3.0.7/index.js
 */
function library(): Promise<typeof import('proper-lockfile')> {
  loaded ??= (async () => {
    const signals = Object.keys(constants.signals) as NodeJS.Signals[];
    const before = new Set(signals.flatMap((signal) => process.rawListeners(signal)));
    const found = await import('proper-lockfile');
    for (const signal of signals) {
      const added = process.rawListeners(signal).filter((each) => !before.has(each));
      for (const each of added) process.off(signal, each as NodeJS.SignalsListener);
    }
    return found;
  })();
  return loaded;
}
