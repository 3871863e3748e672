import type { Page } from '@playwright/test';
import type { AppState } from '../../src/shared/app-state.ts';
import { TEXTS } from '../../src/shared/ui/texts.ts';
import type { UsageView, UsageWindow } from '../../src/shared/usage.ts';
import type { Bridge } from './bridge.ts';
import { expect, expectAccessible, expectRoomy, picture, test } from './harness.ts';
import { ANNA, DAY, error, HOUR, NOW, ONE } from './states.ts';

const { details: T } = TEXTS;
const DETAILS = { view: 'details', account: ANNA.id } as const;

const HOURS: UsageWindow = { length: 5 * HOUR, used: 42, resetsAt: NOW + 2 * HOUR };
const WEEK: UsageWindow = { length: 7 * DAY, used: 18, resetsAt: NOW + 3 * DAY };

const section = (page: Page) => page.getByRole('region', { name: T.planUse });
const rows = (page: Page) => section(page).getByRole('listitem');
const meter = (page: Page, name: string) => page.getByRole('meter', { name, exact: true });

/** The details, once the app has told how much is used. */
async function look(
  open: (state: AppState) => Promise<Bridge>,
  page: Page,
  windows: UsageView['windows'],
): Promise<Bridge> {
  const bridge = await open(ONE);
  bridge.answer('account:usage', () => ({ windows }));
  await bridge.emit('go', DETAILS);
  await expect(section(page)).toBeVisible();
  return bridge;
}

test('a bar for each window, with its share and when it begins anew', async ({ page, open }) => {
  const bridge = await look(open, page, [HOURS, WEEK]);
  await expect(rows(page)).toHaveText(['5 hours42 %, new at 16:00', 'Week18 %, new Wednesday']);
  await expect(meter(page, '5 hours')).toHaveJSProperty('value', 42);
  await expect(meter(page, '5 hours')).toHaveAttribute('aria-valuetext', '42 %, new at 16:00');
  await expect(meter(page, 'Week')).toHaveJSProperty('value', 18);
  await expect.poll(() => bridge.made('account:usage')).toEqual([{ account: ANNA.id }]);
  await picture(page, bridge, 'plan-use');
  await expectAccessible(page);
  await expectRoomy(page);
});

test('what is almost used up says so, in words too', async ({ page, open }) => {
  const bridge = await look(open, page, [
    { ...HOURS, used: 100 },
    { ...WEEK, used: 90, resetsAt: null },
    { length: 30 * DAY, used: 89, resetsAt: NOW + 20 * DAY },
  ]);
  await expect(rows(page)).toHaveText([
    '5 hours100 %, new at 16:00Used up',
    'Week90 %Almost used up',
    '30 days89 %, new 12 December',
  ]);
  await expect(meter(page, 'Week')).toHaveAttribute('aria-valuetext', '90 %. Almost used up');
  await picture(page, bridge, 'plan-use-short');
  await expectAccessible(page);
  await expectRoomy(page);
});

test('a service that does not tell is named', async ({ page, open }) => {
  const bridge = await look(open, page, null);
  await expect(rows(page)).toHaveText(['Claude doesn’t tell Authbar how much is left.']);
  await picture(page, bridge, 'plan-use-untold');
  await expectAccessible(page);
});

for (const [why, answer] of [
  ['nothing is offered', () => null],
  ['nobody knows', () => ({ ok: false, error: error('unexpected') }) as const],
] as const) {
  test(`where ${why} there is no such section, and no trouble`, async ({ page, open }) => {
    const bridge = await open(ONE);
    bridge.answer('account:usage', answer);
    await bridge.emit('go', DETAILS);
    await expect.poll(() => bridge.made('account:usage')).toHaveLength(1);
    await expect(page.getByRole('region', { name: T.usedBy })).toBeVisible();
    await expect(section(page)).toHaveCount(0);
    await expect(page.locator('.banner')).toHaveCount(0);
  });
}

test('it is asked when somebody looks, and not because something has changed', async ({
  page,
  open,
}) => {
  const bridge = await look(open, page, [HOURS]);
  await bridge.push({ online: false });
  await bridge.push({ online: true });
  await expect.poll(() => bridge.made('account:usage')).toHaveLength(1);
  bridge.answer('account:usage', () => ({ windows: [{ ...HOURS, used: 50 }] }));
  await bridge.emit('hidden', undefined);
  await bridge.emit('shown', { fresh: false });
  await expect(rows(page)).toHaveText(['5 hours50 %, new at 16:00']);
  await expect.poll(() => bridge.made('account:usage')).toHaveLength(2);
});

test('bars are there where the system gives the colours', async ({ page, open }) => {
  await page.emulateMedia({ forcedColors: 'active' });
  await look(open, page, [HOURS, { ...WEEK, used: 93 }]);
  for (const name of ['5 hours', 'Week']) {
    await expect(meter(page, name)).toHaveCSS('border-top-style', 'solid');
  }
  await page.screenshot({ path: 'test-results/pictures/plan-use-forced.png' });
});
