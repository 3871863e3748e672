import { chmod } from 'node:fs/promises';
import { dirname } from 'node:path';
import { describe, expect, test } from 'vitest';
import { TEXTS } from '../../src/shared/ui/texts.ts';
import { activeTokens } from '../support/look.ts';
import type { Fault } from '../support/provider/index.ts';
import { rawSignIn } from '../support/provider/raw-client.ts';
import { putThere, tokensIn, toolFile } from '../support/tools.ts';
import type { App } from './driver.ts';
import {
  browse,
  button,
  card,
  expectHeading,
  expectPage,
  HOURS_GO_BY,
  openedPage,
  PATIENCE,
  startWorld,
  type World,
} from './world.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

const { card: CARD, details, heading, signIn, tooltip } = TEXTS;

/** The icon that asks for the person. */
const ATTENTION = /attention/i;

/** A machine with these logins, and the app on it with its window closed. */
async function closedApp(...services: readonly string[]) {
  const world = await startWorld({ tools: ['claude-code', 'codex', 'pi'] });
  for (const service of services) await world.haveLogin(service);
  const app = await world.open();
  const page = await app.shown();
  await page.keyboard.press('Escape');
  await app.hidden();
  return { world, app, page };
}

/** The service ends Anna's logins, which comes out after a sleep, and the person is there for a while. */
async function revoke(
  world: World,
  app: App,
  ...services: readonly ('anthropic' | 'openai')[]
): Promise<void> {
  for (const service of services) world.provider.revokeFamily(service, 'anna');
  await world.sleep(app, 2 * HOUR);
  await world.pass(app, 3 * MINUTE);
}

/** Whose words the notifications are, without those that were taken away. */
async function titles(app: App): Promise<string[]> {
  return (await app.notices).filter(({ removed }) => !removed).map(({ title }) => title);
}

/** The same a minute later: a busy machine may need more time for its work than has gone by. */
async function titlesLater(world: World, app: App): Promise<string[]> {
  await world.pass(app, MINUTE);
  return titles(app);
}

describe('an outage', HOURS_GO_BY, () => {
  test('that heals is told to nobody', async () => {
    const { world, app } = await closedApp('claude');
    world.provider.faults.outage(true);
    await world.pass(app, 70 * MINUTE);
    const page = await app.popover();
    await expectHeading(page, heading.unreachable({ service: 'Claude' }));
    await expectPage(button(page, CARD.tryNow)).toBeVisible();
    world.provider.faults.outage(false);
    await button(page, CARD.tryNow).click();
    await expectHeading(page, heading.signedIn);
    await world.pass(app, 5 * MINUTE);
    expect(await app.notices).toEqual([]);
    const tokens = await tokensIn(world, 'claude-code', 'anthropic');
    expect(activeTokens(world)).toEqual([tokens?.refresh]);
  });

  test('of this machine’s network shows in the window alone', async () => {
    const { app, page } = await closedApp('claude');
    await app.popover();
    await app.online(false);
    await expectPage(page.getByText(TEXTS.accounts.offline)).toBeVisible();
    await expectHeading(page, heading.signedIn);
    await app.online(true);
    await expectPage(page.getByText(TEXTS.accounts.offline)).toBeHidden();
    expect((await app.trayState()).images).toEqual([]);
    expect(await app.notices).toEqual([]);
  });
});

describe('a login that the service has ended', HOURS_GO_BY, () => {
  test('is told once, and one click and the browser mend it', async () => {
    const { world, app } = await closedApp('claude');
    await revoke(world, app, 'anthropic');
    await expect.poll(() => titlesLater(world, app), PATIENCE).toEqual(['Sign in to Claude again']);
    const [notice] = await app.notices;
    expect(notice).toMatchObject({
      body: expect.stringMatching(/Claude Code.* can’t use it until you do\.$/),
      actions: ['Sign in'],
      silent: false,
    });
    await expect.poll(async () => (await app.trayState()).image, PATIENCE).toMatch(ATTENTION);
    expect((await app.trayState()).toolTip).toBe(tooltip.needsYou({ service: 'Claude' }));
    await world.pass(app, 30 * MINUTE);
    expect(await app.notices).toHaveLength(1);

    await app.clickNotice(0);
    const page = await app.shown();
    await expectHeading(page, signIn.waiting.heading);
    expect(await browse(app)).toMatchObject({ kind: 'callback', status: 200 });
    await expectHeading(page, signIn.signedIn.heading({ service: 'Claude' }));
    await expect.poll(() => titles(app), PATIENCE).toEqual([]);
    await world.pass(app, 5 * MINUTE);
    expect(await app.notices).toHaveLength(1);
    await expect.poll(async () => (await app.trayState()).image, PATIENCE).not.toMatch(ATTENTION);
    const tokens = await tokensIn(world, 'claude-code', 'anthropic');
    expect(activeTokens(world)).toEqual([tokens?.refresh]);
  });

  test('is told of once for several, and leads to the accounts', async () => {
    const { world, app } = await closedApp('claude', 'chatgpt');
    await revoke(world, app, 'anthropic', 'openai');
    await expect.poll(() => titlesLater(world, app), PATIENCE).toEqual(['2 logins need you']);
    await app.clickNotice(-1);
    const page = await app.shown();
    await expectHeading(page, heading.someNeedYou({ count: 2 }));
    await expectPage(button(page, CARD.signIn)).toHaveCount(2);
    expect(await app.opened).toEqual([]);
  });

  test('and that somebody heals is told to work again', async () => {
    const { world, app } = await closedApp('chatgpt');
    await revoke(world, app, 'openai');
    await expect
      .poll(() => titlesLater(world, app), PATIENCE)
      .toEqual(['Sign in to ChatGPT again']);
    // The person signs in again, in the tool.
    await putThere(world, 'codex', 'openai', await rawSignIn(world.provider, 'openai'));
    await world.pass(app, 2 * MINUTE);
    await expect.poll(() => titlesLater(world, app), PATIENCE).toEqual(['ChatGPT works again']);
    await expectHeading(await app.popover(), heading.signedIn);
  });
});

