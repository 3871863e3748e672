import { join } from 'node:path';
import { expect as expectLocator, type Locator, type Page } from '@playwright/test';
import { expect, onTestFinished } from 'vitest';
import { createEngine } from '../../src/core/create.ts';
import { signIn } from '../support/engine.ts';
import type { Keyring } from '../support/keyring.ts';
import {
  type StandIn,
  type StandInOptions,
  signInAt,
  startStandIn,
  type UserAgentEnd,
} from '../support/provider/index.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { TestClock } from '../support/test-clock.ts';
import { install, type ToolId } from '../support/tools.ts';
import { Canary } from './canary.ts';
import { type App, launch } from './driver.ts';
import type { LaunchOptions } from './runtime.ts';

/** How long a spec waits for what has to happen, ms. */
export const PATIENCE = { timeout: 60_000, intervals: [20, 50, 100, 250] };

/** For tests in which hours go by, minute by minute: how long they may take, ms. */
export const HOURS_GO_BY = { timeout: 600_000 };

/** What a page has to show, in the end. */
export const expectPage = expectLocator.configure({ timeout: PATIENCE.timeout });

/** How long the end of a sign-in can be reloaded, ms. */
const RELOAD_TIME = 2000;

/** What a spec's machine has on it. */
export interface WorldOptions {
  readonly tools?: readonly ToolId[];
  readonly standIn?: StandInOptions;
  /** Where logins are kept, if not in a file. */
  readonly keyring?: Keyring;
}

/** How the person signs in, in the browser. */
export type Browsing = Parameters<typeof signInAt>[1];

/** A person's machine with nothing on it but Authbar and some tools, and both services within reach. */
export interface World {
  readonly userHome: string;
  /** Authbar's state folder. */
  readonly state: string;
  readonly env: Readonly<Record<string, string>>;
  readonly provider: StandIn;
  /** The machine's. */
  readonly clock: TestClock;
  /** Opens the app; it is closed when the test is over. */
  open(options?: Pick<LaunchOptions, 'platform' | 'args' | 'env'>): Promise<App>;
  /** To be called before the app is ended by its own means. */
  ending(app: App): Promise<void>;
  /** Ends the app as the system does. Settles with its exit code. */
  quit(app: App): Promise<number | null>;
  /** Makes a login without the app. Resolves with the account's id. */
  haveLogin(service: string, person?: string): Promise<string>;
  /** Time goes by, ms, and everybody notices. */
  pass(app: App, ms: number): Promise<void>;
  /** The machine sleeps, ms: nobody notices before it wakes, not what happens `meanwhile` either. */
  sleep(app: App, ms: number, meanwhile?: () => Promise<unknown>): Promise<void>;
}

/** Sets a machine up. When the test is over, no secret of the services’ may have been seen anywhere. */
export async function startWorld(options: WorldOptions = {}): Promise<World> {
  const provider = await startStandIn(options.standIn);
  onTestFinished(() => provider.close());
  const userHome = await tempFolder();
  const state = join(userHome, 'state');
  const wire = join(userHome, 'wire.jsonl');
  const clock = new TestClock();
  const env = {
    TZ: 'UTC',
    AUTHBAR_HOME: state,
    AUTHBAR_PROVIDERS_FILE: await provider.providersFile(join(userHome, 'providers.json')),
    AUTHBAR_E2E_WIRE: wire,
    ...(options.keyring ? busOf(options.keyring) : { AUTHBAR_VAULT: 'file' }),
  };
  const canary = new Canary(wire, [state, join(userHome, 'chromium')]);
  const apps: App[] = [];
  onTestFinished(async () => expect(await canary.find(provider.tokens, apps)).toEqual([]));
  await install({ userHome }, ...(options.tools ?? []));

  const move = (ms: number) => {
    clock.advance(ms);
    provider.setClock(clock.now() - Date.now());
  };
  return {
    userHome,
    state,
    env,
    provider,
    clock,
    open: async (more = {}) => {
      const ahead = { AUTHBAR_E2E_AHEAD: String(clock.now() - Date.now()) };
      const app = await launch({
        home: userHome,
        ...more,
        env: { ...env, ...ahead, ...more.env },
      });
      apps.push(app);
      onTestFinished(async () => {
        await canary.collect(app).finally(() => app.close());
      });
      await canary.watch(app);
      return app;
    },
    ending: (app) => canary.collect(app),
    quit: async (app) => {
      await canary.collect(app);
      return app.quit();
    },
    haveLogin: async (service, person) => {
      const own = { PATH: process.env.PATH, HOME: userHome, ...env };
      const { engine } = await createEngine({ env: own, clock, userHome });
      const id = await signIn(engine, service, person);
      move(RELOAD_TIME);
      return id;
    },
    pass: async (app, ms) => {
      move(ms);
      await app.pass(ms);
    },
    sleep: async (app, ms, meanwhile) => {
      await app.power('suspend');
      await meanwhile?.();
      move(ms);
      await app.jump(ms);
      await app.power('resume');
    },
  };
}

/** Of a keyring's environment what leads to it; the home stays the machine's. */
function busOf({ env }: Keyring): Record<string, string> {
  const { DBUS_SESSION_BUS_ADDRESS = '', XDG_RUNTIME_DIR = '' } = env;
  return { DBUS_SESSION_BUS_ADDRESS, XDG_RUNTIME_DIR };
}

/** What the app opened in the browser; `index`: the how manieth it was. */
export async function openedPage(app: App, index = 0): Promise<string> {
  await expect.poll(async () => (await app.opened).length, PATIENCE).toBeGreaterThan(index);
  return (await app.opened)[index] ?? '';
}

/** The person signs in on the page that the app opened. */
export async function browse(app: App, options: Browsing = {}, index = 0): Promise<UserAgentEnd> {
  return signInAt(await openedPage(app, index), options);
}

/** Chooses in the native menu that a click in the page opens, once it is there. */
export async function chooseInMenu(app: App, words: string): Promise<void> {
  const labels = async () => (await app.menuItems()).map(({ label }) => label);
  await expect.poll(labels, PATIENCE).toContain(words);
  await app.menu(words);
}

/** A button by its words. */
export function button(page: Page, name: string | RegExp): Locator {
  return page.getByRole('button', { name, ...(typeof name === 'string' && { exact: true }) });
}

/** The view's heading is, or becomes, this. */
export async function expectHeading(page: Page, text: string | RegExp): Promise<void> {
  await expectPage(page.getByRole('heading', { level: 1 })).toHaveText(text);
}

/**
 * For a button whose words stand there for a moment only: a spec that looks now and then may look too late.
 * To be called before what brings them. @returns what settles once they were there.
 */
export async function watchFor(page: Page, words: string): Promise<() => Promise<void>> {
  const watch = await page.evaluateHandle((awaited) => {
    const seen = new Promise<void>((resolve) => {
      const look = () => {
        const buttons = [...document.querySelectorAll('button')];
        if (buttons.some(({ textContent }) => textContent === awaited)) resolve();
      };
      new MutationObserver(look).observe(document.body, {
        characterData: true,
        childList: true,
        subtree: true,
      });
    });
    return { seen };
  }, words);
  return () => watch.evaluate(({ seen }) => seen);
}

/** The card of an account, by a text on it. */
export function card(page: Page, text: string): Locator {
  return page.getByRole('listitem').filter({ hasText: text });
}
