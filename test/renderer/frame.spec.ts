import type { Page } from '@playwright/test';
import type { AppState } from '../../src/shared/app-state.ts';
import { weight } from './build.ts';
import { expect, expectAccessible, framed, inView, picture, stopTime, test } from './harness.ts';
import { error, FRESH, STEPS } from './states.ts';

const SIGN_IN = { view: 'sign-in' } as const;
const WAITING = { ...FRESH, signIn: STEPS.waiting };

function on(os: AppState['system']['os'], platform: string): AppState {
  return { ...FRESH, system: { ...FRESH.system, os, platform } };
}

async function radiusOf(page: Page, selector: string): Promise<string> {
  return page
    .locator(selector)
    .first()
    .evaluate((e) => getComputedStyle(e).borderRadius);
}

test('the page’s JavaScript is at most 40 kB gzipped', async () => {
  expect(await weight()).toBeLessThanOrEqual(40);
});

test('no markup becomes a part of the page from text, and it reaches no network', async ({
  page,
  open,
  complaints,
}) => {
  await open(FRESH);
  const refused = await page.evaluate(async () => {
    const script = document.createElement('div');
    const names: string[] = [];
    try {
      script.innerHTML = '<img src=x>';
    } catch (error) {
      names.push((error as Error).name);
    }
    await fetch('/index.html').catch((error: Error) => names.push(error.name));
    return names;
  });
  expect(refused).toEqual(['TypeError', 'TypeError']);
  expect(complaints.join()).toContain("requires 'TrustedHTML' assignment");
  expect(complaints.join()).toContain("connect-src 'none'");
  complaints.length = 0;
});

test('the window is drawn once, and then tells every change of its height', async ({
  page,
  open,
}) => {
  const bridge = await open(FRESH);
  const heights = () => bridge.made('window:height').map((it) => (it as { height: number }).height);
  await expect.poll(() => heights().length).toBeGreaterThan(0);
  const [welcome = 0] = heights();
  const names = bridge.calls.map(({ name }) => name);
  expect(names.indexOf('window:height')).toBeLessThan(names.indexOf('window:drawn'));
  await bridge.emit('go', { view: 'add' });
  await expect(page.getByRole('heading', { name: 'Add a login' })).toBeVisible();
  await expect.poll(() => heights().at(-1)).toBeLessThan(welcome);
  await expect.poll(() => bridge.made('window:drawn')).toHaveLength(1);
});

test('each system has its own corners', async ({ page, open }) => {
  const bridge = await open(on('mac26', 'darwin'));
  const radii: Record<string, string> = {};
  for (const os of ['mac26', 'mac', 'win', 'linux'] as const) {
    await bridge.push(on(os, 'linux'));
    await expect(page.locator('html')).toHaveAttribute('data-os', os);
    radii[os] = await radiusOf(page, '.button');
    await picture(page, bridge, `welcome-on-${os}`);
  }
  expect(radii).toEqual({ mac26: '999px', mac: '8px', win: '4px', linux: '8px' });
});

test('a Mac’s keys', async ({ page, open }) => {
  const bridge = await open(WAITING, SIGN_IN);
  const heading = page.getByRole('heading', { level: 1 });
  await page.keyboard.press('Meta+BracketLeft');
  await expect(page.locator('.heading')).toBeHidden();
  await page.keyboard.press('Meta+Comma');
  await expect(heading).toHaveText('Settings');
  await page.keyboard.press('Meta+n');
  await expect(heading).toHaveText('Add a login');
  await page.keyboard.press('Meta+q');
  await expect(heading).toHaveText('Quit Authbar?');
  await page.keyboard.press('Escape');
  await expect(heading).toHaveText('Add a login');
  await page.keyboard.press('Meta+r');
  await page.keyboard.press('Meta+w');
  for (const key of ['Equal', 'Minus', '0']) await page.keyboard.press(`Meta+${key}`);
  await expect.poll(() => bridge.made('account:check')).toEqual([{ account: null }]);
  await expect.poll(() => bridge.made('window:hide')).toHaveLength(1);
  await expect
    .poll(() => bridge.made('window:zoom'))
    .toEqual([{ step: 'bigger' }, { step: 'smaller' }, { step: 'actual' }]);
  expect(bridge.made('app:quit')).toEqual([]);
});

