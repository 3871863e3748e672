import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';

const CSS = readFileSync(join(import.meta.dirname, '../../src/renderer/styles/tokens.css'), 'utf8');

type Theme = 'light' | 'dark';
type Colour = readonly [number, number, number];

/** What text needs, and what shapes and borders need (WCAG 2.2, 1.4.3 and 1.4.11). */
const TEXT = 4.5;
const SHAPE = 3;

/** Which token has to be told from which, and how well. */
const PAIRS: readonly (readonly [string, readonly string[], number])[] = [
  ['text-1', ['window', 'card', 'second', 'second-hover', 'second-press'], TEXT],
  ['text-1', ['good-bg', 'warn-bg', 'bad-bg', 'accent-bg'], TEXT],
  ['text-2', ['window', 'card', 'warn-bg', 'bad-bg', 'accent-bg'], TEXT],
  ['text-3', ['card', 'field'], TEXT],
  ['link', ['window', 'card', 'warn-bg', 'bad-bg'], TEXT],
  ['on-accent', ['accent', 'accent-hover', 'accent-press'], TEXT],
  ['good', ['card', 'good-bg'], TEXT],
  ['warn', ['card', 'warn-bg'], TEXT],
  ['bad', ['card', 'bad-bg', 'second'], TEXT],
  ['card', ['bad'], TEXT],
  ['accent', ['window', 'card'], SHAPE],
  ['edge', ['window', 'card', 'field'], SHAPE],
];

/** What may stand on glass, over the worst wallpaper there is. */
const ON_GLASS: readonly (readonly [string, number])[] = [
  ['text-1', TEXT],
  ['text-2', TEXT],
  ['link', TEXT],
  ['good', SHAPE],
  ['warn', SHAPE],
  ['bad', SHAPE],
];

function parse(text: string): { readonly colour: Colour; readonly alpha: number } {
  const hex = /^#(..)(..)(..)$/.exec(text);
  if (hex)
    return { colour: triple(hex.slice(1).map((part) => Number.parseInt(part, 16))), alpha: 1 };
  const [red, green, blue, alpha = 1] = text.match(/[\d.]+/g)?.map(Number) ?? [];
  return { colour: triple([red, green, blue]), alpha };
}

function triple([red = 0, green = 0, blue = 0]: readonly (number | undefined)[]): Colour {
  return [red, green, blue];
}

function token(name: string, theme: Theme): ReturnType<typeof parse> {
  const value = new RegExp(`--${name}: ([^;]+);`).exec(CSS)?.[1] ?? '';
  const pair = /^light-dark\((.+?\)|[^,]+), (.+)\)$/.exec(value);
  return parse(pair?.[theme === 'light' ? 1 : 2] ?? value);
}

function luminance(colour: Colour): number {
  const [red, green, blue] = triple(
    colour
      .map((part) => part / 255)
      .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)),
  );
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(one: Colour, other: Colour): number {
  const [dark = 0, light = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}

/** The glass over black in the light theme, over white in the dark one. */
function worstGlass(theme: Theme): Colour {
  const { colour, alpha } = token('glass', theme);
  const wallpaper = theme === 'light' ? 0 : 255;
  return triple(colour.map((part) => part * alpha + wallpaper * (1 - alpha)));
}

for (const theme of ['light', 'dark'] as const) {
  test(`every pair of colours is told apart, ${theme}`, () => {
    const weak = PAIRS.flatMap(([ink, grounds, needed]) =>
      grounds
        .map((ground) => ({
          pair: `${ink} on ${ground}`,
          ratio: contrast(token(ink, theme).colour, token(ground, theme).colour),
        }))
        .filter(({ ratio }) => !(ratio >= needed)),
    );
    expect(weak).toEqual([]);
  });

  test(`what stands on glass is told apart from the worst wallpaper, ${theme}`, () => {
    const glass = worstGlass(theme);
    const weak = ON_GLASS.map(([ink, needed]) => ({
      ink,
      needed,
      ratio: contrast(token(ink, theme).colour, glass),
    })).filter(({ ratio, needed }) => !(ratio >= needed));
    expect(weak).toEqual([]);
  });
}

test('the numbers are those that were computed by hand', () => {
  const ratio = (ink: string, ground: string, theme: Theme) =>
    contrast(token(ink, theme).colour, token(ground, theme).colour).toFixed(1);
  expect(ratio('text-1', 'window', 'light')).toBe('15.5');
  expect(ratio('on-accent', 'accent', 'dark')).toBe('4.7');
  expect(ratio('edge', 'field', 'dark')).toBe('4.7');
});