describe('a clock that is wrong', () => {
  test('is told in the window alone, and the system’s page is one click away, until it is right', async () => {
    const world = await startWorld();
    await world.haveLogin('claude');
    const app = await world.open({ platform: 'darwin' });
    const page = await app.shown();
    await expectHeading(page, heading.signedIn);
    const check = async () => {
      await card(page, 'anna@example.com')
        .getByRole('button', { name: /Details$/ })
        .click();
      // By its key: the banner comes with any answer, and moves the button away from under the pointer.
      await button(page, details.checkNow).press('Enter');
      await expectPage(page.getByText(details.works)).toHaveCount(1);
      await page.keyboard.press('Escape');
    };
    world.provider.setClock(world.clock.now() - Date.now() - 9 * MINUTE);
    await check();
    await expectPage(page.getByText('Your clock is 9 min off')).toBeVisible();
    await expectHeading(page, heading.signedIn);
    await button(page, 'Open Date & Time').click();
    const address = 'x-apple.systempreferences:com.apple.Date-Time-Settings.extension';
    await expect.poll(() => app.opened, PATIENCE).toEqual([address]);

    world.provider.setClock(world.clock.now() - Date.now());
    await check();
    await expectPage(page.getByText(/Your clock is/)).toHaveCount(0);
    expect(await app.notices).toEqual([]);
  });
});

/** Claude’s answer to whatever is asked for an account that it has paused. */
const ON_HOLD: Fault = {
  kind: 'answer',
  status: 403,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({
    type: 'error',
    error: { type: 'permission_error', message: 'Your account is on hold.' },
  }),
};

describe('an account that the service has paused', HOURS_GO_BY, () => {
  test('is told of once, leads to the service’s own page, and is told to work again', async () => {
    const { world, app } = await closedApp('claude');
    world.provider.faults.outage(true, 'anthropic', ON_HOLD);
    await world.sleep(app, 2 * HOUR);
    await world.pass(app, 3 * MINUTE);
    await expect
      .poll(() => titlesLater(world, app), PATIENCE)
      .toEqual(['Claude has paused your account']);
    expect(await app.notices).toEqual([
      expect.objectContaining({
        body: expect.stringMatching(/^Claude Code.* can’t use it\. Only Claude can change that\.$/),
        actions: ['Open Claude'],
        silent: false,
      }),
    ]);
    await expect.poll(async () => (await app.trayState()).image, PATIENCE).toMatch(ATTENTION);
    await world.pass(app, HOUR);
    expect(await app.notices).toHaveLength(1);

    await app.clickNotice(0);
    await expect.poll(() => app.opened, PATIENCE).toEqual(['https://claude.ai/settings']);
    const page = await app.popover();
    await expectHeading(page, heading.paused({ service: 'Claude' }));
    await expectPage(button(page, CARD.openService({ service: 'Claude' }))).toHaveCount(1);

    world.provider.faults.outage(false);
    await world.pass(app, HOUR);
    await expect.poll(() => titlesLater(world, app), PATIENCE).toEqual(['Claude works again']);
    expect(await app.notices).toHaveLength(2);
    await expectHeading(page, heading.signedIn);
  });
});

describe('a tool whose file cannot be changed', HOURS_GO_BY, () => {
  test('is told of once, after ten minutes, and taken back when it can', async () => {
    const { world, app } = await closedApp('chatgpt');
    const folder = dirname(toolFile(world, 'codex'));
    // Who can change the folder can put another file in its place.
    await world.sleep(app, 2 * HOUR, () => chmod(folder, 0o777));
    await world.pass(app, 8 * MINUTE);
    expect(await app.notices).toEqual([]);
    await expect
      .poll(() => titlesLater(world, app), PATIENCE)
      .toEqual(['Codex isn’t getting your login']);
    expect(await app.notices).toEqual([
      expect.objectContaining({
        body: 'Authbar can’t change its file.',
        actions: ['Show'],
        silent: true,
      }),
    ]);
    await world.pass(app, 2 * HOUR);
    expect(await app.notices).toHaveLength(1);

    await app.clickNotice(0);
    const page = await app.shown();
    await expectHeading(page, 'Codex');
    const why = page.getByText('Codex’s file is protected');
    await expectPage(why).toBeVisible();
    expect(await app.opened).toEqual([]);

    await chmod(folder, 0o700);
    await expect.poll(() => titlesLater(world, app), PATIENCE).toEqual([]);
    expect(await app.notices).toHaveLength(1);
    await expectPage(why).toBeHidden();
    expect(await tokensIn(world, 'codex', 'openai')).toEqual(await tokensIn(world, 'pi', 'openai'));
  });
});

describe('a notification that the system did not show', () => {
  test('stands in the window, and its button does the same', async () => {
    const { world, app } = await closedApp('claude');
    await revoke(world, app, 'anthropic');
    await expect.poll(() => titlesLater(world, app), PATIENCE).toHaveLength(1);
    await app.failNotice(0);
    const page = await app.popover();
    const banner = page.getByText('Sign in to Claude again');
    await expectPage(banner).toBeVisible();
    await button(page, 'Sign in').first().click();
    await openedPage(app);
    await expectHeading(page, signIn.waiting.heading);
  });
});
