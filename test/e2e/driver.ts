/**
 * The one seam between the specs and the app. They run on real Electron where its binary is there (or has
 * to be: `AUTHBAR_CI_REQUIRE=electron`), else on the stand-in of test/standin; nothing below a `launch`
 * tells one from the other.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { _electron, type ElectronApplication, expect, type Page } from '@playwright/test';
import type Electron from 'electron';
import { environmentOf, executable, type LaunchOptions, prepareRuntime, ROOT } from './runtime.ts';
import type { MenuOutline, Notice, TrayState, WindowState } from './tap-types.ts';

const TAP = join(import.meta.dirname, 'tap.cjs');

/** What `app.evaluate` hands to its function. */
type ElectronModule = typeof Electron;

/** Short steps at first: the default ones take longer than the app's start. */
const SOON = { intervals: [10, 20, 50, 100, 250], timeout: 60_000 };

/** The app, running. */
export class App {
  /** Playwright's own handle, for what is not below. */
  readonly electron: ElectronApplication;
  readonly #words: readonly string[];
  readonly #env: Record<string, string>;
  readonly #exit: Promise<number | null>;
  #output = '';

  constructor(
    electron: ElectronApplication,
    words: readonly string[],
    env: Record<string, string>,
  ) {
    this.electron = electron;
    this.#words = words;
    this.#env = env;
    const child = electron.process();
    const ended = child.exitCode !== null || child.signalCode !== null;
    this.#exit = ended
      ? Promise.resolve(child.exitCode)
      : once(child, 'exit').then(([code]) => code);
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (chunk) => {
        this.#output += chunk;
      });
    }
  }

  /** What the process has written to its standard output and error since it was launched. */
  get output(): string {
    return this.#output;
  }

  /** The popover's page, in sight: clicks on the icon unless it is there already. */
  async popover(): Promise<Page> {
    if (!(await this.windowState())?.visible) await this.tray('click');
    return this.shown();
  }

  /** The popover's page as soon as it is in sight, by whatever the app does. */
  async shown(): Promise<Page> {
    const page = this.electron.windows()[0] ?? (await this.electron.waitForEvent('window'));
    await expect.poll(async () => (await this.windowState())?.visible, SOON).toBe(true);
    // The real one has `app://bundle`, the stand-in a web address in its place.
    await page.waitForURL(/\/index\.html$/);
    await agreed(page);
    return page;
  }

  /** The popover, or nothing if there is none yet. */
  windowState(): Promise<WindowState | undefined> {
    return this.electron.evaluate(({ BrowserWindow }: ElectronModule) => {
      const [window] = BrowserWindow.getAllWindows();
      if (!window) return undefined;
      const [visible, focused] = [window.isVisible(), window.isFocused()];
      return { visible, focused, bounds: window.getBounds() };
    });
  }

  /** Settles when the popover is hidden. */
  async hidden(): Promise<void> {
    await expect.poll(async () => (await this.windowState())?.visible ?? false, SOON).toBe(false);
  }

  /** Takes the focus from the popover, as a click into another program does. */
  blur(): Promise<void> {
    return this.electron.evaluate(({ BrowserWindow }: ElectronModule) => {
      BrowserWindow.getFocusedWindow()?.blur();
    });
  }

  /** Clicks on the icon in the menu bar. */
  tray(event: 'click' | 'right-click' | 'double-click'): Promise<void> {
    return this.electron.evaluate((_electron, each) => authbarTap.click(each), event);
  }

  trayState(): Promise<TrayState> {
    return this.electron.evaluate(() => authbarTap.trayState());
  }

  /**
   * Chooses in the native menu that is open, else in the one that the icon keeps (Linux). Each word of the
   * path is a label or an id.
   */
  menu(...path: readonly string[]): Promise<void> {
    return this.electron.evaluate((_electron, words) => {
      authbarTap.choose(authbarTap.menuInSight(), words);
      authbarTap.closeMenu();
    }, path);
  }

  /** What that menu shows. */
  menuItems(): Promise<MenuOutline[]> {
    return this.electron.evaluate(() => authbarTap.outline(authbarTap.menuInSight()));
  }

  /** Closes the open menu without a choice. */
  closeMenu(): Promise<void> {
    return this.electron.evaluate(() => authbarTap.closeMenu());
  }

  /** Chooses in the application's menu. */
  applicationMenu(...path: readonly string[]): Promise<void> {
    return this.electron.evaluate(({ Menu }: ElectronModule, words) => {
      const menu = Menu.getApplicationMenu();
      if (!menu) throw new Error('the app has no application menu');
      authbarTap.choose(menu, words);
    }, path);
  }

  /** What the application's menu shows. */
  applicationMenuItems(): Promise<MenuOutline[]> {
    return this.electron.evaluate(({ Menu }: ElectronModule) => {
      const menu = Menu.getApplicationMenu();
      return menu ? authbarTap.outline(menu) : [];
    });
  }

  /** All notifications that were shown, in order. */
  get notices(): Promise<Notice[]> {
    return this.electron.evaluate(() =>
      authbarTap.notices.map(({ notification, removed }) => {
        const { id, title, body, silent } = notification;
        const actions = notification.actions.map(({ text = '' }) => text);
        return { id, title, body, silent, actions, removed };
      }),
    );
  }

  /** Clicks on a notification, or on one of its buttons. */
  clickNotice(index: number, button?: number): Promise<void> {
    return this.electron.evaluate(
      (_electron, at) => {
        const { notification } = authbarTap.notices.at(at.index) ?? {};
        if (!notification) throw new Error(`no notification ${at.index} was shown`);
        const event = { actionIndex: at.button, selectionIndex: -1 };
        if (at.button === undefined) notification.emit('click', {});
        else notification.emit('action', event, at.button, -1);
      },
      { index, button },
    );
  }

  /** Tells the app that a notification could not be shown, as macOS does to unsigned programs. */
  failNotice(index: number): Promise<void> {
    return this.electron.evaluate((_electron, at) => {
      authbarTap.notices.at(at)?.notification.emit('failed', {}, 'not allowed');
    }, index);
  }

  /** The addresses that were opened in the browser. */
  get opened(): Promise<string[]> {
    return this.electron.evaluate(() => authbarTap.opened);
  }

  power(
    event: 'suspend' | 'resume' | 'lock-screen' | 'unlock-screen' | 'on-battery' | 'on-ac',
  ): Promise<void> {
    return this.electron.evaluate(({ powerMonitor }: ElectronModule, each) => {
      powerMonitor.emit(each);
    }, event);
  }

  /** Time goes by for the app, ms, without anybody waiting for it. Its processes are not in it. */
  pass(ms: number): Promise<void> {
    return this.electron.evaluate((_electron, each) => authbarTap.pass(each), ms);
  }

  /** The clock stands elsewhere at once, ms ahead, as after a sleep. */
  jump(ms: number): Promise<void> {
    return this.electron.evaluate((_electron, each) => authbarTap.jump(each), ms);
  }

  /** Whether there is a network, for the app and for its page. */
  async online(isOnline: boolean): Promise<void> {
    await this.electron.evaluate((_electron, each) => {
      authbarTap.isOnline = each;
    }, isOnline);
    await this.electron.context().setOffline(!isOnline);
  }

  theme(source: Electron.NativeTheme['themeSource']): Promise<void> {
    return this.electron.evaluate(({ nativeTheme }: ElectronModule, each) => {
      nativeTheme.themeSource = each;
    }, source);
  }

  clipboard(): Promise<string> {
    return this.electron.evaluate(({ clipboard }: ElectronModule) => clipboard.readText());
  }

  /** The app is opened from the Dock or by Spotlight while it runs. */
  activate(): Promise<void> {
    return this.electron.evaluate(({ app }: ElectronModule) => {
      app.emit('activate', {}, false);
    });
  }

  /** The app is launched once more. Settles with the exit code of that launch. */
  async secondLaunch(...args: readonly string[]): Promise<number | null> {
    const child = spawn(executable(), [...this.#words, ...args], {
      env: this.#env,
      stdio: 'ignore',
    });
    const [code] = await once(child, 'exit');
    return code;
  }

  /** Asks the app to quit, as the system does. Settles with its exit code. */
  async quit(): Promise<number | null> {
    // The answer may be lost with the process.
    await this.electron.evaluate(({ app }: ElectronModule) => app.quit()).catch(() => undefined);
    return this.#exit;
  }

  /** Settles with the exit code when the process has ended. */
  exited(): Promise<number | null> {
    return this.#exit;
  }

  /** Ends it for good, whatever state it is in. */
  async close(): Promise<void> {
    const stuck = setTimeout(() => this.electron.process().kill('SIGKILL'), 10_000);
    await this.electron.close().finally(() => clearTimeout(stuck));
  }
}

