// Takes the lock whose path is the first argument, says so, and holds it until it is killed or its
// standard input ends.
import { acquireLock } from '../../../src/core/files/flock.ts';
import { nodeClock } from '../../../src/core/files/node-files.ts';

const path = process.argv[2] ?? '';
const lock = await acquireLock(path, { deadline: Date.now() + 30_000, clock: nodeClock });
console.log('held');
process.stdin.resume().on('end', () => void lock.release());
