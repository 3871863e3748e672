import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { describe, expect, test } from 'vitest';
import { TEXTS } from '../../src/shared/ui/texts.ts';
import { activeTokens } from '../support/look.ts';
import { tokensIn } from '../support/tools.ts';
import { browse, button, card, expectHeading, expectPage, PATIENCE, startWorld } from './world.ts';

/** Presses buttons and counts how often. */
function hand(page: Page) {
  let clicks = 0;
  return {
    press: async (name: string) => {
      clicks += 1;
      await button(page, name).click();
    },
    get clicks() {
      return clicks;
    },
  };
}

const { welcome, terms, signIn, accounts, card: CARD, heading } = TEXTS;

describe('the first run', () => {
  test('opens by itself; two clicks and the browser lead to ChatGPT', async () => {
    const world = await startWorld({ tools: ['codex', 'pi'] });
    const app = await world.open();
    const page = await app.shown();
    await expectHeading(page, welcome.heading);
    await expectPage(page.getByText(/^Found on this /)).toContainText(/Codex.*Pi|Pi.*Codex/);
    const person = hand(page);
    await person.press(welcome.signIn({ service: 'ChatGPT' }));
    await expectHeading(page, signIn.waiting.heading);
    expect(await browse(app)).toMatchObject({ kind: 'callback', status: 200 });

    await expectHeading(page, signIn.signedIn.heading({ service: 'ChatGPT' }));
    await expectPage(card(page, 'Codex')).toContainText(signIn.tool.ready);
    await person.press(signIn.signedIn.done);
    await expectHeading(page, heading.signedIn);
    await expectPage(card(page, 'anna@example.com')).toContainText(CARD.ready);
    await expectPage(card(page, 'anna@example.com')).toContainText(/Used by .*Codex/);
    expect(person.clicks).toBe(2);
    const [active] = activeTokens(world);
    for (const tool of ['codex', 'pi'] as const) {
      expect(await tokensIn(world, tool, 'openai')).toMatchObject({ refresh: active });
    }
    expect(await app.opened).toHaveLength(1);
  });

  test('three clicks and the browser lead to Claude, the notice of its terms among them', async () => {
    const world = await startWorld({ tools: ['claude-code'] });
    const app = await world.open();
    const page = await app.shown();
    const person = hand(page);
    await person.press(welcome.signIn({ service: 'Claude' }));
    await expectHeading(page, terms.heading);
    expect(await app.opened).toEqual([]);
    await person.press(terms.continue({ service: 'Claude' }));
    expect(await browse(app)).toMatchObject({ kind: 'callback', status: 200 });
    await person.press(signIn.signedIn.done);
    await expectPage(card(page, 'anna@example.com')).toContainText(/Used by .*Claude Code/);
    expect(person.clicks).toBe(3);
    const tokens = await tokensIn(world, 'claude-code', 'anthropic');
    expect(activeTokens(world)).toEqual([tokens?.refresh]);

    // The other service is offered below; the terms of this one were read for good.
    await button(page, accounts.offer({ service: 'ChatGPT' })).click();
    await browse(app, {}, 1);
    await expectHeading(page, heading.allSignedIn);
    const settings = JSON.parse(await readFile(join(world.state, 'settings.json'), 'utf8'));
    expect(settings.app.termsSeen).toEqual({
      anthropic: expect.stringMatching(/^\d{4}-\d\d-\d\d$/),
    });
  });

  test('the first end is read once: what follows goes straight to the accounts', async () => {
    const world = await startWorld();
    const app = await world.open();
    const page = await app.shown();
    await button(page, welcome.signIn({ service: 'ChatGPT' })).click();
    await browse(app);
    await button(page, signIn.signedIn.done).click();
    // Turned on at Done: the first, harmless notification.
    await expect.poll(async () => (await app.notices).length, PATIENCE).toBe(1);
    await button(page, accounts.add).click();
    await page.getByRole('button', { name: /^ChatGPT/ }).click();
    await browse(app, { person: 'ben' }, 1);
    await expectHeading(page, heading.allSignedIn);
    await expectPage(card(page, 'ben@example.com')).toContainText(CARD.standby);
    expect(await app.notices).toHaveLength(1);
  });

  test('goes by the keyboard alone', async () => {
    const world = await startWorld({ tools: ['codex'] });
    const app = await world.open();
    const page = await app.shown();
    const tabTo = async (name: string) => {
      const focused = page.locator(':focus');
      for (let tabs = 0; tabs < 12; tabs += 1) {
        await page.keyboard.press('Tab');
        if ((await focused.textContent()) === name) return;
      }
      throw new Error(`no Tab leads to ${name}`);
    };
    await tabTo(welcome.signIn({ service: 'Claude' }));
    await page.keyboard.press('Enter');
    await expectHeading(page, terms.heading);
    await tabTo(terms.continue({ service: 'Claude' }));
    await page.keyboard.press('Enter');
    await browse(app);
    await expectHeading(page, signIn.signedIn.heading({ service: 'Claude' }));
    await tabTo(signIn.signedIn.done);
    await page.keyboard.press('Space');
    await expectHeading(page, heading.signedIn);
    await expectPage(page.getByRole('heading', { level: 1 })).toBeFocused();
  });
});
