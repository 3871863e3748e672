/** Where the window lies and how large it is. All lengths are in the system's own points, not in CSS px. */

/** A place on the screens, from the top left corner of the first one. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/** Width and height. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/** A part of the screens. */
export type Rectangle = Point & Size;

/** A screen, and what its menu bar, taskbar and dock leave of it. */
export interface Display {
  readonly bounds: Rectangle;
  readonly workArea: Rectangle;
}

/** What a place follows from. */
export interface Surroundings {
  /** As `process.platform` spells it. */
  readonly platform: string;
  /** Where the icon is; `null`: nobody knows. */
  readonly icon: Rectangle | null;
  /** At least one. */
  readonly displays: readonly Display[];
  readonly pointer: Point;
}

/** What the page asks for. */
export interface Wish {
  /** How high its content is, CSS px. */
  readonly content: number;
  readonly zoom: number;
  /** A sign-in runs: its steps must not make the window jump. */
  readonly signingIn: boolean;
}

/** CSS px. */
const WIDTH = 360;
const LOWEST = 200;
const LOWEST_SIGNING_IN = 212;
const HIGHEST = 640;
/** What stays free of the work area, both edges together. */
const SPARE = 24;
/** What stays free at each edge of the work area, across and down; on macOS that is also below the menu bar. */
const MARGINS = { mac: { x: 8, y: 6 }, win: { x: 12, y: 12 }, none: { x: 0, y: 0 } };

/** The window hugs its content within limits, and never fills the work area. */
export function sizeOf({ content, zoom, signingIn }: Wish, { workArea }: Display): Size {
  const lowest = signingIn ? LOWEST_SIGNING_IN : LOWEST;
  const height = Math.min(Math.max(content, lowest), HIGHEST) * zoom;
  return {
    width: Math.round(Math.min(WIDTH * zoom, workArea.width - SPARE)),
    height: Math.round(Math.min(height, workArea.height - SPARE)),
  };
}

/** The display that holds the icon; where its place is unknown, the one with the pointer. */
export function displayOf({ icon, displays, pointer }: Surroundings): Display {
  const point = icon ? middleOf(icon) : pointer;
  const found = displays.find(({ bounds }) => contains(bounds, point)) ?? displays[0];
  if (!found) throw new RangeError('no display');
  return found;
}

/**
 * Where a window of this size opens: below the icon on macOS, above it on Windows, inside the icon's
 * display; centred where the icon's place is unknown.
 */
export function placeOf(size: Size, around: Surroundings): Rectangle {
  const { platform, icon } = around;
  const { workArea } = displayOf(around);
  if (!icon) {
    const { x, y } = middleOf(workArea);
    return rounded({ x: x - size.width / 2, y: y - size.height / 2, ...size });
  }
  const margins = platform === 'win32' ? MARGINS.win : MARGINS.mac;
  const below = Math.max(icon.y + icon.height, workArea.y) + margins.y;
  const above = icon.y - size.height;
  const wanted = { x: middleOf(icon).x - size.width / 2, y: platform === 'win32' ? above : below };
  return rounded(inside({ ...wanted, ...size }, workArea, margins));
}

/** An open window of another height: its anchored edge stays where it is as long as there is room. */
export function resized(
  before: Rectangle,
  size: Size,
  { platform, ...around }: Surroundings,
): Rectangle {
  const y = platform === 'win32' ? before.y + before.height - size.height : before.y;
  const icon = around.icon ?? before;
  const { workArea } = displayOf({ platform, ...around, icon });
  return rounded(inside({ x: before.x, y, ...size }, workArea, MARGINS.none));
}

/** `bounds` as the system gives them, or `null` where they tell no place. */
export function knownIcon(
  bounds: Rectangle,
  { platform, displays }: Pick<Surroundings, 'platform' | 'displays'>,
): Rectangle | null {
  // Electron knows it on macOS and Windows only.
  const told = platform === 'darwin' || platform === 'win32';
  return told && bounds.width > 0 && isOnScreen(bounds, displays) ? bounds : null;
}

/** Whether the system hides the icon: macOS moves one that has no room, or is not wanted, off every screen. */
export function isIconHidden(
  bounds: Rectangle,
  { platform, displays }: Pick<Surroundings, 'platform' | 'displays'>,
): boolean {
  return platform === 'darwin' && !isOnScreen(bounds, displays);
}

function isOnScreen(bounds: Rectangle, displays: readonly Display[]): boolean {
  const middle = middleOf(bounds);
  return displays.some((display) => contains(display.bounds, middle));
}

function middleOf({ x, y, width, height }: Rectangle): Point {
  return { x: x + width / 2, y: y + height / 2 };
}

function contains(area: Rectangle, { x, y }: Point): boolean {
  const right = area.x + area.width;
  const bottom = area.y + area.height;
  return x >= area.x && x < right && y >= area.y && y < bottom;
}

/** Pushed into `area`; one that is larger than it starts at its top left corner. */
function inside(window: Rectangle, area: Rectangle, { x, y }: Point): Rectangle {
  const right = area.x + area.width - x - window.width;
  const bottom = area.y + area.height - y - window.height;
  return {
    ...window,
    x: Math.max(area.x + x, Math.min(window.x, right)),
    y: Math.max(area.y + y, Math.min(window.y, bottom)),
  };
}

function rounded({ x, y, width, height }: Rectangle): Rectangle {
  return { x: Math.round(x), y: Math.round(y), width, height };
}
