import { toChromium } from './address.ts';
import { app } from './app.ts';
import { pack, unpack } from './clone.ts';
import { host } from './host.ts';
import { ipcMain } from './ipc.ts';
import { type Grant, Page } from './page.ts';
import { type Session, sessionOf } from './session.ts';
import { Simulated } from './simulated.ts';
import { cancellable, pose, type Surface, simulate, strict } from './surface.ts';
import { clipboardText, nativeTheme } from './system.ts';
import { answerRequest } from './traffic.ts';
import type { MessageUp } from './world/messages.ts';

type OpenHandler = Parameters<Electron.WebContents['setWindowOpenHandler']>[0];

type Promised = Surface<
  Electron.WebContents,
  | 'close'
  | 'copy'
  | 'cut'
  | 'focus'
  | 'getURL'
  | 'getZoomFactor'
  | 'id'
  | 'isDestroyed'
  | 'loadURL'
  | 'mainFrame'
  | 'openDevTools'
  | 'paste'
  | 'redo'
  | 'reload'
  | 'selectAll'
  | 'send'
  | 'session'
  | 'setWindowOpenHandler'
  | 'setZoomFactor'
  | 'undo'
  | 'zoomFactor'
>;

/** What a page may be granted here, by Electron's word for it. */
const GRANTS = {
  'clipboard-read': ['clipboardReadWrite'],
  'clipboard-sanitized-write': ['clipboardSanitizedWrite'],
  geolocation: ['geolocation'],
  media: ['audioCapture', 'videoCapture'],
  notifications: ['notifications'],
} as const satisfies Record<string, readonly Grant[]>;

/** The window that shows it. */
interface Owner {
  getContentBounds(): Electron.Rectangle;
  close(): void;
  destroy(): void;
  focus(): void;
}

const all = new Set<WebContents>();
let lastId = 0;

/** What a window shows. The page itself is made in the background; what is asked of it waits. */
export class WebContents extends Simulated implements Promised {
  readonly id: number;
  readonly session: Electron.Session;
  readonly #owner: Owner;
  readonly #page: Promise<Page>;
  #opened: Page | undefined;
  #goingTo: string | undefined;
  #openHandler: OpenHandler = () => ({ action: 'deny' });
  #zoom = 1;
  #destroyed = false;

  constructor(owner: Owner, preferences: Electron.WebPreferences) {
    super();
    lastId += 1;
    this.id = lastId;
    this.#owner = owner;
    const session = sessionOf(preferences);
    this.session = pose<Electron.Session>(session);
    all.add(this);
    this.#page = this.#open(session, preferences.preload);
    // Told where somebody waits for it, as in `loadURL`.
    this.#page.catch(() => undefined);
    app.emit('web-contents-created', cancellable({}), this);
  }

