import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { runtime } from '../e2e/runtime.ts';
import { expectPage, PATIENCE } from '../e2e/world.ts';
import { fixture, startFixture } from './start-fixture.ts';

describe(`a menubar app on ${runtime()}`, () => {
  test('the icon opens the popover, closes it, and a click elsewhere closes it', async () => {
    const app = await startFixture();
    expect(await app.windowState()).toBeUndefined();
    expect(await app.trayState()).toMatchObject({
      image: join(fixture, 'iconTemplate.png'),
      toolTip: 'Fixture',
    });

    const page = await app.popover();
    await expectPage(page.getByRole('heading')).toHaveText('Fixture');
    expect(await app.windowState()).toMatchObject({
      visible: true,
      focused: true,
      bounds: { width: 360, height: 300 },
    });
    await app.tray('click');
    await app.hidden();
    await app.popover();
    await app.blur();
    await app.hidden();
  });

  test('the page has what the preload exposes, and nothing else of it', async () => {
    const app = await startFixture();
    const page = await app.popover();
    const seen = await page.evaluate(() => ({
      sum: window.fixture.add(2, 3),
      isFrozen: Object.isFrozen(window.fixture),
      isFixed: !Object.getOwnPropertyDescriptor(window, 'fixture')?.configurable,
      leaks: ['onlyInThePreload', 'require', 'process', 'module'].filter((name) => name in window),
      uncloneable: (() => {
        try {
          return String(window.fixture.add(new WeakMap() as never, 1));
        } catch (error) {
          return String(error);
        }
      })(),
    }));
    expect(seen).toEqual({
      sum: 5,
      isFrozen: true,
      isFixed: true,
      leaks: [],
      uncloneable: expect.stringContaining('could not be cloned'),
    });
  });

  test('messages go both ways, and the app knows who asks', async () => {
    const app = await startFixture();
    const page = await app.popover();
    const value = { list: [1, null, undefined, 2n, Number.NaN], when: new Date(5), $: 'own' };
    expect(await page.evaluate((each) => window.fixture.echo(each), value)).toEqual(value);
    const kinds = await page.evaluate(async () => {
      const map = (await window.fixture.echo(new Map([['key', new Set([1])]]))) as Map<
        string,
        unknown
      >;
      const bytes = await window.fixture.echo(Uint8Array.of(1, 255));
      return [map instanceof Map, map.get('key') instanceof Set, String(bytes)];
    });
    expect(kinds).toEqual([true, true, '1,255']);
    const refusal = await page.evaluate(() => window.fixture.refuse().catch(String));
    expect(refusal).toBe("Error: Error invoking remote method 'refuse': TypeError: no");
    expect(await page.evaluate(() => window.fixture.whoAsks())).toEqual({
      isOurs: true,
      isMainFrame: true,
      origin: 'app://bundle',
      url: 'app://bundle/index.html',
    });

    await page.evaluate(() => window.fixture.say('hello'));
    await expectPage(page.getByRole('status')).toHaveText('you said hello');
    await app.power('resume');
    await expectPage(page.getByRole('status')).toHaveText('awake');
  });

  test('a listener hears nothing more once it is taken away', async () => {
    const app = await startFixture();
    const page = await app.popover();
    const heard = await page.evaluate(async () => {
      const texts: string[] = [];
      const stop = window.fixture.onTold((text) => texts.push(text));
      const told = () => new Promise<void>((resolve) => window.fixture.onTold(() => resolve()));
      window.fixture.say('one');
      await told();
      stop();
      window.fixture.say('two');
      await told();
      return texts;
    });
    expect(heard).toEqual(['you said one']);
  });

  test('the page lives under its policy, without a network', async () => {
    const app = await startFixture();
    const page = await app.popover();
    const failures = await page.evaluate(async () => {
      const textOf = async (act: () => unknown) => {
        try {
          return await act();
        } catch (error) {
          return (error as Error).name;
        }
      };
      return {
        markup: await textOf(() => {
          document.body.innerHTML = '<p>';
        }),
        // In a task of the page's own: what a test evaluates may evaluate, too.
        evaluation: await new Promise((resolve) => {
          setTimeout(() => resolve(textOf(() => new Function('return 1')())));
        }),
        request: await textOf(() => fetch('https://example.com/')),
        place: (await navigator.permissions.query({ name: 'geolocation' })).state,
        notifications: Notification.permission,
        isSecure: isSecureContext,
      };
    });
    expect(failures).toEqual({
      markup: 'TypeError',
      evaluation: 'EvalError',
      request: 'TypeError',
      place: 'denied',
      notifications: 'denied',
      isSecure: true,
    });
    await page.reload();
    expect(await page.evaluate(() => window.fixture.echo('still there'))).toBe('still there');
  });

  test('neither a link nor a script leads the window away or opens another', async () => {
    const app = await startFixture();
    const page = await app.popover();
    const address = page.url();
    await page.getByText('Away').click();
    await page.getByText('Blank').click();
    await expect.poll(() => app.opened, PATIENCE).toEqual(['https://example.com/blank']);
    const isDenied = await page.evaluate(() => window.open('https://example.com/script') === null);
    expect(isDenied).toBe(true);
    await expect
      .poll(() => app.opened, PATIENCE)
      .toEqual(['https://example.com/blank', 'https://example.com/script']);
    await expect.poll(() => app.electron.windows().length, PATIENCE).toBe(1);
    expect(page.url()).toBe(address);
  });

  test('zoom and theme change what the page sees', async () => {
    const app = await startFixture();
    const page = await app.popover();
    const before = await page.evaluate(() => [innerWidth, devicePixelRatio] as const);
    await app.electron.evaluate(({ BrowserWindow }) => {
      BrowserWindow.getAllWindows()[0]?.webContents.setZoomFactor(2);
    });
    await expect
      .poll(() => page.evaluate(() => [innerWidth, devicePixelRatio]), PATIENCE)
      .toEqual([before[0] / 2, before[1] * 2]);

    await expectPage(page.locator('body')).toHaveCSS('background-color', 'rgb(255, 255, 255)');
    await app.theme('dark');
    await expectPage(page.locator('body')).toHaveCSS('background-color', 'rgb(0, 0, 0)');
  });

  test('a second launch shows the popover of the first and ends well', async () => {
    const app = await startFixture();
    expect(await app.secondLaunch()).toBe(0);
    const page = await app.shown();
    await expectPage(page.getByRole('heading')).toBeVisible();
    await app.blur();
    await app.hidden();
    await app.activate();
    await app.shown();
  });

  test('a notification is noted, opens the popover, and may fail', async () => {
    const app = await startFixture();
    await app.tray('right-click');
    expect(await app.menuItems()).toMatchObject([
      { label: 'Notify' },
      { label: 'More', submenu: [{ label: 'Disabled', enabled: false }] },
      { label: 'Quit Fixture' },
    ]);
    await expect(app.menu('More', 'off')).rejects.toThrow('disabled');
    await app.menu('Notify');
    expect(await app.notices).toMatchObject([
      { title: 'Title', body: 'Body', silent: true, actions: [], removed: false },
    ]);
    await app.clickNotice(0);
    await app.shown();
    await app.failNotice(0);
    expect(await app.trayState()).toMatchObject({ toolTip: 'Failed' });
  });

  test('Paste in the application menu pastes into the page', async () => {
    const app = await startFixture();
    const page = await app.popover();
    await app.electron.evaluate(({ clipboard }) => clipboard.writeText('from elsewhere'));
    await page.getByLabel('Code').focus();
    await app.applicationMenu('Edit', 'Paste');
    await expectPage(page.getByLabel('Code')).toHaveValue('from elsewhere');
    expect(await app.clipboard()).toBe('from elsewhere');
  });

  test('the page hears when the network is gone', async () => {
    const app = await startFixture();
    const page = await app.popover();
    await app.online(false);
    expect(await app.electron.evaluate(({ net }) => net.isOnline())).toBe(false);
    expect(await page.evaluate(() => navigator.onLine)).toBe(false);
    await app.online(true);
    expect(await page.evaluate(() => navigator.onLine)).toBe(true);
  });

  test('Quit in a menu ends it with 0', async () => {
    const app = await startFixture();
    await app.popover();
    await app.tray('right-click');
    // The answer may be lost with the process.
    await app.menu('Quit Fixture').catch(() => undefined);
    expect(await app.exited()).toBe(0);
  });
});
