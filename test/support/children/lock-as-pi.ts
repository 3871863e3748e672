// Locks the login file whose path is the second argument as Pi does, says `held` or `busy`, and holds the
// lock until it is killed or its standard input ends. The first argument is one of Pi's ways.
import { setTimeout as wait } from 'node:timers/promises';
import { lock, lockSync } from 'proper-lockfile';

const [, , way = '', path = ''] = process.argv;

/** At its start. */
async function lockAtStart(): Promise<() => void> {
  for (let attempt = 1; ; attempt++) {
    try {
      return lockSync(path, { realpath: false });
    } catch (error) {
      if (attempt === 10) throw error;
      await wait(20);
    }
  }
}

const WAYS: Readonly<Record<string, () => Promise<() => unknown>>> = {
  start: lockAtStart,
  old: () => lock(path, { realpath: false, stale: 30_000 }),
  new: () => lock(path, { realpath: true, stale: 30_000 }),
};

try {
  const release = await WAYS[way]?.();
  console.log('held');
  process.stdin.resume().on('end', () => void release?.());
} catch (error) {
  console.log((error as NodeJS.ErrnoException).code === 'ELOCKED' ? 'busy' : error);
}