test('the keys of Windows and Linux', async ({ page, open }) => {
  const bridge = await open(on('win', 'win32'));
  const heading = page.getByRole('heading', { level: 1 });
  await page.keyboard.press('Control+Comma');
  await expect(heading).toHaveText('Settings');
  await page.keyboard.press('Alt+ArrowLeft');
  await expect(heading).toHaveText('Stay signed in');
  await page.keyboard.press('Control+n');
  await expect(heading).toHaveText('Add a login');
  await page.getByRole('button', { name: 'Back' }).focus();
  await page.keyboard.press('ArrowLeft');
  await expect(heading).toHaveText('Stay signed in');
  await page.keyboard.press('Control+w');
  await expect.poll(() => bridge.made('window:hide')).toHaveLength(1);
});

test('Escape goes one view back, and hides when there is none', async ({ page, open }) => {
  const bridge = await open(FRESH);
  const settings = page.getByRole('button', { name: 'Settings' });
  await settings.click();
  await expect(settings).toBeHidden();
  await page.keyboard.press('Escape');
  await expect(settings).toBeFocused();
  expect(bridge.made('window:hide')).toEqual([]);
  await page.keyboard.press('Escape');
  await expect.poll(() => bridge.made('window:hide')).toHaveLength(1);
});

test('reopened soon it is where it was, later it starts over', async ({ page, open }) => {
  const bridge = await open(FRESH, { view: 'add' });
  const heading = page.getByRole('heading', { level: 1 });
  await bridge.emit('hidden', undefined);
  await bridge.emit('shown', { fresh: false });
  await expect(heading).toHaveText('Add a login');
  await expect(heading).toBeFocused();
  await bridge.emit('hidden', undefined);
  await bridge.emit('shown', { fresh: true });
  await expect(heading).toHaveText('Stay signed in');
  await expect(heading).toBeFocused();
});

test('a call that failed is shown and said, with its way out, until something else is done', async ({
  page,
  open,
}) => {
  const bridge = await open(FRESH);
  bridge.answer('sign-in:start', () => ({ ok: false, error: error('clock-wrong') }));
  await page.getByRole('button', { name: 'Sign in to ChatGPT' }).click();
  const { title, sentence, action } = error('clock-wrong');
  await expect(inView(page).getByText(title)).toBeVisible();
  await expect.poll(() => bridge.said()).toContain(`${title}. ${sentence}`);
  await picture(page, bridge, 'trouble');
  await expectAccessible(page);
  await page.getByRole('button', { name: action }).click();
  await expect.poll(() => bridge.made('settings:open-system')).toEqual([{ page: 'date-time' }]);
  await expect(inView(page).getByText(title)).toBeHidden();
});

test('what is said goes after five seconds, and is not said again within ten', async ({
  page,
  open,
}) => {
  const bridge = await open(WAITING, SIGN_IN);
  const status = page.getByRole('status');
  const copy = page.getByRole('button', { name: /Copy link|Copied/ });
  const times = async () => (await bridge.said()).filter((text) => text === 'Link copied.').length;
  await stopTime(page);
  await copy.click();
  await expect(status).toContainText('Link copied.');
  await page.clock.runFor(5_100);
  await expect(status).toBeEmpty();
  await copy.click();
  expect(await times()).toBe(1);
  await page.clock.runFor(5_100);
  await copy.click();
  await expect.poll(times).toBe(2);
});

test('a hidden window says nothing', async ({ page, open }) => {
  const bridge = await open(WAITING, SIGN_IN);
  await bridge.emit('hidden', undefined);
  await bridge.push({ signIn: STEPS.finishing });
  await expect(page.getByRole('heading', { name: 'Signing you in…' })).toBeVisible();
  await framed(page);
  expect(await bridge.said()).not.toContain('Signing you in.');
});

test('nothing moves for those who asked for less of it', async ({ page, open }) => {
  await open(WAITING, SIGN_IN);
  await expect(page.locator('.turning')).toBeHidden();
  await expect(page.locator('.spinner .shape')).toBeVisible();
  await page.emulateMedia({ reducedMotion: 'no-preference' });
  await expect(page.locator('.turning')).toBeVisible();
});

test('forced colours and more contrast are followed', async ({ page, open }) => {
  const bridge = await open(WAITING, SIGN_IN);
  await page.emulateMedia({ forcedColors: 'active' });
  await picture(page, bridge, 'forced-waiting');
  await bridge.emit('go', { view: 'add' });
  await picture(page, bridge, 'forced-add');
  await page.emulateMedia({ forcedColors: 'none', contrast: 'more' });
  const text2 = await page
    .locator('.row-value')
    .first()
    .evaluate((e) => getComputedStyle(e).color);
  const text1 = await page
    .locator('.row-words')
    .first()
    .evaluate((e) => getComputedStyle(e).color);
  expect(text2).toBe(text1);
  await picture(page, bridge, 'contrast-add');
  await expectAccessible(page);
});
