import { describe, expect, onTestFinished, test } from 'vitest';
import { TEXTS } from '../../src/shared/ui/texts.ts';
import { buildCli, CliRun } from '../support/cli.ts';
import { activeTokens } from '../support/look.ts';
import { renewThere, tokensIn } from '../support/tools.ts';
import {
  card,
  expectHeading,
  expectPage,
  HOURS_GO_BY,
  PATIENCE,
  startWorld,
  type World,
} from './world.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

const { card: CARD, heading } = TEXTS;

/** A machine with a login, and the app on it with its window closed. */
async function closedApp(options: Parameters<typeof startWorld>[0] = { tools: ['codex'] }) {
  const world = await startWorld(options);
  await world.haveLogin('chatgpt');
  const app = await world.open();
  const page = await app.shown();
  await page.keyboard.press('Escape');
  await app.hidden();
  return { world, app, page };
}

function renewals({ provider }: World): number {
  return provider.journal.requests('openai', 'refresh');
}

describe('with its window closed the app', HOURS_GO_BY, () => {
  test('renews in time and hands the login on', async () => {
    const { world, app } = await closedApp();
    const before = await tokensIn(world, 'codex', 'openai');
    await world.pass(app, 41 * MINUTE);
    await expect.poll(() => tokensIn(world, 'codex', 'openai'), PATIENCE).not.toEqual(before);
    expect(renewals(world)).toBe(1);
    expect((await tokensIn(world, 'codex', 'openai'))?.refresh).toBe(activeTokens(world)[0]);
    expect(await app.windowState()).toMatchObject({ visible: false });
  });

  test('lives through a healthy day without a word', async () => {
    const ttl = { accessToken: 8 * 3600 };
    const { world, app } = await closedApp({ tools: ['codex'], standIn: { ttl } });
    await world.pass(app, 24 * HOUR);
    expect(renewals(world)).toBeGreaterThanOrEqual(3);
    expect(await app.notices).toEqual([]);
    expect((await app.trayState()).images).toEqual([]);
    expect(await app.windowState()).toMatchObject({ visible: false });
  });

  test('renews once after a night’s sleep', async () => {
    const { world, app } = await closedApp();
    await world.sleep(app, 9 * HOUR);
    await expect.poll(() => renewals(world), PATIENCE).toBe(1);
    await world.pass(app, MINUTE);
    expect(renewals(world)).toBe(1);
    const page = await app.popover();
    await expectHeading(page, heading.signedIn);
    await card(page, 'anna@example.com')
      .getByRole('button', { name: /Details$/ })
      .click();
    await expectPage(page.getByText(/asleep for 9 hours/)).toBeVisible();
  });

  test('takes in what another tool has renewed', async () => {
    const { world, app } = await closedApp();
    await renewThere(world, 'codex', 'openai');
    const page = await app.popover();
    await card(page, 'anna@example.com')
      .getByRole('button', { name: /Details$/ })
      .click();
    await world.pass(app, MINUTE);
    await expectPage(page.getByText(/^Renewed by Codex/)).toBeVisible();
    expect(renewals(world)).toBe(1);
    expect((await tokensIn(world, 'codex', 'openai'))?.refresh).toBe(activeTokens(world)[0]);
  });

  test('makes a daemon stand by, which comes back when the app has ended', async () => {
    await buildCli();
    const world = await startWorld();
    await world.haveLogin('chatgpt');
    const env = { PATH: process.env.PATH, HOME: world.userHome, ...world.env };
    const daemon = new CliRun(['run'], env);
    onTestFinished(async () => {
      daemon.child.kill('SIGKILL');
      await daemon.ended;
    });
    await daemon.said(/Keeping your logins fresh/);
    const app = await world.open();
    await daemon.said(/The app is here and keeps your logins fresh/);
    await expectPage(card(await app.shown(), 'anna@example.com')).toContainText(CARD.ready);
    expect(await world.quit(app)).toBe(0);
    await daemon.said(/Waiting here until it ends\.\n(Keeping your logins fresh)/);
  });
});
