/** Draws every view for the documentation: `npm run screenshots`. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import type { CallName } from '../../src/shared/ipc-contract.ts';
import type { Bridge } from './bridge.ts';
import { expectNoSecret, plant } from './canary.ts';
import { expect, fit, settled, test } from './harness.ts';
import { mount, type Theme } from './mount.ts';
import { SCENES, type Scene } from './screenshot-views.ts';

const FOLDER = join(import.meta.dirname, '../../docs/screenshots');
const THEMES = ['light', 'dark'] as const;

/** What the README begins with, from left to right. */
const OVERVIEW = ['welcome', 'accounts-two', 'accounts-sign-in-again'];

/** The windows of the overview, by theme, as they were drawn for their own pictures. */
const drawn = new Map<string, Buffer>();

/** Plays the app until the view is there. */
async function show(page: Page, bridge: Bridge, { place, answers = {}, act }: Scene) {
  for (const [name, answer] of Object.entries(answers)) {
    bridge.answer(name as CallName, () => plant(answer) as never);
  }
  if (place) await bridge.emit('go', plant(place));
  await act?.(page);
  await settled(page);
}

async function shoot(page: Page, theme: Theme): Promise<Buffer> {
  await page.emulateMedia({ colorScheme: theme });
  await settled(page);
  await expectNoSecret(page);
  return page.screenshot();
}

for (const [name, scene] of Object.entries(SCENES)) {
  test(name, async ({ page, context, open }) => {
    const bridge = await open(plant(scene.state));
    await show(page, bridge, scene);
    await fit(page, bridge);
    for (const theme of THEMES) {
      const shot = await shoot(page, theme);
      if (OVERVIEW.includes(name)) drawn.set(`${name}-${theme}`, shot);
      await writeFile(join(FOLDER, `${name}-${theme}.png`), await mount(context, [shot], theme));
    }
  });
}

for (const theme of THEMES) {
  test(`the overview, ${theme}`, async ({ context }) => {
    const shots = OVERVIEW.map((name) => drawn.get(`${name}-${theme}`));
    expect(shots).not.toContain(undefined);
    const picture = await mount(context, shots as Buffer[], theme);
    await writeFile(join(FOLDER, `overview-${theme}.png`), picture);
  });
}
