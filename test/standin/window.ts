import { app } from './app.ts';
import { WebContents } from './contents.ts';
import { host } from './host.ts';
import { Simulated } from './simulated.ts';
import { cancellable, pose, type Surface } from './surface.ts';

type Promised = Surface<
  Electron.BrowserWindow,
  | 'blur'
  | 'close'
  | 'destroy'
  | 'focus'
  | 'getBounds'
  | 'getContentBounds'
  | 'getContentSize'
  | 'getPosition'
  | 'getSize'
  | 'hide'
  | 'id'
  | 'isAlwaysOnTop'
  | 'isDestroyed'
  | 'isFocused'
  | 'isMinimized'
  | 'isVisible'
  | 'loadURL'
  | 'moveTop'
  | 'setAlwaysOnTop'
  | 'setBackgroundColor'
  | 'setBackgroundMaterial'
  | 'setBounds'
  | 'setContentSize'
  | 'setHiddenInMissionControl'
  | 'setMenu'
  | 'setPosition'
  | 'setSize'
  | 'setSkipTaskbar'
  | 'setVibrancy'
  | 'setVisibleOnAllWorkspaces'
  | 'show'
  | 'showInactive'
  | 'webContents'
>;

const all = new Set<BrowserWindow>();
let focused: BrowserWindow | undefined;
let lastId = 0;

function posed(window: BrowserWindow): Electron.BrowserWindow {
  return pose<Electron.BrowserWindow>(window);
}

/** A window without a frame. Where it is and whether it is seen is only remembered; its page is real. */
export class BrowserWindow extends Simulated implements Promised {
  readonly id: number;
  readonly webContents: Electron.WebContents;
  readonly #contents: WebContents;
  #bounds: Electron.Rectangle;
  #visible = false;
  #destroyed = false;
  #alwaysOnTop: boolean;

  constructor(options: Electron.BrowserWindowConstructorOptions = {}) {
    super();
    if (!app.isReady()) throw new Error('Cannot create BrowserWindow before app is ready');
    lastId += 1;
    this.id = lastId;
    const { width = 800, height = 600, x = 0, y = 0 } = options;
    this.#bounds = { x, y, width, height };
    this.#alwaysOnTop = options.alwaysOnTop ?? false;
    all.add(this);
    host.windows.add(this);
    this.#contents = new WebContents(this, options.webPreferences ?? {});
    this.#contents.once('did-finish-load', () => this.emit('ready-to-show'));
    this.webContents = pose<Electron.WebContents>(this.#contents);
    app.emit('browser-window-created', cancellable({}), this);
    if (options.show !== false) this.show();
  }

  static getAllWindows(): Electron.BrowserWindow[] {
    return [...all].map(posed);
  }

  static getFocusedWindow(): Electron.BrowserWindow | null {
    return focused ? posed(focused) : null;
  }

  static fromWebContents(contents: Electron.WebContents): Electron.BrowserWindow | null {
    const window = [...all].find((each) => each.webContents === contents);
    return window ? posed(window) : null;
  }

  loadURL(url: string): Promise<void> {
    return this.#contents.loadURL(url);
  }

  show(): void {
    this.showInactive();
    this.focus();
  }

  showInactive(): void {
    if (this.#visible) return;
    this.#visible = true;
    this.emit('show');
  }

  hide(): void {
    if (!this.#visible) return;
    this.#visible = false;
    this.blur();
    this.emit('hide');
  }

  focus(): void {
    if (focused === this || !this.#visible) return;
    focused?.blur();
    focused = this;
    this.emit('focus');
    app.emit('browser-window-focus', cancellable({}), this);
  }

  blur(): void {
    if (focused !== this) return;
    focused = undefined;
    this.emit('blur');
    app.emit('browser-window-blur', cancellable({}), this);
  }

  close(): void {
    if (this.#destroyed) return;
    const question = cancellable({});
    this.emit('close', question);
    if (!question.defaultPrevented) this.destroy();
  }

  destroy(): void {
    if (this.#destroyed) return;
    this.#destroyed = true;
    if (focused === this) focused = undefined;
    all.delete(this);
    host.windows.delete(this);
    this.#contents.dispose();
    this.emit('closed');
    if (all.size > 0 || app.isLeaving) return;
    if (!app.emit('window-all-closed')) app.quit();
  }

  isVisible(): boolean {
    return this.#visible;
  }

  isFocused(): boolean {
    return focused === this;
  }

  isDestroyed(): boolean {
    return this.#destroyed;
  }

  isMinimized(): boolean {
    return false;
  }

  getBounds(): Electron.Rectangle {
    return { ...this.#bounds };
  }

  getContentBounds(): Electron.Rectangle {
    return this.getBounds();
  }

  getPosition(): number[] {
    return [this.#bounds.x, this.#bounds.y];
  }

  getSize(): number[] {
    return [this.#bounds.width, this.#bounds.height];
  }

  getContentSize(): number[] {
    return this.getSize();
  }

  setBounds(bounds: Partial<Electron.Rectangle>): void {
    const next = { ...this.#bounds, ...bounds };
    if (!Object.values(next).every(Number.isInteger)) {
      throw new TypeError('Error processing argument at index 0, conversion failure');
    }
    const { x, y, width, height } = this.#bounds;
    this.#bounds = next;
    if (next.x !== x || next.y !== y) this.emit('move');
    if (next.width === width && next.height === height) return;
    this.emit('resize');
    this.#contents.refit();
  }

  setPosition(x: number, y: number): void {
    this.setBounds({ x, y });
  }

  setSize(width: number, height: number): void {
    this.setBounds({ width, height });
  }

  setContentSize(width: number, height: number): void {
    this.setBounds({ width, height });
  }

  isAlwaysOnTop(): boolean {
    return this.#alwaysOnTop;
  }

  setAlwaysOnTop(flag: boolean): void {
    this.#alwaysOnTop = flag;
  }

  moveTop(): void {}
  setBackgroundColor(): void {}
  setBackgroundMaterial(): void {}
  setHiddenInMissionControl(): void {}
  setMenu(): void {}
  setSkipTaskbar(): void {}
  setVibrancy(): void {}
  setVisibleOnAllWorkspaces(): void {}
}
