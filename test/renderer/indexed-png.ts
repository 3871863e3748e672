import { crc32, deflateSync } from 'node:zlib';

/** Red, green, blue and alpha of every pixel, from the top left. */
export interface Pixels {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8ClampedArray;
}

const SIGNATURE = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1');
/** As many as one byte can tell apart. */
const MOST_COLOURS = 256;

/**
 * A PNG with a palette (https://www.w3.org/TR/png-3/), a third as large as one without. Where there are too many
 * colours for it, the rare ones become their neighbours.
 */
export function indexedPng({ width, height, data }: Pixels): Buffer {
  const pixels = new Uint32Array(data.buffer, data.byteOffset, width * height);
  const { palette, indices } = paletteOf(pixels);
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  // 8 bits a pixel, by palette.
  header.set([8, 3], 8);
  // Each line begins with its filter, which is none.
  const lines = Buffer.alloc((width + 1) * height);
  for (const [at, pixel] of pixels.entries()) {
    lines[at + Math.floor(at / width) + 1] = indices.get(pixel) ?? 0;
  }
  const channels = palette.map(channelsOf);
  return Buffer.concat([
    SIGNATURE,
    chunk('IHDR', header),
    chunk('PLTE', Buffer.from(channels.flatMap((each) => each.slice(0, 3)))),
    chunk('tRNS', Buffer.from(channels.map(([, , , alpha]) => alpha))),
    chunk('IDAT', deflateSync(lines, { level: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function chunk(type: string, data: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  check.writeUInt32BE(crc32(named));
  return Buffer.concat([length, named, check]);
}

/** The fewest colours that leave none further off than it has to be, and which of them each colour becomes. */
function paletteOf(pixels: Uint32Array) {
  const counts = new Map<number, number>();
  for (const pixel of pixels) counts.set(pixel, (counts.get(pixel) ?? 0) + 1);
  const colours = [...counts.keys()].sort((a, b) => (counts.get(b) ?? 0) - (counts.get(a) ?? 0));
  for (let tolerance = 0; ; tolerance += 1) {
    const palette: number[] = [];
    const indices = new Map<number, number>();
    for (const colour of colours) {
      const near = palette.findIndex((other) => distance(colour, other) <= tolerance);
      indices.set(colour, near < 0 ? palette.push(colour) - 1 : near);
      if (palette.length > MOST_COLOURS) break;
    }
    if (palette.length <= MOST_COLOURS) return { palette, indices };
  }
}

/** By how much the channel differs that differs most. */
function distance(one: number, other: number): number {
  const others = channelsOf(other);
  return Math.max(...channelsOf(one).map((value, i) => Math.abs(value - (others[i] ?? 0))));
}

/** Of a pixel as it lies in memory, its red first. */
function channelsOf(pixel: number): [number, number, number, number] {
  return [pixel & 255, (pixel >> 8) & 255, (pixel >> 16) & 255, pixel >>> 24];
}
