import { describe, expect, onTestFinished, test } from 'vitest';
import { TEXTS } from '../../src/shared/ui/texts.ts';
import { type KeyringOptions, keyringMissing, startKeyring } from '../support/keyring.ts';
import type { StandInOptions } from '../support/provider/index.ts';
import type { App } from './driver.ts';
import { browse, button, card, expectHeading, expectPage, PATIENCE, startWorld } from './world.ts';

const MINUTE = 60_000;
const missing = keyringMissing();

const { banner, card: CARD, heading, noKeyring, settings, signIn, welcome } = TEXTS;
const KEYRING = { keychain: 'your keyring' };

/** A machine with a keyring of its own, on which nobody is signed in yet. */
async function setUp(options: KeyringOptions, standIn: StandInOptions = {}) {
  const keyring = await startKeyring(options);
  onTestFinished(() => keyring.close());
  const world = await startWorld({ keyring, standIn });
  const app = await world.open();
  const page = await app.shown();
  await expectHeading(page, welcome.heading);
  await button(page, welcome.signIn({ service: 'ChatGPT' })).click();
  return { keyring, world, app, page };
}

async function titles(app: App, removed: boolean): Promise<string[]> {
  return (await app.notices).filter((each) => each.removed === removed).map(({ title }) => title);
}

describe.skipIf(missing !== null)(`the keychain${missing ? `: ${missing}` : ''}`, () => {
  test('keeps the login, and its lock is shown, told in time, and over by itself', async () => {
    // So soon that the person has to be told of the lock at once.
    const ttl = { accessToken: 25 * 60 };
    const { keyring, world, app: first, page: firstPage } = await setUp({}, { ttl });
    await browse(first);
    await button(firstPage, signIn.signedIn.done).click();
    await expectPage(card(firstPage, 'anna@example.com')).toContainText(CARD.ready);
    const { accounts } = await keyring.search('Authbar');
    expect(accounts).toContainEqual(expect.stringMatching(/^vault-key:/));
    await button(firstPage, TEXTS.accounts.settings).click();
    await expectPage(card(firstPage, settings.keptIn)).toContainText('Your keyring');
    expect(await world.quit(first)).toBe(0);

    await keyring.lock();
    const app = await world.open();
    const page = await app.popover();
    await expectHeading(page, heading.locked(KEYRING));
    await expectPage(page.getByText(banner.locked.title(KEYRING))).toBeVisible();
    await expectPage(card(page, 'ChatGPT')).toContainText('Signed in until ');
    await world.pass(app, 2 * MINUTE);
    await expect.poll(() => titles(app, false), PATIENCE).toEqual(['Your keyring is locked']);
    expect(await keyring.prompts()).toBe(0);

    // Only what the person presses makes the system ask.
    await button(page, banner.locked.unlock).click();
    await expect.poll(() => keyring.prompts(), PATIENCE).toBeGreaterThan(0);
    await expectHeading(page, heading.locked(KEYRING));
    await keyring.unlock();
    // A keyring that is slow to answer counts as locked until the next look.
    const title = page.getByRole('heading', { level: 1 });
    const minuteByMinute = async () => {
      await world.pass(app, MINUTE);
      return title.textContent();
    };
    await expect.poll(minuteByMinute, PATIENCE).toBe(heading.signedIn);
    // What was shown is taken back by the look that follows.
    const removed = async () => {
      await world.pass(app, MINUTE);
      return titles(app, true);
    };
    await expect.poll(removed, PATIENCE).toEqual(['Your keyring is locked']);
    expect(await titles(app, false)).toEqual([]);
  });

  test('that is missing is told before the browser opens, and a file is never chosen unasked', async () => {
    const { world, app, page } = await setUp({ service: 'none' });
    await expectHeading(page, noKeyring.heading);
    expect(await app.opened).toEqual([]);
    await button(page, noKeyring.useFile).click();
    await button(page, noKeyring.useFile).click();
    await browse(app);
    await button(page, signIn.signedIn.done).click();
    await expectPage(card(page, 'anna@example.com')).toContainText(CARD.ready);
    expect(world.provider.journal.requests('openai', 'exchange')).toBe(1);
  });
});