  get #posed(): Electron.WebContents {
    return pose<Electron.WebContents>(this);
  }

  async #open(session: Session, preload: string | undefined): Promise<Page> {
    const chromium = await host.chromium;
    const grants = await this.#grants(session);
    const size = this.#owner.getContentBounds();
    const page = await Page.open({ chromium, size, preload, grants });
    page.on('message', (message) => this.#receive(message));
    page.on('open', (url, name) => this.#askToOpen(url, name));
    page.on('dom-ready', () => this.emit('dom-ready', cancellable({})));
    page.on('loaded', () => this.emit('did-finish-load', cancellable({})));
    page.on('crashed', () => {
      this.emit('render-process-gone', cancellable({}), { reason: 'crashed', exitCode: 1 });
    });
    page.on('gone', () => this.#owner.destroy());
    const goesTo = (address: string) => address === this.#goingTo || address === this.getURL();
    const visitor = { contents: this.#posed, page, session, goesTo };
    page.on('request', (paused) => {
      answerRequest(paused, visitor).catch((error) => this.#report(error));
    });
    this.#followTheme(page);
    this.#followClipboard(page);
    this.#opened = page;
    return page;
  }

  async #grants(session: Session): Promise<Grant[]> {
    const names = Object.keys(GRANTS) as (keyof typeof GRANTS)[];
    const answers = names.map(async (name) => {
      return (await session.permits(this.#posed, name)) ? GRANTS[name] : [];
    });
    return (await Promise.all(answers)).flat();
  }

  #followTheme(page: Page): void {
    const follow = () => page.setColorScheme(nativeTheme.shouldUseDarkColors ? 'dark' : 'light');
    if (nativeTheme.themeSource !== 'system') follow();
    nativeTheme.on('updated', follow);
    this.once('destroyed', () => nativeTheme.off('updated', follow));
  }

  /** Chromium has a clipboard of its own, and it pastes from that. */
  #followClipboard(page: Page): void {
    const follow = (text: string) => page.deliver({ kind: 'clipboard', text });
    page.on('loaded', () => clipboardText.value && follow(clipboardText.value));
    clipboardText.on('changed', follow);
    this.once('destroyed', () => clipboardText.off('changed', follow));
  }

  /** A page that is closed has no more answers to wait for. */
  #report(error: unknown): void {
    if (!this.#destroyed) console.error('stand-in: a request was not answered:', error);
  }

  #receive(message: MessageUp): void {
    const sender = this.#posed;
    const event = Object.assign(cancellable({}), {
      type: 'frame' as const,
      sender,
      senderFrame: this.#opened?.frames.main ?? null,
      frameId: 1,
      processId: 1,
    });
    switch (message.kind) {
      case 'send': {
        const args = unpack(message.args) as unknown[];
        this.emit('ipc-message', event, message.channel, ...args);
        ipcMain.emit(message.channel, event, ...args);
        return;
      }
      case 'invoke':
        void ipcMain.answer(event, message).then((answer) => this.#opened?.deliver(answer));
        return;
      case 'open':
        this.#askToOpen(message.url, message.name);
        return;
      case 'broken':
        this.emit('preload-error', cancellable({}), '', new Error(message.reason));
    }
  }

  #askToOpen(url: string, frameName: string): void {
    const referrer: Electron.Referrer = { url: '', policy: 'default' };
    const details = { url, frameName, features: '', disposition: 'foreground-tab', referrer };
    const { action } = this.#openHandler(details as Electron.HandlerDetails);
    if (action !== 'deny') console.error('stand-in: windows of a page are not simulated:', url);
  }

  get mainFrame(): Electron.WebFrameMain {
    const frame = this.#opened?.frames.main;
    return frame ?? simulate<Electron.WebFrameMain>('mainFrame', { url: '', origin: 'null' });
  }

  async loadURL(url: string): Promise<void> {
    const page = await this.#page;
    this.#goingTo = url;
    try {
      await page.navigate(toChromium(url));
    } finally {
      this.#goingTo = undefined;
    }
  }

  reload(): void {
    this.#opened?.reload();
  }

  getURL(): string {
    return this.mainFrame.url;
  }

  send(channel: string, ...args: unknown[]): void {
    const packed = pack(args);
    this.#whenOpen((page) => page.deliver({ kind: 'push', channel, args: packed }));
  }

  setWindowOpenHandler(handler: OpenHandler): void {
    this.#openHandler = handler;
  }

  get zoomFactor(): number {
    return this.#zoom;
  }

  set zoomFactor(factor: number) {
    this.#zoom = factor;
    this.refit();
  }

  setZoomFactor(factor: number): void {
    this.zoomFactor = factor;
  }

  getZoomFactor(): number {
    return this.#zoom;
  }

  /** The window has another size. */
  refit(): void {
    this.#whenOpen((page) => page.resize(this.#owner.getContentBounds(), this.#zoom));
  }

  undo(): void {
    this.#whenOpen((page) => page.edit('undo'));
  }

  redo(): void {
    this.#whenOpen((page) => page.edit('redo'));
  }

  cut(): void {
    this.#whenOpen((page) => page.edit('cut'));
  }

  copy(): void {
    this.#whenOpen((page) => page.edit('copy'));
  }

  paste(): void {
    this.#whenOpen((page) => page.edit('paste'));
  }

  selectAll(): void {
    this.#whenOpen((page) => page.edit('selectAll'));
  }

  #whenOpen(act: (page: Page) => Promise<void> | void): void {
    // A window may be closed at any time; what is then still asked of its page has no answer.
    this.#page.then(act).catch(() => undefined);
  }

  focus(): void {
    this.#owner.focus();
  }

  openDevTools(): void {}

  isDestroyed(): boolean {
    return this.#destroyed;
  }

  close(): void {
    this.#owner.close();
  }

  /** The window is gone. */
  dispose(): void {
    this.#destroyed = true;
    all.delete(this);
    this.emit('destroyed');
    this.#whenOpen((page) => page.close());
  }

  /** Whether it shows this target of Chromium's. */
  shows(targetId: string): boolean {
    return this.#opened?.targetId === targetId;
  }
}

/** `webContents`, with what Playwright finds a window's page by. */
export const webContents = strict('webContents', {
  getAllWebContents: () => [...all].map((each) => pose<Electron.WebContents>(each)),
  fromDevToolsTargetId: (targetId: string) => {
    const found = [...all].find((each) => each.shows(targetId));
    return found && pose<Electron.WebContents>(found);
  },
}) satisfies Pick<typeof Electron.WebContents, 'getAllWebContents' | 'fromDevToolsTargetId'>;
