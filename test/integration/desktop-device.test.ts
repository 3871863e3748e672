import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { DEVICE_CODE_LIFE } from '../../src/core/login-device.ts';
import { type DesktopWorld, openDesktop } from '../support/desktop.ts';
import { startWorld, type World } from '../support/engine.ts';
import { enterDeviceCode, FAULTS, type StandInOptions } from '../support/provider/index.ts';

const CHATGPT = { provider: 'openai', account: null } as const;
const CLAUDE = { provider: 'anthropic', account: null } as const;

async function start(standIn: StandInOptions = {}): Promise<World & DesktopWorld> {
  const world = await startWorld({ standIn });
  const app = openDesktop(world);
  await app.desktop.refreshState();
  return { ...world, ...app };
}

async function busyPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

/** How long is waited between two questions, ms. */
const INTERVAL = 5000;

/** From now on the waits between two questions pass at once; the questions take the time that they take. */
function passTheWaits({ clock }: World): void {
  clock.hurry(INTERVAL);
  clock.advance(INTERVAL);
}

describe('a sign-in on another device, in the window', () => {
  test('is offered for ChatGPT alone', async () => {
    const { desktop } = await start();
    expect(desktop.state().services.map(({ name, onDevice }) => [name, onDevice])).toEqual([
      ['Claude', false],
      ['ChatGPT', true],
    ]);
  });

  test('takes the browser’s place, shows its code, and ends with the account in the list', async () => {
    const app = await start();
    const { handlers } = app.desktop;
    await handlers['sign-in:start'](CHATGPT);
    await app.at('waiting');
    await handlers['sign-in:use-device'](undefined);
    expect(app.desktop.state().signIn).toMatchObject({ step: 'preparing', device: true });
    const shown = await app.at('device');
    const page = app.provider.endpoints.openai.deviceUrls?.page ?? '';
    expect(`http://${shown.address}`).toBe(page);
    expect(shown.endsAt - app.clock.now()).toBeLessThanOrEqual(DEVICE_CODE_LIFE);
    await handlers['sign-in:copy-code'](undefined);
    await handlers['sign-in:copy-link'](undefined);
    expect(app.system.copied).toEqual([shown.code, page]);
    await handlers['sign-in:open-again'](undefined);
    expect(app.system.opened.at(-1)).toBe(page);
    expect(await handlers['sign-in:enter-code']({ text: shown.code })).toEqual({
      problem: 'This sign-in takes no code now.',
    });
    await enterDeviceCode(page, shown.code);
    passTheWaits(app);
    expect(await app.at('signed-in')).toMatchObject({ ...CHATGPT, first: true });
    expect(app.desktop.state().accounts).toMatchObject([{ email: 'anna@example.com' }]);
    // What only the engine has is in nothing that was told.
    const told = JSON.stringify(app.told);
    expect(app.provider.tokens.filter((secret) => told.includes(secret))).toEqual([]);
  });

  test('is the next step where both ports are held, and no browser opens for nothing', async () => {
    const app = await start({
      redirectPorts: { openai: [await busyPort(), await busyPort()] },
    });
    const { handlers } = app.desktop;
    await handlers['sign-in:start'](CHATGPT);
    const { obstacle, browserOpened } = await app.at('waiting');
    expect(obstacle).toMatchObject({ code: 'port-busy', action: 'Use another device' });
    expect(browserOpened).toBe(false);
    expect(app.system.opened).toEqual([]);
    await handlers['sign-in:use-device'](undefined);
    const { code } = await app.at('device');
    await enterDeviceCode(app.provider.endpoints.openai.deviceUrls?.page ?? '', code);
    passTheWaits(app);
    await app.at('signed-in');
  });

  test('ends by itself after 15 minutes, and says so', async () => {
    const app = await start();
    const { handlers } = app.desktop;
    await handlers['sign-in:start'](CHATGPT);
    await app.at('waiting');
    await handlers['sign-in:use-device'](undefined);
    await app.at('device');
    app.clock.advance(DEVICE_CODE_LIFE);
    const { error } = await app.at('failed');
    expect(error).toMatchObject({
      code: 'sign-in-timeout',
      sentence: 'A code works for 15 minutes.',
    });
  });

  test('can be cancelled, and a no or a service without codes says so', async () => {
    const app = await start();
    const { handlers } = app.desktop;
    const begin = async () => {
      await handlers['sign-in:start'](CHATGPT);
      await app.at('waiting');
      await handlers['sign-in:use-device'](undefined);
    };
    await begin();
    await app.at('device');
    await handlers['sign-in:cancel'](undefined);
    expect(app.desktop.state().signIn).toBeNull();

    await begin();
    const { code } = await app.at('device');
    const page = app.provider.endpoints.openai.deviceUrls?.page ?? '';
    await enterDeviceCode(page, code, { deny: true });
    passTheWaits(app);
    expect(await app.at('failed')).toMatchObject({ error: { code: 'sign-in-stopped' } });

    app.provider.faults.arm('openai', 'device-code', FAULTS.unavailable);
    await begin();
    expect(await app.at('failed')).toMatchObject({ error: { code: 'unreachable' } });
    expect(app.desktop.state().accounts).toEqual([]);
  });

  test('is begun from nothing but a sign-in that waits', async () => {
    const app = await start();
    const { handlers } = app.desktop;
    await handlers['sign-in:use-device'](undefined);
    await handlers['sign-in:copy-code'](undefined);
    expect(app.desktop.state().signIn).toBeNull();
    expect(app.system.copied).toEqual([]);
    await handlers['sign-in:start'](CLAUDE);
    await app.at('waiting');
    await expect(handlers['sign-in:use-device'](undefined)).rejects.toMatchObject({
      code: 'wrong-use',
    });
    // What was open is as it was.
    await handlers['sign-in:open-again'](undefined);
    expect(app.desktop.state().signIn).toMatchObject({ step: 'waiting' });
    expect(app.system.opened).toHaveLength(2);
  });
});
