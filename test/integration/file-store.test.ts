import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmod,
  chown,
  link,
  lstat,
  mkdir,
  readdir,
  readFile,
  rename,
  stat,
  symlink,
  truncate,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import { nodeFiles } from '../../src/core/files/node-files.ts';
import type { FileSystem } from '../../src/core/ports.ts';
import { type FileStoreOptions, fileStore } from '../../src/core/targets/file-store.ts';
import type { Store } from '../../src/core/targets/store.ts';
import { hasCode } from '../../src/shared/errors.ts';
import type { StoreTask } from '../support/children/file-store-child.ts';
import { startChild } from '../support/children/run-child.ts';
import { faultyFiles } from '../support/faulty-files.ts';
import { isRoot, NOBODY } from '../support/nobody.ts';
import { tempFolder } from '../support/temp-folder.ts';

const KINDS = [
  ['replaced', false],
  ['written in place', true],
] as const;

const OLD = '{"theirs":1,"token":"old"}';
const NEW = '{"theirs":1,"token":"new and longer"}';

function storeAt(path: string, options: FileStoreOptions = {}, fs: FileSystem = nodeFiles): Store {
  return fileStore({ fs, step: () => {} }, path, options);
}

/** A tool's folder with its file. */
async function toolFile(content: string | Uint8Array = OLD): Promise<string> {
  const folder = join(await tempFolder(), 'tool');
  await mkdir(folder, { mode: 0o700 });
  await writeFile(join(folder, 'auth.json'), content, { mode: 0o600 });
  return join(folder, 'auth.json');
}

function beside(path: string): Promise<string[]> {
  return readdir(dirname(path));
}

async function mode(path: string): Promise<number> {
  return (await stat(path)).mode & 0o777;
}

async function child(task: StoreTask): Promise<string> {
  const process_ = startChild('file-store-child.ts', [JSON.stringify(task)]);
  return (await text(process_.stdout ?? process.stdin)).trim();
}

const protectedBy = (hint: RegExp): object => ({
  code: 'tool-file-protected',
  details: { hint: expect.stringMatching(hint) },
});

