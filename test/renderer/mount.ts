import type { BrowserContext } from '@playwright/test';

/** Which of its two looks a picture shows. */
export type Theme = 'light' | 'dark';

/** What the system adds to a window: round corners, the finest of lines, a shadow. */
const STYLE = `
body { margin: 0; }
.mount { display: inline-flex; }
.mount > img { display: block; width: 360px; border-radius: 16px; }
.light > img { outline: 1px solid rgb(0 0 0 / 0.14); }
.dark > img { outline: 1px solid rgb(255 255 255 / 0.16); }
.mount > img { margin: 1px; }
.overview { gap: 32px; align-items: flex-start; padding: 56px; border-radius: 24px; }
.overview > img { box-shadow: 0 18px 40px rgb(0 0 0 / 0.18), 0 4px 10px rgb(0 0 0 / 0.1); }
.overview.light { background: linear-gradient(#e9e9f2, #d9d9e6); }
.overview.dark { background: linear-gradient(#2b2b33, #17171b); }
.overview.dark > img { box-shadow: 0 18px 40px rgb(0 0 0 / 0.5), 0 4px 10px rgb(0 0 0 / 0.3); }
`;

/** The pictures of windows as the system shows them: one by itself, or several beside each other on a wall. */
export async function mount(
  context: BrowserContext,
  shots: readonly Buffer[],
  theme: Theme,
): Promise<Buffer> {
  const page = await context.newPage();
  const images = shots.map(
    (shot) => `<img src="data:image/png;base64,${shot.toString('base64')}">`,
  );
  const overview = shots.length > 1 ? 'overview' : '';
  await page.setViewportSize({ width: 1400, height: 900 });
  await page.setContent(
    `<style>${STYLE}</style><div class="mount ${theme} ${overview}">${images.join('')}</div>`,
  );
  await page.evaluate(() => Promise.all([...document.images].map((image) => image.decode())));
  const mounted = await page.locator('.mount').screenshot({ omitBackground: true });
  await page.close();
  return mounted;
}
