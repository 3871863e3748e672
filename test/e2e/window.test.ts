import type { Page } from '@playwright/test';
import { describe, expect, test } from 'vitest';
import { TEXTS } from '../../src/shared/ui/texts.ts';
import { PEOPLE, type Person } from '../support/provider/index.ts';
import { type App, agreed } from './driver.ts';
import type { LaunchOptions } from './runtime.ts';
import {
  browse,
  button,
  card,
  chooseInMenu,
  expectHeading,
  expectPage,
  openedPage,
  PATIENCE,
  startWorld,
  type World,
} from './world.ts';

const MINUTE = 60_000;

const { accounts, card: CARD, details, heading, quit, settings, signIn, signOut } = TEXTS;

/** The app with one login, as it opens for the first time. */
async function openApp(options: Pick<LaunchOptions, 'platform'> = {}) {
  const world = await startWorld();
  await world.haveLogin('claude');
  const app = await world.open(options);
  const page = await app.shown();
  await expectHeading(page, heading.signedIn);
  return { world, app, page };
}

/**
 * Another program is clicked on. A click on the icon right after that means the window that it has just
 * hidden, so some time goes by: the app's own, in which the window hides, if it does.
 * @returns whether the window is still there.
 */
async function goElsewhere(app: App, page: Page): Promise<boolean | undefined> {
  // A question tells the app that it stands before the person has read it.
  await agreed(page);
  await app.blur();
  await app.electron.evaluate(() => new Promise((resolve) => setTimeout(resolve, 500)));
  return (await app.windowState())?.visible;
}

describe('the window', () => {
  test('hides by Escape, its icon, another program, and a key, and never ends the app', async () => {
    const { app, page } = await openApp();
    const ways = [
      () => page.keyboard.press('Escape'),
      () => app.tray('click'),
      () => goElsewhere(app, page),
      () => page.keyboard.press('Control+w'),
      () => app.electron.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.close()),
    ];
    for (const hide of ways) {
      await hide();
      await app.hidden();
      await app.popover();
    }
    expect(app.electron.windows()).toHaveLength(1);
    await expectHeading(page, heading.signedIn);
  });

  test('is opened without its icon: by a second launch, and from where programs are opened', async () => {
    const { app, page } = await openApp();
    await page.keyboard.press('Escape');
    await app.hidden();
    expect(await app.secondLaunch()).toBe(0);
    await app.shown();
    await page.keyboard.press('Escape');
    await app.hidden();
    await app.activate();
    await app.shown();
    expect(await app.windowState()).toMatchObject({ focused: true });
  });

  test('stays while the person signs in or is asked something', async () => {
    const { world, app, page } = await openApp();
    await button(page, accounts.offer({ service: 'ChatGPT' })).click();
    await openedPage(app);
    expect(await goElsewhere(app, page)).toBe(true);
    await browse(app);
    await expectHeading(page, signIn.signedIn.heading({ service: 'ChatGPT' }));
    // Its end neither hides it nor brings it to the front.
    expect(await app.windowState()).toMatchObject({ visible: true, focused: false });

    await app.tray('click');
    await button(page, signIn.signedIn.done).click();
    await card(page, 'Claude')
      .getByRole('button', { name: /Details$/ })
      .click();
    await button(page, details.signOut).click();
    await expectHeading(page, signOut.heading({ service: 'Claude' }));
    expect(await goElsewhere(app, page)).toBe(true);
    // The question is over.
    await page.keyboard.press('Escape');
    await app.hidden();
    expect(world.provider.journal.requests('anthropic', 'revoke')).toBe(0);
  });

  test('opens where it was left, and at its beginning after a minute', async () => {
    const { world, app, page } = await openApp();
    await button(page, accounts.settings).click();
    expect(await goElsewhere(app, page)).toBe(false);
    await app.popover();
    await expectHeading(page, settings.heading);
    expect(await goElsewhere(app, page)).toBe(false);
    await world.pass(app, MINUTE + 1000);
    await app.popover();
    await expectHeading(page, heading.signedIn);
  });

  test('goes back by Escape, view by view, before it hides', async () => {
    const { app, page } = await openApp();
    await button(page, accounts.settings).click();
    await page.getByRole('button', { name: settings.about }).click();
    await expectHeading(page, settings.about);
    await page.keyboard.press('Escape');
    await expectHeading(page, settings.heading);
    await expectPage(page.getByRole('button', { name: settings.about })).toBeFocused();
    await page.keyboard.press('Escape');
    await expectHeading(page, heading.signedIn);
    expect(await app.windowState()).toMatchObject({ visible: true });
    await page.keyboard.press('Escape');
    await app.hidden();
  });
});

