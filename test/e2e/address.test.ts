import { expect, onTestFinished, test } from 'vitest';
import { TEXTS } from '../../src/shared/ui/texts.ts';
import { startPlainIssuer } from '../support/provider/plain.ts';
import { browse, button, card, expectHeading, expectPage, startWorld } from './world.ts';

const { welcome, add, address: T, signIn, accounts, card: CARD, heading } = TEXTS;

test('a service that nobody knows is added by its address, and signed in to', async () => {
  const service = await startPlainIssuer();
  onTestFinished(() => service.close());
  const { host } = new URL(service.issuer);
  const world = await startWorld();
  const app = await world.open();
  const page = await app.shown();
  await button(page, welcome.other).click();
  await button(page, add.byAddress).click();
  await expectHeading(page, T.heading);
  await page.getByLabel(T.address, { exact: true }).fill(`${service.issuer}/`);
  await page.getByLabel(T.clientId, { exact: true }).fill(service.clientId);
  await button(page, T.add).click();
  await expectHeading(page, signIn.waiting.heading);
  expect(await browse(app)).toMatchObject({ kind: 'callback', status: 200 });
  await expectHeading(page, signIn.signedIn.heading({ service: host }));
  await button(page, signIn.signedIn.done).click();
  await expectHeading(page, heading.signedIn);
  await expectPage(card(page, 'anna@example.com')).toContainText(host);
  await expectPage(card(page, 'anna@example.com')).toContainText(CARD.ready);

  await button(page, accounts.add).click();
  await expectPage(button(page, add.removeService({ service: host }))).toHaveCount(0);
  expect(service.requests).toContain('POST /token');
});
