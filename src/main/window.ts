import { join } from 'node:path';
import {
  app,
  type BrowserWindow,
  type BrowserWindowConstructorOptions,
  screen,
  type Tray,
} from 'electron';
import { Menubar } from 'menubar';
import type { AppState, Place } from '../shared/app-state.ts';
import type { EventName, Events } from '../shared/ipc-contract.ts';
import {
  displayOf,
  isIconHidden,
  knownIcon,
  placeOf,
  type Rectangle,
  resized,
  type Surroundings,
  sizeOf,
  type Wish,
} from '../shared/ui/geometry.ts';
import { runningSignIn } from '../shared/ui/situation.ts';
import {
  BLUR_DELAY,
  type Hold,
  step,
  UNSEEN,
  type VisibilityEvent,
} from '../shared/ui/visibility.ts';
import type { Caller } from './ipc/calls.ts';
import { platform } from './platform.ts';
import { PAGE } from './security/bundle-request.ts';
import { isTrustedFrame } from './security/trusted-frame.ts';
import { webPreferences } from './web-preferences.ts';

/** menubar decides by itself when its window shows and hides. Here `visibility.ts` decides. */
class QuietMenubar extends Menubar {
  override async showWindow(): Promise<void> {}

  override hideWindow(): void {}

  reveal({ x, y }: Rectangle): void {
    this.setOption('browserWindow', { ...this.getOption('browserWindow'), x, y });
    void super.showWindow();
  }

  conceal(): void {
    super.hideWindow();
  }
}

/** The window below the icon. */
export class Popover {
  readonly #tray: Tray;
  readonly #menubar: QuietMenubar;
  readonly #onShow: () => void;
  #window: BrowserWindow | null = null;
  #visibility = UNSEEN;
  /** Where the page is told to go when it is shown. */
  #place: Place | null = null;
  #wish: Wish = { content: 0, zoom: 1, signingIn: false };
  /** How many calls are under way during which the system may ask the person something. */
  #asking = 0;

