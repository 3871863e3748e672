import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { describe, expect, test } from 'vitest';
import { TEXTS } from '../../src/shared/ui/texts.ts';
import { tokensIn } from '../support/tools.ts';
import { button, card, expectHeading, expectPage, PATIENCE, startWorld } from './world.ts';

const HOUR = 60 * 60_000;

const { accounts, card: CARD, heading, settings } = TEXTS;

async function settingsOf(page: Page) {
  await button(page, accounts.settings).click();
  await expectHeading(page, settings.heading);
  return (name: string | RegExp) => page.getByRole('switch', { name });
}

describe('the settings', () => {
  test('survive a restart', async () => {
    const world = await startWorld({ tools: ['codex', 'pi'] });
    await world.haveLogin('chatgpt');
    const app = await world.open();
    const page = await app.shown();
    const width = (await app.windowState())?.bounds.width ?? 0;
    await page.keyboard.press('Control+=');
    await expect
      .poll(async () => (await app.windowState())?.bounds.width, PATIENCE)
      .toBe(width * 1.25);
    const switches = await settingsOf(page);
    await switches(settings.notices).click();
    await expectPage(switches(settings.notices)).not.toBeChecked();
    await switches('Pi').click();
    await button(page, settings.takeOut.takeOut).click();
    await expectPage(switches('Pi')).not.toBeChecked();
    expect(await tokensIn(world, 'pi', 'openai')).toBeNull();
    expect(await tokensIn(world, 'codex', 'openai')).not.toBeNull();
    expect(await world.quit(app)).toBe(0);

    const again = await world.open();
    // It was started before: nothing opens by itself.
    expect(await again.windowState()).toMatchObject({ visible: false });
    const reopened = await again.popover();
    expect((await again.windowState())?.bounds.width).toBe(width * 1.25);
    const later = await settingsOf(reopened);
    await expectPage(later(settings.notices)).not.toBeChecked();
    await expectPage(later('Codex')).toBeChecked();
    await expectPage(later('Pi')).not.toBeChecked();
    expect(await again.notices).toEqual([]);
  });

  test('keep notifications away from who wants none', async () => {
    const world = await startWorld();
    await world.haveLogin('chatgpt');
    const app = await world.open();
    const page = await app.shown();
    const notices = (await settingsOf(page))(settings.notices);
    await notices.click();
    await expectPage(notices).not.toBeChecked();
    await page.keyboard.press('Escape');
    world.provider.revokeFamily('openai', 'anna');
    await world.sleep(app, 2 * HOUR);
    await expectPage(card(page, 'anna@example.com')).toContainText(CARD.signInAgain);
    await expectHeading(page, heading.needsYou({ service: 'ChatGPT' }));
    await world.pass(app, HOUR / 10);
    expect(await app.notices).toEqual([]);
  });

  test.runIf(process.platform === 'linux')(
    'of a session that starts the app open no window, the very first time neither',
    async () => {
      const world = await startWorld();
      const app = await world.open({ args: ['--autostart'] });
      // It has done what it does at its start: the icon is there and answers.
      expect(await app.windowState()).toMatchObject({ visible: false });
      await world.pass(app, 60_000);
      expect(await app.windowState()).toMatchObject({ visible: false });
      await expectHeading(await app.popover(), TEXTS.welcome.heading);
      expect(await app.notices).toEqual([]);
    },
  );

  test.runIf(process.platform === 'linux')('open at login, as the session does it', async () => {
    const world = await startWorld();
    await world.haveLogin('claude');
    const app = await world.open();
    const page = await app.shown();
    const entry = join(world.userHome, '.config/autostart/authbar.desktop');
    const atLogin = (await settingsOf(page))(/^Open /);
    await expectPage(atLogin).not.toBeChecked();
    await atLogin.click();
    await expectPage(atLogin).toBeChecked();
    expect(existsSync(entry)).toBe(true);
    expect(await world.quit(app)).toBe(0);

    // The session starts it: nobody has asked for a window.
    const again = await world.open({ args: ['--autostart'] });
    expect(await again.windowState()).toMatchObject({ visible: false });
    await (await settingsOf(await again.popover()))(/^Open /).click();
    await expect.poll(() => existsSync(entry), PATIENCE).toBe(false);
  });
});
