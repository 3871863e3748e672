import { existsSync, readFileSync } from 'node:fs';
import { app } from './app.ts';
import { Simulated } from './simulated.ts';
import { pose, type Surface, strict } from './surface.ts';
import { trayBounds } from './system.ts';

type ImagePromised = Surface<
  Electron.NativeImage,
  'getSize' | 'isEmpty' | 'isTemplateImage' | 'setTemplateImage'
>;

const EMPTY = Buffer.alloc(0);
/** Where a PNG has its width; the height follows. */
const PNG_WIDTH = 16;

/** An image: the bytes of its file. */
class NativeImage extends Simulated implements ImagePromised {
  readonly #bytes: Buffer;
  #template: boolean;

  constructor(bytes: Buffer, template = false) {
    super();
    this.#bytes = bytes;
    this.#template = template;
  }

  isEmpty(): boolean {
    return this.#bytes.length === 0;
  }

  getSize(): Electron.Size {
    if (this.#bytes.length < PNG_WIDTH + 8) return { width: 0, height: 0 };
    const width = this.#bytes.readUInt32BE(PNG_WIDTH);
    return { width, height: this.#bytes.readUInt32BE(PNG_WIDTH + 4) };
  }

  isTemplateImage(): boolean {
    return this.#template;
  }

  setTemplateImage(option: boolean): void {
    this.#template = option;
  }
}

function posed(image: NativeImage): Electron.NativeImage {
  return pose<Electron.NativeImage>(image);
}

export const nativeImage = strict('nativeImage', {
  createEmpty: () => posed(new NativeImage(EMPTY)),
  createFromPath: (path: string) => {
    const bytes = existsSync(path) ? readFileSync(path) : EMPTY;
    return posed(new NativeImage(bytes, /Template(@\dx)?\.png$/.test(path)));
  },
}) satisfies Pick<typeof Electron.NativeImage, 'createEmpty' | 'createFromPath'>;

type TrayPromised = Surface<
  Electron.Tray,
  | 'destroy'
  | 'getBounds'
  | 'isDestroyed'
  | 'popUpContextMenu'
  | 'setContextMenu'
  | 'setIgnoreDoubleClickEvents'
  | 'setImage'
  | 'setToolTip'
>;

function mustBeImage(image: Electron.NativeImage | string): void {
  if (typeof image !== 'string' || existsSync(image)) return;
  throw new Error(`Failed to load image from path '${image}'`);
}

/** The icon in the menu bar. The tests' tap knows what it shows, and clicks on it. */
export class Tray extends Simulated implements TrayPromised {
  #destroyed = false;

  constructor(image: Electron.NativeImage | string, _guid?: string) {
    super();
    if (!app.isReady()) throw new Error('Cannot create Tray before app is ready');
    mustBeImage(image);
  }

  setImage(image: Electron.NativeImage | string): void {
    mustBeImage(image);
  }

  getBounds(): Electron.Rectangle {
    return trayBounds();
  }

  isDestroyed(): boolean {
    return this.#destroyed;
  }

  destroy(): void {
    this.#destroyed = true;
  }

  popUpContextMenu(): void {}
  setContextMenu(): void {}
  setIgnoreDoubleClickEvents(): void {}
  setToolTip(): void {}
}