  /** @param onShow Whenever it opens. */
  constructor(tray: Tray, onShow: () => void) {
    this.#tray = tray;
    this.#onShow = onShow;
    this.#menubar = new QuietMenubar(app, {
      tray,
      index: PAGE,
      // Its first picture takes longest.
      preloadWindow: true,
      activateWithApp: false,
      showOnAllWorkspaces: false,
      tooltip: '',
      browserWindow: windowOptions(),
    });
    // The window exists, and nothing was loaded into it yet.
    this.#menubar.once('before-load', () => this.#adopt());
    this.#menubar.once('ready', () => this.#takeClicks());
  }

  /** Nobody knows where the icon is. */
  get isAdrift(): boolean {
    return this.#surroundings().icon === null;
  }

  get isIconHidden(): boolean {
    return isIconHidden(this.#iconBounds(), { platform, displays: screen.getAllDisplays() });
  }

  /** Whether the page of this window, and no other or a part of it, is calling. */
  isPage(caller: Caller): boolean {
    return isTrustedFrame(caller, this.#window?.webContents);
  }

  /** In front, at a place if one is given. */
  show(place: Place | null): void {
    if (place) this.#place = place;
    this.tell({ kind: 'summon' });
    if (this.#visibility.shown) this.#go();
  }

  /** What has happened that may show or hide it. */
  tell(event: VisibilityEvent): void {
    const { next, act } = step(this.#visibility, event, Date.now());
    this.#visibility = next;
    if (act?.do === 'show') this.#show(act.fresh);
    if (act?.do === 'raise') this.#window?.focus();
    if (act?.do === 'hide') this.#hide();
    if (act?.do === 'wait') setTimeout(() => this.tell({ kind: 'blur-over' }), BLUR_DELAY);
  }

  /** Keeps it from hiding by itself, or no longer. */
  hold(by: Hold, held: boolean): void {
    this.tell({ kind: 'hold', by, held });
  }

  /** Stays open while `work` lasts, during which the system may put up a window of its own. */
  async during<Value>(work: () => Promise<Value>): Promise<Value> {
    this.#asking += 1;
    this.hold('system', true);
    try {
      return await work();
    } finally {
      this.#asking -= 1;
      this.hold('system', this.#asking > 0);
    }
  }

  /** How high the page's content is, CSS px. */
  fit(content: number): void {
    this.#wish = { ...this.#wish, content };
    this.#resize();
  }

  /** What is drawn has changed. */
  update(state: AppState): void {
    this.#push('state', state);
    const before = this.#wish;
    const { zoom } = state;
    const signingIn = runningSignIn(state) !== null;
    this.#wish = { ...before, zoom, signingIn };
    this.hold('sign-in', signingIn);
    if (zoom !== before.zoom) this.#rescale();
    else if (signingIn !== before.signingIn) this.#resize();
  }

  #adopt(): void {
    const { window } = this.#menubar;
    if (!window) return;
    this.#window = window;
    // menubar would take a window that was only asked to close for one that is gone.
    window.removeAllListeners('close');
    window.on('close', (event) => {
      event.preventDefault();
      this.tell({ kind: 'dismiss' });
    });
    window.on('focus', () => this.tell({ kind: 'focus' }));
    window.on('blur', () => this.tell({ kind: 'blur' }));
    if (platform === 'darwin') {
      // Without the last one the window and the Dock flicker.
      window.setVisibleOnAllWorkspaces(true, {
        visibleOnFullScreen: true,
        skipTransformProcessType: true,
      });
    }
    const { webContents } = window;
    webContents.on('dom-ready', () => webContents.setZoomFactor(this.#wish.zoom));
    webContents.on('render-process-gone', () => {
      this.tell({ kind: 'lost' });
      webContents.reload();
    });
  }

  /** menubar's own listeners know nothing of a sign-in that runs. */
  #takeClicks(): void {
    this.#tray.removeAllListeners('click').removeAllListeners('double-click');
    if (platform === 'darwin') this.#tray.setIgnoreDoubleClickEvents(true);
    this.#tray.on('click', () => this.tell({ kind: 'icon' }));
  }

  #push<Name extends EventName>(name: Name, data: Events[Name]): void {
    this.#window?.webContents.send(name, data);
  }

  #show(fresh: boolean): void {
    const bounds = this.#bounds();
    this.#window?.setBounds(bounds);
    this.#push('shown', { fresh });
    this.#go();
    this.#menubar.reveal(bounds);
    this.#onShow();
  }

  #hide(): void {
    this.#menubar.conceal();
    this.#push('hidden', undefined);
  }

  #go(): void {
    if (this.#place) this.#push('go', this.#place);
    this.#place = null;
  }

  #resize(): void {
    const window = this.#window;
    if (!window) return;
    const around = this.#surroundings();
    const size = sizeOf(this.#wish, displayOf(around));
    window.setBounds(resized(window.getBounds(), size, around));
  }

  #rescale(): void {
    this.#window?.webContents.setZoomFactor(this.#wish.zoom);
    this.#window?.setBounds(this.#bounds());
  }

  #bounds(): Rectangle {
    const around = this.#surroundings();
    return placeOf(sizeOf(this.#wish, displayOf(around)), around);
  }

  #surroundings(): Surroundings {
    const displays = screen.getAllDisplays();
    const icon = knownIcon(this.#iconBounds(), { platform, displays });
    return { platform, displays, icon, pointer: screen.getCursorScreenPoint() };
  }

  #iconBounds(): Rectangle {
    return this.#tray.getBounds();
  }
}

function windowOptions(): BrowserWindowConstructorOptions {
  return {
    width: 360,
    height: 200,
    show: false,
    frame: false,
    resizable: false,
    fullscreenable: false,
    minimizable: false,
    maximizable: false,
    skipTaskbar: true,
    transparent: false,
    hasShadow: true,
    roundedCorners: true,
    alwaysOnTop: false,
    title: 'Authbar',
    ...(platform === 'darwin' && { vibrancy: 'popover', visualEffectState: 'active' }),
    ...(platform === 'win32' && { backgroundMaterial: 'acrylic' }),
    webPreferences: webPreferences(
      join(import.meta.dirname, '../preload/index.cjs'),
      app.isPackaged,
    ),
  };
}
