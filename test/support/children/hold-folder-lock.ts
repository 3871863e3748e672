// Takes the folder lock whose path is the first argument, says so, and holds it. At the end of its standard
// input it ends without a release; at the first SIGINT only after it has said `finished`, with code 5.
import { setTimeout as wait } from 'node:timers/promises';
import { acquireFolderLock } from '../../../src/core/files/folder-lock.ts';
import { nodeClock } from '../../../src/core/files/node-files.ts';

process.once('SIGINT', async () => {
  await wait(50);
  console.log('finished');
  process.exit(5);
});
const path = process.argv[2] ?? '';
await acquireFolderLock(path, { clock: nodeClock, deadline: 0, stale: 30_000, update: 3000 });
console.log('held');
process.stdin.resume().on('end', () => process.exit(0));
