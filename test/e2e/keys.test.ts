import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { TEXTS } from '../../src/shared/ui/texts.ts';
import { A_KEY } from '../support/keys.ts';
import {
  button,
  card,
  chooseInMenu,
  expectHeading,
  expectPage,
  PATIENCE,
  startWorld,
} from './world.ts';

const { accounts, key: T } = TEXTS;
const GEMINI = { service: 'Gemini' };

/** The world looks by itself, at its end, whether the key was seen anywhere. */
test('a key is pasted, shown on a card by its end, and removed', async () => {
  const world = await startWorld();
  await world.haveLogin('claude');
  world.provider.keys.accept('gemini', A_KEY.gemini);
  const app = await world.open();
  const page = await app.shown();
  await button(page, accounts.add).click();
  await page.getByRole('button', { name: 'Gemini' }).click();
  await expectHeading(page, T.heading(GEMINI));
  await page.getByLabel(T.label, { exact: true }).fill(A_KEY.gemini);
  await button(page, T.save).click();
  await expectHeading(page, T.works);
  const credentials = join(world.userHome, '.peekaboo', 'credentials');
  expect(await readFile(credentials, 'utf8')).toContain(`GEMINI_API_KEY=${A_KEY.gemini}`);

  await button(page, T.done).click();
  await expectPage(card(page, 'Gemini')).toContainText('Ends in …d2Ve');
  await button(page, T.moreFor(GEMINI)).click();
  await chooseInMenu(app, 'Remove key…');
  await expectHeading(page, T.remove.heading(GEMINI));
  await button(page, T.remove.remove).click();
  await expectPage(card(page, 'Gemini')).toHaveCount(0);
  await expect.poll(() => readFile(credentials, 'utf8'), PATIENCE).not.toContain('GEMINI_API_KEY');
});
