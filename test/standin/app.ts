import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { host } from './host.ts';
import { InstanceLock } from './instance-lock.ts';
import { Simulated } from './simulated.ts';
import { cancellable, type Surface, simulate } from './surface.ts';

type PathName = Parameters<Electron.App['getPath']>[0];

type Promised = Surface<
  Electron.App,
  | 'commandLine'
  | 'configureHostResolver'
  | 'dock'
  | 'enableSandbox'
  | 'exit'
  | 'focus'
  | 'getAppPath'
  | 'getLocale'
  | 'getLoginItemSettings'
  | 'getName'
  | 'getPath'
  | 'getPreferredSystemLanguages'
  | 'getSystemLocale'
  | 'getVersion'
  | 'hasSingleInstanceLock'
  | 'hide'
  | 'isPackaged'
  | 'isReady'
  | 'name'
  | 'quit'
  | 'releaseSingleInstanceLock'
  | 'requestSingleInstanceLock'
  | 'setAboutPanelOptions'
  | 'setActivationPolicy'
  | 'setAppLogsPath'
  | 'setAppUserModelId'
  | 'setLoginItemSettings'
  | 'setName'
  | 'setPath'
  | 'show'
  | 'showAboutPanel'
  | 'whenReady'
>;

function switchValue(name: string): string {
  const start = `--${name}=`;
  return process.argv.find((word) => word.startsWith(start))?.slice(start.length) ?? '';
}

const commandLine = simulate<Electron.CommandLine>('commandLine', {
  // Too late for Chromium, which has started already.
  appendSwitch: () => undefined,
  hasSwitch: (name) => process.argv.includes(`--${name}`) || switchValue(name) !== '',
  getSwitchValue: switchValue,
});

/** The Mac's Dock. Hidden and shown, it only remembers. */
function makeDock(): Electron.Dock {
  let visible = true;
  return simulate<Electron.Dock>('dock', {
    hide: () => {
      visible = false;
    },
    show: async () => {
      visible = true;
    },
    isVisible: () => visible,
    setMenu: () => undefined,
  });
}

/** `app`. */
class App extends Simulated implements Promised {
  readonly isPackaged = false;
  readonly commandLine = commandLine;
  readonly dock = host.platform === 'darwin' ? makeDock() : undefined;
  readonly #paths = new Map<PathName, string>();
  readonly #readiness: Promise<void>;
  #becomeReady: () => void = () => undefined;
  #ready = false;
  #leaving = false;
  #name = '';
  #lock: InstanceLock | undefined;
  #loginItem: Electron.Settings = {};

  constructor() {
    super();
    this.#readiness = new Promise((resolve) => {
      this.#becomeReady = resolve;
    });
  }

  /** Not through the event: Playwright holds that back until it has attached. */
  start(): void {
    this.#ready = true;
    this.emit('ready', cancellable({}), {});
    this.#becomeReady();
  }

  /** Whether the windows are being closed because the app ends. */
  get isLeaving(): boolean {
    return this.#leaving;
  }

  whenReady(): Promise<void> {
    return this.#readiness;
  }

  isReady(): boolean {
    return this.#ready;
  }

  quit(): void {
    if (this.#leaving || !this.#agrees('before-quit')) return;
    this.#leaving = true;
    for (const window of host.windows) window.close();
    if (host.windows.size === 0 && this.#agrees('will-quit')) this.#end(0);
    else this.#leaving = false;
  }

  exit(code = 0): void {
    this.#leaving = true;
    for (const window of host.windows) window.destroy();
    this.#end(code);
  }

  #agrees(event: 'before-quit' | 'will-quit'): boolean {
    const question = cancellable({});
    this.emit(event, question);
    return !question.defaultPrevented;
  }

  #end(code: number): void {
    this.emit('quit', cancellable({}), code);
    // Not at once: a test that called `quit` gets its answer first.
    setImmediate(() => process.exit(code));
  }

  get name(): string {
    return this.#name || host.manifest.productName || host.manifest.name || 'Electron';
  }

  set name(name: string) {
    this.#name = name;
  }

  getName(): string {
    return this.name;
  }

  setName(name: string): void {
    this.name = name;
  }

  getVersion(): string {
    return host.manifest.version ?? '0.0.0';
  }

  getAppPath(): string {
    return host.appPath;
  }

  getLocale(): string {
    return 'en-US';
  }

  getSystemLocale(): string {
    return 'en-US';
  }

  getPreferredSystemLanguages(): string[] {
    return ['en-US'];
  }

  getPath(name: PathName): string {
    const path = this.#paths.get(name) ?? this.#defaultPath(name);
    if (!path) throw new Error(`stand-in: app.getPath('${name}') is not simulated`);
    return path;
  }

  setPath(name: PathName, path: string): void {
    this.#paths.set(name, path);
  }

  setAppLogsPath(path = join(this.getPath('userData'), 'logs')): void {
    this.setPath('logs', path);
  }

  #defaultPath(name: PathName): string | undefined {
    const home = homedir();
    const appData = process.env.XDG_CONFIG_HOME ?? join(home, '.config');
    const userData = switchValue('user-data-dir') || join(appData, this.getName());
    const paths: Partial<Record<PathName, string>> = {
      home,
      appData,
      userData,
      sessionData: userData,
      logs: join(userData, 'logs'),
      temp: tmpdir(),
      exe: process.execPath,
      desktop: join(home, 'Desktop'),
      documents: join(home, 'Documents'),
      downloads: join(home, 'Downloads'),
    };
    return paths[name];
  }

  requestSingleInstanceLock(additionalData: Record<string, unknown> = {}): boolean {
    if (this.hasSingleInstanceLock()) return true;
    this.#lock = new InstanceLock(join(this.getPath('userData'), 'single-instance'));
    const launch = { argv: process.argv, workingDirectory: process.cwd(), additionalData };
    return this.#lock.take(launch, ({ argv, workingDirectory, additionalData: data }) => {
      this.emit('second-instance', cancellable({}), argv, workingDirectory, data);
    });
  }

  hasSingleInstanceLock(): boolean {
    return this.#lock?.isHeld ?? false;
  }

  releaseSingleInstanceLock(): void {
    this.#lock?.release();
  }

  setLoginItemSettings(settings: Electron.Settings): void {
    this.#loginItem = settings;
  }

  getLoginItemSettings(): Electron.LoginItemSettings {
    const openAtLogin = this.#loginItem.openAtLogin ?? false;
    return {
      openAtLogin,
      wasOpenedAtLogin: false,
      status: openAtLogin ? 'enabled' : 'not-registered',
      executableWillLaunchAtLogin: openAtLogin,
      launchItems: [],
    };
  }

  hide(): void {
    for (const window of host.windows) window.hide();
  }

  configureHostResolver(): void {}
  show(): void {}
  focus(): void {}
  enableSandbox(): void {}
  setActivationPolicy(): void {}
  setAppUserModelId(): void {}
  setAboutPanelOptions(): void {}
  showAboutPanel(): void {}
}

export const app = new App();