describe('the menus', () => {
  test('of the icon show each login, and act on it', async () => {
    const { world, app, page } = await openApp();
    await page.keyboard.press('Escape');
    await app.hidden();
    await app.tray('right-click');
    const labels = (await app.menuItems()).map(({ label }) => label);
    expect(labels).toEqual(
      expect.arrayContaining([heading.signedIn, 'Claude · anna@example.com', 'Quit Authbar']),
    );
    const questions = () => world.provider.journal.requests('anthropic', 'profile');
    const before = questions();
    await app.menu('Claude · anna@example.com', 'Check now');
    await expect.poll(questions, PATIENCE).toBe(before + 1);
    expect(await app.windowState()).toMatchObject({ visible: false });

    await app.tray('right-click');
    await app.menu('Sign in to ChatGPT…');
    await app.shown();
    await expectHeading(page, signIn.waiting.heading);
    await browse(app);
    await expectHeading(page, signIn.signedIn.heading({ service: 'ChatGPT' }));
  });

  test('of a card leads to its details', async () => {
    const { app, page } = await openApp();
    const { moreFor } = CARD;
    await button(page, moreFor({ service: 'Claude', email: 'anna@example.com' })).click();
    await chooseInMenu(app, 'Details');
    await expectHeading(page, 'Claude');
    const { planUse, useUntold } = details;
    const section = page.getByRole('region', { name: planUse });
    await section.getByText(useUntold({ service: 'Claude' })).waitFor();
  });

  test('quit at once from the icon’s', async () => {
    const { world, app } = await openApp();
    await app.tray('right-click');
    await world.ending(app);
    // The answer may be lost with the process.
    await app.menu('Quit Authbar').catch(() => undefined);
    expect(await app.exited()).toBe(0);
  });

  test('of a Mac’s application ask before they quit, and ⌘Q does too', async () => {
    const { world, app, page } = await openApp({ platform: 'darwin' });
    await app.applicationMenu('Authbar', 'Quit Authbar');
    await expectHeading(page, quit.heading);
    await expectPage(button(page, quit.keepRunning)).toBeFocused();
    await page.keyboard.press('Enter');
    await expectHeading(page, heading.signedIn);
    await page.keyboard.press('Meta+q');
    await expectHeading(page, quit.heading);
    await world.ending(app);
    // The page may be gone before the click is told to be over.
    await button(page, quit.quit)
      .click()
      .catch(() => undefined);
    expect(await app.exited()).toBe(0);
  });
});

/** So many people with a login each. */
function crowd(count: number): Person[] {
  return Array.from({ length: count }, (_, i) => {
    const [first] = PEOPLE;
    if (!first) throw new Error('nobody');
    const id = String(i).padStart(8, '0');
    return {
      ...first,
      key: `person-${i}`,
      userId: `0a6f1c2e-5b0d-4c59-8a3e-1d7f${id}`,
      email: `person${i}@example.com`,
      workspaceId: `5d3c9b7a-91f2-4e6b-b1c4-2e8f${id}`,
    };
  });
}

function renewals({ provider: { journal } }: World): number {
  return journal.requests('anthropic', 'refresh') + journal.requests('openai', 'refresh');
}

test('twenty logins are shown, reached by the keyboard, and kept fresh', async () => {
  const people = crowd(10);
  const world = await startWorld({ standIn: { people } });
  for (const { key } of people) {
    await world.haveLogin('claude', key);
    await world.haveLogin('chatgpt', key);
  }
  const app = await world.open();
  const page = await app.shown();
  await expectHeading(page, heading.allSignedIn);
  const cards = page.getByRole('listitem');
  await expectPage(cards).toHaveCount(20);
  await expect.poll(async () => (await app.windowState())?.bounds.height, PATIENCE).toBe(640);
  await page.keyboard.press('End');
  await expectPage(cards.last().getByRole('button').first()).toBeFocused();
  await expectPage(cards.last()).toBeInViewport();
  await app.tray('right-click');
  const menu = await app.menuItems();
  const groups = menu.filter(({ label }) => label === 'Claude' || label === 'ChatGPT');
  expect(groups.map(({ submenu }) => submenu?.length)).toEqual([10, 10]);
  await app.closeMenu();

  await world.sleep(app, 2 * 60 * MINUTE);
  await expect.poll(() => renewals(world), PATIENCE).toBe(20);
  await world.pass(app, MINUTE);
  expect(renewals(world)).toBe(20);
  await expectHeading(page, heading.allSignedIn);
  expect(await app.notices).toEqual([]);
});
