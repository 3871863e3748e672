import { randomUUID } from 'node:crypto';
import { EventEmitter } from 'node:events';
import type { CDPSession } from '@playwright/test';
import type { CdpSession, Chromium } from './chromium.ts';
import { FrameTree } from './frame.ts';
import { pageScript, preloadScript } from './preload-world.ts';
import { BINDING, type MessageDown, type MessageUp, RECEIVER, WORLD } from './world/messages.ts';

// Playwright has a table of the protocol, but only its functions can be asked for it.
declare const table: CDPSession;

/** A request of a page that waits for its answer. */
export type PausedRequest = Parameters<Parameters<typeof table.on<'Fetch.requestPaused'>>[1]>[0];

type Context = Parameters<
  Parameters<typeof table.on<'Runtime.executionContextCreated'>>[1]
>[0]['context'];

/** What Chromium lets a page have. */
export type Grant = NonNullable<
  Parameters<typeof table.send<'Browser.grantPermissions'>>[1]
>['permissions'][number];

/** What a page is made with. */
export interface PageOptions {
  readonly chromium: Chromium;
  readonly size: Electron.Size;
  readonly preload: string | undefined;
  readonly grants: readonly Grant[];
}

/** What the roles of an edit menu do. */
export type EditCommand = 'undo' | 'redo' | 'cut' | 'copy' | 'paste' | 'selectAll';

interface PageEvents {
  /** From the preload. */
  message: [MessageUp];
  request: [PausedRequest];
  /** A link wants a window of its own. */
  open: [url: string, name: string];
  'dom-ready': [];
  loaded: [];
  crashed: [];
  /** Closed, by whomever. */
  gone: [];
}

/** For what nobody waits for: the page may be closed at any time. */
function leave(call: Promise<unknown>): void {
  call.catch(() => undefined);
}

/** A page of Chromium that has a preload, as seen through the DevTools protocol. */
export class Page extends EventEmitter<PageEvents> {
  readonly targetId: string;
  readonly frames = new FrameTree();
  readonly cdp: CdpSession;
  readonly #browser: CdpSession;
  #world: Context | undefined;

  private constructor(browser: CdpSession, cdp: CdpSession, targetId: string) {
    super();
    this.#browser = browser;
    this.cdp = cdp;
    this.targetId = targetId;
  }

  /** An empty page, whose next document gets the preload. */
  static async open({ chromium, size, preload, grants }: PageOptions): Promise<Page> {
    const { browser } = chromium;
    const place = { url: 'about:blank', newWindow: true };
    const { targetId } = await browser.send('Target.createTarget', { ...place, ...size });
    const attach = { targetId, flatten: true };
    const { sessionId } = await browser.send('Target.attachToTarget', attach);
    const page = new Page(browser, chromium.session(sessionId), targetId);
    page.#followTargets();
    page.#followWorld();
    page.#followPage();
    await Promise.all([
      browser.send('Browser.grantPermissions', { permissions: [...grants] }),
      page.#enable(),
      page.#install(preload),
      page.resize(size, 1),
    ]);
    return page;
  }

  /** Goes to an address. Rejects when there is nothing to be shown. */
  async navigate(url: string): Promise<void> {
    const loaded = new Promise<void>((resolve) => this.once('loaded', resolve));
    const { errorText } = await this.cdp.send('Page.navigate', { url });
    if (errorText) throw new Error(`${errorText.replace('net::', '')} loading '${url}'`);
    await loaded;
  }

  /** Hands a message to the preload. One that comes before the document's preload is lost, as in Electron. */
  deliver(message: MessageDown): void {
    if (!this.#world) return;
    const text = JSON.stringify(JSON.stringify(message));
    const expression = `${RECEIVER}(${text})`;
    const { uniqueId: uniqueContextId } = this.#world;
    // Only a person may copy.
    const userGesture = message.kind === 'clipboard';
    leave(this.cdp.send('Runtime.evaluate', { expression, uniqueContextId, userGesture }));
  }

  /** Gives the page its place in a window. Zoom makes the CSS pixels larger, as a browser's does. */
  async resize({ width, height }: Electron.Size, zoom: number): Promise<void> {
    await this.cdp.send('Emulation.setDeviceMetricsOverride', {
      width: Math.round(width / zoom),
      height: Math.round(height / zoom),
      // 0 is the display's own.
      deviceScaleFactor: zoom === 1 ? 0 : 2 * zoom,
      mobile: false,
    });
  }

  setColorScheme(value: 'dark' | 'light'): void {
    const features = [{ name: 'prefers-color-scheme', value }];
    leave(this.cdp.send('Emulation.setEmulatedMedia', { features }));
  }

  reload(): void {
    leave(this.cdp.send('Page.reload'));
  }

  close(): void {
    leave(this.#browser.send('Target.closeTarget', { targetId: this.targetId }));
  }

  /** Does what a menu's item with an editing role does. */
  async edit(command: EditCommand): Promise<void> {
    await this.cdp.send('Input.dispatchKeyEvent', { type: 'rawKeyDown', commands: [command] });
  }

  async #enable(): Promise<void> {
    await Promise.all([
      this.cdp.send('Page.enable'),
      this.cdp.send('Page.setLifecycleEventsEnabled', { enabled: true }),
      this.cdp.send('Runtime.enable'),
      this.cdp.send('Fetch.enable', { patterns: [{ urlPattern: '*' }] }),
      this.frames.follow(this.cdp),
    ]);
  }

  async #install(preload: string | undefined): Promise<void> {
    const secret = randomUUID();
    const install = (source: string, worldName?: string) =>
      this.cdp.send('Page.addScriptToEvaluateOnNewDocument', {
        source,
        ...(worldName && { worldName }),
      });
    await Promise.all([
      this.cdp.send('Runtime.addBinding', { name: BINDING, executionContextName: WORLD }),
      install(pageScript(secret)),
      install(preloadScript(secret, preload), WORLD),
    ]);
  }

  #followTargets(): void {
    this.#browser.on('Target.targetDestroyed', ({ targetId }) => {
      if (targetId === this.targetId) this.emit('gone');
    });
    // The page of a link with a target: told below, and never kept.
    this.#browser.on('Target.targetCreated', ({ targetInfo: { openerId, targetId } }) => {
      if (openerId !== this.targetId) return;
      leave(this.#browser.send('Target.closeTarget', { targetId }));
    });
  }

  #followWorld(): void {
    this.cdp.on('Runtime.executionContextCreated', ({ context }) => {
      const { frameId } = context.auxData as { readonly frameId?: string };
      if (context.name === WORLD && frameId === this.frames.mainId) this.#world = context;
    });
    this.cdp.on('Runtime.executionContextsCleared', () => {
      this.#world = undefined;
    });
    this.cdp.on('Runtime.bindingCalled', ({ name, payload, executionContextId }) => {
      if (name !== BINDING || executionContextId !== this.#world?.id) return;
      this.emit('message', JSON.parse(payload));
    });
  }

  #followPage(): void {
    this.cdp.on('Page.lifecycleEvent', ({ name, frameId, loaderId }) => {
      const isOurs = frameId === this.frames.mainId && loaderId !== this.frames.emptyLoaderId;
      if (isOurs && name === 'DOMContentLoaded') this.emit('dom-ready');
      if (isOurs && name === 'load') this.emit('loaded');
    });
    this.cdp.on('Page.windowOpen', ({ url, windowName }) => this.emit('open', url, windowName));
    this.cdp.on('Fetch.requestPaused', (request) => this.emit('request', request));
    this.cdp.on('Inspector.targetCrashed', () => this.emit('crashed'));
  }
}
