import type { Page } from '@playwright/test';
import { inCodex } from './account-states.ts';
import { expect, expectAccessible, expectRoomy, picture, tabOrder, test } from './harness.ts';
import { ANNA, CLAUDE_CODE, entry, ONE, PI } from './states.ts';

const PI_PLACE = { view: 'tool', tool: 'pi' } as const;
const CODEX_PLACE = { view: 'tool', tool: 'codex' } as const;

const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });
const give = (page: Page) => page.getByRole('switch', { name: 'Give Pi this login' });

test('a tool: whether it gets the login, who renews it, where it is', async ({ page, open }) => {
  const bridge = await open(ONE, PI_PLACE);
  await expect(page.getByRole('heading', { level: 1, name: 'Pi' })).toBeFocused();
  await expect(give(page)).toHaveAttribute('aria-checked', 'true');
  await expect(page.getByRole('region', { name: 'Who may renew it' })).toContainText(
    'Pi keeps working when Authbar is off.',
  );
  await expect(page.getByRole('radio', { name: 'Pi and Authbar' })).toBeChecked();
  await expect(page.getByRole('radio', { name: 'Only Authbar' })).toHaveAccessibleDescription(
    'Safest. Pi stops a few hours after Authbar is switched off.',
  );
  await expect(page.getByRole('region', { name: 'Where it is' })).toContainText(
    '/Users/anna/.pi/auth.json',
  );
  expect(await tabOrder(page)).toEqual([
    'Pi',
    'Back',
    'Give Pi this login',
    'Pi and AuthbarPi keeps working when Authbar is off.',
    'Show in Finder',
  ]);
  await expect.poll(async () => (await bridge.said()).at(-1)).toBe('Pi');
  await picture(page, bridge, 'tool');
  await expectAccessible(page);
  await expectRoomy(page);
});

test('who may renew it is chosen with the arrows', async ({ page, open }) => {
  const bridge = await open(ONE, PI_PLACE);
  await page.getByRole('radio', { name: 'Pi and Authbar' }).focus();
  await page.keyboard.press('ArrowDown');
  await expect.poll(() => bridge.made('tool:mode')).toEqual([{ tool: 'pi', mode: 'access-only' }]);
  await bridge.push({ tools: [{ ...PI, mode: 'access-only', entries: [entry(ANNA)] }] });
  await expect(page.getByRole('radio', { name: 'Only Authbar' })).toBeChecked();
  await page.getByText('Pi keeps working').click();
  await expect.poll(() => bridge.made('tool:mode')).toHaveLength(2);
});

test('turned off, it asks first, and then nobody renews anything', async ({ page, open }) => {
  const bridge = await open(ONE, PI_PLACE);
  await give(page).click();
  await expect(page.getByText('Take the login out of Pi?')).toBeVisible();
  expect(bridge.made('tool:mode')).toEqual([]);
  await button(page, 'Take out').click();
  await expect.poll(() => bridge.made('tool:mode')).toEqual([{ tool: 'pi', mode: 'off' }]);
  await bridge.push({ tools: [{ ...PI, mode: 'off' }] });
  await expect(give(page)).toHaveAttribute('aria-checked', 'false');
  await expect(page.getByRole('radio')).toHaveCount(0);
  await give(page).click();
  await expect.poll(() => bridge.made('tool:mode').at(-1)).toEqual({ tool: 'pi', mode: 'on' });
});

test('where the system would ask, the person is told so first', async ({ page, open }) => {
  await open(
    { ...ONE, tools: [{ ...CLAUDE_CODE, mode: 'off', needsConsent: true }] },
    { view: 'tool', tool: 'claude-code' },
  );
  await page.getByRole('switch').click();
  await expect(page.getByRole('heading', { name: 'One question from your Mac' })).toBeFocused();
});

test('the file is shown in the system’s own window', async ({ page, open }) => {
  const bridge = await open(ONE, PI_PLACE);
  await button(page, 'Show in Finder').click();
  await expect.poll(() => bridge.made('tool:show-file')).toEqual([{ tool: 'pi' }]);
});

for (const [code, title, way] of [
  ['tool-file-protected', 'Codex’s file is protected', 'Show in Finder'],
  ['tool-file-damaged', 'Codex’s login is damaged', 'Show in Finder'],
  ['keychain-refused', 'Your Mac kept Authbar out', 'Ask again'],
] as const) {
  test(`${title}: it says so, and there is one way out`, async ({ page, open }) => {
    const bridge = await open(inCodex({ state: 'not-writable', code }), CODEX_PLACE);
    await expect(page.locator('.banner-title')).toHaveText(title);
    await expect(button(page, way)).toHaveCount(1);
    await button(page, way).click();
    const call = way === 'Ask again' ? 'keychain:unlock' : 'tool:show-file';
    await expect.poll(() => bridge.made(call)).toHaveLength(1);
    if (code === 'tool-file-protected') await picture(page, bridge, 'tool-protected');
    await expectAccessible(page);
  });
}

test('another person’s login is a question, not a fault', async ({ page, open }) => {
  await open(inCodex({ state: 'other-account', code: 'tool-other-account' }), CODEX_PLACE);
  await expect(page.locator('.banner')).toHaveCount(0);
});

test('a login that was taken out there is put back when the person says so', async ({
  page,
  open,
}) => {
  // What was owed before is owed no longer.
  const bridge = await open(inCodex({ state: 'empty', code: 'tool-busy' }), CODEX_PLACE);
  await expect(page.locator('.banner-title')).toHaveText('Not signed in to Claude');
  await expect(page.locator('.banner')).toContainText(
    'Authbar leaves it so until you put it back.',
  );
  await picture(page, bridge, 'tool-signed-out');
  await button(page, 'Put it back').click();
  await expect.poll(() => bridge.made('tool:mode')).toEqual([{ tool: 'codex', mode: 'on' }]);
  await bridge.push(inCodex({}));
  await expect(page.locator('.banner')).toHaveCount(0);
  await expect(page.getByRole('heading', { level: 1, name: 'Codex' })).toBeFocused();
  await bridge.push(inCodex({ state: 'empty' }));
  await expectAccessible(page);
  await expectRoomy(page);
});
