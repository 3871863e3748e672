import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type Display,
  displayOf,
  isIconHidden,
  knownIcon,
  placeOf,
  type Rectangle,
  resized,
  type Surroundings,
  sizeOf,
} from '../../src/shared/ui/geometry.ts';

const LAPTOP: Display = {
  bounds: { x: 0, y: 0, width: 1440, height: 900 },
  workArea: { x: 0, y: 25, width: 1440, height: 805 },
};
const BESIDE: Display = {
  bounds: { x: 1440, y: -200, width: 2560, height: 1440 },
  workArea: { x: 1440, y: -175, width: 2560, height: 1415 },
};
const PC: Display = {
  bounds: { x: 0, y: 0, width: 1920, height: 1080 },
  workArea: { x: 0, y: 0, width: 1920, height: 1032 },
};

function around(of: Partial<Surroundings>): Surroundings {
  return { platform: 'darwin', icon: null, displays: [LAPTOP], pointer: { x: 5, y: 5 }, ...of };
}

function icon(x: number, y: number): Rectangle {
  return { x, y, width: 24, height: 24 };
}

describe('how large it is', () => {
  const size = (content: number, zoom = 1, signingIn = false) =>
    sizeOf({ content, zoom, signingIn }, LAPTOP);

  test('360 wide, and as high as its content from 200 to 640', () => {
    expect(size(348)).toEqual({ width: 360, height: 348 });
    expect(size(90).height).toBe(200);
    expect(size(4000).height).toBe(640);
  });

  test('at least 212 high while a sign-in runs', () => {
    expect(size(90, 1, true).height).toBe(212);
    expect(size(300, 1, true).height).toBe(300);
  });

  test('grows with the text to 720, and leaves 24 of the work area free', () => {
    expect(size(300, 2)).toEqual({ width: 720, height: 600 });
    expect(size(640, 2).height).toBe(805 - 24);
    const narrow = { ...LAPTOP, workArea: { ...LAPTOP.workArea, width: 600 } };
    expect(sizeOf({ content: 300, zoom: 2, signingIn: false }, narrow).width).toBe(576);
  });
});

describe('where it opens', () => {
  const size = { width: 360, height: 300 };

  test('macOS: centred under the icon, 6 below the menu bar', () => {
    expect(placeOf(size, around({ icon: icon(700, 0) }))).toEqual({ x: 532, y: 31, ...size });
  });

  test('macOS: 8 inside the display that holds the icon', () => {
    const displays = [LAPTOP, BESIDE];
    expect(placeOf(size, around({ displays, icon: icon(1400, 0) })).x).toBe(1440 - 8 - 360);
    const beside = placeOf(size, around({ displays, icon: icon(1450, -200) }));
    expect(beside).toEqual({ x: 1448, y: -169, ...size });
  });

  test('Windows: above the icon, 12 from the taskbar', () => {
    const windows = { platform: 'win32', displays: [PC] };
    const place = placeOf(size, around({ ...windows, icon: icon(1700, 1044) }));
    expect(place).toEqual({ x: 1532, y: 1032 - 12 - 300, ...size });
  });

  test('Windows: beside the taskbar wherever that is', () => {
    const left = { ...PC, workArea: { x: 48, y: 0, width: 1872, height: 1080 } };
    const above = { ...PC, workArea: { x: 0, y: 48, width: 1920, height: 1032 } };
    const at = (display: Display, where: Rectangle) =>
      placeOf(size, around({ platform: 'win32', displays: [display], icon: where }));
    expect(at(left, icon(12, 1000)).x).toBe(60);
    expect(at(above, icon(1700, 12)).y).toBe(60);
  });

  test('centred on the display with the pointer where the icon’s place is unknown', () => {
    const displays = [LAPTOP, BESIDE];
    const place = placeOf(size, around({ displays, pointer: { x: 2000, y: 0 } }));
    expect(place).toEqual({ x: 2540, y: 383, ...size });
    expect(displayOf(around({ displays: [BESIDE], pointer: { x: -9, y: -9 } }))).toBe(BESIDE);
  });

  test('never outside the work area of the icon’s display', () => {
    const platform = fc.constantFrom('darwin', 'win32');
    const x = fc.integer({ min: -12, max: 1427 });
    const y = fc.integer({ min: -12, max: 887 });
    const wish = fc.record({
      content: fc.integer({ min: 1, max: 4096 }),
      zoom: fc.constantFrom(1, 1.25, 2),
      signingIn: fc.boolean(),
    });
    fc.assert(
      fc.property(platform, x, y, wish, (os, left, top, asked) => {
        const here = around({ platform: os, icon: icon(left, top) });
        const place = placeOf(sizeOf(asked, displayOf(here)), here);
        const { workArea } = LAPTOP;
        expect(place.x).toBeGreaterThanOrEqual(workArea.x + 8);
        expect(place.y).toBeGreaterThanOrEqual(workArea.y + 6);
        expect(place.x + place.width).toBeLessThanOrEqual(workArea.x + workArea.width - 8);
        expect(place.y + place.height).toBeLessThanOrEqual(workArea.y + workArea.height - 6);
      }),
    );
  });
});

describe('another height while it is open', () => {
  const before = { x: 532, y: 400, width: 360, height: 300 };

  test('keeps the top edge on macOS and Linux, the bottom edge on Windows', () => {
    const to = { width: 360, height: 350 };
    expect(resized(before, to, around({}))).toEqual({ ...before, height: 350 });
    expect(resized(before, to, around({ platform: 'linux' })).y).toBe(400);
    const windows = resized(before, to, around({ platform: 'win32' }));
    expect(windows.y + windows.height).toBe(700);
  });

  test('moves only where there is no room', () => {
    const grown = resized(before, { width: 360, height: 640 }, around({}));
    expect(grown.y).toBe(LAPTOP.workArea.y + LAPTOP.workArea.height - 640);
  });

  test('stays on its own display, wherever the pointer has gone', () => {
    const here = around({ displays: [BESIDE, LAPTOP], pointer: { x: 3000, y: 100 } });
    expect(resized(before, { width: 360, height: 310 }, here)).toEqual({ ...before, height: 310 });
  });
});

describe('where the icon is', () => {
  const displays = [LAPTOP];

  test('is told by macOS and Windows alone', () => {
    expect(knownIcon(icon(700, 0), { platform: 'darwin', displays })).toEqual(icon(700, 0));
    expect(knownIcon(icon(700, 0), { platform: 'win32', displays })).toEqual(icon(700, 0));
    expect(knownIcon(icon(700, 0), { platform: 'linux', displays })).toBeNull();
  });

  test('is unknown where the bounds are empty or on no screen', () => {
    const nowhere = { x: 0, y: 0, width: 0, height: 0 };
    expect(knownIcon(nowhere, { platform: 'darwin', displays })).toBeNull();
    expect(knownIcon(icon(-3000, 0), { platform: 'darwin', displays })).toBeNull();
  });

  test('outside every screen on macOS: the system hides it', () => {
    expect(isIconHidden(icon(-3000, 0), { platform: 'darwin', displays })).toBe(true);
    expect(isIconHidden(icon(700, 0), { platform: 'darwin', displays })).toBe(false);
    expect(isIconHidden(icon(-3000, 0), { platform: 'linux', displays })).toBe(false);
  });
});
