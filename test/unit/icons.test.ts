import { readdir, readFile } from 'node:fs/promises';
import { Resvg } from '@resvg/resvg-js';
import { beforeAll, describe, expect, it } from 'vitest';
import { drawImages } from '../../build/images.ts';

const BUILD = new URL('../../build/', import.meta.url);
const KEYS = ['tray', 'trayWorking', 'trayAttention'];
const PANEL_SIZES = [22, 24, 32, 48];
const LINUX_SIZES = [16, 24, 32, 48, 64, 128, 256, 512];
const ICNS_SIDES: Readonly<Record<string, number>> = {
  ic11: 32,
  ic12: 64,
  ic07: 128,
  ic13: 256,
  ic08: 256,
  ic14: 512,
  ic09: 512,
  ic10: 1024,
};

const committed = (path: string) => readFile(new URL(path, BUILD));

/** A square PNG's side, from its header. */
function sideOf(png: Buffer): number {
  expect(png.toString('latin1', 1, 4)).toBe('PNG');
  expect(png.readUInt32BE(16)).toBe(png.readUInt32BE(20));
  return png.readUInt32BE(16);
}

interface Pixel {
  readonly colour: readonly [number, number, number];
  readonly alpha: number;
}

/** The pixels of a square PNG, row by row. Colours are multiplied by their alpha. */
function pixelsOf(png: Buffer): readonly Pixel[] {
  const side = sideOf(png);
  const href = `data:image/png;base64,${png.toString('base64')}`;
  const picture = `<svg xmlns="http://www.w3.org/2000/svg" width="${side}" height="${side}"><image width="${side}" height="${side}" href="${href}"/></svg>`;
  const { pixels } = new Resvg(picture).render();
  return Array.from({ length: side * side }, (_, index) => {
    const [red = 0, green = 0, blue = 0, alpha = 0] = pixels.subarray(4 * index, 4 * index + 4);
    return { colour: [red, green, blue], alpha };
  });
}

/** The PNGs in a Windows icon, smallest first; its entries must fill the file. */
function imagesOfIco(file: Buffer): readonly Buffer[] {
  expect([file.readUInt16LE(0), file.readUInt16LE(2)]).toEqual([0, 1]);
  const count = file.readUInt16LE(4);
  let end = 6 + 16 * count;
  const images = Array.from({ length: count }, (_, index) => {
    const entry = file.subarray(6 + 16 * index, 22 + 16 * index);
    const [length, offset] = [entry.readUInt32LE(8), entry.readUInt32LE(12)];
    expect(offset).toBe(end);
    end += length;
    const image = file.subarray(offset, end);
    const shortSide = sideOf(image) % 256;
    expect([...entry.subarray(0, 8)]).toEqual([shortSide, shortSide, 0, 0, 1, 0, 32, 0]);
    return image;
  });
  expect(end).toBe(file.length);
  return images;
}

/** The chunks of a macOS icon, which must fill the file. */
function chunksOfIcns(file: Buffer): ReadonlyMap<string, Buffer> {
  expect(file.toString('latin1', 0, 4)).toBe('icns');
  expect(file.readUInt32BE(4)).toBe(file.length);
  const chunks = new Map<string, Buffer>();
  let at = 8;
  while (at < file.length) {
    const end = at + file.readUInt32BE(at + 4);
    expect(end).toBeGreaterThan(at + 8);
    chunks.set(file.toString('latin1', at, at + 4), file.subarray(at + 8, end));
    at = end;
  }
  expect(at).toBe(file.length);
  return chunks;
}

/** How opaque the middle of the upper edge is. */
function edgeOf(png: Buffer): number | undefined {
  return pixelsOf(png)[sideOf(png) / 2]?.alpha;
}

