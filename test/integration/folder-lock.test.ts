import { lstat, mkdir, readdir, readFile, rmdir, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { acquireFolderLock } from '../../src/core/files/folder-lock.ts';
import { nodeClock } from '../../src/core/files/node-files.ts';
import type { Clock } from '../../src/core/ports.ts';
import { startChild, untilItEnds, untilItSpeaks } from '../support/children/run-child.ts';
import { tempFolder } from '../support/temp-folder.ts';

const ONCE = { clock: nodeClock, deadline: 0, stale: 30_000, update: 1000 };

async function lockPath(): Promise<string> {
  return join(await tempFolder(), 'lock');
}

async function age(path: string, ms: number): Promise<void> {
  const time = new Date(Date.now() - ms);
  await utimes(path, time, time);
}

describe('a folder lock', () => {
  it('excludes, until the release, which may come twice', async () => {
    const path = await lockPath();
    const hold = await acquireFolderLock(path, ONCE);
    expect(hold.intact).toBe(true);
    expect((await stat(path)).isDirectory()).toBe(true);
    await expect(acquireFolderLock(path, ONCE)).rejects.toMatchObject({
      code: 'tool-busy',
      details: { path },
    });
    const waiting = acquireFolderLock(path, { ...ONCE, deadline: 30_000 });
    await hold.release();
    const next = await waiting;
    await hold.release();
    expect([hold.intact, next.intact]).toEqual([false, true]);
    await next.release();
    await expect(lstat(path)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('gives up at the deadline of its clock, not before', async () => {
    const path = await lockPath();
    const hold = await acquireFolderLock(path, ONCE);
    let now = 1000;
    const clock: Clock = {
      now: () => now,
      sleep: async (ms) => {
        now += ms;
      },
    };
    const busy = acquireFolderLock(path, { ...ONCE, clock, deadline: 2000 });
    await expect(busy).rejects.toMatchObject({ code: 'tool-busy' });
    expect(now).toBe(3000);
    await hold.release();
  });

  it('is renewed while it is held', async () => {
    const path = await lockPath();
    const hold = await acquireFolderLock(path, ONCE);
    const { mtimeMs } = await stat(path);
    while ((await stat(path)).mtimeMs === mtimeMs) await wait(20);
    expect(hold.intact).toBe(true);
    await hold.release();
  });

  it('is lost as soon as its folder is gone', async () => {
    const path = await lockPath();
    const hold = await acquireFolderLock(path, ONCE);
    await rmdir(path);
    expect(hold.intact).toBe(false);
    await wait(ONCE.update * 1.5); // The library notices, from a timer.
    await hold.release();
    await expect(lstat(path)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('is lost when another has renewed it', async () => {
    const path = await lockPath();
    const hold = await acquireFolderLock(path, ONCE);
    await age(path, 5000);
    while (hold.intact) await wait(20);
    await hold.release();
    expect((await stat(path)).isDirectory()).toBe(true);
  });

  it('is left to another who took it for abandoned', async () => {
    const path = await lockPath();
    const hold = await acquireFolderLock(path, ONCE);
    await rmdir(path);
    await mkdir(path);
    expect(hold.intact).toBe(false);
    await hold.release();
    expect((await stat(path)).isDirectory()).toBe(true);
  });

  it.each([
    ['removed', false],
    ['left, if it is another’s by then', true],
  ])('is %s when its process ends without a release', async (_, taken) => {
    const path = await lockPath();
    const child = startChild('hold-folder-lock.ts', [path]);
    await untilItSpeaks(child);
    if (taken) {
      await rmdir(path);
      await mkdir(path);
    }
    child.stdin?.end();
    expect(await untilItEnds(child)).toBe(0);
    expect(
      await lstat(path).then(
        () => true,
        () => false,
      ),
    ).toBe(taken);
  });

  it('does not keep a process from finishing at Ctrl-C', async () => {
    const child = startChild('hold-folder-lock.ts', [await lockPath()]);
    await untilItSpeaks(child);
    const said = untilItSpeaks(child);
    child.kill('SIGINT');
    expect(await said).toBe('finished\n');
    expect(await untilItEnds(child)).toBe(5);
  });

  it('does not mistake a file for a lock: busy while it is new, in the way when it is old', async () => {
    const path = await lockPath();
    await writeFile(path, 'theirs');
    await expect(acquireFolderLock(path, ONCE)).rejects.toMatchObject({ code: 'tool-busy' });
    await age(path, 31_000);
    await expect(acquireFolderLock(path, ONCE)).rejects.toMatchObject({
      code: 'tool-file-protected',
      details: { path, hint: 'A file is where the tool’s lock belongs.' },
    });
    expect(await readFile(path, 'utf8')).toBe('theirs');
  });

  it('removes no folder with something in it', async () => {
    const path = await lockPath();
    await mkdir(path);
    await writeFile(join(path, 'theirs'), '');
    await age(path, 31_000);
    await expect(acquireFolderLock(path, ONCE)).rejects.toMatchObject({
      code: 'tool-file-protected',
      details: { path },
    });
    expect(await readdir(path)).toEqual(['theirs']);
  });

  it('needs a folder to be in', async () => {
    const path = await lockPath();
    await writeFile(path, '');
    await expect(acquireFolderLock(`${path}.d/lock`, ONCE)).rejects.toMatchObject({
      code: 'tool-file-protected',
      details: { hint: 'Its folder is missing.' },
    });
    await expect(acquireFolderLock(join(path, 'lock'), ONCE)).rejects.toMatchObject({
      code: 'tool-file-protected',
      details: { hint: 'A file is where its folder should be.' },
    });
  });
});
