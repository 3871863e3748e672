import type { Page } from '@playwright/test';
import type { KeyCardState } from '../../src/shared/app-state.ts';
import type { KeyAdded } from '../../src/shared/ipc-contract.ts';
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
import { FRESH, keys, ONE } from './states.ts';

const { key: T } = TEXTS;
const KEY = 'AIzaCanaryGeminiCanaryGemini0123456d2Ve';
const GEMINI = { service: 'Gemini' };

const WITHOUT = { ...ONE, keys: keys() };
const WITH = { ...ONE, keys: keys({ gemini: 'works', grok: 'refused', openai: 'unchecked' }) };
const AT_GEMINI = { view: 'key', service: 'gemini' } as const;

/** What the page holds of the key, wherever it may stand; what is in the field itself is the person's. */
async function holdsKey(page: Page): Promise<boolean> {
  return page.evaluate((key) => document.documentElement.outerHTML.includes(key.slice(-12)), KEY);
}

test('a key is one of the ways to add a login', async ({ page, open }) => {
  const bridge = await open({ ...WITHOUT, keys: keys({ grok: 'works' }) }, { view: 'add' });
  await expect(inView(page).getByRole('listitem')).toHaveText([
    'ClaudeSign in',
    'ChatGPTSign in',
    'GeminiPaste a key',
    'Grok (xAI)Replace',
    'AnthropicPaste a key',
    'OpenAIPaste a key',
  ]);
  await picture(page, bridge, 'add-keys');
  await expectAccessible(page);
  await page.getByRole('button', { name: 'Gemini' }).click();
  await expect(page.getByRole('heading', { name: 'Paste your Gemini key' })).toBeVisible();
});

test('the field has the focus and shows nothing, until it is told to', async ({ page, open }) => {
  const bridge = await open(WITHOUT, AT_GEMINI);
  const field = page.getByLabel(T.label, { exact: true });
  await expect(field).toBeFocused();
  expect(await tabOrder(page)).toEqual([T.label, T.show, T.save]);
  await field.fill(KEY);
  await expect(field).toHaveAttribute('type', 'password');
  expect(await holdsKey(page)).toBe(false);
  await picture(page, bridge, 'key');
  await expectAccessible(page);
  // A field scrolls what is longer than itself.
  await field.fill('');
  await expectRoomy(page);
});

test('Show shows it, and Hide hides it again', async ({ page, open }) => {
  await open(WITHOUT, AT_GEMINI);
  const field = page.getByLabel(T.label, { exact: true });
  await field.fill(KEY);
  await page.getByRole('button', { name: T.show }).click();
  await expect(field).toHaveAttribute('type', 'text');
  await expect(field).toHaveValue(KEY);
  await page.getByRole('button', { name: T.hide }).click();
  await expect(field).toHaveAttribute('type', 'password');
});

const RESULTS: readonly [state: KeyCardState, text: string, where: 'status' | 'alert'][] = [
  ['works', 'Key works', 'status'],
  ['refused', T.refused(GEMINI), 'alert'],
  ['unchecked', T.unchecked(GEMINI), 'status'],
];

for (const [state, text, where] of RESULTS) {
  test(`a key that is saved: ${state}`, async ({ page, open }) => {
    const bridge = await open(WITHOUT, AT_GEMINI);
    bridge.answer('key:add', () => ({ problem: null, state }));
    await page.getByLabel(T.label, { exact: true }).fill(` ${KEY} `);
    await page.keyboard.press('Enter');
    await expect(page.getByRole('heading', { name: text })).toBeVisible();
    await expect
      .poll(() => bridge.made('key:add'))
      .toEqual([{ service: 'gemini', key: ` ${KEY} ` }]);
    await expect
      .poll(() => page.evaluate(() => window.bridge.said))
      .toContainEqual({ where, text });
    expect(await holdsKey(page)).toBe(false);
    expect(await focused(page)).toBe(T.done);
    await picture(page, bridge, `key-${state}`);
    await expectAccessible(page);
    await page.keyboard.press('Enter');
    await expect(page.getByRole('heading', { name: 'Signed in' })).toBeVisible();
  });
}