describe.each(KINDS)('a file that is %s', (_, inPlace) => {
  test('holds exactly the bytes, is 0600, and nothing is left beside it', async () => {
    const old = process.umask(0);
    onTestFinished(() => void process.umask(old));
    const path = await toolFile();
    const store = storeAt(path, { inPlace });
    for (const bytes of [NEW, '\ufeff{\r\n"a": 1\r\n}\r\n', '{}', Buffer.from([0, 255, 10])]) {
      await chmod(path, 0o644);
      await store.write(Buffer.from(bytes));
      expect(await store.read()).toEqual(Buffer.from(bytes));
      expect(await mode(path)).toBe(0o600);
    }
    expect(await beside(path)).toEqual(['auth.json']);
  });

  test('is made where it is missing, and goes as a whole', async () => {
    const path = join(await tempFolder(), 'auth.json');
    const store = storeAt(path, { inPlace });
    expect(await store.read()).toBeNull();
    await store.discard();
    await store.write(Buffer.from(NEW));
    expect(await readFile(path, 'utf8')).toBe(NEW);
    await store.discard();
    expect(await beside(path)).toEqual([]);
  });

  test('is closed to others before the first new byte', async () => {
    const path = await toolFile();
    await chmod(path, 0o666);
    const { fs, calls } = faultyFiles('', () => false);
    await storeAt(path, { inPlace }, fs).write(Buffer.from(NEW));
    expect(calls.indexOf('handle.chmod')).toBeGreaterThan(0);
    expect(calls.indexOf('handle.chmod')).toBeLessThan(calls.indexOf('handle.write'));
  });

  test('stays behind the links that lead to it', async () => {
    const path = await toolFile();
    const first = join(dirname(path), 'first');
    await symlink('auth.json', first);
    await symlink(first, join(dirname(path), 'second'));
    await storeAt(join(dirname(path), 'second'), { inPlace }).write(Buffer.from(NEW));
    expect((await lstat(first)).isSymbolicLink()).toBe(true);
    expect((await lstat(path)).isFile()).toBe(true);
    expect(await readFile(path, 'utf8')).toBe(NEW);
  });

  test('that is read-only can be read, and is not changed', async () => {
    const path = await toolFile();
    await chmod(path, 0o400);
    const store = storeAt(path, { inPlace });
    expect(await store.read()).toEqual(Buffer.from(OLD));
    for (const change of [
      () => store.write(Buffer.from(NEW)),
      () => store.discard(),
      () => store.rehearse(10),
    ]) {
      await expect(change()).rejects.toMatchObject(protectedBy(/read-only/));
    }
    expect(await readFile(path, 'utf8')).toBe(OLD);
    expect(await mode(path)).toBe(0o400);
  });

  test('with megabytes in it is not read', async () => {
    const path = await toolFile();
    await truncate(path, 5 * 1024 * 1024);
    const { fs, calls } = faultyFiles('', () => false);
    const store = storeAt(path, { inPlace }, fs);
    await expect(store.read()).rejects.toMatchObject({ code: 'tool-file-damaged' });
    expect(calls).not.toContain('handle.readFile');
    await store.sweep();
  });

  test('in a folder that is missing is nothing, and is not made', async () => {
    const path = join(await tempFolder(), 'tool/auth.json');
    const store = storeAt(path, { inPlace });
    expect(await store.read()).toBeNull();
    expect(await store.age()).toBeNull();
    await store.sweep();
    await store.discard();
    for (const change of [() => store.write(Buffer.from(NEW)), () => store.rehearse(10)]) {
      await expect(change()).rejects.toMatchObject(protectedBy(/folder is missing/));
    }
    expect(await readdir(join(path, '../..'))).toEqual([]);
  });

  test('in a new folder is private with it, where the folder may be made', async () => {
    const path = join(await tempFolder(), 'a/b/auth.json');
    const store = storeAt(path, { inPlace, makesFolder: true });
    await store.rehearse(10);
    expect(await beside(path)).toEqual([]);
    await store.write(Buffer.from(NEW));
    expect(await mode(dirname(path))).toBe(0o700);
    expect(await mode(join(path, '../..'))).toBe(0o700);
    await chmod(dirname(path), 0o755);
    await store.write(Buffer.from(OLD));
    expect(await mode(dirname(path))).toBe(0o755);
  });

  test('is as old as its stamp says', async () => {
    const path = await toolFile();
    const minuteAgo = Date.now() / 1000 - 60;
    await utimes(path, minuteAgo, minuteAgo);
    expect(await storeAt(path, { inPlace }).age()).toBeGreaterThanOrEqual(59_000);
  });

  test('is rehearsed without a trace', async () => {
    const path = await toolFile();
    const { ino } = await stat(path);
    await storeAt(path, { inPlace }).rehearse(10_000);
    expect(await readFile(path, 'utf8')).toBe(OLD);
    expect((await stat(path)).ino).toBe(ino);
    expect(await beside(path)).toEqual(['auth.json']);
  });

  test('is swept of our leftovers, and of nobody else’s', async () => {
    const path = await toolFile();
    const ours = ['.auth.json.0123abcd.authbar-tmp'];
    if (inPlace) ours.push('..auth.json.authbar-journal.0123abcd.authbar-tmp');
    const theirs = ['.auth.json.mine.authbar-tmp', '.other.0123abcd.authbar-tmp', 'auth.json.lock'];
    for (const name of [...ours, ...theirs]) await writeFile(join(dirname(path), name), '{}');
    await storeAt(path, { inPlace }).sweep();
    expect(await beside(path)).toEqual([...theirs, 'auth.json'].sort());
  });
});

describe.each(KINDS)('where the file is, to be %s,', (_, inPlace) => {
  const places: [string, RegExp, (path: string) => Promise<unknown>][] = [
    ['a folder', /folder is in its place/, (path) => mkdir(path)],
    ['a pipe', /not a regular file/, (path) => once(spawn('mkfifo', [path]), 'exit')],
    ['a link to /dev/null', /not a regular file/, (path) => symlink('/dev/null', path)],
    [
      'a file with a second name',
      /hard link/,
      async (path) => {
        await writeFile(path, OLD);
        await link(path, `${path}.second`);
      },
    ],
    [
      'a file in a folder that others can write',
      /can change its folder/,
      async (path) => {
        await writeFile(path, OLD);
        await chmod(dirname(path), 0o777);
      },
    ],
  ];

  async function expectLeftAlone(path: string, hint: RegExp): Promise<void> {
    const store = storeAt(path, { inPlace, makesFolder: true });
    const names = await beside(path);
    const before = await lstat(path);
    for (const act of [
      () => store.read(),
      () => store.age(),
      () => store.sweep(),
      () => store.rehearse(10),
      () => store.write(Buffer.from(NEW)),
      () => store.discard(),
    ]) {
      await expect(act()).rejects.toMatchObject(protectedBy(hint));
    }
    expect(await beside(path)).toEqual(names);
    expect((await lstat(path)).ctimeMs).toBe(before.ctimeMs);
  }

  test.each(places)('%s is left alone', async (_name, hint, make) => {
    const path = join(await tempFolder(), 'auth.json');
    await make(path);
    await expectLeftAlone(path, hint);
  });

  test.runIf(isRoot)('a file of somebody else is left alone', async () => {
    const path = await toolFile();
    await chown(path, NOBODY, NOBODY);
    await expectLeftAlone(path, /someone else/);
  });

  test.runIf(isRoot)(
    'what a person may not touch is told in the tool’s terms, and stays',
    async () => {
      const path = await toolFile();
      for (const folder of [dirname(path), join(path, '../..')])
        await chown(folder, NOBODY, NOBODY);
      const task = { path, inPlace, text: NEW, asNobody: true } as const;
      await chmod(path, 0o666);
      expect(await child({ ...task, action: 'write' })).toBe('tool-file-protected');
      await chown(path, NOBODY, NOBODY);
      await chmod(path, 0o600);
      await chmod(dirname(path), 0o500);
      expect(await child({ ...task, action: 'read' })).toBe('done');
      for (const action of ['write', 'discard'] as const) {
        expect(await child({ ...task, action })).toBe('tool-file-protected');
      }
      expect(await readFile(path, 'utf8')).toBe(OLD);
      await chmod(dirname(path), 0o700);
      expect(await child({ ...task, action: 'write' })).toBe('done');
      expect(await readFile(path, 'utf8')).toBe(NEW);
    },
  );
});

