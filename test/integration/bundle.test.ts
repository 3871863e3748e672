import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, expect, test } from 'vitest';
import { BUNDLE, buildCli } from '../support/cli.ts';

beforeAll(buildCli);

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Exactly these: whoever bundles one more looks at its licence first. */
const BUNDLED = {
  chokidar: 'LICENSE',
  commander: 'LICENSE',
  'graceful-fs': 'LICENSE.md',
  'jsonc-parser': 'LICENSE.md',
  oauth4webapi: 'LICENSE.md',
  'proper-lockfile': 'LICENSE',
  readdirp: 'LICENSE',
  retry: 'License',
  'signal-exit': 'LICENSE.txt',
  undici: 'LICENSE',
  valibot: 'LICENSE.md',
};

test('beside the bundle is the licence of each package whose code is in it', async () => {
  const notice = await readFile(join(BUNDLE, '../THIRD-PARTY-LICENSES'), 'utf8');
  const { packages } = JSON.parse(await readFile(join(ROOT, 'package-lock.json'), 'utf8'));
  const parts = Object.entries(BUNDLED).map(async ([name, file]) => {
    const licence = await readFile(join(ROOT, 'node_modules', name, file), 'utf8');
    return `${name} ${packages[`node_modules/${name}`].version}\n\n${licence.trim()}\n`;
  });
  expect(notice.split(/\n-{72}\n\n/)).toEqual(await Promise.all(parts));
});
