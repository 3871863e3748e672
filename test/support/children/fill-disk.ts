// In a folder that is a small disk of its own: reserves room, fills the disk, and prints what can still
// be written, as JSON.
import { appendFile, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { errnoOf, reserve, writeDurable } from '../../../src/core/files/durable.ts';
import { nodeFiles } from '../../../src/core/files/node-files.ts';
import { asAppError } from '../../../src/shared/errors.ts';

const folder = process.argv[2] ?? '';
const path = join(folder, 'grant');
await writeFile(path, 'old');
const reservation = await reserve(nodeFiles, path, 32 * 1024);

let full = '';
while (full === '') {
  await appendFile(join(folder, 'ballast'), Buffer.alloc(4096)).catch((error: unknown) => {
    full = errnoOf(error) ?? 'unknown';
  });
}
const codeOf = (error: unknown): string => asAppError(error).code;
const ordinary = await writeDurable(nodeFiles, path, 'x'.repeat(32 * 1024)).catch(codeOf);
const second = await reserve(nodeFiles, path, 32 * 1024).catch(codeOf);
const meanwhile = await readFile(path, 'utf8');
await reservation.write(Buffer.from('new'.repeat(10_000)));
await reservation.commit();
const after = await readFile(path, 'utf8');
const names = (await readdir(folder)).sort();
console.log(JSON.stringify({ full, ordinary, second, meanwhile, after: after.length, names }));
