import { mkdirSync, rmSync } from 'node:fs';
import { mkdir, mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Keyring, keyringMissing, startKeyring } from '../keyring.ts';
import { type StandIn, startStandIn } from '../provider/index.ts';
import { CommandLine } from './command-line.ts';
import type { Narrator } from './narrator.ts';

/** What the story is played with. */
export interface StageOptions {
  readonly narrator: Narrator;
  /** The built `authbar`. */
  readonly program: string;
  /** A real window instead of the small user agent. */
  readonly browser: boolean;
  /** Leave the folder where it is. */
  readonly keep: boolean;
  /** Why there is to be no keyring, even where one can be had. */
  readonly withoutKeyring?: string;
  /** Ends everything at once. */
  readonly signal: AbortSignal;
}

/** A person's computer with nothing on it but Authbar, and both services within reach. */
export interface Stage {
  readonly narrator: Narrator;
  readonly signal: AbortSignal;
  readonly browser: boolean;
  readonly authbar: CommandLine;
  readonly services: StandIn;
  /** Everything that was made for the story lies below it. */
  readonly folder: string;
  /** The person's home. */
  readonly home: string;
  /** Authbar's state folder. */
  readonly state: string;
  /** What Authbar finds in its environment. */
  readonly env: Readonly<Record<string, string>>;
  /** `null` where none can be had, and then why. */
  readonly keyring: Keyring | null;
  readonly keyringMissing: string | null;
  /** What has to be ended as well, before all that was there already. */
  atEnd(close: () => Promise<void>): void;
  /** Ends every process and removes the folder. */
  close(): Promise<void>;
}

/** What a program needs of a machine to run at all. Nothing of the person's own: no proxy, no bus, no settings. */
const FROM_OUTSIDE = [
  'PATH',
  'LANG',
  'LC_ALL',
  'LC_TIME',
  'TZ',
  'SystemRoot',
  'ComSpec',
  'PATHEXT',
];

/**
 * Sets the stage: a temporary home, the stand-in for both services, a keyring of its own where that can
 * be had. Whatever becomes of this process, its exit takes the folder away.
 */
export async function setStage(options: StageOptions): Promise<Stage> {
  const { narrator, signal, browser, program } = options;
  const folder = await mkdtemp(join(await realpath(tmpdir()), 'authbar-demo-'));
  const removed = options.keep ? () => {} : () => rmSync(folder, { recursive: true, force: true });
  process.once('exit', removed);
  const endTemporary = redirectTemporary(join(folder, 'tmp'));
  const closers: (() => Promise<void>)[] = [];
  const close = async () => {
    for (const each of closers.splice(0).reverse()) await each();
    endTemporary();
    if (!options.keep) await rm(folder, { recursive: true, force: true });
    process.off('exit', removed);
  };
  try {
    const services = await startStandIn();
    closers.push(() => services.close());
    const found = await findKeyring(options.withoutKeyring);
    const { keyring } = found;
    if (keyring) closers.push(() => keyring.close());
    const home = join(folder, 'home');
    await mkdir(home, { mode: 0o700 });
    const env = environment(home, join(folder, 'tmp'), keyring);
    const state = env.AUTHBAR_HOME;
    await services.providersFile(env.AUTHBAR_PROVIDERS_FILE);
    const secrets = () => services.tokens;
    const authbar = new CommandLine({ program, env, home, narrator, secrets, signal });
    const atEnd = (each: () => Promise<void>) => void closers.push(each);
    const parts = { narrator, signal, browser, authbar, services, folder, home, state, env };
    return { ...parts, keyring, keyringMissing: found.missing, atEnd, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Whatever is made in "the temporary folder" from now on lies in ours, and goes with it. */
function redirectTemporary(path: string): () => void {
  mkdirSync(path, { mode: 0o700 });
  const before = process.env.TMPDIR;
  process.env.TMPDIR = path;
  return () => {
    if (before === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = before;
  };
}

/** @throws Error where `AUTHBAR_CI_REQUIRE` asks for a keychain and there is none. */
async function findKeyring(
  unwanted?: string,
): Promise<{ keyring: Keyring | null; missing: string | null }> {
  const missing = unwanted ?? keyringMissing();
  return missing === null ? { keyring: await startKeyring(), missing } : { keyring: null, missing };
}

function environment(home: string, temporary: string, keyring: Keyring | null) {
  const kept = FROM_OUTSIDE.flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  const bus = keyring?.env.DBUS_SESSION_BUS_ADDRESS;
  return {
    ...Object.fromEntries(kept),
    HOME: home,
    USERPROFILE: home,
    LOCALAPPDATA: join(home, 'AppData', 'Local'),
    TMPDIR: temporary,
    XDG_DATA_HOME: join(home, '.local', 'share'),
    XDG_CONFIG_HOME: join(home, '.config'),
    XDG_CACHE_HOME: join(home, '.cache'),
    XDG_RUNTIME_DIR: keyring?.env.XDG_RUNTIME_DIR ?? home,
    ...(bus ? { DBUS_SESSION_BUS_ADDRESS: bus } : { AUTHBAR_VAULT: 'file' }),
    AUTHBAR_HOME: join(home, 'authbar'),
    AUTHBAR_PROVIDERS_FILE: join(home, '..', 'providers.json'),
  };
}
