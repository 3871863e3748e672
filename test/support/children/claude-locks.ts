// Takes Claude Code's locks as Claude Code does, one attempt each, and says `held`, or which one somebody
// else has. Holds them until it is killed or its standard input ends; then says `released`.
// Arguments: the configuration folder, and `old` for the one lock of versions before 2.1.76.
import { lstat, realpath, unlink, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { basename, join } from 'node:path';
import { lock } from 'proper-lockfile';

const [, , folder = '', version] = process.argv;
const refresh = join(folder, '.oauth_refresh.lock');
const legacy = `${await realpath(folder)}.lock`;
const saving = join(folder, '.storage-write.lock');
const record = `${refresh}.owner`;

const releases: (() => Promise<void>)[] = [];

async function take(lockfilePath: string, options: { stale?: number; update?: number } = {}) {
  const release = await lock(lockfilePath, { ...options, lockfilePath, realpath: false });
  releases.unshift(release);
}

async function takeAll(): Promise<string> {
  let path = legacy;
  try {
    if (version === 'old') {
      await take(legacy);
      return 'held';
    }
    path = refresh;
    await take(refresh, { stale: 60_000, update: 5000 });
    path = legacy;
    await take(legacy, { stale: 60_000, update: 5000 });
    const lockBirthtimeMs = (await lstat(refresh)).birthtimeMs;
    const pidSpace = `${hostname()}#pid:[1]`;
    await writeFile(record, JSON.stringify({ pid: process.pid, pidSpace, lockBirthtimeMs }));
    path = saving;
    await take(saving, { stale: 15_000 });
    return 'held';
  } catch (error) {
    if (!(error instanceof Error) || !error.message.includes('already being held')) throw error;
    return basename(path);
  }
}

async function releaseAll(): Promise<void> {
  await unlink(record).catch(() => {});
  for (const release of releases) await release();
}

const answer = await takeAll();
if (answer !== 'held') await releaseAll();
console.log(answer);
process.stdin.resume().on('end', async () => {
  if (answer === 'held') await releaseAll();
  process.exit();
});
if (answer !== 'held') process.exit();
