/** Draws every view for the documentation: `npm run screenshots`. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import type { CallName } from '../../src/shared/ipc-contract.ts';
import type { Bridge } from './bridge.ts';
import { expectNoSecret, plant } from './canary.ts';
import { expect, resize, settled, test } from './harness.ts';
import { mount, slim, type Theme } from './mount.ts';
import { SCENES, type Scene } from './screenshot-scenes.ts';

const FOLDER = join(import.meta.dirname, '../../docs/screenshots');
const THEMES = ['light', 'dark'] as const;

/** What the README begins with, from left to right. */
const OVERVIEW = ['welcome', 'accounts-two', 'accounts-sign-in-again'];

/** A bare Linux takes for the system's font what no desktop has for one. */
const FONT = process.platform === 'linux' ? '"Liberation Sans", system-ui' : 'system-ui';

/** The windows of the overview, by the names of their own pictures. */
const shots = new Map<string, Buffer>();

/** Plays the app, and a person with a mouse, until the view is there. */
async function play(page: Page, bridge: Bridge, { place, answers = {}, act }: Scene) {
  await page.evaluate((font) => document.documentElement.style.setProperty('--font', font), FONT);
  for (const [name, answer] of Object.entries(answers)) {
    bridge.answer(name as CallName, () => plant(answer) as never);
  }
  // What the mouse has focused last has no ring, and neither has what the page focuses then.
  await page.getByRole('heading', { level: 1 }).click();
  if (place) await bridge.emit('go', plant(place));
  await act?.(page);
  await page.mouse.move(0, 0);
  await settled(page);
  await resize(page, bridge);
}

async function shoot(page: Page, theme: Theme): Promise<Buffer> {
  await page.emulateMedia({ colorScheme: theme });
  await settled(page);
  await expectNoSecret(page);
  return page.screenshot({ animations: 'disabled' });
}

for (const [name, scene] of Object.entries(SCENES)) {
  test(name, async ({ page, context, open }) => {
    const bridge = await open(plant(scene.state));
    await play(page, bridge, scene);
    // Its gradient needs every colour.
    const hasIcon = (await page.locator('img').count()) > 0;
    for (const theme of THEMES) {
      const shot = await shoot(page, theme);
      shots.set(`${name}-${theme}`, shot);
      const picture = await mount(context, [shot], theme);
      await save(`${name}-${theme}`, hasIcon ? picture : await slim(context, picture));
    }
  });
}

for (const theme of THEMES) {
  test(`the overview, ${theme}`, async ({ context }) => {
    const windows = OVERVIEW.flatMap((name) => shots.get(`${name}-${theme}`) ?? []);
    expect(windows).toHaveLength(OVERVIEW.length);
    await save(`overview-${theme}`, await mount(context, windows, theme));
  });
}

async function save(name: string, picture: Buffer): Promise<void> {
  await mkdir(FOLDER, { recursive: true });
  await writeFile(join(FOLDER, `${name}.png`), picture);
}
