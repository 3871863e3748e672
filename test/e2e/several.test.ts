import { expect, test } from 'vitest';
import { TEXTS } from '../../src/shared/ui/texts.ts';
import { activeTokens } from '../support/look.ts';
import { tokensIn } from '../support/tools.ts';
import { card, chooseInMenu, expectHeading, expectPage, PATIENCE, startWorld } from './world.ts';

const { card: CARD, heading, menu: MENU, rename } = TEXTS;
const ANNA = 'anna@example.com';
const BEN = 'ben@example.com';

/** Two logins to ChatGPT, and two tools that have anna’s. */
async function twoLogins() {
  const world = await startWorld({ tools: ['codex', 'pi'] });
  await world.haveLogin('chatgpt', 'anna');
  await world.haveLogin('chatgpt', 'ben');
  const app = await world.open();
  const page = await app.shown();
  await expectHeading(page, heading.allSignedIn);
  const inCodex = async () => (await tokensIn(world, 'codex', 'openai'))?.access;
  return { world, app, page, inCodex };
}

test('two clicks in the icon’s menu give the tools another login, and two give it back', async () => {
  const { world, app, page, inCodex } = await twoLogins();
  const annas = await inCodex();
  const choose = async (email: string) => {
    await app.tray('right-click');
    await app.menu(`ChatGPT · ${email}`, MENU.useThis);
  };

  await choose(BEN);
  await expectPage(card(page, BEN)).toContainText(CARD.inUse);
  await expectPage(card(page, ANNA)).toContainText(CARD.standby);
  await expect.poll(inCodex, PATIENCE).not.toBe(annas);
  // One tool after the other.
  const bens = await tokensIn(world, 'codex', 'openai');
  await expect.poll(() => tokensIn(world, 'pi', 'openai'), PATIENCE).toEqual(bens);
  expect(activeTokens(world)).toHaveLength(2);

  await choose(ANNA);
  await expectPage(card(page, ANNA)).toContainText(CARD.inUse);
  await expect.poll(inCodex, PATIENCE).toBe(annas);
  // The one in use has nothing to be chosen for.
  await app.tray('right-click');
  const items = await app.menuItems();
  expect(JSON.stringify(items).split(MENU.useThis)).toHaveLength(2);
});

test('the menu of a card uses it, moves it and gives it a name', async () => {
  const { app, page, inCodex } = await twoLogins();
  const annas = await inCodex();
  const more = CARD.moreFor({ service: 'ChatGPT', email: BEN });
  const chooseInCard = async (words: string) => {
    await page.getByRole('button', { name: more }).click();
    await chooseInMenu(app, words);
  };

  await chooseInCard(MENU.moveUp);
  await expectPage(page.getByRole('listitem').first()).toContainText(BEN);
  expect(await inCodex()).toBe(annas);

  await chooseInCard(MENU.rename);
  await expectHeading(page, rename.heading({ service: 'ChatGPT' }));
  await page.keyboard.type('At work');
  await page.keyboard.press('Enter');
  await expectPage(card(page, BEN)).toContainText(`At work · ${BEN}`);

  await chooseInCard(MENU.useThis);
  await expectPage(card(page, BEN)).toContainText(CARD.inUse);
  await expect.poll(inCodex, PATIENCE).not.toBe(annas);
});
