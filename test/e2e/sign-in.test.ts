import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { LOGIN_TIMEOUT } from '../../src/core/login.ts';
import { TEXTS } from '../../src/shared/ui/texts.ts';
import { signInAt } from '../support/provider/index.ts';
import {
  browse,
  button,
  card,
  expectHeading,
  expectPage,
  openedPage,
  startWorld,
  watchFor,
} from './world.ts';

const { welcome, terms, signIn, card: CARD, heading } = TEXTS;

/** A port that another program holds. */
async function busyPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

describe('a sign-in', () => {
  test('to Claude goes on by a pasted code where another program holds the port', async () => {
    const port = await busyPort();
    const world = await startWorld({ standIn: { redirectPorts: { anthropic: [port] } } });
    const app = await world.open();
    const page = await app.shown();
    await button(page, welcome.signIn({ service: 'Claude' })).click();
    await button(page, terms.continue({ service: 'Claude' })).click();
    // This test is the other program, where the system tells its name.
    await expectHeading(page, / is in the way$/);
    const end = await browse(app);
    if (end.kind !== 'code-page') throw new Error(`the browser ended on a ${end.kind}`);

    await button(page, signIn.still.enterCode).click();
    const field = page.getByRole('textbox', { name: signIn.code.labelCode });
    await expectPage(field).toBeFocused();
    await button(page, signIn.code.signIn).click();
    await expectPage(page.getByText(signIn.code.empty).first()).toBeVisible();
    await field.fill(end.code.slice(0, -5));
    const part = 'That’s only part of the code.';
    await expectPage(page.getByText(part).first()).toBeVisible();
    await field.fill(` ${end.code}\n`);
    await expectPage(page.getByText(signIn.code.looksRight).first()).toBeVisible();
    await field.press('Enter');
    await expectHeading(page, signIn.signedIn.heading({ service: 'Claude' }));
  });

  test('to ChatGPT goes on by the address of a page that does not open', async () => {
    const world = await startWorld();
    const app = await world.open();
    const page = await app.shown();
    await button(page, welcome.signIn({ service: 'ChatGPT' })).click();
    const end = await browse(app, { fetchCallback: false });
    const copied = await watchFor(page, signIn.waiting.copied);
    await button(page, signIn.waiting.copyLink).click();
    await copied();
    expect(await app.clipboard()).toBe(await openedPage(app));
    await button(page, signIn.waiting.openAgain).click();
    expect(await openedPage(app, 1)).toBe(await openedPage(app));
    await button(page, signIn.waiting.enterCode).click();
    const field = page.getByRole('textbox', { name: signIn.code.labelAddress });
    await field.fill(end.url.replace(/state=[^&]{5}/, 'state=other'));
    await expectPage(page.getByText('That’s from an earlier try.').first()).toBeVisible();
    await field.fill(end.url);
    await button(page, signIn.code.signIn).click();
    await expectHeading(page, signIn.signedIn.heading({ service: 'ChatGPT' }));
  });

  test('that was stopped in the browser says so, and is tried again', async () => {
    const world = await startWorld();
    const app = await world.open();
    const page = await app.shown();
    await button(page, welcome.signIn({ service: 'ChatGPT' })).click();
    await browse(app, { deny: true });
    await expectHeading(page, 'You didn’t sign in');
    await expectPage(button(page, signIn.tryAgain)).toBeFocused();
    await page.keyboard.press('Enter');
    await browse(app, {}, 1);
    await button(page, signIn.signedIn.done).click();
    await expectPage(card(page, 'anna@example.com')).toContainText(CARD.ready);
  });

  test('refuses an answer from another try, and stays open', async () => {
    const world = await startWorld();
    const app = await world.open();
    const page = await app.shown();
    await button(page, welcome.signIn({ service: 'ChatGPT' })).click();
    const { url } = await browse(app, { fetchCallback: false });
    const other = await fetch(url.replace(/state=[^&]{5}/, 'state=other'));
    expect(other.status).toBe(400);
    expect(await other.text()).toContain('This page is from another try');
    await expectHeading(page, signIn.waiting.heading);
    expect(await fetch(url)).toMatchObject({ status: 200 });
    await expectHeading(page, signIn.signedIn.heading({ service: 'ChatGPT' }));
  });

  test('ends by itself after ten minutes', async () => {
    const world = await startWorld();
    const app = await world.open();
    const page = await app.shown();
    await button(page, welcome.signIn({ service: 'ChatGPT' })).click();
    const address = await openedPage(app);
    await world.pass(app, LOGIN_TIMEOUT);
    await expectHeading(page, 'The sign-in ran out of time');
    await expectPage(button(page, signIn.startAgain)).toBeFocused();
    // Nobody listens there any more.
    expect(await signInAt(address)).toMatchObject({ kind: 'redirect' });
    await button(page, signIn.notNow).click();
    await expectHeading(page, welcome.heading);
  });

  test('that is cancelled is gone; Escape and Back only leave its view', async () => {
    const world = await startWorld();
    await world.haveLogin('claude');
    const app = await world.open();
    const page = await app.shown();
    await button(page, TEXTS.accounts.offer({ service: 'ChatGPT' })).click();
    await expectHeading(page, signIn.waiting.heading);
    await page.keyboard.press('Escape');
    await expectHeading(page, heading.signingIn);
    await card(page, 'ChatGPT').getByRole('button', { name: CARD.show, exact: true }).click();
    await button(page, signIn.waiting.cancel).click();
    await expectHeading(page, heading.signedIn);
    expect(await app.notices).toEqual([]);
  });
});
