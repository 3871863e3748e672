import { TEXTS } from '../../src/shared/ui/texts.ts';
import {
  expect,
  expectAccessible,
  expectRoomy,
  focused,
  inView,
  picture,
  tabOrder,
  test,
} from './harness.ts';
import { FRESH, ONE, STEPS, TERMS, tool } from './states.ts';

const WORDS = { computer: 'this Mac' } as never;

test('the welcome says what Authbar does, and offers both services', async ({ page, open }) => {
  const bridge = await open(FRESH);
  await expect(page.getByRole('heading', { level: 1, name: 'Stay signed in' })).toBeVisible();
  await expect(inView(page).getByText(TEXTS.welcome.body(WORDS))).toBeVisible();
  await expect(page.locator('.footer')).toHaveText('Found on this Mac: Claude Code, Codex, Pi');
  expect(await tabOrder(page)).toEqual([
    'Stay signed in',
    'Sign in to Claude',
    'Sign in to ChatGPT',
    TEXTS.welcome.other,
    'Settings',
  ]);
  await expect.poll(() => bridge.said()).toEqual(['Stay signed in']);
});

test('the welcome is for everyone, light and dark, near and large', async ({ page, open }) => {
  const bridge = await open(FRESH);
  await picture(page, bridge, 'welcome');
  await expectAccessible(page);
  await expectRoomy(page);
});

test('many tools are counted, and none is no reason to stop', async ({ page, open }) => {
  const tools = ['Claude Code', 'Codex', 'Pi', 'Peekaboo', 'opencode'].map((name, i) =>
    tool(`tool-${i}`, name, ['anthropic']),
  );
  const bridge = await open({ ...FRESH, tools });
  const footer = page.locator('.footer');
  await expect(footer).toHaveText('Found on this Mac: Claude Code, Codex, Pi and 2 more');
  await bridge.push({ tools: [] });
  await expect(footer).toHaveText(TEXTS.welcome.noTools);
});

test('ChatGPT is one click away from the browser', async ({ page, open }) => {
  const bridge = await open(FRESH);
  bridge.answer('sign-in:start', () => {
    return bridge.push({ signIn: { ...STEPS.waiting, provider: 'openai' } });
  });
  await page.getByRole('button', { name: 'Sign in to ChatGPT' }).click();
  await expect(page.getByRole('heading', { name: 'Finish in your browser' })).toBeFocused();
  await expect
    .poll(() => bridge.made('sign-in:start'))
    .toEqual([{ provider: 'openai', account: null }]);
  // No other view comes in between.
  await expect.poll(() => bridge.said()).toEqual(['Stay signed in', 'Finish in your browser.']);
});

test('before the first sign-in to Claude its terms are told, once', async ({ page, open }) => {
  const bridge = await open(FRESH);
  await page.getByRole('button', { name: 'Sign in to Claude' }).click();
  const heading = page.getByRole('heading', { level: 1, name: 'Before you sign in' });
  await expect(heading).toBeFocused();
  await expect(heading).toHaveAccessibleDescription(TERMS.paragraphs.join(' '));
  expect(await tabOrder(page)).toEqual([
    'Before you sign in',
    'Back',
    TERMS.link,
    'Continue to Claude',
    'Not now',
  ]);
  await expect
    .poll(() => bridge.said())
    .toEqual(['Stay signed in', 'Before you sign in', ...TERMS.paragraphs]);
  await page.getByRole('button', { name: TERMS.link }).click();
  await expect.poll(() => bridge.made('link:open')).toEqual([{ link: 'terms' }]);
  expect(bridge.made('sign-in:start')).toEqual([]);

  bridge.answer('terms:accept', () => bridge.push({ services: ONE.services }));
  bridge.answer('sign-in:start', () => bridge.push({ signIn: STEPS.waiting }));
  await page.getByRole('button', { name: 'Continue to Claude' }).click();
  await expect(page.getByRole('heading', { name: 'Finish in your browser' })).toBeVisible();
  await expect.poll(() => bridge.made('terms:accept')).toEqual([{ provider: 'anthropic' }]);
  await expect
    .poll(() => bridge.made('sign-in:start'))
    .toEqual([{ provider: 'anthropic', account: null }]);
});

test('Return on the heading does not accept the terms, and Not now leads back', async ({
  page,
  open,
}) => {
  const bridge = await open(FRESH);
  const claude = page.getByRole('button', { name: 'Sign in to Claude' });
  await claude.click();
  await page.keyboard.press('Enter');
  expect(bridge.made('terms:accept')).toEqual([]);
  await page.getByRole('button', { name: 'Not now' }).click();
  await expect(claude).toBeFocused();
});

test('the terms are for everyone, light and dark, near and large', async ({ page, open }) => {
  const bridge = await open(FRESH);
  await page.getByRole('button', { name: 'Sign in to Claude' }).click();
  await picture(page, bridge, 'terms');
  await expectAccessible(page);
  await expectRoomy(page);
});

test('adding a login offers the two services', async ({ page, open }) => {
  const bridge = await open(FRESH, { view: 'add' });
  await expect(page.getByRole('heading', { level: 1, name: 'Add a login' })).toBeFocused();
  expect(await tabOrder(page)).toEqual([
    'Add a login',
    'Back',
    'ClaudeSign in',
    'ChatGPTSign in',
    TEXTS.add.byAddress,
  ]);
  await picture(page, bridge, 'add');
  await expectAccessible(page);
  await page.getByRole('button', { name: 'ChatGPT Sign in' }).click();
  await expect
    .poll(() => bridge.made('sign-in:start'))
    .toEqual([{ provider: 'openai', account: null }]);
});

test('where nobody knows the icon’s place, the window can be closed', async ({ page, open }) => {
  const bridge = await open({ ...FRESH, system: { ...FRESH.system, os: 'linux', closable: true } });
  await page.getByRole('button', { name: 'Close' }).click();
  await expect.poll(() => bridge.made('window:hide')).toHaveLength(1);
  expect(await focused(page)).toBe('Close');
});