/**
 * App and page know the same: what the app has told is heard, what follows it in the page is done (as the
 * focus, which moves after the next frame), and what the page tells of that has arrived. For whoever goes on
 * with what nobody can see: a key, or a click elsewhere.
 */
export async function agreed(page: Page): Promise<void> {
  await exchange(page);
  await page.evaluate(
    () => new Promise((done) => requestAnimationFrame(() => setTimeout(() => setTimeout(done)))),
  );
  await exchange(page);
}

/** A call of which nothing comes, and which overtakes nothing. Another app than ours has none. */
async function exchange(page: Page): Promise<void> {
  await page.evaluate(async () => {
    type Call = (argument: unknown) => Promise<unknown>;
    const { api } = window as unknown as { api?: Record<string, Call> };
    await api?.['sign-in:check-code']?.({ text: '-' });
  });
}

/** Starts the app. Settles when its icon is there; close it when the test is over. */
export async function launch(options: LaunchOptions): Promise<App> {
  prepareRuntime();
  const { home, app = ROOT, args = [] } = options;
  const env = environmentOf(options);
  const words = [app, `--user-data-dir=${join(home, 'chromium')}`, ...args];
  const sandbox = process.platform === 'linux' ? ['--no-sandbox'] : [];
  const electron = await _electron.launch({
    args: ['-r', TAP, ...words],
    cwd: home,
    env,
    // Else Playwright decides it, and not `nativeTheme`.
    colorScheme: null,
    timeout: 60_000,
  });
  const running = new App(electron, [...sandbox, ...words], env);
  try {
    // Electron is ready; the app has yet to do what it does then.
    await electron.evaluate(() => authbarTap.ready);
  } catch (cause) {
    await running.close();
    throw new Error(`The app ended before its icon was there:\n${running.output}`, { cause });
  }
  return running;
}