describe.each(KINDS)('a disk that fails while a file is %s', (_, inPlace) => {
  /** How many calls a write takes. */
  async function callsOfWrite(): Promise<number> {
    const { fs, calls } = faultyFiles('', () => false);
    await storeAt(await toolFile(), { inPlace }, fs).write(Buffer.from(NEW));
    return calls.length;
  }

  test.each([
    ['ENOSPC', 'for a moment'],
    ['ENOSPC', 'for good'],
    ['EIO', 'for a moment'],
    ['EIO', 'for good'],
  ])('(%s, %s) leaves the old bytes or the new ones', async (errno, span) => {
    const codes = new Set<string>();
    const total = await callsOfWrite();
    for (let at = 0; at < total; at++) {
      const path = await toolFile();
      const { fs } = faultyFiles(errno, (_call, index) =>
        span === 'for good' ? index >= at : index === at,
      );
      await storeAt(path, { inPlace }, fs)
        .write(Buffer.from(NEW))
        .catch((error: unknown) => {
          if (!hasCode(error, 'disk-full', 'unexpected')) throw error;
          codes.add(error.code);
        });
      // Only a disk that is gone for good leaves a file in place half written; the next writer mends it.
      const torn = inPlace && span === 'for good';
      if (!torn) expect([OLD, NEW], `call ${at}`).toContain(await readFile(path, 'utf8'));
      await storeAt(path, { inPlace }).sweep();
      expect([OLD, NEW], `call ${at}`).toContain(await readFile(path, 'utf8'));
      expect(await beside(path)).toEqual(['auth.json']);
    }
    expect([...codes]).toEqual([errno === 'ENOSPC' ? 'disk-full' : 'unexpected']);
  });
});

test('one who reads while a file is replaced sees the old bytes or the new ones', async () => {
  const path = await toolFile();
  const store = storeAt(path);
  const all = [OLD, NEW];
  let done = false;
  const reading = (async () => {
    const seen = new Set<string>();
    while (!done) seen.add(await readFile(path, 'utf8'));
    return seen;
  })();
  for (let round = 1; round <= 200; round++) await store.write(Buffer.from(all[round % 2] ?? ''));
  done = true;
  expect([...(await reading)].filter((each) => !all.includes(each))).toEqual([]);
});

test('another writer every 50 ms never makes a half file of it', async () => {
  const path = await toolFile();
  const store = storeAt(path);
  const ours = '{"ours":true}'.padEnd(50_000);
  let theirs = 0;
  const writeTheirs = async (): Promise<void> => {
    await writeFile(`${path}.tmp`, `{"theirs":${theirs}}`.padEnd(20_000), { mode: 0o600 });
    await rename(`${path}.tmp`, path);
    theirs += 1;
  };
  let done = false;
  // One write after the other, however long it takes: the writer is one, as is its file on the way.
  const writing = (async () => {
    for (; !done; await wait(50)) await writeTheirs();
  })();
  const lengths = new Set<number>();
  while (theirs < 10) {
    await store.write(Buffer.from(ours));
    const bytes = await store.read();
    expect(JSON.parse(String(bytes))).toBeTypeOf('object');
    lengths.add(bytes?.length ?? 0);
  }
  done = true;
  await writing;
  expect([...lengths].filter((length) => length !== 50_000 && length !== 20_000)).toEqual([]);
});
