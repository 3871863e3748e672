import { EventEmitter, once } from 'node:events';
import { readlink, realpath, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { type FSWatcher, watch } from 'chokidar';
import type { Context } from '../context.ts';
import { errnoOf } from '../files/durable.ts';
import { readSettings } from '../vault/settings.ts';
import { modeOf, targetsOf } from './registry.ts';

/** How long the files have to be left alone, ms: some tools write the two tokens one after the other. */
const QUIET = 300;

/** How many times that at most, for who never leaves them alone: a look every 2 s. */
const MOST_ROUNDS = 6;

/** As many links in a row as Linux follows. */
const MOST_LINKS = 40;

/** Longest wait for the watching to begin, ms. The regular looks must go on whatever becomes of it. */
const LONGEST_START = 5000;

/** Watches the files of every installed tool that gets logins, and the settings. */
export function watchTargets(context: Context): FileWatcher {
  return new FileWatcher(context, () => toolFiles(context));
}

async function toolFiles(context: Context): Promise<string[]> {
  const settings = await readSettings(context);
  const targets = targetsOf(context, settings).map(async (target) => {
    if (target.path === null || modeOf(target, settings) === 'off') return [];
    return (await target.installed()) ? [target.path] : [];
  });
  // Another process may have the person's choices changed: which account a tool gets, say.
  return [context.paths.settings, ...(await Promise.all(targets)).flat()];
}

/**
 * Tells when one of some files may hold something new. What is watched is their folders: a file that is
 * replaced, removed or made anew keeps its name and nothing else. Other names in there wake nobody.
 */
export class FileWatcher {
  readonly #context: Pick<Context, 'clock' | 'log'>;
  readonly #files: () => Promise<readonly string[]>;
  readonly #events = new EventEmitter();
  readonly #failures = new Set<string>();
  #news = false;
  #watched = '';
  readonly #watchers: FSWatcher[] = [];

  /** @param files Asked at each update. Their folders need not be there. */
  constructor(context: Pick<Context, 'clock' | 'log'>, files: () => Promise<readonly string[]>) {
    this.#context = context;
    this.#files = files;
  }

  /**
   * Watches what is there now. From then on no change is missed, unless it cannot be watched: that is
   * logged. Never rejects.
   * @returns whether it is not what was watched before: a tool came, went or was moved.
   */
  async update(): Promise<boolean> {
    try {
      const files = await this.#files();
      const names = new Set((await Promise.all(files.map((file) => realNames(file)))).flat());
      const folders = [...new Set([...names].map((name) => dirname(name)))];
      const watched = JSON.stringify([[...names], await Promise.all(folders.map(identityOf))]);
      if (watched === this.#watched) return false;
      await this.close();
      this.#watched = watched;
      await Promise.all(folders.map((folder) => this.#start(folder, names)));
      return true;
    } catch (error) {
      this.#failed(error);
      return false;
    }
  }

  /**
   * Resolves once a file has changed since the last call and its writer seems to have finished; one that
   * does not finish is told of again. Rejects when the signal is aborted.
   */
  async changed(signal: AbortSignal): Promise<void> {
    if (!this.#news) await once(this.#events, 'news', { signal });
    for (let round = 0; this.#news && round < MOST_ROUNDS; round++) {
      this.#news = false;
      await this.#context.clock.sleep(QUIET, signal);
    }
  }

  /** Stops watching; the next update starts again. */
  async close(): Promise<void> {
    const watchers = this.#watchers.splice(0);
    this.#watched = '';
    const closed = watchers.map((watcher) => watcher.close());
    // Closing takes every listener away, and a call that is under way may still fail: nobody would hear.
    for (const watcher of watchers) watcher.on('error', () => {});
    await Promise.all(closed);
  }

  async #start(folder: string, names: ReadonlySet<string>): Promise<void> {
    const watcher = watch(folder, { depth: 0, ignored: (path) => resolve(path) !== folder });
    this.#watchers.push(watcher);
    // The system's own events, by name: those that are made of them follow each file by its inode, and
    // lose sight of one that is removed and made anew fast.
    watcher.on('raw', (_event, name) => {
      if (!name || names.has(join(folder, name))) this.#tell();
    });
    watcher.on('error', (error) => this.#failed(error));
    const started = new AbortController();
    await Promise.race([
      new Promise<void>((done) => watcher.once('ready', done)),
      this.#context.clock.sleep(LONGEST_START, started.signal),
    ]);
    started.abort();
  }

  #tell(): void {
    this.#news = true;
    this.#events.emit('news');
  }

  /** Told once for each kind: what fails may fail at every update, and the regular looks go on. */
  #failed(error: unknown): void {
    const code = errnoOf(error) ?? 'unexpected';
    if (this.#failures.has(code)) return;
    this.#failures.add(code);
    this.#context.log({ level: 'warn', event: 'watch-failed', fields: { code } });
  }
}

/**
 * The name of a file in its real folder; if it is a link, the real name of what it means as well, and of
 * each link on the way. As far as the folders are there.
 */
async function realNames(path: string, links = MOST_LINKS): Promise<string[]> {
  const folder = await realpath(dirname(path)).catch(() => null);
  if (folder === null) return [];
  const name = join(folder, basename(path));
  const target = links > 0 ? await readlink(name).catch(() => null) : null;
  return target === null
    ? [name]
    : [name, ...(await realNames(resolve(folder, target), links - 1))];
}

/** Another one for a folder that was removed and made anew: a watch of the old one is deaf for it. */
async function identityOf(folder: string): Promise<string> {
  const { dev, ino, birthtimeMs } = await stat(folder);
  return `${dev}:${ino}:${birthtimeMs}`;
}
