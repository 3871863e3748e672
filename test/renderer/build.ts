import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build, type UserConfig } from 'vite';
import config from '../../electron.vite.config.ts';

/** Where the page is built to. */
export const BUNDLE = join(import.meta.dirname, '../../out/renderer');

/** Builds the page as the app does, once before all specs. */
export default async function buildRenderer(): Promise<void> {
  const { renderer } = config as { readonly renderer: UserConfig };
  const own = { base: './', configFile: false, logLevel: 'error' } as const;
  await build({ ...renderer, ...own, build: { ...renderer.build, emptyOutDir: true } });
  console.log(`JavaScript of the page: ${(await weight()).toFixed(1)} kB gzipped`);
}

/** All of the page's JavaScript, gzipped, in units of 1000 bytes. */
export async function weight(): Promise<number> {
  const files = await readdir(BUNDLE, { recursive: true });
  const scripts = await Promise.all(
    files.filter((file) => file.endsWith('.js')).map((file) => readFile(join(BUNDLE, file))),
  );
  return scripts.reduce((sum, script) => sum + gzipSync(script, { level: 9 }).length, 0) / 1000;
}
