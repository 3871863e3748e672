import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { CALLS, EVENTS } from '../../src/shared/ipc-contract.ts';
import { TEXTS } from '../../src/shared/ui/texts.ts';
import type { App } from './driver.ts';
import { button, expectHeading, openedPage, startWorld } from './world.ts';

const ADDRESS = 'app://bundle/index.html';

async function openApp() {
  const world = await startWorld();
  const app = await world.open();
  const page = await app.shown();
  await expectHeading(page, TEXTS.welcome.heading);
  return { world, app, page };
}

/** The addresses of all windows, as the app has them. */
function addresses({ electron }: App): Promise<string[]> {
  return electron.evaluate(({ BrowserWindow }) =>
    BrowserWindow.getAllWindows().map(({ webContents }) => webContents.getURL()),
  );
}

describe('the page', () => {
  test('knows nothing but the contract, which is frozen', async () => {
    const { page } = await openApp();
    const seen = await page.evaluate(() => {
      const bare = document.body.appendChild(document.createElement('iframe')).contentWindow;
      const usual = new Set(Object.keys(bare ?? {}));
      const { api } = window as unknown as { api: Record<string, unknown> };
      return {
        more: Object.keys(window).filter((key) => !usual.has(key) && !/^\d+$/.test(key)),
        node: ['require', 'process', 'module', 'global', 'Buffer'].filter((key) => key in window),
        isFrozen: Object.isFrozen(api),
        names: Object.keys(api),
      };
    });
    expect(seen).toMatchObject({ more: ['api'], node: [], isFrozen: true });
    const contract = [...Object.keys(CALLS), ...EVENTS.map((name) => `on:${name}`)];
    expect(seen.names.sort()).toEqual(contract.sort());
  });

  test('stays at its address, whatever leads away, and opens no window', async () => {
    const { app, page } = await openApp();
    const address = page.url();
    expect(await addresses(app)).toEqual([ADDRESS]);
    const opened = await page.evaluate(() => {
      const link = document.body.appendChild(document.createElement('a'));
      for (const target of ['_self', '_blank']) {
        Object.assign(link, { href: 'https://example.com/', target });
        link.click();
      }
      location.href = 'https://example.com/';
      return window.open('https://example.com/');
    });
    expect(opened).toBeNull();
    await expectHeading(page, TEXTS.welcome.heading);
    expect(page.url()).toBe(address);
    expect(await addresses(app)).toEqual([ADDRESS]);
    expect(await app.opened).toEqual([]);
  });

  test('reaches no network, and takes no text for code', async () => {
    const { page } = await openApp();
    const refused = await page.evaluate(async () => {
      const nameOf = async (act: () => unknown) => {
        try {
          return await act();
        } catch (error) {
          return (error as Error).name;
        }
      };
      const image = new Image();
      const loaded = new Promise((resolve) => {
        image.onload = () => resolve('loaded');
        image.onerror = () => resolve('refused');
      });
      image.src = 'https://example.com/x.png';
      return {
        fetch: await nameOf(() => fetch('https://example.com/')),
        image: await loaded,
        socket: await new Promise((resolve) => {
          const socket = new WebSocket('wss://example.com/');
          socket.onopen = () => resolve('open');
          socket.onerror = () => resolve('refused');
        }),
        markup: await nameOf(() => {
          document.body.innerHTML = '<p>';
        }),
        strangers: performance
          .getEntriesByType('resource')
          .map(({ name }) => name)
          .filter((name) => !name.startsWith(new URL('.', location.href).href))
          .filter((name) => !name.includes('example.com')),
      };
    });
    expect(refused).toEqual({
      fetch: 'TypeError',
      image: 'refused',
      socket: 'refused',
      markup: 'TypeError',
      strangers: [],
    });
  });

  test('is permitted nothing', async () => {
    const { page } = await openApp();
    const permitted = await page.evaluate(async () => {
      const stateOf = async (name: string) =>
        (await navigator.permissions.query({ name: name as PermissionName })).state;
      const camera = await navigator.mediaDevices?.getUserMedia({ video: true }).then(
        () => 'granted',
        () => 'denied',
      );
      return [
        await stateOf('geolocation'),
        await stateOf('notifications'),
        await stateOf('camera'),
        Notification.permission,
        camera ?? 'denied',
      ];
    });
    expect(new Set(permitted)).toEqual(new Set(['denied']));
  });

  test('is told nothing of why a call was refused, and the log has no word of what it sent', async () => {
    const { world, page } = await openApp();
    const answers = await page.evaluate(() => {
      type Call = (argument: unknown) => Promise<unknown>;
      const { api } = window as unknown as { api: Record<string, Call> };
      return Promise.all([
        api['account:check']?.({ account: '../NOT-AN-ID' }),
        api['sign-in:check-code']?.({ text: 'x'.repeat(5000) }),
        api['tool:mode']?.({ tool: 'pi', mode: 'on', more: 'NOT-IN-THE-CONTRACT' }),
      ]);
    });
    for (const answer of answers) {
      expect(answer).toMatchObject({ ok: false, error: { code: 'unexpected' } });
    }
    const log = await readFile(join(world.state, 'electron/logs/main.log'), 'utf8');
    expect(log.match(/call-refused channel=\S+ what=argument/g)).toHaveLength(3);
    expect(log).not.toMatch(/NOT-|xxxx/);
  });
});

test('a sign-in is opened in the system’s browser, and in no window of ours', async () => {
  const { world, app, page } = await openApp();
  await button(page, TEXTS.welcome.signIn({ service: 'ChatGPT' })).click();
  const address = await openedPage(app);
  expect(address).toMatch(world.provider.endpoints.openai.authorizeUrl);
  await expectHeading(page, TEXTS.signIn.waiting.heading);
  expect(await addresses(app)).toEqual([ADDRESS]);
});
