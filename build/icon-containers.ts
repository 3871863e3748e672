/** A square image in PNG form, and its side in pixels. */
export interface SizedPng {
  readonly size: number;
  readonly png: Buffer;
}

const ICO_HEADER = 6;
const ICO_ENTRY = 16;

/**
 * A Windows icon, its images as PNGs (which Windows reads in any size since Vista).
 * https://devblogs.microsoft.com/oldnewthing/20101022-00/?p=12473
 */
export function ico(images: readonly SizedPng[]): Buffer {
  const directory = Buffer.alloc(ICO_HEADER + ICO_ENTRY * images.length);
  directory.writeUInt16LE(1, 2); // an icon, not a cursor
  directory.writeUInt16LE(images.length, 4);
  let offset = directory.length;
  for (const [index, { size, png }] of images.entries()) {
    const at = ICO_HEADER + ICO_ENTRY * index;
    directory.writeUInt8(size % 256, at); // 0 stands for 256
    directory.writeUInt8(size % 256, at + 1);
    directory.writeUInt16LE(1, at + 4); // planes
    directory.writeUInt16LE(32, at + 6); // bits per pixel
    directory.writeUInt32LE(png.length, at + 8);
    directory.writeUInt32LE(offset, at + 12);
    offset += png.length;
  }
  return Buffer.concat([directory, ...images.map(({ png }) => png)]);
}

/**
 * The types that hold a PNG, with their sides in pixels. Those of 16 and 32 points on a 1× display hold no
 * PNG; macOS draws them from the next larger image.
 * https://en.wikipedia.org/wiki/Apple_Icon_Image_format#Icon_types
 */
const ICNS_TYPES = {
  ic11: 32,
  ic12: 64,
  ic07: 128,
  ic13: 256,
  ic08: 256,
  ic14: 512,
  ic09: 512,
  ic10: 1024,
} as const;

/** A macOS icon; `draw` gives the PNG of a side in pixels. */
export function icns(draw: (size: number) => Buffer): Buffer {
  const chunks = Object.entries(ICNS_TYPES).map(([type, size]) => chunk(type, draw(size)));
  return chunk('icns', Buffer.concat(chunks));
}

function chunk(type: string, content: Buffer): Buffer {
  const header = Buffer.alloc(8, type);
  header.writeUInt32BE(header.length + content.length, 4);
  return Buffer.concat([header, content]);
}
