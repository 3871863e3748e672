import { EventEmitter } from 'node:events';
import type { ConfigureHostResolverOptions, Session, WebContents } from 'electron';
import { describe, expect, test } from 'vitest';
import { forbidNavigation } from '../../src/main/security/navigation.ts';
import { refusePermissions } from '../../src/main/security/permissions.ts';
import {
  confineRequests,
  mayRequest,
  useSystemResolver,
} from '../../src/main/security/requests.ts';
import { webPreferences } from '../../src/main/web-preferences.ts';

test('the page is given nothing but a preload script', () => {
  expect(webPreferences('/app/preload.cjs', true)).toEqual({
    preload: '/app/preload.cjs',
    sandbox: true,
    contextIsolation: true,
    nodeIntegration: false,
    nodeIntegrationInWorker: false,
    nodeIntegrationInSubFrames: false,
    webSecurity: true,
    webviewTag: false,
    spellcheck: false,
    devTools: false,
  });
  expect(webPreferences('/app/preload.cjs', false).devTools).toBe(true);
});

describe('where the page may go', () => {
  type Opener = Parameters<WebContents['setWindowOpenHandler']>[0];

  class FakeContents extends EventEmitter {
    opener: Opener | null = null;

    setWindowOpenHandler(opener: Opener): void {
      this.opener = opener;
    }
  }

  const contents = new FakeContents();
  forbidNavigation(contents as unknown as WebContents);

  test.each(['will-navigate', 'will-frame-navigate', 'will-redirect', 'will-attach-webview'])(
    '%s is prevented',
    (name) => {
      let prevented = 0;
      const event = {
        preventDefault: () => {
          prevented += 1;
        },
      };
      contents.emit(name, event);
      expect(prevented).toBe(1);
    },
  );

  test('no window is opened', () => {
    const details = { url: 'https://claude.ai/' } as Parameters<Opener>[0];
    expect(contents.opener?.(details)).toEqual({ action: 'deny' });
  });
});

test('no permission is given, asked for or not', () => {
  const given: unknown[] = [];
  type Guarded = Parameters<typeof refusePermissions>[0];
  refusePermissions({
    setPermissionRequestHandler(handler: Parameters<Session['setPermissionRequestHandler']>[0]) {
      const decide = (granted: boolean) => given.push(granted);
      handler?.(null as never, 'geolocation', decide, null as never);
    },
    setPermissionCheckHandler(handler: Parameters<Session['setPermissionCheckHandler']>[0]) {
      given.push(handler?.(null, 'notifications', 'app://bundle', null as never));
    },
    setDevicePermissionHandler(handler: Parameters<Session['setDevicePermissionHandler']>[0]) {
      given.push(handler?.(null as never));
    },
  } satisfies Guarded);
  expect(given).toEqual([false, false, false]);
});

test.each([
  ['app://bundle/index.html', true, true],
  ['app://other/index.html', false, false],
  ['https://claude.ai/', false, false],
  ['http://127.0.0.1:9222/', false, false],
  ['file:///etc/passwd', false, false],
  ['data:text/html,x', false, false],
  ['devtools://devtools/bundled/a.js', false, true],
])('a request for %s: packaged %s, in development %s', (url, packaged, development) => {
  expect([mayRequest(url, true), mayRequest(url, false)]).toEqual([packaged, development]);
});

test('any other request is cancelled before it is made', () => {
  const cancelled: unknown[] = [];
  type Listener = Parameters<Session['webRequest']['onBeforeRequest']>[0];
  const onBeforeRequest = (listener: Listener) => {
    for (const url of ['app://bundle/index.html', 'https://claude.ai/']) {
      listener?.({ url } as never, ({ cancel }) => cancelled.push([url, cancel]));
    }
  };
  confineRequests({ webRequest: { onBeforeRequest } as never }, true);
  expect(cancelled).toEqual([
    ['app://bundle/index.html', false],
    ['https://claude.ai/', true],
  ]);
});

test('names are looked up by the system alone', () => {
  const asked: ConfigureHostResolverOptions[] = [];
  useSystemResolver({ configureHostResolver: (options) => asked.push(options) });
  expect(asked).toEqual([{ enableBuiltInResolver: false, secureDnsMode: 'off' }]);
});
