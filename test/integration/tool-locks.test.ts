import type { ChildProcess } from 'node:child_process';
import {
  lstat,
  mkdir,
  readdir,
  readFile,
  stat,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { nodeClock, nodeFiles } from '../../src/core/files/node-files.ts';
import { codexLock, piLock, synapsLock } from '../../src/core/targets/locks.ts';
import { holdFlock, isFlockFree, letGo } from '../support/children/hold-flock.ts';
import { startChild, untilItEnds, untilItSpeaks } from '../support/children/run-child.ts';
import { tempFolder } from '../support/temp-folder.ts';

const CONTEXT = { fs: nodeFiles, clock: nodeClock, platform: process.platform };
const PATIENCE = 30_000;

/** A login file as a tool keeps it, in a folder of its own. */
async function loginFile(): Promise<string> {
  const path = join(await tempFolder(), 'auth.json');
  await writeFile(path, '{}', { mode: 0o600 });
  return path;
}

/** A login file that is a link to one in another folder. */
async function linkedFile(): Promise<{ path: string; real: string }> {
  const real = await loginFile();
  const path = join(await tempFolder(), 'auth.json');
  await symlink(real, path);
  return { path, real };
}

async function age(path: string, ms: number): Promise<void> {
  const time = new Date(Date.now() - ms);
  await utimes(path, time, time);
}

async function startPi(way: 'start' | 'old' | 'new', path: string): Promise<ChildProcess> {
  const pi = startChild('lock-as-pi.ts', [way, path]);
  expect(await untilItSpeaks(pi)).toBe('held\n');
  return pi;
}

async function askPi(way: 'start' | 'old' | 'new', path: string): Promise<string> {
  const pi = startChild('lock-as-pi.ts', [way, path]);
  pi.stdin?.end();
  return (await untilItSpeaks(pi)).trim();
}

describe('Pi', () => {
  it.each(['start', 'old', 'new'] as const)('is kept out (%s), and keeps us out', async (way) => {
    const path = await loginFile();
    const lock = piLock(CONTEXT, path);
    const hold = await lock.acquire(0);
    expect(await askPi(way, path)).toBe('busy');
    await hold.release();
    const pi = await startPi(way, path);
    await expect(lock.acquire(0)).rejects.toMatchObject({
      code: 'tool-busy',
      details: { path: `${path}.lock` },
    });
    expect(await lock.holder()).toBeNull();
    const waiting = lock.acquire(PATIENCE);
    pi.stdin?.end();
    await (await waiting).release();
  });

  it('is kept out by the link and by its target', async () => {
    const { path, real } = await linkedFile();
    const hold = await piLock(CONTEXT, path).acquire(0);
    expect(await Promise.all([askPi('old', path), askPi('new', path)])).toEqual(['busy', 'busy']);
    await hold.release();
    expect(await Promise.all([askPi('old', path), askPi('new', path)])).toEqual(['held', 'held']);
    const pi = await startPi('new', path);
    await expect(piLock(CONTEXT, path).acquire(0)).rejects.toMatchObject({
      code: 'tool-busy',
      details: { path: `${real}.lock` },
    });
    expect(await askPi('old', path)).toBe('held'); // Nothing is left beside the link.
    pi.stdin?.end();
    await untilItEnds(pi);
  });

  it('has one lock where only its folder is a link', async () => {
    const real = await loginFile();
    const folder = join(await tempFolder(), 'agent');
    await symlink(join(real, '..'), folder);
    const hold = await piLock(CONTEXT, join(folder, 'auth.json')).acquire(0);
    expect(hold.intact).toBe(true);
    expect(await askPi('old', join(folder, 'auth.json'))).toBe('busy');
    await hold.release();
  });

  it('leaves a lock when it is killed, which is ours once all of Pi would take it over', async () => {
    const path = await loginFile();
    const pi = await startPi('new', path);
    pi.kill('SIGKILL');
    await untilItEnds(pi);
    await age(`${path}.lock`, 25_000);
    await expect(piLock(CONTEXT, path).acquire(0)).rejects.toMatchObject({ code: 'tool-busy' });
    await age(`${path}.lock`, 31_000);
    const hold = await piLock(CONTEXT, path).acquire(0);
    expect(await askPi('start', path)).toBe('busy');
    await hold.release();
  });

  it('takes ours over when we were asleep, and keeps it', async () => {
    const path = await loginFile();
    const hold = await piLock(CONTEXT, path).acquire(0);
    await age(`${path}.lock`, 11_000);
    const pi = await startPi('start', path);
    expect(hold.intact).toBe(false);
    await hold.release();
    expect(await askPi('new', path)).toBe('busy');
    pi.stdin?.end();
    await untilItEnds(pi);
  });

  it('is locked without a login file, which is not made', async () => {
    const path = join(await tempFolder(), 'auth.json');
    const hold = await piLock(CONTEXT, path).acquire(0);
    expect(await readdir(join(path, '..'))).toEqual(['auth.json.lock']);
    await hold.release();
    expect(await readdir(join(path, '..'))).toEqual([]);
  });
});

describe('Codex', () => {
  it('is kept out of both its files, which stay, empty and private', async () => {
    const path = await loginFile();
    const files = [join(path, '../auth.lock'), `${path}.lock`];
    const hold = await codexLock(CONTEXT, path).acquire(0);
    expect(hold.intact).toBe(true);
    expect(await Promise.all(files.map(isFlockFree))).toEqual([false, false]);
    expect(await codexLock(CONTEXT, path).holder()).toBe(process.pid);
    await hold.release();
    expect(hold.intact).toBe(false);
    expect(await Promise.all(files.map(isFlockFree))).toEqual([true, true]);
    expect(await codexLock(CONTEXT, path).holder()).toBeNull();
    for (const file of files) {
      const { mode, size } = await stat(file);
      expect([mode & 0o777, size]).toEqual([0o600, 0]);
    }
  });

  it.each(['auth.lock', 'auth.json.lock'])('keeps us out by %s, and is named', async (name) => {
    const path = await loginFile();
    const lock = codexLock(CONTEXT, path);
    const file = join(path, '..', name);
    const codex = await holdFlock(file);
    await expect(lock.acquire(0)).rejects.toMatchObject({
      code: 'tool-busy',
      details: { path: file, pid: codex.pid },
    });
    expect(await lock.holder()).toBe(codex.pid);
    const waiting = lock.acquire(PATIENCE);
    await letGo(codex);
    await (await waiting).release();
    expect(await isFlockFree(join(path, '../auth.lock'))).toBe(true);
  });

  it('has one of them beside the target of a link', async () => {
    const { path, real } = await linkedFile();
    const hold = await codexLock(CONTEXT, path).acquire(0);
    expect(await readdir(join(path, '..'))).toEqual(['auth.json', 'auth.lock']);
    expect(await readdir(join(real, '..'))).toEqual(['auth.json', 'auth.json.lock']);
    await hold.release();
  });

  it('has its locks before it has a login', async () => {
    const path = join(await tempFolder(), 'auth.json');
    const hold = await codexLock(CONTEXT, path).acquire(0);
    await hold.release();
    expect(await readdir(join(path, '..'))).toEqual(['auth.json.lock', 'auth.lock']);
  });

  it.each([
    ['a folder', 'A folder', (file: string) => mkdir(file)],
    ['a link', 'Something other than a file', (file: string) => symlink('/dev/null', file)],
  ])('finds %s in the way of a lock, and leaves it', async (_, what, make) => {
    for (const name of ['auth.lock', 'auth.json.lock']) {
      const path = await loginFile();
      const file = join(path, '..', name);
      await make(file);
      await expect(codexLock(CONTEXT, path).acquire(0)).rejects.toMatchObject({
        code: 'tool-file-protected',
        details: { path: file, hint: `${what} is where the tool’s lock belongs.` },
      });
      expect((await lstat(file)).isFile()).toBe(false);
      if (name === 'auth.json.lock')
        expect(await isFlockFree(join(path, '../auth.lock'))).toBe(true);
    }
  });
});

describe('SynapsCLI', () => {
  it('is kept out of its file and of the one beside it', async () => {
    const path = await loginFile();
    const hold = await synapsLock(CONTEXT, path).acquire(0);
    expect(await Promise.all([path, `${path}.lock`].map(isFlockFree))).toEqual([false, false]);
    await hold.release();
    expect(await Promise.all([path, `${path}.lock`].map(isFlockFree))).toEqual([true, true]);
    expect(await readFile(path, 'utf8')).toBe('{}');
    expect(await readFile(`${path}.lock`, 'utf8')).toBe('');
  });

  it.each(['auth.json', 'auth.json.lock'])('keeps us out by %s, and is named', async (name) => {
    const path = await loginFile();
    const lock = synapsLock(CONTEXT, path);
    const file = join(path, '..', name);
    const synaps = await holdFlock(file);
    await expect(lock.acquire(0)).rejects.toMatchObject({
      code: 'tool-busy',
      details: { path: file, pid: synaps.pid },
    });
    expect(await lock.holder()).toBe(synaps.pid);
    expect(await isFlockFree(join(path, '../auth.json.lock'))).toBe(name === 'auth.json');
    await letGo(synaps);
    expect(await lock.holder()).toBeNull();
  });

  it('gets no login file by being locked', async () => {
    const path = join(await tempFolder(), 'auth.json');
    const hold = await synapsLock(CONTEXT, path).acquire(0);
    expect(hold.intact).toBe(true);
    expect(await readdir(join(path, '..'))).toEqual(['auth.json.lock']);
    expect(await isFlockFree(`${path}.lock`)).toBe(false);
    await hold.release();
    expect(await isFlockFree(`${path}.lock`)).toBe(true);
  });

  it('is locked by the file that it made while we waited', async () => {
    const path = join(await tempFolder(), 'auth.json');
    const synaps = await holdFlock(`${path}.lock`);
    const waiting = synapsLock(CONTEXT, path).acquire(PATIENCE);
    await writeFile(path, '{}', { mode: 0o600 });
    await letGo(synaps);
    const hold = await waiting;
    expect(await isFlockFree(path)).toBe(false);
    await hold.release();
    expect(await isFlockFree(path)).toBe(true);
  });

  it('is locked by the target of a link, and beside the link', async () => {
    const { path, real } = await linkedFile();
    const hold = await synapsLock(CONTEXT, path).acquire(0);
    expect(await Promise.all([real, `${path}.lock`].map(isFlockFree))).toEqual([false, false]);
    expect(await readdir(join(real, '..'))).toEqual(['auth.json']);
    await hold.release();
  });
});

describe.each([
  ['Pi', piLock],
  ['Codex', codexLock],
  ['SynapsCLI', synapsLock],
])('%s', (_, lockOf) => {
  it('is not locked where its folder is missing', async () => {
    const folder = await tempFolder();
    const lock = lockOf(CONTEXT, join(folder, 'missing/auth.json'));
    await expect(lock.acquire(PATIENCE)).rejects.toMatchObject({
      code: 'tool-file-protected',
      details: { hint: 'Its folder is missing.' },
    });
    expect(await lock.holder()).toBeNull();
    expect(await readdir(folder)).toEqual([]);
  });

  it('is not locked where its file is not one', async () => {
    const path = join(await tempFolder(), 'auth.json');
    await mkdir(path);
    await expect(lockOf(CONTEXT, path).acquire(0)).rejects.toMatchObject({
      code: 'tool-file-protected',
      details: { path },
    });
    expect(await readdir(join(path, '..'))).toEqual(['auth.json']);
  });
});

it('who waits for one tool does not keep the others waiting', async () => {
  const [pi, codex, synaps] = [await loginFile(), await loginFile(), await loginFile()];
  const other = await piLock(CONTEXT, pi).acquire(0);
  const waiting = piLock(CONTEXT, pi).acquire(PATIENCE);
  const holds = [
    await codexLock(CONTEXT, codex).acquire(0),
    await synapsLock(CONTEXT, synaps).acquire(0),
  ];
  expect(holds.map(({ intact }) => intact)).toEqual([true, true]);
  await other.release();
  for (const hold of [...holds, await waiting]) await hold.release();
});
