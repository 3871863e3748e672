// Adds one to the number in a file, again and again, each time under the lock:
// <lock> <counter file> <times> [remove: takes the lock's file away each time, while it is held]
import { readFile, rm, writeFile } from 'node:fs/promises';
import { acquireLock } from '../../../src/core/files/flock.ts';
import { nodeClock } from '../../../src/core/files/node-files.ts';

const [path = '', counter = '', times = '', remove] = process.argv.slice(2);
for (let done = 0; done < Number(times); done += 1) {
  const lock = await acquireLock(path, { deadline: Number.POSITIVE_INFINITY, clock: nodeClock });
  const count = Number(await readFile(counter, 'utf8'));
  await writeFile(counter, String(count + 1));
  if (remove) await rm(path);
  await lock.release();
}
