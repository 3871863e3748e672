// Bundles the stand-in for Electron's binary (test/standin) into out/standin, where it poses as a folder
// that Electron was unpacked to: ELECTRON_OVERRIDE_DIST_PATH=out/standin.
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = join(root, 'out/standin');

/** Puts a file there in one step: a stand-in may be starting just now. */
async function put(name, text, mode = 0o644) {
  const draft = join(folder, `${name}.${process.pid}`);
  await writeFile(draft, text, { mode });
  await rename(draft, join(folder, name));
}

/** Bundles these files of test/standin. */
async function bundle(input, options, output) {
  const build = await rolldown({ input, cwd: join(root, 'test/standin'), ...options });
  const { output: chunks } = await build.generate({ entryFileNames: '[name].js', ...output });
  await Promise.all(chunks.map(({ fileName, code }) => put(fileName, code)));
}

await mkdir(folder, { recursive: true });
await bundle(
  { boot: './boot.ts', electron: './index.ts', 'resolve-hook': './resolve-hook.ts' },
  { platform: 'node', external: ['@playwright/test'] },
  { format: 'esm', chunkFileNames: '[name].js' },
);
// What runs in a page: one script for each of its two worlds.
for (const world of ['page', 'preload']) {
  const input = { [`world-${world}`]: `./world/${world}.ts` };
  await bundle(input, { platform: 'browser' }, { format: 'iife', name: 'world' });
}
await put('package.json', '{ "type": "module" }\n');
// The name that Electron's launcher looks for.
await put('electron', '#!/bin/sh\nexec node "$(dirname "$0")/boot.js" "$@"\n', 0o755);
