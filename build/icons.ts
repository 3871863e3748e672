/** Draws every image of the app anew: `npm run icons`. What it writes is committed. */
import { mkdir, writeFile } from 'node:fs/promises';
import { drawImages } from './images.ts';

for (const [path, content] of await drawImages()) {
  const file = new URL(path, import.meta.url);
  await mkdir(new URL('.', file), { recursive: true });
  await writeFile(file, content);
}
