import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Canary } from './canary.ts';
import { PATIENCE, startWorld } from './world.ts';

const SECRET = 'CANARY-0123456789-abcdefghijkl';

/** A canary that was never seen to find anything proves nothing. */
test('the canary finds what is drawn, sent, told, copied, printed and kept', async () => {
  const world = await startWorld();
  const app = await world.open();
  const page = await app.shown();
  const canary = new Canary(join(world.userHome, 'wire.jsonl'), [world.state]);
  await canary.watch(app);
  await page.evaluate(async (secret) => {
    document.title = secret;
    await new Promise(requestAnimationFrame);
    document.title = 'Authbar';
    type Call = (argument: unknown) => Promise<unknown>;
    const { api } = window as unknown as { api: Record<string, Call> };
    await api['account:check']?.({ account: secret });
    // A person's own paste is none of what must not be seen.
    await api['sign-in:check-code']?.({ text: secret });
  }, SECRET);
  await app.electron.evaluate(async ({ Notification, clipboard }, secret) => {
    new Notification({ title: 'A notification', body: secret }).show();
    await clipboard.writeText(secret);
    process.stdout.write(`${secret}\n`);
  }, SECRET);
  await expect.poll(() => app.output, PATIENCE).toContain(SECRET);
  await appendFile(join(world.state, 'electron/logs/main.log'), `${SECRET}\n`);

  await canary.collect(app);
  const found = await canary.find([SECRET], [app]);
  expect(found.map((each) => each.replace(world.state, ''))).toEqual([
    'CANARY… in the page',
    'CANARY… in a notification',
    'CANARY… in the clipboard',
    'CANARY… in the console',
    'CANARY… in account:check, asked',
    'CANARY… in /electron/logs/main.log',
  ]);
});
