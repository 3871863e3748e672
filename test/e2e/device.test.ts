import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { TEXTS } from '../../src/shared/ui/texts.ts';
import { enterDeviceCode } from '../support/provider/index.ts';
import {
  button,
  expectHeading,
  expectPage,
  openedPage,
  PATIENCE,
  startWorld,
  watchFor,
} from './world.ts';

const { welcome, signIn } = TEXTS;

/** A port that another program holds. */
async function busyPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

test('a sign-in to ChatGPT goes on by another device where other programs hold both ports', async () => {
  const redirectPorts = { openai: [await busyPort(), await busyPort()] };
  const world = await startWorld({ standIn: { redirectPorts, deviceInterval: 1 } });
  const app = await world.open();
  const page = await app.shown();
  await button(page, welcome.signIn({ service: 'ChatGPT' })).click();
  await expectHeading(page, / is in the way$/);
  expect(await app.opened).toEqual([]);

  await button(page, 'Use another device').click();
  await expectHeading(page, signIn.device.heading);
  const copied = await watchFor(page, signIn.waiting.copied);
  await button(page, signIn.device.copyCode).click();
  await copied();
  const code = await app.clipboard();
  await expectPage(page.getByText(code)).toBeVisible();
  await button(page, signIn.device.openPage).click();
  const opened = await openedPage(app);
  expect(opened).toBe(world.provider.endpoints.openai.deviceUrls?.page);

  const polls = () => world.provider.journal.requests('openai', 'device-poll');
  await expect.poll(polls, PATIENCE).toBeGreaterThan(0);
  await enterDeviceCode(opened, code);
  await expectHeading(page, signIn.signedIn.heading({ service: 'ChatGPT' }));
});
