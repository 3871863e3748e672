import {
  type FSWatcher,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  watch,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

/** What a second launch tells the first. */
export interface Launch {
  readonly argv: string[];
  readonly workingDirectory: string;
  readonly additionalData: unknown;
}

const OWNER = 'owner';
const NOTE = /^launch-\d+\.json$/;

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/**
 * One process per folder, known at once, as `requestSingleInstanceLock` has to be. Who comes second
 * leaves a note in the folder, and may end in the same moment.
 */
export class InstanceLock {
  readonly #folder: string;
  #watcher: FSWatcher | undefined;

  constructor(folder: string) {
    this.#folder = folder;
  }

  get isHeld(): boolean {
    return this.#watcher !== undefined;
  }

  /** Whether this process is the one. If not, the one is told of `launch`. */
  take(launch: Launch, onSecond: (launch: Launch) => void): boolean {
    mkdirSync(this.#folder, { recursive: true });
    if (!this.#claim()) {
      this.#tell(launch);
      return false;
    }
    this.#watcher = watch(this.#folder, { persistent: false }, (_event, name) => {
      if (name && NOTE.test(name)) this.#read(name, onSecond);
    });
    process.once('exit', () => this.release());
    return true;
  }

  release(): void {
    if (!this.isHeld) return;
    this.#watcher?.close();
    this.#watcher = undefined;
    rmSync(join(this.#folder, OWNER), { force: true });
  }

  #claim(): boolean {
    const file = join(this.#folder, OWNER);
    try {
      writeFileSync(file, String(process.pid), { flag: 'wx' });
      return true;
    } catch {
      if (isAlive(Number(readFileSync(file, 'utf8')))) return false;
      rmSync(file, { force: true });
      return this.#claim();
    }
  }

  #tell(launch: Launch): void {
    const draft = join(this.#folder, `${process.pid}.draft`);
    writeFileSync(draft, JSON.stringify(launch));
    renameSync(draft, join(this.#folder, `launch-${process.pid}.json`));
  }

  #read(name: string, onSecond: (launch: Launch) => void): void {
    const file = join(this.#folder, name);
    let text: string;
    try {
      text = readFileSync(file, 'utf8');
    } catch {
      // Its removal is seen too.
      return;
    }
    rmSync(file, { force: true });
    onSecond(JSON.parse(text));
  }
}
