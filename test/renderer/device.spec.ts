import { TEXTS } from '../../src/shared/ui/texts.ts';
import {
  expect,
  expectAccessible,
  expectRoomy,
  focused,
  framed,
  inView,
  picture,
  stopTime,
  tabOrder,
  test,
} from './harness.ts';
import { error, FRESH, failed, MINUTE, STEPS } from './states.ts';

const { waiting, still, device } = TEXTS.signIn;
const SIGN_IN = { view: 'sign-in' } as const;
const CODE = { ...FRESH, signIn: STEPS.device };
const TO_CHATGPT = { ...STEPS.waiting, provider: 'openai' };
const BUSY = {
  ...TO_CHATGPT,
  browserOpened: false,
  obstacle: error('port-busy', { program: 'Docker', service: 'ChatGPT' }),
};

test('another device: where to go, what to enter, and how long it works', async ({
  page,
  open,
}) => {
  const bridge = await open(CODE, SIGN_IN);
  await expect(page.locator('.title')).toHaveText('Sign in to ChatGPT');
  await expect(page.getByRole('heading', { name: device.heading })).toBeFocused();
  await expect(inView(page).getByText('auth.openai.com/codex/device')).toBeVisible();
  await expect(inView(page).getByText('BQ7K-M2XD')).toBeVisible();
  // Letter by letter for an ear.
  await expect(page.getByRole('img', { name: 'B Q 7 K, M 2 X D' })).toBeVisible();
  await expect(inView(page).getByText('Works for 14 more minutes.')).toBeVisible();
  await expect(inView(page).getByText(device.warning)).toBeVisible();
  expect(await tabOrder(page)).toEqual([
    device.heading,
    'Copy code',
    'Copy link',
    device.openPage,
    'Cancel',
  ]);
  await expect
    .poll(() => bridge.said())
    .toContain(
      'On another device, open auth.openai.com slash codex slash device and enter the code B Q 7 K, M 2 X D.',
    );
});

test('another device: code and link are copied, each with its own words', async ({
  page,
  open,
}) => {
  const bridge = await open(CODE, SIGN_IN);
  await stopTime(page);
  await page.getByRole('button', { name: 'Copy code' }).click();
  const copied = page.getByRole('button', { name: 'Copied' });
  await expect(copied).toBeFocused();
  await expect.poll(() => bridge.said()).toContain('Code copied.');
  await page.clock.runFor(2_100);
  await expect(copied).toBeHidden();
  await page.getByRole('button', { name: 'Copy link' }).click();
  await expect.poll(() => bridge.said()).toContain('Link copied.');
  await expect.poll(() => bridge.made('sign-in:copy-code')).toHaveLength(1);
  await expect.poll(() => bridge.made('sign-in:copy-link')).toHaveLength(1);
  await page.getByRole('button', { name: device.openPage }).click();
  await expect.poll(() => bridge.made('sign-in:open-again')).toHaveLength(1);
});

test('another device: the time that is left goes down, and is not said', async ({ page, open }) => {
  const bridge = await open(CODE, SIGN_IN);
  await page.clock.fastForward(12 * MINUTE);
  await expect(inView(page).getByText('Works for 2 more minutes.')).toBeVisible();
  await page.clock.fastForward(MINUTE);
  await expect(inView(page).getByText('Works for 1 more minute.')).toBeVisible();
  await page.clock.fastForward(2 * MINUTE);
  await expect(inView(page).getByText('Works for 1 more minute.')).toBeVisible();
  await framed(page);
  expect((await bridge.said()).filter((text) => text.includes('minute'))).toEqual([]);
});

test('another device: Back leaves it going, Cancel stops it', async ({ page, open }) => {
  const bridge = await open(CODE, SIGN_IN);
  await page.keyboard.press('Escape');
  await expect(page.getByRole('heading', { name: device.heading })).toBeHidden();
  expect(bridge.made('sign-in:cancel')).toEqual([]);
  await bridge.emit('go', SIGN_IN);
  bridge.answer('sign-in:cancel', () => bridge.push({ signIn: null }));
  await page.getByRole('button', { name: 'Cancel' }).click();
  await expect(page.getByRole('heading', { name: TEXTS.welcome.heading })).toBeFocused();
});

test('another device: a paste leads to no field, there is nothing to paste', async ({
  page,
  open,
}) => {
  await open(CODE, SIGN_IN);
  await page.evaluate(() => {
    const clipboardData = new DataTransfer();
    clipboardData.setData('text/plain', 'BQ7K-M2XD');
    document.dispatchEvent(new ClipboardEvent('paste', { clipboardData }));
  });
  await expect(page.getByRole('textbox')).toHaveCount(0);
});

test('another device is for everyone', async ({ page, open }) => {
  const bridge = await open(CODE, SIGN_IN);
  await picture(page, bridge, 'sign-in-device');
  await expectAccessible(page);
  await expectRoomy(page);
});

test('a busy port leads to another device, and leaves the hard way', async ({ page, open }) => {
  const bridge = await open({ ...FRESH, signIn: BUSY }, SIGN_IN);
  await expect(page.getByRole('heading', { name: 'Docker is in the way' })).toBeFocused();
  expect(await tabOrder(page)).toEqual([
    'Docker is in the way',
    'Use another device',
    waiting.open,
    'Copy link',
    'Enter a code instead',
    'Cancel',
  ]);
  await picture(page, bridge, 'sign-in-port-busy');
  await expectAccessible(page);
  await expectRoomy(page);
  // Nothing was opened, so nothing is waited for.
  await page.clock.fastForward(2 * MINUTE);
  await expect(page.getByRole('heading', { name: 'Docker is in the way' })).toBeVisible();
  await page.locator('.button.main').click();
  await expect.poll(() => bridge.made('sign-in:use-device')).toHaveLength(1);
  await bridge.push({ signIn: { ...TO_CHATGPT, step: 'preparing', device: true } });
  await expect(page.getByRole('heading', { name: device.preparing })).toBeFocused();
  await bridge.push({ signIn: STEPS.device });
  await expect(page.getByRole('heading', { name: device.heading })).toBeFocused();
});

test('after a minute another device is one of four ways', async ({ page, open }) => {
  const bridge = await open({ ...FRESH, signIn: TO_CHATGPT }, SIGN_IN);
  await expect(page.getByRole('heading', { name: waiting.heading })).toBeFocused();
  await page.clock.fastForward(MINUTE + 500);
  await expect(page.getByRole('heading', { name: still.heading })).toBeFocused();
  await expect.poll(() => bridge.said()).toContain(still.saysFour);
  await page.getByRole('button', { name: device.heading }).focus();
  expect(await focused(page)).toBe(device.heading);
  await page.keyboard.press('Enter');
  await expect.poll(() => bridge.made('sign-in:use-device')).toHaveLength(1);
  await picture(page, bridge, 'sign-in-still-waiting-four');
  await expectAccessible(page);
  await expectRoomy(page);
});

test('a code that has run out says how long one works', async ({ page, open }) => {
  const details = { service: 'ChatGPT', hint: 'A code works for 15 minutes.' };
  await open({ ...FRESH, signIn: failed('sign-in-timeout', details) });
  await expect(inView(page).getByText('A code works for 15 minutes.')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Start again' })).toBeFocused();
});
