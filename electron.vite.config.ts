import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'electron-vite';
import type { Plugin } from 'vite';

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));

const { version } = JSON.parse(await readFile(at('package.json'), 'utf8'));

/** The icon's pictures, under their own names: a Mac knows them by how these end. */
function trayImages(): Plugin {
  const folder = at('build/tray');
  return {
    name: 'tray-images',
    async buildStart() {
      for (const name of await readdir(folder)) {
        const source = await readFile(join(folder, name));
        this.emitFile({ type: 'asset', fileName: `tray/${name}`, source });
      }
    },
  };
}

/** Three bundles: main (ESM), preload (one CommonJS file: a sandboxed preload cannot be more), renderer. */
export default defineConfig({
  main: {
    plugins: [trayImages()],
    define: { 'process.env.AUTHBAR_BUILD_VERSION': JSON.stringify(version) },
    build: {
      outDir: at('out/main'),
      // The end-to-end specs run it on a plain Node too.
      target: 'node20.19',
      rollupOptions: { input: at('src/main/index.ts'), external: ['keytar', 'koffi'] },
    },
  },
  preload: {
    build: {
      outDir: at('out/preload'),
      externalizeDeps: false,
      rollupOptions: {
        input: at('src/preload/index.ts'),
        output: { format: 'cjs', entryFileNames: '[name].cjs' },
      },
    },
  },
  renderer: {
    root: at('src/renderer'),
    build: {
      outDir: at('out/renderer'),
      rollupOptions: { input: at('src/renderer/index.html') },
      // One window of one size: what is inlined would need another rule in its policy.
      assetsInlineLimit: 0,
      minify: true,
      modulePreload: false,
    },
    oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  },
});
