import type { Page } from '@playwright/test';
import { inCodex } from './account-states.ts';
import { expect, expectAccessible, expectRoomy, picture, tabOrder, test } from './harness.ts';
import { ONE } from './states.ts';

const QUESTION = inCodex({
  state: 'other-account',
  code: 'tool-other-account',
  holder: 'anna@work.example (Acme)',
});
const UNKNOWN = inCodex({ state: 'other-account', code: 'tool-other-account' });

const LEAVE = 'Leave Codex as it is';
const TAKE = 'Use anna@example.com in Codex';
const KEEP = 'Keep anna@work.example signed in too…';

const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });
const heading = (page: Page, name: string) =>
  page.getByRole('heading', { level: 1, name, exact: true });

test('another account: the safe answer is the main one and has the focus', async ({
  page,
  open,
}) => {
  const bridge = await open(QUESTION);
  await button(page, 'Decide…').click();
  await expect(heading(page, 'Codex has another account')).toBeVisible();
  await expect(page.locator('.content p').first()).toHaveText(
    'Codex on this Mac is signed in as anna@work.example (Acme). You signed in here as anna@example.com.',
  );
  await expect(page.getByText('Authbar has changed nothing in Codex.')).toBeVisible();
  await expect(
    page.getByText('If you switch, anna@work.example is signed out of Codex on this Mac.'),
  ).toBeVisible();
  await expect(page.locator('.button.main')).toHaveText(LEAVE);
  expect(await tabOrder(page)).toEqual([LEAVE, TAKE, KEEP]);
  await expect
    .poll(async () => (await bridge.said()).slice(1))
    .toEqual([
      'Codex has another account',
      'Codex on this Mac is signed in as anna@work.example (Acme).',
    ]);
  await picture(page, bridge, 'other-account');
  await expectAccessible(page);
  await expectRoomy(page);
});

test('left as it is, it is not asked again', async ({ page, open }) => {
  const bridge = await open(QUESTION);
  await button(page, 'Decide…').click();
  bridge.answer('tool:leave', () => {
    void bridge.push({
      tools: QUESTION.tools.map((tool) => ({
        ...tool,
        entries: tool.entries.map((entry) => ({ ...entry, leftAlone: true })),
      })),
    });
  });
  await page.keyboard.press('Enter');
  await expect(heading(page, 'Signed in')).toBeFocused();
  await expect
    .poll(() => bridge.made('tool:leave'))
    .toEqual([{ tool: 'codex', provider: 'anthropic' }]);
  await expect(button(page, 'Decide…')).toHaveCount(0);
});

test('taken over, the tool has this login', async ({ page, open }) => {
  const bridge = await open(QUESTION);
  await button(page, 'Decide…').click();
  bridge.answer('tool:take', () => {
    void bridge.push({ tools: ONE.tools });
  });
  await button(page, TAKE).click();
  await expect(heading(page, 'Signed in')).toBeFocused();
  await expect
    .poll(() => bridge.made('tool:take'))
    .toEqual([{ tool: 'codex', provider: 'anthropic' }]);
});

test('keeping both is a sign-in of its own', async ({ page, open }) => {
  const bridge = await open(QUESTION);
  await button(page, 'Decide…').click();
  await button(page, KEEP).click();
  await expect
    .poll(() => bridge.made('sign-in:start'))
    .toEqual([{ provider: 'anthropic', account: null }]);
  expect(bridge.made('tool:take')).toEqual([]);
});

test('whose it is may be unknown', async ({ page, open }) => {
  const bridge = await open(UNKNOWN);
  await button(page, 'Decide…').click();
  await expect(page.locator('.content p').first()).toContainText(
    'Codex on this Mac is signed in as someone else.',
  );
  expect(await tabOrder(page)).toEqual([LEAVE, TAKE]);
  await picture(page, bridge, 'other-account-unknown');
  await expectAccessible(page);
});

test('Back decides nothing', async ({ page, open }) => {
  const bridge = await open(QUESTION);
  await button(page, 'Decide…').click();
  await button(page, 'Back').click();
  await expect(button(page, 'Decide…')).toBeFocused();
  expect([...bridge.made('tool:leave'), ...bridge.made('tool:take')]).toEqual([]);
});

test('a question that settles itself goes away', async ({ page, open }) => {
  const bridge = await open(QUESTION);
  await button(page, 'Decide…').click();
  await bridge.push({ tools: ONE.tools });
  await expect(heading(page, 'Signed in')).toBeFocused();
});
