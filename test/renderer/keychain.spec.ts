import type { AppState } from '../../src/shared/app-state.ts';
import { expect, expectAccessible, expectRoomy, picture, tabOrder, test } from './harness.ts';
import { error, FRESH } from './states.ts';

const LESS_SAFE =
  'Authbar can keep your logins in a file that only you can read. That’s less safe.';

/** A computer without a keyring, on which nobody has signed in. */
const BARE: AppState = {
  ...FRESH,
  services: FRESH.services.map((service) => ({ ...service, terms: null })),
  system: { ...FRESH.system, os: 'linux', platform: 'linux' },
  vault: { kind: null, state: 'unavailable' },
};

test('without a keyring the person is asked, and told that a file is less safe', async ({
  page,
  open,
}) => {
  const bridge = await open(BARE);
  bridge.answer('sign-in:start', () => ({ ok: false, error: error('keyring-missing') }));
  await page.getByRole('button', { name: 'Sign in to ChatGPT' }).click();
  await page.getByRole('button', { name: 'Use a file' }).click();
  expect(bridge.made('keychain:use-file')).toEqual([]);

  const heading = page.getByRole('heading', { level: 1, name: 'No keyring found' });
  await expect(heading).toBeFocused();
  await expect(heading).toHaveAccessibleDescription(LESS_SAFE);
  await expect
    .poll(async () => (await bridge.said()).slice(-2))
    .toEqual(['No keyring found', LESS_SAFE]);
  expect(await tabOrder(page)).toEqual(['No keyring found', 'Back', 'Use a file', 'Not now']);
  await picture(page, bridge, 'keychain');
  await expectAccessible(page);
  await expectRoomy(page);
});

test('the file is used only when the person says so', async ({ page, open }) => {
  const bridge = await open(BARE);
  bridge.answer('sign-in:start', () => ({ ok: false, error: error('keyring-missing') }));
  const chatGpt = page.getByRole('button', { name: 'Sign in to ChatGPT' });
  const useFile = page.getByRole('button', { name: 'Use a file' });
  await chatGpt.click();
  await useFile.click();
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Not now' }).click();
  await expect(chatGpt).toBeVisible();
  expect(bridge.made('keychain:use-file')).toEqual([]);

  await chatGpt.click();
  await useFile.click();
  await expect(page.getByRole('heading', { name: 'No keyring found' })).toBeFocused();
  await useFile.click();
  await expect.poll(() => bridge.made('keychain:use-file')).toHaveLength(1);
  await expect(chatGpt).toBeVisible();
});
