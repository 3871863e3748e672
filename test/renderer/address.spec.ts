import { addressNote } from '../../src/shared/address-problems.ts';
import type { AddressAdded } from '../../src/shared/ipc-contract.ts';
import { TEXTS } from '../../src/shared/ui/texts.ts';
import type { Bridge } from './bridge.ts';
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
import { CHATGPT, error, keys, ONE, STEPS } from './states.ts';

const { add: ADD, address: T } = TEXTS;
const EXAMPLE = { ...CHATGPT, id: 'custom-login-example-com', name: 'login.example.com' };
const WITH = { ...ONE, services: [...ONE.services, EXAMPLE], keys: keys() };
const AT_ADD = { view: 'add' } as const;
const ADDRESS = `https://${EXAMPLE.name}`;

/** What the app does when the service is fit: it is in the list, and its sign-in begins. */
function playAdding(bridge: Bridge): void {
  bridge.answer('address:add', async () => {
    await bridge.push({ services: WITH.services });
    return { problem: null, provider: EXAMPLE.id };
  });
  bridge.answer('sign-in:start', () =>
    bridge.push({ signIn: { ...STEPS.waiting, provider: EXAMPLE.id } }),
  );
}

test('after all services there is the way for those that are not listed', async ({
  page,
  open,
}) => {
  const bridge = await open({ ...ONE, keys: keys() }, AT_ADD);
  expect(await tabOrder(page)).toEqual([
    ADD.heading,
    'Back',
    'ClaudeSign in',
    'ChatGPTSign in',
    'GeminiPaste a key',
    'Grok (xAI)Paste a key',
    'AnthropicPaste a key',
    'OpenAIPaste a key',
    ADD.byAddress,
  ]);
  await page.getByRole('button', { name: ADD.byAddress }).click();
  await expect(page.getByRole('heading', { level: 1, name: T.heading })).toBeVisible();
  await expect.poll(() => bridge.said()).toContain(T.heading);
  expect(await tabOrder(page)).toEqual([T.address, T.clientId, T.add]);
  await page.getByRole('button', { name: 'Back' }).click();
  expect(await focused(page)).toBe(ADD.byAddress);
});

test('the fields are for everyone, light and dark, near and large', async ({ page, open }) => {
  const bridge = await open(ONE, AT_ADD);
  await page.getByRole('button', { name: ADD.byAddress }).click();
  const address = page.getByLabel(T.address, { exact: true });
  await expect(address).toBeFocused();
  await expect(address).toHaveAttribute('spellcheck', 'false');
  await picture(page, bridge, 'address');
  await expectAccessible(page);
  await expectRoomy(page);
});

test('what is added is signed in to at once, and stands in the list behind it', async ({
  page,
  open,
}) => {
  const bridge = await open({ ...ONE, keys: keys() }, AT_ADD);
  playAdding(bridge);
  await page.getByRole('button', { name: ADD.byAddress }).click();
  await page.getByLabel(T.address, { exact: true }).fill(ADDRESS);
  await page.getByLabel(T.clientId).fill('authbar');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: 'Finish in your browser' })).toBeFocused();
  await expect(inView(page).getByText(`${EXAMPLE.name} is open in your browser.`)).toBeVisible();
  await expect
    .poll(() => bridge.made('address:add'))
    .toEqual([{ address: ADDRESS, clientId: 'authbar' }]);
  await expect
    .poll(() => bridge.made('sign-in:start'))
    .toEqual([{ provider: EXAMPLE.id, account: null }]);
  await picture(page, bridge, 'address-signing-in');
  await expectAccessible(page);
  await bridge.push({ signIn: null });
  await expect(page.getByRole('button', { name: `${EXAMPLE.name} Sign in` })).toBeVisible();
});