describe('the committed images', () => {
  let drawn: ReadonlyMap<string, Buffer>;
  beforeAll(async () => {
    drawn = await drawImages();
  });

  it('are what `npm run icons` draws, byte for byte', async () => {
    const stale: string[] = [];
    for (const [path, content] of drawn) {
      if (!content.equals(await committed(path))) stale.push(path);
    }
    expect(stale).toEqual([]);
  });

  it.each(['tray', 'icons/linux'])('in build/%s are those and no others', async (folder) => {
    const expected = [...drawn.keys()].filter((path) => path.startsWith(`${folder}/`));
    const found = await readdir(new URL(folder, BUILD));
    expect(found.map((name) => `${folder}/${name}`).sort()).toEqual(expected.sort());
  });
});

describe('the tray’s images', () => {
  describe.each(KEYS)('%s', (key) => {
    it.each([
      ['', 16],
      ['@2x', 32],
    ])('is a template on macOS: “Template%s”, %i pixels, black and alpha', async (suffix, side) => {
      const image = await committed(`tray/${key}Template${suffix}.png`);
      expect(sideOf(image)).toBe(side);
      const pixels = pixelsOf(image);
      expect(pixels.filter(({ colour }) => colour.some((part) => part !== 0))).toEqual([]);
      expect(new Set(pixels.map(({ alpha }) => alpha))).toContain(0);
      expect(new Set(pixels.map(({ alpha }) => alpha))).toContain(255);
    });

    it.each([
      ['OnDark', [0xff, 0xff, 0xff]],
      ['OnLight', [0x1c, 0x1c, 0x1f]],
    ])('is an icon for each scale of a Windows taskbar, %s', async (taskbar, colour) => {
      const images = imagesOfIco(await committed(`tray/${key}${taskbar}.ico`));
      expect(images.map(sideOf)).toEqual([16, 20, 24, 32]);
      for (const image of images) {
        const covered = pixelsOf(image).filter(({ alpha }) => alpha === 255);
        expect(new Set(covered.map((pixel) => String(pixel.colour)))).toEqual(
          new Set([String(colour)]),
        );
      }
    });

    it.each(PANEL_SIZES)('is white on its own tile in a Linux panel of %i pixels', async (side) => {
      const image = await committed(`tray/${key}-${side}.png`);
      expect(sideOf(image)).toBe(side);
      expect(edgeOf(image)).toBe(255);
      expect(pixelsOf(image)).toContainEqual({ colour: [255, 255, 255], alpha: 255 });
    });
  });

  it.each([
    ['tray', 'trayWorking'],
    ['tray', 'trayAttention'],
    ['trayWorking', 'trayAttention'],
  ])('%s and %s differ in at least 12 %% of what they cover, at 16 pixels', async (one, other) => {
    const [ones, others] = await Promise.all(
      [one, other].map(async (key) => pixelsOf(await committed(`tray/${key}Template.png`))),
    );
    let covered = 0;
    let different = 0;
    for (const [index, { alpha }] of ones?.entries() ?? []) {
      const opposite = others?.[index]?.alpha ?? 0;
      covered += Math.max(alpha, opposite);
      different += Math.abs(alpha - opposite);
    }
    expect(different / covered).toBeGreaterThanOrEqual(0.12);
  });
});

describe('the app’s icon', () => {
  it('has each size that macOS asks for, with the margin that macOS wants', async () => {
    const chunks = chunksOfIcns(await committed('icon.icns'));
    const sides = [...chunks].map(([type, image]) => [type, sideOf(image)]);
    expect(Object.fromEntries(sides)).toEqual(ICNS_SIDES);
    expect([...chunks.values()].map(edgeOf)).toEqual(sides.map(() => 0));
  });

  it('fills its square on Windows, from 16 to 256 pixels', async () => {
    const images = imagesOfIco(await committed('icon.ico'));
    expect(images.map(sideOf)).toEqual([16, 20, 24, 32, 40, 48, 64, 128, 256]);
    expect(images.map(edgeOf)).toEqual(images.map(() => 255));
  });

  it.each(LINUX_SIZES)('fills its square on Linux, at %i pixels', async (side) => {
    const image = await committed(`icons/linux/${side}x${side}.png`);
    expect(sideOf(image)).toBe(side);
    expect(edgeOf(image)).toBe(255);
  });
});
