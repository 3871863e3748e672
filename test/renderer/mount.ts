import type { BrowserContext } from '@playwright/test';
import { indexedPng } from './indexed-png.ts';

/** Which of its two looks a window shows. */
export type Theme = 'light' | 'dark';

/** What the system adds to a window: round corners, the finest of lines; on a wall also its shadow. */
const STYLE = `
body { margin: 0 }
div { display: inline-flex }
img { display: block; width: 360px; margin: 1px; border-radius: 16px }
.light > img { outline: 1px solid rgb(0 0 0 / 0.14) }
.dark > img { outline: 1px solid rgb(255 255 255 / 0.16) }
.wall { gap: 32px; align-items: flex-start; padding: 56px; border-radius: 24px }
.wall.light { background: linear-gradient(#e9e9f2, #d9d9e6) }
.wall.dark { background: linear-gradient(#2b2b33, #17171b) }
.wall.light > img { box-shadow: 0 18px 40px rgb(0 0 0 / 0.18), 0 4px 10px rgb(0 0 0 / 0.1) }
.wall.dark > img { box-shadow: 0 18px 40px rgb(0 0 0 / 0.5), 0 4px 10px rgb(0 0 0 / 0.3) }
`;

/** A window as the system shows it, or several of them beside each other on a wall. */
export async function mount(
  context: BrowserContext,
  shots: readonly Buffer[],
  theme: Theme,
): Promise<Buffer> {
  const page = await context.newPage();
  const images = shots.map((shot) => `<img src="${urlOf(shot)}">`).join('');
  const look = shots.length > 1 ? `wall ${theme}` : theme;
  await page.setViewportSize({ width: 1400, height: 900 });
  await page.setContent(`<style>${STYLE}</style><div class="${look}">${images}</div>`);
  await page.evaluate(() => Promise.all([...document.images].map((image) => image.decode())));
  const picture = await page.locator('div').screenshot({ omitBackground: true });
  await page.close();
  return picture;
}

/** The same picture with a palette: a third of the size, and no difference to be seen but in a gradient. */
export async function slim(context: BrowserContext, picture: Buffer): Promise<Buffer> {
  const page = await context.newPage();
  const pixels = await page.evaluate(readPixels, urlOf(picture));
  await page.close();
  return indexedPng(pixels);
}

function urlOf(png: Buffer): string {
  return `data:image/png;base64,${png.toString('base64')}`;
}

/** Runs in a page. */
async function readPixels(url: string) {
  const image = new Image();
  image.src = url;
  await image.decode();
  const { width, height } = image;
  const context = new OffscreenCanvas(width, height).getContext('2d');
  if (!context) throw new Error('nothing can be drawn here');
  context.drawImage(image, 0, 0);
  return { width, height, data: context.getImageData(0, 0, width, height).data };
}
