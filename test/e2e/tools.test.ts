import { describe, expect, test } from 'vitest';
import { TEXTS } from '../../src/shared/ui/texts.ts';
import { activeTokens } from '../support/look.ts';
import { rawSignIn } from '../support/provider/raw-client.ts';
import { putThere, tokensIn } from '../support/tools.ts';
import { button, card, expectHeading, expectPage, PATIENCE, startWorld } from './world.ts';

const { card: CARD, heading, otherAccount, signOut, details } = TEXTS;

/** Codex is signed in as Ben, and Anna is signed in here. */
async function twoPeople() {
  const world = await startWorld({ tools: ['codex', 'pi'] });
  const bens = await rawSignIn(world.provider, 'openai', { person: 'ben' });
  await putThere(world, 'codex', 'openai', bens);
  await world.haveLogin('chatgpt', 'anna');
  const app = await world.open();
  const page = await app.shown();
  await expectHeading(page, heading.question);
  const annas = card(page, 'anna@example.com');
  await expectPage(annas).toContainText(CARD.otherAccount({ tool: 'Codex' }));
  await annas.getByRole('button', { name: CARD.decide, exact: true }).click();
  await expectHeading(page, otherAccount.heading({ tool: 'Codex' }));
  return { world, app, page, bens };
}

describe('another person’s login in a tool', () => {
  test('stays as it is, which is the answer that has the focus, and is asked about once', async () => {
    const { world, app, page, bens } = await twoPeople();
    await expectPage(button(page, otherAccount.leave({ tool: 'Codex' }))).toBeFocused();
    await page.keyboard.press('Enter');
    await expectHeading(page, heading.signedIn);
    await world.pass(app, 10 * 60_000);
    expect(await tokensIn(world, 'codex', 'openai')).toMatchObject({ refresh: bens.refresh_token });
    expect(await world.quit(app)).toBe(0);

    const again = await world.open();
    await expectHeading(await again.popover(), heading.signedIn);
    expect(await again.notices).toEqual([]);
  });

  test('is replaced when the person says so, and Ben’s is not ended', async () => {
    const { world, page, bens } = await twoPeople();
    await button(page, otherAccount.take({ tool: 'Codex', email: 'anna@example.com' })).click();
    await expectHeading(page, heading.signedIn);
    await expect
      .poll(async () => (await tokensIn(world, 'codex', 'openai'))?.refresh, PATIENCE)
      .not.toBe(bens.refresh_token);
    const codex = await tokensIn(world, 'codex', 'openai');
    expect(codex).toEqual(await tokensIn(world, 'pi', 'openai'));
    expect(activeTokens(world)).toEqual(
      expect.arrayContaining([codex?.refresh, bens.refresh_token]),
    );
  });
});

describe('a sign-out', () => {
  test('lists where the login is, takes it from there, and ends it at the service', async () => {
    const world = await startWorld({ tools: ['codex', 'pi'] });
    await world.haveLogin('chatgpt');
    const app = await world.open();
    const page = await app.shown();
    await card(page, 'anna@example.com')
      .getByRole('button', { name: /Details$/ })
      .click();
    await button(page, details.signOut).click();
    await expectHeading(page, signOut.heading({ service: 'ChatGPT' }));
    const places = page.getByRole('listitem');
    const listed = await places.allTextContents();
    expect(listed).toEqual(expect.arrayContaining(['Codex', 'Pi', TEXTS.keptIn.file]));
    await expectPage(button(page, signOut.cancel)).toBeFocused();
    await button(page, signOut.signOut).click();

    await expectHeading(page, signOut.done.heading({ service: 'ChatGPT' }));
    const done = await places.allTextContents();
    const { removed, ended } = signOut.done;
    expect(done).toEqual(
      expect.arrayContaining([
        removed({ tool: 'Codex' }),
        removed({ tool: 'Pi' }),
        removed({ tool: TEXTS.keptIn.inFile }),
        ended({ service: 'ChatGPT' }),
      ]),
    );
    expect(done.join()).not.toMatch(/key(chain|ring)/i);
    expect(activeTokens(world)).toEqual([]);
    for (const tool of ['codex', 'pi'] as const) {
      expect(await tokensIn(world, tool, 'openai')).toBeNull();
    }
    await button(page, signOut.done.done).click();
    await expectHeading(page, TEXTS.welcome.heading);
    expect(await app.notices).toEqual([]);
  });

  test('that the service does not hear of says so', async () => {
    const world = await startWorld();
    await world.haveLogin('claude');
    const app = await world.open();
    const page = await app.shown();
    world.provider.faults.outage(true);
    await card(page, 'anna@example.com')
      .getByRole('button', { name: /Details$/ })
      .click();
    await button(page, details.signOut).click();
    await button(page, signOut.signOut).click();
    await expectHeading(page, signOut.done.heading({ service: 'Claude' }));
    await expectPage(page.getByText('Couldn’t reach Claude to end it there too.')).toBeVisible();
    await button(page, signOut.done.done).click();
    await expectHeading(page, TEXTS.welcome.heading);
  });
});
