import { spawn } from 'node:child_process';
import { mkdir, readdir, readFile, rename, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { acquireLock, heldBy, tryLock } from '../../src/core/files/flock.ts';
import { nodeClock } from '../../src/core/files/node-files.ts';
import type { Clock } from '../../src/core/ports.ts';
import { startChild, untilItEnds, untilItSpeaks } from '../support/children/run-child.ts';
import { tempFolder } from '../support/temp-folder.ts';

const ONCE = { deadline: 0, clock: nodeClock };

async function lockPath(): Promise<string> {
  return join(await tempFolder(), 'lock');
}

function patient(): { deadline: number; clock: Clock } {
  return { deadline: Date.now() + 30_000, clock: nodeClock };
}

describe('one process', () => {
  it('excludes itself, until the release, which may come twice', async () => {
    const path = await lockPath();
    const first = await acquireLock(path, ONCE);
    expect(await tryLock(path)).toBeNull();
    const second = acquireLock(path, patient());
    await first.release();
    const lock = await second;
    await first.release();
    expect(await tryLock(path)).toBeNull();
    await lock.release();
    const third = await tryLock(path);
    expect(third).not.toBeNull();
    await third?.release();
  });

  it('names itself in the file while it holds it, and leaves the file behind', async () => {
    const path = await lockPath();
    const lock = await acquireLock(path, ONCE);
    expect(JSON.parse(await readFile(path, 'utf8'))).toEqual({ pid: process.pid });
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    await expect(acquireLock(path, ONCE)).rejects.toMatchObject({
      code: 'login-busy',
      details: { pid: process.pid, path },
    });
    expect(await heldBy(path)).toBe(process.pid);
    await lock.release();
    expect(await readFile(path, 'utf8')).toBe('');
    expect(await heldBy(path)).toBeNull();
  });

  it("keeps another tool's lock file as it is", async () => {
    const path = await lockPath();
    await writeFile(path, 'theirs');
    const lock = await acquireLock(path, { ...ONCE, content: '' });
    expect(await heldBy(path)).toBeNull();
    await expect(acquireLock(path, ONCE)).rejects.toMatchObject({
      code: 'login-busy',
      details: { path },
    });
    await lock.release();
    expect(await readFile(path, 'utf8')).toBe('theirs');
  });

  it('makes no file that it is told not to make, and says that there is none', async () => {
    const path = await lockPath();
    await expect(tryLock(path, { content: '', create: false })).rejects.toMatchObject({
      cause: { code: 'ENOENT' },
    });
    expect(await readdir(join(path, '..'))).toEqual([]);
  });

  it('gives up at the deadline of its clock, not before', async () => {
    const path = await lockPath();
    const lock = await acquireLock(path, ONCE);
    let now = 1000;
    const pauses: number[] = [];
    const clock: Clock = {
      now: () => now,
      sleep: async (ms) => {
        pauses.push(ms);
        now += ms;
      },
    };
    await expect(acquireLock(path, { deadline: 3000, clock })).rejects.toMatchObject({
      code: 'login-busy',
    });
    expect(now).toBe(3000);
    expect(Math.max(...pauses)).toBeLessThanOrEqual(50);
    expect(pauses[0]).toBeLessThanOrEqual(5);
    await lock.release();
  });

  it('stops waiting when told to, with the reason that it was given', async () => {
    const path = await lockPath();
    const lock = await acquireLock(path, ONCE);
    const controller = new AbortController();
    const reason = new Error('enough');
    const waiting = acquireLock(path, { ...patient(), signal: controller.signal });
    setTimeout(() => controller.abort(reason), 20);
    await expect(waiting).rejects.toBe(reason);
    await lock.release();
    await expect(acquireLock(path, { ...ONCE, signal: controller.signal })).rejects.toBe(reason);
    const free = await tryLock(path);
    expect(free).not.toBeNull();
    await free?.release();
  });

  it('locks the file that has the name, when the one that was locked has lost it', async () => {
    const path = await lockPath();
    const stale = await acquireLock(path, ONCE);
    await rename(path, `${path}.old`);
    const lock = await acquireLock(path, ONCE);
    expect(await tryLock(path)).toBeNull();
    await rm(path);
    await stale.release();
    await lock.release();
  });

  it.each([
    ['a link', (path: string) => symlink('/dev/null', path)],
    ['a link to nowhere', (path: string) => symlink('nowhere', path)],
    ['a folder', (path: string) => mkdir(path)],
  ])('refuses %s in place of the lock file', async (_, make) => {
    const path = await lockPath();
    await make(path);
    await expect(acquireLock(path, ONCE)).rejects.toMatchObject({
      code: 'unexpected',
      details: { path },
    });
    expect(await heldBy(path)).toBeNull();
  });

  it('refuses a pipe without waiting for its other end', async () => {
    const path = await lockPath();
    await untilItEnds(spawn('mkfifo', [path]));
    await expect(acquireLock(path, ONCE)).rejects.toMatchObject({ code: 'unexpected' });
    expect(await heldBy(path)).toBeNull();
  });

  it('passes over a note that is not one', async () => {
    const path = await lockPath();
    for (const text of ['', '{', '{"pid":"1"}', '{"pid":-1}', 'x'.repeat(5000)]) {
      await writeFile(path, text);
      expect(await heldBy(path)).toBeNull();
    }
    // A note of one that was killed, whose number another process has now.
    await writeFile(path, JSON.stringify({ pid: process.pid }));
    expect(await heldBy(path)).toBeNull();
  });
});

describe('several processes', () => {
  it('exclude each other, and a holder that is killed frees the lock at once', async () => {
    const path = await lockPath();
    const child = startChild('hold-lock.ts', [path]);
    await untilItSpeaks(child);
    expect(await tryLock(path)).toBeNull();
    expect(await heldBy(path)).toBe(child.pid);
    await expect(acquireLock(path, ONCE)).rejects.toMatchObject({ details: { pid: child.pid } });
    child.kill('SIGKILL');
    await untilItEnds(child);
    expect(await heldBy(path)).toBeNull();
    const lock = await tryLock(path);
    expect(lock).not.toBeNull();
    expect(JSON.parse(await readFile(path, 'utf8'))).toEqual({ pid: process.pid });
    await lock?.release();
  });

  it('pass it on when it is released', async () => {
    const path = await lockPath();
    const child = startChild('hold-lock.ts', [path]);
    await untilItSpeaks(child);
    const waiting = acquireLock(path, patient());
    child.stdin?.end();
    const lock = await waiting;
    expect(await untilItEnds(child)).toBe(0);
    await lock.release();
  });

  it('do not inherit it from the one that started them', async () => {
    const path = await lockPath();
    const lock = await acquireLock(path, ONCE);
    const child = startChild('hold-lock.ts', [`${path}.other`]);
    await untilItSpeaks(child);
    await lock.release();
    const again = await tryLock(path);
    expect(again).not.toBeNull();
    await again?.release();
  });

  it.each([
    ['', []],
    [', while the lock file is removed again and again', ['remove']],
  ])('lose no update: 8 of them, 100 times each%s', async (_, more) => {
    const path = await lockPath();
    const counter = `${path}.count`;
    await writeFile(counter, '0');
    const children = Array.from({ length: 8 }, () =>
      startChild('count-under-lock.ts', [path, counter, '100', ...more]),
    );
    expect(await Promise.all(children.map(untilItEnds))).toEqual(Array(8).fill(0));
    expect(await readFile(counter, 'utf8')).toBe('800');
  });
});
