import { readFile } from 'node:fs/promises';
import { Resvg } from '@resvg/resvg-js';
import { icns, ico } from './icon-containers.ts';

const WHITE = '#fff';
/** Nearly black: the key on a light taskbar. */
const INK = '#1C1C1F';

const TASKBAR_SIZES = [16, 20, 24, 32];
const PANEL_SIZES = [22, 24, 32, 48];
const WINDOWS_SIZES = [16, 20, 24, 32, 40, 48, 64, 128, 256];
const LINUX_SIZES = [16, 24, 32, 48, 64, 128, 256, 512];

/** The key without the margin that its drawing keeps. */
const KEY_BOX = '1 1 16 16';
const KEY_SIDE = 16;
/** The tile without the margin that macOS wants around it. */
const TILE_BOX = '100 100 824 824';

/** A square cut out of a drawing, put into a picture. */
interface Layer {
  readonly drawing: string;
  readonly viewBox: string;
  /** Pixels, as is `margin`, which lies on all four sides. */
  readonly side: number;
  readonly margin?: number;
  readonly fill?: string;
}

/**
 * Every image of the app, drawn from the SVGs in `build/icons`: path below `build` → content. The tray's keep
 * their names all the way into the app, because macOS knows a template image by its name's end.
 */
export async function drawImages(): Promise<ReadonlyMap<string, Buffer>> {
  const icon = await read('icon');
  const keys = await Promise.all(
    ['tray', 'trayWorking', 'trayAttention'].map(async (name) => {
      const key = await read(`${name}Template`);
      return [...templates(name, key), ...taskbarIcons(name, key), ...panelImages(name, key, icon)];
    }),
  );
  return new Map([...keys.flat(), ...appIcons(icon)]);
}

function read(name: string): Promise<string> {
  return readFile(new URL(`icons/${name}.svg`, import.meta.url), 'utf8');
}

/** macOS colours them itself: black and alpha. */
function templates(name: string, drawing: string): [string, Buffer][] {
  const key = (side: number) => render({ drawing, viewBox: KEY_BOX, side });
  return [
    [`tray/${name}Template.png`, key(16)],
    [`tray/${name}Template@2x.png`, key(32)],
  ];
}

function taskbarIcons(name: string, drawing: string): [string, Buffer][] {
  const key = (fill: string) =>
    ico(
      TASKBAR_SIZES.map((size) => ({
        size,
        png: render({ drawing, viewBox: KEY_BOX, side: size, fill }),
      })),
    );
  return [
    [`tray/${name}OnDark.ico`, key(WHITE)],
    [`tray/${name}OnLight.ico`, key(INK)],
  ];
}

/** A panel's colour cannot be known, so the key brings its tile. */
function panelImages(name: string, drawing: string, icon: string): [string, Buffer][] {
  const tile = icon.replace(/<g id="key-layer".*<\/g>/s, '');
  return PANEL_SIZES.map((size) => {
    // Half steps keep the key's edges on whole pixels.
    const side = (KEY_SIDE * Math.round((2 * size) / 22)) / 2;
    const image = render(
      { drawing: tile, viewBox: TILE_BOX, side: size },
      { drawing, viewBox: KEY_BOX, side, margin: (size - side) / 2, fill: WHITE },
    );
    return [`tray/${name}-${size}.png`, image];
  });
}

function appIcons(drawing: string): [string, Buffer][] {
  const fullBleed = (side: number) => render({ drawing, viewBox: TILE_BOX, side });
  return [
    ['icon.icns', icns((side) => render({ drawing, viewBox: '0 0 1024 1024', side }))],
    ['icon.ico', ico(WINDOWS_SIZES.map((size) => ({ size, png: fullBleed(size) })))],
    ...LINUX_SIZES.map((size): [string, Buffer] => [
      `icons/linux/${size}x${size}.png`,
      fullBleed(size),
    ]),
  ];
}

/** The layers upon each other, as a PNG of the first one's size. */
function render(...layers: readonly [Layer, ...Layer[]]): Buffer {
  const { side } = layers[0];
  const picture = `<svg xmlns="http://www.w3.org/2000/svg" width="${side}" height="${side}">${layers
    .map(nested)
    .join('')}</svg>`;
  return new Resvg(picture, { font: { loadSystemFonts: false } }).render().asPng();
}

function nested({ drawing, viewBox, side, margin = 0, fill = '#000' }: Layer): string {
  const place = `x="${margin}" y="${margin}" width="${side}" height="${side}"`;
  return drawing.replace(/viewBox="[^"]*"/, `viewBox="${viewBox}" fill="${fill}" ${place}`);
}
