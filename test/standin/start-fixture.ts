import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { type App, launch } from '../e2e/driver.ts';
import type { LaunchOptions } from '../e2e/runtime.ts';
import { tempFolder } from '../support/temp-folder.ts';

/** What the fixture's preload exposes. */
interface FixtureApi {
  add(a: number, b: number): number;
  echo(value: unknown): Promise<unknown>;
  refuse(): Promise<never>;
  whoAsks(): Promise<unknown>;
  say(text: string): void;
  onTold(listener: (text: string) => void): () => void;
}

declare global {
  interface Window {
    readonly fixture: FixtureApi;
  }
}

/** The folder of the app that the stand-in is tested with. */
export const fixture = join(import.meta.dirname, 'fixture');

/** That app, for the running test. */
export async function startFixture(options: Partial<LaunchOptions> = {}): Promise<App> {
  const app = await launch({ home: await tempFolder(), app: fixture, ...options });
  onTestFinished(() => app.close());
  return app;
}
