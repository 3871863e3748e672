import { AxeBuilder } from '@axe-core/playwright';
import { test as base, expect, type Locator, type Page } from '@playwright/test';
import type { AppState, Place } from '../../src/shared/app-state.ts';
import { Bridge } from './bridge.ts';
import { type Site, serve } from './serve.ts';
import { NOW } from './states.ts';

export { expect } from '@playwright/test';

/** What a spec plays with. */
interface Fixtures {
  /** What the page complained of. It has to be empty in the end: a spec that provokes it empties it. */
  readonly complaints: string[];
  /** Opens the window on a state, and at a place if one is given. */
  readonly open: (state: AppState, place?: Place) => Promise<Bridge>;
}

/** Short steps at first: the page is drawn before the default ones have begun. */
const SOON = { intervals: [5, 10, 20, 50, 100, 250] };

/** Specs of the window's page: the real page, in Chromium, under the app's own policy. */
export const test = base.extend<Fixtures, { readonly site: Site }>({
  site: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the fixtures off the pattern
    async ({}, use) => {
      const site = await serve();
      await use(site);
      site.close();
    },
    { scope: 'worker' },
  ],
  complaints: async ({ page: _ }, use) => {
    const complaints: string[] = [];
    await use(complaints);
    expect(complaints, 'what the page complained of').toEqual([]);
  },
  open: async ({ page, site, complaints }, use) => {
    await use(async (state, place) => {
      await page.clock.install({ time: NOW });
      const bridge = new Bridge(page, state);
      await bridge.install();
      listenTo(page, complaints);
      await page.goto(site.url);
      await expect.poll(() => bridge.made('window:drawn').length, SOON).toBe(1);
      if (place) await bridge.emit('go', place);
      await bridge.emit('shown', { fresh: false });
      await framed(page);
      return bridge;
    });
  },
});

/**
 * What Playwright's own script complains of in the empty page between two specs that share a context, when
 * half of its clock has been taken away: `globalThis.__pwClock.controller`.
 */
const NOT_OURS = "Cannot read properties of undefined (reading 'controller')";

function listenTo(page: Page, complaints: string[]): void {
  page.on('pageerror', ({ message }) => message !== NOT_OURS && complaints.push(message));
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
}

/**
 * What follows a drawing is done: the focus is where it belongs, and what is said is said. The page does it
 * after the next frame, which on a busy machine comes after the spec's next step.
 */
export async function framed(page: Page): Promise<void> {
  await page.evaluate(
    () => new Promise((done) => requestAnimationFrame(() => setTimeout(() => setTimeout(done)))),
  );
}

/**
 * From now on the page's time stands, and goes on only by the spec's own steps: for what depends on how long
 * something takes. Until then it goes on by itself, while the spec is fast or slow as the machine is.
 */
export async function stopTime(page: Page): Promise<void> {
  await framed(page);
  // Time that has passed cannot be stopped at.
  await page.clock.pauseAt((await page.evaluate(() => Date.now())) + 2_000);
}

/** The view, without what is only said. */
export function inView(page: Page): Locator {
  return page.getByRole('main');
}

/** The name of what has the focus: its accessible name, or its text. */
export async function focused(page: Page): Promise<string> {
  return page.evaluate(() => {
    const element = document.activeElement;
    const labels = element instanceof HTMLInputElement ? element.labels?.[0]?.textContent : null;
    return labels ?? element?.getAttribute('aria-label') ?? element?.textContent?.trim() ?? '';
  });
}

/** What Tab reaches, in order, once round. It starts where the focus is, and names that first. */
export async function tabOrder(page: Page): Promise<string[]> {
  await framed(page);
  const order = [await focused(page)];
  for (let i = 0; i < 40; i += 1) {
    const before = await page.evaluateHandle(() =>
      document.activeElement instanceof HTMLElement ? document.activeElement : document.body,
    );
    await page.keyboard.press('Tab');
    if (await before.evaluate(hasLeft)) break;
    order.push(await focused(page));
  }
  return order;
}

/**
 * Whether Tab has led out of the page. The browser may have sent the focus on to its top by now; from a
 * heading, which Tab does not reach, that is no end but the beginning.
 */
function hasLeft(before: HTMLElement): boolean {
  const now = document.activeElement ?? document.body;
  const goesOn = before.compareDocumentPosition(now) & Node.DOCUMENT_POSITION_FOLLOWING;
  return now === document.body || (before.tabIndex >= 0 && !goesOn);
}

/** The rules of axe that look at colours, of those that it checks unasked. */
const OF_COLOURS = ['color-contrast', 'link-in-text-block'];

