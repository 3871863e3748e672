import { fromChromium, originOf } from './address.ts';
import type { CdpSession } from './chromium.ts';
import { Simulated } from './simulated.ts';
import { pose, type Surface } from './surface.ts';

type Promised = Surface<
  Electron.WebFrameMain,
  'url' | 'origin' | 'name' | 'parent' | 'top' | 'frames' | 'detached' | 'isDestroyed'
>;

interface FrameInfo {
  readonly id: string;
  readonly parentId?: string;
  readonly url: string;
  readonly urlFragment?: string;
  readonly name?: string;
}

/** A frame of a page. */
class WebFrameMain extends Simulated implements Promised {
  readonly #tree: FrameTree;
  readonly #parentId: string | undefined;
  readonly #id: string;
  url = '';
  name = '';
  detached = false;

  constructor(tree: FrameTree, info: FrameInfo) {
    super();
    this.#tree = tree;
    this.#id = info.id;
    this.#parentId = info.parentId;
  }

  get origin(): string {
    return originOf(this.url);
  }

  get parent(): Electron.WebFrameMain | null {
    return (this.#parentId && this.#tree.find(this.#parentId)) || null;
  }

  get top(): Electron.WebFrameMain | null {
    return this.#tree.main ?? null;
  }

  get frames(): Electron.WebFrameMain[] {
    return this.#tree.childrenOf(this.#id);
  }

  isDestroyed(): boolean {
    return this.detached;
  }

  /** Takes over what Chromium says of it. */
  update(info: FrameInfo): void {
    this.url = fromChromium(info.url + (info.urlFragment ?? ''));
    this.name = info.name ?? '';
  }

  isChildOf(id: string): boolean {
    return this.#parentId === id;
  }
}

/** The frames of a page, kept as Chromium reports them. */
export class FrameTree {
  readonly #frames = new Map<string, WebFrameMain>();
  #mainId = '';
  #emptyLoaderId = '';

  /** The page's own frame. */
  get main(): Electron.WebFrameMain | undefined {
    return this.find(this.#mainId);
  }

  /** The number that Chromium gave to the page's own frame. */
  get mainId(): string {
    return this.#mainId;
  }

  /** The load of the empty document that a page begins with. */
  get emptyLoaderId(): string {
    return this.#emptyLoaderId;
  }

  /** Begins to follow a page. */
  async follow(page: CdpSession): Promise<void> {
    page.on('Page.frameNavigated', ({ frame }) => this.#update(frame));
    page.on('Page.navigatedWithinDocument', ({ frameId, url }) => {
      this.#frames.get(frameId)?.update({ id: frameId, url });
    });
    page.on('Page.frameDetached', ({ frameId, reason }) => {
      if (reason === 'remove') this.#remove(frameId);
    });
    const { frameTree } = await page.send('Page.getFrameTree');
    this.#emptyLoaderId = frameTree.frame.loaderId;
    this.#update(frameTree.frame);
  }

  find(id: string): Electron.WebFrameMain | undefined {
    const frame = this.#frames.get(id);
    return frame && pose<Electron.WebFrameMain>(frame);
  }

  childrenOf(id: string): Electron.WebFrameMain[] {
    const children = [...this.#frames.values()].filter((frame) => frame.isChildOf(id));
    return children.map((frame) => pose<Electron.WebFrameMain>(frame));
  }

  #update(info: FrameInfo): void {
    const frame = this.#frames.get(info.id) ?? new WebFrameMain(this, info);
    this.#frames.set(info.id, frame);
    frame.update(info);
    if (!info.parentId) this.#mainId = info.id;
  }

  #remove(id: string): void {
    const frame = this.#frames.get(id);
    if (frame) frame.detached = true;
    this.#frames.delete(id);
  }
}
