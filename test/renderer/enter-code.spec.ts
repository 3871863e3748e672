import type { Page } from '@playwright/test';
import { TEXTS } from '../../src/shared/ui/texts.ts';
import type { Bridge } from './bridge.ts';
import {
  expect,
  expectAccessible,
  expectRoomy,
  inView,
  picture,
  stopTime,
  tabOrder,
  test,
} from './harness.ts';
import { FRESH, STEPS } from './states.ts';

const { code: CODE } = TEXTS.signIn;
const WAITING = { ...FRESH, signIn: STEPS.waiting };
const SIGN_IN = { view: 'sign-in' } as const;
const PART = 'That’s only part of the code. Copy all of it, including what comes after the #.';

/** A code is whole when it has both of its halves. */
function playProvider(bridge: Bridge): void {
  const check = ({ text }: { text: string }) => ({ problem: /\w#\w/.test(text) ? null : PART });
  bridge.answer('sign-in:check-code', check);
  bridge.answer('sign-in:enter-code', check);
}

async function paste(page: Page, text: string): Promise<void> {
  await page.evaluate((pasted) => {
    const data = new DataTransfer();
    data.setData('text/plain', pasted);
    const target = document.activeElement ?? document.body;
    const event = new ClipboardEvent('paste', {
      clipboardData: data,
      bubbles: true,
      cancelable: true,
    });
    target.dispatchEvent(event);
    if (target instanceof HTMLInputElement) document.execCommand('insertText', false, pasted);
  }, text);
}

async function openCode(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Enter a code instead' }).click();
}

test('the focus is in the field, and Return signs in', async ({ page, open }) => {
  const bridge = await open(WAITING, SIGN_IN);
  playProvider(bridge);
  await openCode(page);
  const field = page.getByRole('textbox', { name: 'Code', exact: true });
  await expect(field).toBeFocused();
  await expect(inView(page).getByText(CODE.bodyCode({ service: 'Claude' }))).toBeVisible();
  expect(await tabOrder(page)).toEqual(['Code', 'Sign in']);
  await field.fill('abc#def');
  await field.press('Enter');
  await expect.poll(() => bridge.made('sign-in:enter-code')).toEqual([{ text: 'abc#def' }]);
});

test('what is typed is looked at once typing stops, and is said once', async ({ page, open }) => {
  const bridge = await open(WAITING, SIGN_IN);
  playProvider(bridge);
  await openCode(page);
  const field = page.getByRole('textbox');
  await stopTime(page);
  await field.pressSequentially('abc#');
  await page.clock.fastForward(350);
  await expect(inView(page).getByText(PART)).toBeVisible();
  await page.clock.resume();
  await expect(field).toHaveAccessibleDescription(PART);
  await expect.poll(() => bridge.made('sign-in:check-code')).toEqual([{ text: 'abc#' }]);
  await picture(page, bridge, 'enter-code-part');
  await expectAccessible(page);

  await field.pressSequentially('def');
  await expect(inView(page).getByText(PART)).toBeHidden();
  await page.clock.fastForward(350);
  await expect(inView(page).getByText(CODE.looksRight)).toBeVisible();
  await expect.poll(async () => (await bridge.said()).slice(-2)).toEqual([PART, CODE.looksRight]);
  await picture(page, bridge, 'enter-code-whole');
  await expectAccessible(page);
  await expectRoomy(page);
});

test('what is pasted is looked at at once', async ({ page, open }) => {
  const bridge = await open(WAITING, SIGN_IN);
  playProvider(bridge);
  await openCode(page);
  await paste(page, 'abc#def');
  await page.clock.runFor(1);
  await expect(inView(page).getByText(CODE.looksRight)).toBeVisible();
});

test('a paste while waiting opens the field with it', async ({ page, open }) => {
  const bridge = await open(WAITING, SIGN_IN);
  playProvider(bridge);
  await paste(page, 'abc#def');
  await expect(page.getByRole('textbox')).toHaveValue('abc#def');
  await expect(page.getByRole('textbox')).toBeFocused();
  await expect(inView(page).getByText(CODE.looksRight)).toBeVisible();
});

test('pressed too early it says why, beside the field', async ({ page, open }) => {
  const bridge = await open(WAITING, SIGN_IN);
  playProvider(bridge);
  await openCode(page);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(inView(page).getByText(CODE.empty)).toBeVisible();
  await expect.poll(() => bridge.said()).toContain(CODE.empty);
  await page.getByRole('textbox').fill('abc');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(inView(page).getByText(PART)).toBeVisible();
  await expect.poll(() => bridge.made('sign-in:enter-code')).toEqual([{ text: 'abc' }]);
});

test('ChatGPT takes the address of the page that did not open', async ({ page, open }) => {
  const signIn = { ...STEPS.waiting, provider: 'openai' };
  const bridge = await open({ ...FRESH, signIn }, SIGN_IN);
  await openCode(page);
  await expect(page.getByRole('textbox', { name: CODE.labelAddress })).toBeFocused();
  await expect(inView(page).getByText(CODE.bodyAddress)).toBeVisible();
  await picture(page, bridge, 'enter-code-address');
  await expectAccessible(page);
});

test('a pasted code is gone when its view is left', async ({ page, open }) => {
  playProvider(await open(WAITING, SIGN_IN));
  await openCode(page);
  await page.getByRole('textbox').fill('abc#def');
  await page.keyboard.press('Escape');
  await expect(page.getByRole('button', { name: 'Enter a code instead' })).toBeFocused();
  expect(await page.content()).not.toContain('abc#def');
  await openCode(page);
  await expect(page.getByRole('textbox')).toHaveValue('');
});

test('half-typed text stays while the window is hidden for a moment, and no longer', async ({
  page,
  open,
}) => {
  const bridge = await open(WAITING, SIGN_IN);
  playProvider(bridge);
  await openCode(page);
  await page.getByRole('textbox').fill('abc');
  await bridge.emit('hidden', undefined);
  await page.clock.fastForward(30_000);
  await bridge.emit('shown', { fresh: false });
  await expect(page.getByRole('textbox')).toHaveValue('abc');
  await expect(page.getByRole('textbox')).toBeFocused();
  await bridge.emit('hidden', undefined);
  await page.clock.fastForward(61_000);
  await expect(page.getByRole('textbox')).toBeHidden();
});

test('once the code is taken the field is gone with it', async ({ page, open }) => {
  const bridge = await open(WAITING, SIGN_IN);
  playProvider(bridge);
  await openCode(page);
  await page.getByRole('textbox').fill('abc#def');
  await bridge.push({ signIn: STEPS.finishing });
  await expect(page.getByRole('heading', { name: TEXTS.signIn.finishing.heading })).toBeFocused();
});