for (const problem of ['no-https', 'client', 'elsewhere'] as const) {
  test(`what is wrong stands below its field, and is said: ${problem}`, async ({ page, open }) => {
    const bridge = await open(ONE, AT_ADD);
    const note = addressNote(problem);
    bridge.answer('address:add', () => ({ problem: note, provider: null }));
    await page.getByRole('button', { name: ADD.byAddress }).click();
    const field = page.getByLabel(T[note.field], { exact: true });
    await field.fill('wrong');
    await page.getByRole('button', { name: T.add, exact: true }).click();
    await expect(field).toBeFocused();
    await expect(field).toHaveAccessibleDescription(note.text);
    await expect(page.locator('[aria-invalid=true]')).toHaveCount(1);
    await expect(field).toHaveValue('wrong');
    await expect.poll(() => bridge.said()).toContain(note.text);
    await picture(page, bridge, `address-${problem}`);
    await expectAccessible(page);
    await field.fill('better');
    await expect(inView(page).getByText(note.text)).toHaveCount(0);
  });
}

test('a server that does not answer is told as an alert, and nothing typed is lost', async ({
  page,
  open,
}) => {
  const bridge = await open(ONE, AT_ADD);
  const told = error('unreachable', { service: EXAMPLE.name, adding: true });
  bridge.answer('address:add', () => ({ ok: false, error: told }));
  await page.getByRole('button', { name: ADD.byAddress }).click();
  const field = page.getByLabel(T.address, { exact: true });
  await field.fill(ADDRESS);
  await page.keyboard.press('Enter');
  await expect(inView(page).getByText('Nothing was added.')).toBeVisible();
  await expect(field).toHaveValue(ADDRESS);
  const text = `Can’t reach ${EXAMPLE.name}. Nothing was added.`;
  await expect
    .poll(() => page.evaluate(() => window.bridge.said))
    .toContainEqual({ where: 'alert', text });
  await picture(page, bridge, 'address-unreachable');
});

test('while the service is asked it shows, is said, and is asked once', async ({ page, open }) => {
  const bridge = await open(ONE, AT_ADD);
  let answer: (added: AddressAdded) => void = () => {};
  bridge.answer(
    'address:add',
    () =>
      new Promise<AddressAdded>((resolve) => {
        answer = resolve;
      }),
  );
  await page.getByRole('button', { name: ADD.byAddress }).click();
  await page.getByLabel(T.address, { exact: true }).fill(ADDRESS);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('button', { name: T.asking })).toBeVisible();
  await picture(page, bridge, 'address-asking');
  await expect.poll(() => bridge.said()).toContain(T.asking);
  await page.keyboard.press('Enter');
  await expect.poll(() => bridge.made('address:add')).toHaveLength(1);
  // Whoever has gone back meanwhile is not taken anywhere.
  await page.getByRole('button', { name: 'Back' }).click();
  await bridge.push({ services: WITH.services });
  answer({ problem: null, provider: EXAMPLE.id });
  await expect(page.getByRole('button', { name: `${EXAMPLE.name} Sign in` })).toBeVisible();
  await page.clock.runFor(1000);
  expect(bridge.made('sign-in:start')).toEqual([]);
});

test('a service that nobody is signed in to can be removed', async ({ page, open }) => {
  const bridge = await open(WITH, AT_ADD);
  const remove = page.getByRole('button', { name: `Remove ${EXAMPLE.name}` });
  await expect(page.getByRole('button', { name: /^Remove/ })).toHaveCount(1);
  await picture(page, bridge, 'add-address');
  await expectAccessible(page);
  bridge.answer('address:remove', () => bridge.push({ services: ONE.services }));
  await remove.click();
  await expect.poll(() => bridge.made('address:remove')).toEqual([{ provider: EXAMPLE.id }]);
  await expect(remove).toHaveCount(0);
  await expect.poll(() => bridge.said()).toContain(`${EXAMPLE.name} is removed.`);
  expect(await focused(page)).toBe(ADD.heading);
});

test('the list has room for what was added', async ({ page, open }) => {
  await open(WITH, AT_ADD);
  await expectRoomy(page);
});

test('a service that somebody is signed in to stays', async ({ page, open }) => {
  const [anna] = ONE.accounts;
  const accounts = anna ? [{ ...anna, provider: EXAMPLE.id }] : [];
  await open({ ...WITH, accounts }, AT_ADD);
  await expect(page.getByRole('button', { name: `${EXAMPLE.name} Sign in` })).toBeVisible();
  await expect(page.getByRole('button', { name: /^Remove/ })).toHaveCount(0);
});
