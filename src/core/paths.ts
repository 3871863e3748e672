import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where everything of one state folder lies. */
export interface Paths {
  readonly home: string;
  readonly settings: string;
  /** The services that the person added. */
  readonly providers: string;
  readonly machine: string;
  readonly engineLock: string;
  /** Held while the folder is set up or its settings change. */
  readonly setupLock: string;
  /** Held while a tool's file that nobody else locks is changed. */
  readonly targetsLock: string;
  /** The vault's key, only where its kind is `file`. */
  readonly key: string;
  readonly accounts: string;
  /** API keys, each sealed, and what is known of them. */
  readonly keys: string;
  /** Held while a key changes here, or in the tools' files. */
  readonly keysLock: string;
  /** What the person had Authbar replace in a tool, sealed. */
  readonly taken: string;
  /** Which notices a person was shown. */
  readonly notices: string;
  /** What happened to the whole computer. */
  readonly history: string;
  /** Sockets, and what is to be known of them. */
  readonly run: string;
  /** Where other programs ask the engine that runs. */
  readonly brokerSocket: string;
  /** Says where the socket is, if it is not there, and holds the key that has to be proven, if there is one. */
  readonly brokerNote: string;
}

/** The files of one account. */
export interface AccountPaths {
  readonly folder: string;
  readonly lock: string;
  readonly grant: string;
  readonly view: string;
  readonly ledger: string;
  readonly history: string;
  /** How much of the plan is used, as it was told last. */
  readonly usage: string;
}

/** The state folder of this OS when `AUTHBAR_HOME` does not name one. */
export function defaultHome(
  env: NodeJS.ProcessEnv,
  platform: NodeJS.Platform,
  home = homedir(),
): string {
  if (platform === 'darwin') return join(home, 'Library', 'Application Support', 'Authbar');
  if (platform === 'win32') {
    return join(env.LOCALAPPDATA ?? join(home, 'AppData', 'Local'), 'Authbar');
  }
  // https://specifications.freedesktop.org/basedir-spec/: a relative XDG path has to be ignored.
  const data = env.XDG_DATA_HOME?.startsWith('/') ? env.XDG_DATA_HOME : undefined;
  return join(data ?? join(home, '.local', 'share'), 'authbar');
}

/** The paths below one state folder. */
export function pathsOf(home: string): Paths {
  return {
    home,
    settings: join(home, 'settings.json'),
    providers: join(home, 'providers.json'),
    machine: join(home, 'machine'),
    engineLock: join(home, 'engine.lock'),
    setupLock: join(home, 'setup.lock'),
    targetsLock: join(home, 'targets.lock'),
    key: join(home, 'key'),
    accounts: join(home, 'accounts'),
    keys: join(home, 'keys'),
    keysLock: join(home, 'keys', 'lock'),
    taken: join(home, 'taken'),
    notices: join(home, 'notices.json'),
    history: join(home, 'history.jsonl'),
    run: join(home, 'run'),
    brokerSocket: join(home, 'run', 'broker.sock'),
    brokerNote: join(home, 'run', 'broker'),
  };
}

/** The paths of one account, whose folder's name is its id. */
export function accountPaths(paths: Paths, id: string): AccountPaths {
  const folder = join(paths.accounts, id);
  return {
    folder,
    lock: join(folder, 'lock'),
    grant: join(folder, 'grant'),
    view: join(folder, 'view.json'),
    ledger: join(folder, 'ledger.json'),
    history: join(folder, 'history.jsonl'),
    usage: join(folder, 'usage.json'),
  };
}