test('what is no key is told below the field, and nothing is lost', async ({ page, open }) => {
  const bridge = await open(WITHOUT, AT_GEMINI);
  const problem = 'That’s a key for OpenAI. Paste it there.';
  bridge.answer('key:add', () => ({ problem, state: null }));
  const field = page.getByLabel(T.label, { exact: true });
  await field.fill('wrong');
  await page.keyboard.press('Enter');
  await expect(inView(page).getByText(problem)).toBeVisible();
  await expect(field).toHaveAccessibleDescription(problem);
  await expect(field).toHaveValue('wrong');
  await expect.poll(() => bridge.said()).toContain(problem);
  await picture(page, bridge, 'key-problem');
  await expectAccessible(page);
});

test('while the service is asked, it is said, and asked once', async ({ page, open }) => {
  const bridge = await open(WITHOUT, AT_GEMINI);
  let answer: (added: KeyAdded) => void = () => {};
  bridge.answer(
    'key:add',
    () =>
      new Promise<KeyAdded>((resolve) => {
        answer = resolve;
      }),
  );
  await page.getByLabel(T.label, { exact: true }).fill(KEY);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('button', { name: T.checking })).toBeVisible();
  await page.keyboard.press('Enter');
  await expect.poll(() => bridge.made('key:add')).toHaveLength(1);
  answer({ problem: null, state: 'works' });
  await expect(page.getByRole('heading', { name: T.works })).toBeVisible();
});

test('a locked keychain is told, and the key stays in the field', async ({ page, open }) => {
  const bridge = await open(WITHOUT, AT_GEMINI);
  const error = {
    code: 'keychain-locked',
    title: 'Your keychain is locked',
    sentence: 'Your logins are safe in it.',
    action: 'Unlock…',
  } as const;
  bridge.answer('key:add', () => ({ ok: false, error }));
  const field = page.getByLabel(T.label, { exact: true });
  await field.fill(KEY);
  await page.keyboard.press('Enter');
  await expect(inView(page).getByText(error.title)).toBeVisible();
  await expect(field).toHaveValue(KEY);
});

test('a key has a card below the logins', async ({ page, open }) => {
  const bridge = await open(WITH);
  const cards = inView(page).getByRole('listitem');
  await expect(cards).toHaveCount(4);
  await expect(cards.nth(1)).toHaveText('GeminiKeyEnds in …d2VeKey works');
  await expect(cards.nth(2)).toContainText('Grok (xAI) didn’t accept it');
  await expect(cards.nth(3)).toContainText('Not checked yet');
  await picture(page, bridge, 'accounts-keys');
  await expectAccessible(page);

  await page.getByRole('button', { name: 'More for the Gemini key' }).click();
  await expect.poll(() => bridge.made('key:menu')).toEqual([{ service: 'gemini' }]);
  await page.getByRole('button', { name: 'Gemini, key. Key works' }).click();
  await expect(page.getByRole('heading', { name: 'Paste your Gemini key' })).toBeVisible();
});

test('what is shown of keys has room', async ({ page, open }) => {
  const bridge = await open(WITH);
  await expectRoomy(page);
  await bridge.emit('go', { view: 'remove-key', service: 'anthropic' });
  await expectRoomy(page);
});

test('keys alone are something to see', async ({ page, open }) => {
  await open({ ...FRESH, keys: keys({ openai: 'works' }) });
  await expect(inView(page).getByText('Ends in …d2Ve')).toBeVisible();
});

test('a shortcut for a login does nothing to a key', async ({ page, open }) => {
  const bridge = await open(WITH);
  await page.getByRole('button', { name: 'Gemini, key. Key works' }).focus();
  await page.keyboard.press('Meta+r');
  await expect.poll(() => bridge.made('account:check')).toEqual([{ account: null }]);
});

test('a key is removed after a question', async ({ page, open }) => {
  const bridge = await open(WITH, { view: 'remove-key', service: 'gemini' });
  await expect(page.getByRole('heading', { name: 'Remove the Gemini key?' })).toBeVisible();
  expect(await focused(page)).toBe(T.remove.keep);
  await picture(page, bridge, 'remove-key');
  await expectAccessible(page);
  await page.getByRole('button', { name: T.remove.remove }).click();
  await expect.poll(() => bridge.made('key:remove')).toEqual([{ service: 'gemini' }]);
  await expect(page.getByRole('heading', { name: 'Signed in' })).toBeVisible();
});
