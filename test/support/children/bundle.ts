import { chmod, mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';
import { BUNDLES } from './run-child.ts';

const HERE = fileURLToPath(new URL('.', import.meta.url));
const OUT = fileURLToPath(new URL('../../../out/', import.meta.url));

/**
 * Makes plain JavaScript of this folder's scripts, for the processes that begin after this: hundreds of them
 * start in a run, and most of what one does is to have TypeScript read. It lies in the project, from where
 * Node finds the packages; each run has its own, so that no two disturb each other.
 * @returns what takes it away again.
 */
export async function bundleChildren(): Promise<() => Promise<void>> {
  await mkdir(OUT, { recursive: true });
  const dir = await mkdtemp(join(OUT, 'children-'));
  // Some of them run as another person.
  await chmod(dir, 0o755);
  const scripts = (await readdir(HERE)).map((name) => [basename(name, '.ts'), join(HERE, name)]);
  const build = await rolldown({
    input: Object.fromEntries(scripts),
    platform: 'node',
    // Native code, and what only the tests themselves use of the modules that they share with a script.
    external: ['keytar', 'koffi', 'vitest', 'oidc-provider', 'rolldown'],
    // A package's modules can be bundled; what it wrote for browsers and Node alike (jsonc-parser) cannot.
    resolve: { mainFields: ['module', 'main'] },
  });
  await build.write({ dir, entryFileNames: '[name].mjs', chunkFileNames: '[name]-[hash].mjs' });
  await build.close();
  process.env[BUNDLES] = dir;
  return () => rm(dir, { recursive: true });
}
