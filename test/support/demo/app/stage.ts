import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { Locator, Page } from '@playwright/test';
import type { TargetId } from '../../../../src/core/targets/target.ts';
import { TEXTS } from '../../../../src/shared/ui/texts.ts';
import { Canary } from '../../../e2e/canary.ts';
import { type App, launch } from '../../../e2e/driver.ts';
import { signInAt } from '../../provider/index.ts';
import { TestClock } from '../../test-clock.ts';
import { install, type ToolId } from '../../tools.ts';
import { holds } from '../narrator.ts';
import type { Stage } from '../stage.ts';

/** Longer than the app takes for anything that it is not told to wait for, ms. */
const PATIENCE = 30_000;
const LOOK_AGAIN = 50;

/** The tools on the person's computer. */
export const TOOLS = ['claude-code', 'codex', 'pi'] as const satisfies readonly (ToolId &
  TargetId)[];

/** A person's computer with some tools, and Authbar's app on it. */
export interface AppStage extends Stage {
  readonly app: App;
  /** The app's window, in sight or not. */
  readonly page: Page;
  /** The computer's. */
  readonly clock: TestClock;
  /** Remembers all that the app shows and says. */
  readonly canary: Canary;
  /** The folder for what is in the window, step by step. */
  readonly pictures: string;
}

/** Opens the app on a stage, for the first time. */
export async function openApp(stage: Stage, pictures: string): Promise<AppStage> {
  const { home, folder, state, env } = stage;
  await mkdir(pictures, { recursive: true });
  await install({ userHome: home }, ...TOOLS);
  const wire = join(folder, 'wire.jsonl');
  const canary = new Canary(wire, [state, join(home, 'chromium')]);
  const app = await launch({ home, env: { ...env, AUTHBAR_E2E_WIRE: wire } });
  stage.atEnd(() => app.close());
  const page = await app.shown();
  // What compiles this file lets functions keep their names by a helper, which no page has:
  // https://github.com/privatenumber/tsx/issues/113
  await page.evaluate('globalThis.__name = (named) => named');
  await canary.watch(app);
  return { ...stage, app, page, clock: new TestClock(), canary, pictures };
}

/** Time goes by, ms, for everybody. */
export async function pass({ app, clock, services }: AppStage, ms: number): Promise<void> {
  clock.advance(ms);
  services.setClock(clock.now() - Date.now());
  await app.pass(ms);
}

/** A fact that may take a moment to come true. */
export async function becomes(
  { narrator, signal }: AppStage,
  what: string,
  look: () => Promise<unknown>,
  expected: unknown = true,
): Promise<void> {
  const end = Date.now() + PATIENCE;
  let came = await look();
  while (!holds(came, expected) && Date.now() < end) {
    await wait(LOOK_AGAIN, undefined, { signal });
    came = await look();
  }
  narrator.check(what, came, expected);
}

/** The window's heading is, or becomes, this. */
export async function says(stage: AppStage, heading: string): Promise<void> {
  const title = stage.page.getByRole('heading', { level: 1 });
  await becomes(stage, `the window says: ${heading}`, () => title.textContent(), heading);
}

/** A button of the window, or of a part of it, by its words. */
export function button(within: Page | Locator, name: string | RegExp): Locator {
  return within.getByRole('button', { name, ...(typeof name === 'string' && { exact: true }) });
}

/** The card of a service. */
export function card({ page }: AppStage, service: string): Locator {
  return page.getByRole('listitem').filter({ hasText: service });
}

/** The person clicks on something in the window. */
export async function click({ narrator }: AppStage, what: Locator): Promise<void> {
  narrator.note(`You click “${(await what.innerText()).trim()}”.`);
  await what.click();
}

/** Tells what is in the window, and takes a picture of it. */
export async function see({ page, narrator, pictures }: AppStage, name: string): Promise<void> {
  const lines = (await page.getByRole('main').innerText()).split('\n');
  for (const line of lines) if (line.trim() !== '') narrator.quote(line.trim());
  await page.mouse.move(0, 0);
  await fits(page);
  await page.screenshot({ path: join(pictures, `${name}.png`), animations: 'disabled' });
}

/** The window is as high as what is in it. It never is if that is too much, and then it scrolls. */
async function fits(page: Page): Promise<void> {
  const all = () =>
    [...document.querySelectorAll('.scroll')].every(
      (part) => part.scrollHeight <= part.clientHeight,
    );
  await page.waitForFunction(all, null, { timeout: 2000 }).catch(() => {});
}

/**
 * The person signs in on the page that the app opens.
 * @param opened How many pages it had opened before.
 * @param picture Of the window that waits meanwhile.
 */
export async function browse(stage: AppStage, opened: number, picture?: string): Promise<void> {
  const { app, narrator } = stage;
  await becomes(stage, 'the browser opens', async () => (await app.opened).length, opened + 1);
  await says(stage, TEXTS.signIn.waiting.heading);
  if (picture) await see(stage, picture);
  narrator.note('You say yes on the page that the browser shows.');
  const end = await signInAt((await app.opened)[opened] ?? '');
  const page = end.kind === 'callback' ? end.body : end.kind;
  const title = /<h1>(.*?)<\/h1>/.exec(page)?.[1] ?? page;
  narrator.check('the browser says: You’re signed in', title, /^You’re signed in/);
}

/** The notifications so far. */
export async function notices({ app }: AppStage): Promise<number> {
  return (await app.notices).length;
}
