import type { Dirent } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { JSHandle } from '@playwright/test';
import type { App } from './driver.ts';

/** Where a person's own paste crosses, on its way to the engine. */
const PASTES = ['sign-in:check-code', 'sign-in:enter-code', 'key:add'];

/** Looks everywhere for what nobody may see. */
export class Canary {
  readonly #wire: string;
  readonly #folders: readonly string[];
  readonly #drawn = new Map<App, JSHandle<Set<string>>>();
  /** What was seen, by where. */
  readonly #seen: (readonly [where: string, text: string])[] = [];

  /**
   * @param wire What crosses between apps and their pages is written down there.
   * @param folders Whose files have to be clean.
   */
  constructor(wire: string, folders: readonly string[]) {
    this.#wire = wire;
    this.#folders = folders;
  }

  /** Everything that the page draws is remembered from now on. */
  async watch(app: App): Promise<void> {
    const page = app.electron.windows()[0] ?? (await app.electron.waitForEvent('window'));
    await page.waitForURL(/\/index\.html$/);
    const handle = await page.evaluateHandle(() => {
      const texts = new Set<string>();
      const look = () => texts.add(document.documentElement.outerHTML);
      const options = { attributes: true, characterData: true, childList: true, subtree: true };
      new MutationObserver(look).observe(document, options);
      look();
      return texts;
    });
    this.#drawn.set(app, handle);
  }

  /** Remembers what is lost when the app ends, once. */
  async collect(app: App): Promise<void> {
    const drawn = this.#drawn.get(app);
    if (!drawn) return;
    this.#drawn.delete(app);
    const texts = await drawn.evaluate((all) => [...all]);
    this.#seen.push(
      ...texts.map((text) => ['the page', text] as const),
      ['a notification', JSON.stringify(await app.notices)],
      ['the clipboard', await app.clipboard()],
      ['a tooltip', (await app.trayState()).toolTip],
    );
  }

  /** @returns where one of these secrets, or the end of one, was seen. */
  async find(secrets: readonly string[], apps: readonly App[]): Promise<string[]> {
    const places = [
      ...this.#seen,
      ...apps.map((app) => ['the console', app.output] as const),
      ...(await this.#messages()),
      ...(await this.#files()),
    ];
    const found = secrets.flatMap((secret) =>
      places
        .filter(([, text]) => text.includes(secret) || text.includes(secret.slice(-16)))
        .map(([where]) => `${secret.slice(0, 6)}… in ${where}`),
    );
    return [...new Set(found)];
  }

  async #messages() {
    const text = await readFile(this.#wire, 'utf8').catch(() => '');
    const lines = text.split('\n').filter((line) => line !== '');
    return lines.flatMap((line) => {
      const { channel, what } = JSON.parse(line) as { channel: string; what: string };
      const isPaste = what === 'asked' && PASTES.includes(channel);
      return isPaste ? [] : [[`${channel}, ${what}`, line] as const];
    });
  }

  async #files() {
    const folders = this.#folders.map(async (folder) => {
      const files = (await entriesBelow(folder)).filter((entry) => entry.isFile());
      return Promise.all(
        files.map(async ({ parentPath, name }) => {
          const path = join(parentPath, name);
          // One of the browser's own may be gone by now.
          return [path, await readFile(path, 'latin1').catch(() => '')] as const;
        }),
      );
    });
    return (await Promise.all(folders)).flat();
  }
}

/** A browser that is ending removes folders of its own while they are read. */
async function entriesBelow(folder: string, tries = 5): Promise<Dirent[]> {
  try {
    return await readdir(folder, { recursive: true, withFileTypes: true });
  } catch (error) {
    if (tries === 0) throw error;
    return entriesBelow(folder, tries - 1);
  }
}
