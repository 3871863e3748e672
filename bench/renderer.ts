import { type Browser, chromium } from '@playwright/test';
import type { AppState } from '../src/shared/app-state.ts';
import buildRenderer from '../test/renderer/build.ts';
import { serve } from '../test/renderer/serve.ts';
import { TWO } from '../test/renderer/states.ts';
import { findChromium } from '../test/standin/find-chromium.ts';
import { spread } from './pairs.ts';

const ROUNDS = 20;

/** As little as a browser can show. */
const BLANK = 'data:text/html,<title>Blank</title>.';

/** Since the navigation began, ms. The page shows nothing before it has all, so the first is the list. */
const FIRST_PAINT = `new Promise((resolve) => {
  const observer = new PerformanceObserver((list) => {
    const [paint] = list.getEntriesByName('first-contentful-paint');
    if (paint) resolve(paint.startTime);
  });
  observer.observe({ type: 'paint', buffered: true });
})`;

/** The window's page: how much script it is, and when it shows the accounts beside a page with nothing in it. */
export async function benchRenderer(): Promise<void> {
  console.log('the window’s page; its JavaScript has at most 40 kB, gzipped');
  await buildRenderer();
  const site = await serve();
  const executablePath = await findChromium(process.env);
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
  try {
    const list: number[] = [];
    const blank: number[] = [];
    for (let round = -3; round < ROUNDS; round += 1) {
      const both = [await firstPaint(browser, site.url), await firstPaint(browser, BLANK)] as const;
      if (round < 0) continue;
      list.push(both[0]);
      blank.push(both[1]);
    }
    console.log(`  first paint of the accounts   ${spread(list, 0)} ms`);
    console.log(`  of a page with one dot        ${spread(blank, 0)} ms`);
  } finally {
    await browser.close();
    site.close();
  }
}

/** In a context of its own: nothing of before is in its cache. */
async function firstPaint(browser: Browser, url: string): Promise<number> {
  const page = await browser.newPage({ viewport: { width: 360, height: 300 } });
  try {
    await page.addInitScript({ content: bridge(TWO) });
    await page.goto(url);
    return await page.evaluate<number>(FIRST_PAINT);
  } finally {
    await page.close();
  }
}

/** An app that answers at once and never tells anything. */
function bridge(state: AppState): string {
  return `{
    const answer = (value) => async () => ({ ok: true, value });
    const api = { state: answer(${JSON.stringify(state)}) };
    window.api = new Proxy(api, {
      get: (own, name) => own[name] ?? (name.startsWith('on:') ? () => () => {} : answer()),
    });
  }`;
}