/** No violation in light, in dark, in the system's own colours, and narrow, which is 200 % on a small screen. */
export async function expectAccessible(page: Page): Promise<void> {
  await page.emulateMedia({ colorScheme: 'dark' });
  // The elements of both themes are the same, and so is what the other rules find in them.
  await expectNoViolation(page, 'dark', OF_COLOURS);
  await page.emulateMedia({ colorScheme: 'light', forcedColors: 'active' });
  await expectNoViolation(page, 'forced colours', OF_COLOURS);
  await page.emulateMedia({ forcedColors: 'none' });
  await expectNoViolation(page, 'light');
  await page.setViewportSize({ width: 320, height: 320 });
  await expectNoViolation(page, 'narrow');
  await page.setViewportSize({ width: 360, height: 640 });
}

async function expectNoViolation(
  page: Page,
  how: string,
  rules?: readonly string[],
): Promise<void> {
  await settled(page);
  // It is large: one document gets it once.
  const isThere = await page.evaluate(() => 'axe' in window);
  const axe = new AxeBuilder({ page, ...(isThere && { axeSource: ';' }) });
  axe.options({ resultTypes: ['violations'] });
  if (rules) axe.withRules([...rules]);
  // The mode for pages without frames of others: it opens no second page for each run.
  const { violations } = await axe.setLegacyMode(true).analyze();
  const found = violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.failureSummary}`);
  expect(found, `axe, ${how}`).toEqual([]);
}

/** Nothing is cut, nothing lies on anything else, nothing scrolls sideways: as it is, narrow, and with longer words. */
export async function expectRoomy(page: Page): Promise<void> {
  expect(await misplaced(page), 'at 360 px').toEqual([]);
  await page.setViewportSize({ width: 320, height: 320 });
  expect(await misplaced(page), 'at 320 px, which is 200 % on a small screen').toEqual([]);
  await lengthen(page);
  expect(await misplaced(page), 'at 320 px with words 40 % longer').toEqual([]);
  await page.setViewportSize({ width: 360, height: 640 });
  expect(await misplaced(page), 'with words 40 % longer').toEqual([]);
}

/** The view as the window shows it, light and dark, at its own height. */
export async function picture(page: Page, bridge: Bridge, name: string): Promise<void> {
  await resize(page, bridge);
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    await settled(page);
    await page.screenshot({ path: `test-results/pictures/${name}-${colorScheme}.png` });
  }
  await page.emulateMedia({ colorScheme: 'light' });
  await page.setViewportSize({ width: 360, height: 640 });
}

/** Gives the window the height that the page asks for. */
export async function resize(page: Page, bridge: Bridge): Promise<void> {
  // It asks when it has been laid out, which this observer is told after its own.
  await page.evaluate(
    () => new Promise((laidOut) => new ResizeObserver(laidOut).observe(document.body)),
  );
  const { height = 200 } = (bridge.made('window:height').at(-1) ?? {}) as { height?: number };
  await page.setViewportSize({ width: 360, height: Math.min(Math.max(height, 200), 640) });
}

/** Waits for what moves. */
export async function settled(page: Page): Promise<void> {
  await page.clock.runFor(200);
  await page.evaluate(() => {
    for (const animation of document.getAnimations()) {
      if (animation.effect?.getComputedTiming().iterations !== Infinity) animation.finish();
    }
  });
}

/** What is wider than its place, or covered by something else. */
async function misplaced(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const found: string[] = [];
    const nameOf = (element: Element) =>
      `${element.className || element.tagName}: ${element.textContent?.trim().slice(0, 40)}`;
    if (document.documentElement.scrollWidth > window.innerWidth) found.push('the page');
    for (const element of document.querySelectorAll<HTMLElement>('main, main *:not(svg *)')) {
      if (element.closest('.unseen')) continue;
      if (
        element.scrollWidth > element.clientWidth + 1 &&
        getComputedStyle(element).display !== 'inline'
      )
        found.push(`wider than its place, ${nameOf(element)}`);
      const { left, right } = element.getBoundingClientRect();
      if (left < -0.5 || right > window.innerWidth + 0.5) found.push(`outside, ${nameOf(element)}`);
    }
    for (const control of document.querySelectorAll<HTMLElement>('main button, main input')) {
      control.scrollIntoView({ block: 'nearest' });
      const { x, y, width, height } = control.getBoundingClientRect();
      const top = document.elementFromPoint(x + width / 2, y + height / 2);
      if (top !== control && !control.contains(top)) found.push(`covered, ${nameOf(control)}`);
      if (control.scrollHeight > control.clientHeight + 2) found.push(`cut, ${nameOf(control)}`);
    }
    return found;
  });
}

/** Every text becomes 40 % longer, as it would in another language. */
async function lengthen(page: Page): Promise<void> {
  await page.evaluate(() => {
    const texts = document.createTreeWalker(
      document.querySelector('main') ?? document.body,
      NodeFilter.SHOW_TEXT,
    );
    while (texts.nextNode()) {
      const { currentNode: node } = texts;
      const text = node.textContent ?? '';
      if (text.trim())
        node.textContent = text + text.replace(/\s/g, ' ').slice(0, Math.ceil(text.length * 0.4));
    }
  });
}
