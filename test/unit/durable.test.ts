import {
  chmod,
  lstat,
  mkdir,
  readdir,
  readFile,
  stat,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import {
  ensurePrivateFolder,
  mapFileError,
  reserve,
  sweepTemporary,
  temporariesOf,
  writeDurable,
} from '../../src/core/files/durable.ts';
import { nodeFiles } from '../../src/core/files/node-files.ts';
import { AppError } from '../../src/shared/errors.ts';
import { faultyFiles } from '../support/faulty-files.ts';
import { tempFolder } from '../support/temp-folder.ts';

const NEVER = (): boolean => false;
const FAULTS = [
  ['ENOSPC', 'disk-full'],
  ['EIO', 'unexpected'],
  ['EROFS', 'folder-protected'],
] as const;

function underUmask(mask: number): void {
  const old = process.umask(mask);
  onTestFinished(() => void process.umask(old));
}

async function mode(path: string): Promise<number> {
  return (await stat(path)).mode & 0o7777;
}

/** The calls of `work`, each of which a test then makes fail. */
async function callsOf(
  work: (fs: typeof nodeFiles, path: string) => Promise<void>,
): Promise<readonly string[]> {
  const { fs, calls } = faultyFiles('', NEVER);
  await work(fs, join(await tempFolder(), 'file'));
  return calls;
}

describe('writeDurable', () => {
  it('writes text and bytes, empty ones too, and leaves nothing else behind', async () => {
    const path = join(await tempFolder(), 'file');
    for (const content of ['text €', '', Buffer.from([0, 255, 10])]) {
      await writeDurable(nodeFiles, path, content);
      expect(await readFile(path)).toEqual(Buffer.from(content));
    }
    expect(await readdir(dirname(path))).toEqual(['file']);
  });

  it.each([0, 0o022, 0o277])(
    'gives exactly the mode that was asked for, under umask %o',
    async (mask) => {
      const path = join(await tempFolder(), 'file');
      underUmask(mask);
      await writeDurable(nodeFiles, path, 'a');
      expect(await mode(path)).toBe(0o600);
      await writeDurable(nodeFiles, path, 'b', { mode: 0o644 });
      expect(await mode(path)).toBe(0o644);
    },
  );

  it('has narrowed the mode before the first byte is written', async () => {
    underUmask(0);
    const calls = await callsOf((fs, path) => writeDurable(fs, path, 'a'));
    expect(calls.indexOf('handle.chmod')).toBeLessThan(calls.indexOf('handle.write'));
    const { fs } = faultyFiles('EIO', (call) => call === 'handle.chmod' || call === 'unlink');
    const folder = await tempFolder();
    await expect(writeDurable(fs, join(folder, 'file'), 'a')).rejects.toThrow();
    const [left] = await readdir(folder);
    expect(await mode(join(folder, left ?? ''))).toBe(0o600);
    expect(await readFile(join(folder, left ?? ''), 'utf8')).toBe('');
  });

  it('syncs the file before and the folder after the rename', async () => {
    const calls = await callsOf((fs, path) => writeDurable(fs, path, 'a'));
    expect(calls).toEqual([
      'open',
      'handle.chmod',
      'handle.write',
      'handle.sync',
      'handle.close',
      'rename',
      'open',
      'handle.sync',
      'handle.close',
    ]);
  });

  it('replaces a link, and leaves alone what it led to', async () => {
    const folder = await tempFolder();
    await writeFile(join(folder, 'real'), 'real');
    await symlink('real', join(folder, 'link'));
    await writeDurable(nodeFiles, join(folder, 'link'), 'new');
    expect((await lstat(join(folder, 'link'))).isFile()).toBe(true);
    expect(await readFile(join(folder, 'real'), 'utf8')).toBe('real');
  });

  it.each(FAULTS)(
    '%s in any call: the old bytes or the new ones, and no leftover',
    async (errno, code) => {
      const calls = await callsOf((fs, path) => writeDurable(fs, path, 'new'));
      for (const failing of calls.keys()) {
        const path = join(await tempFolder(), 'file');
        await writeFile(path, 'old');
        const { fs } = faultyFiles(errno, (_, index) => index === failing);
        const error = await writeDurable(fs, path, 'new').catch((reason: unknown) => reason);
        expect(error, `call ${failing}`).toMatchObject({
          code,
          details: { path },
          cause: { code: errno },
        });
        const expected = failing <= calls.indexOf('rename') ? 'old' : 'new';
        expect(await readFile(path, 'utf8')).toBe(expected);
        expect(await readdir(dirname(path))).toEqual(['file']);
      }
    },
  );

  it('reports the first fault when the clean-up fails as well', async () => {
    const { fs } = faultyFiles('ENOSPC', (call) => call !== 'open');
    await expect(writeDurable(fs, join(await tempFolder(), 'file'), 'a')).rejects.toMatchObject({
      code: 'disk-full',
      cause: { message: 'ENOSPC: handle.chmod' },
    });
  });

  it('takes a file system that cannot sync a folder as it is', async () => {
    const path = join(await tempFolder(), 'file');
    let renamed = false;
    const { fs } = faultyFiles('EINVAL', (call) => {
      renamed ||= call === 'rename';
      return renamed && call === 'handle.sync';
    });
    await writeDurable(fs, path, 'new');
    expect(await readFile(path, 'utf8')).toBe('new');
  });

  it('names the file that has no folder', async () => {
    const path = join(await tempFolder(), 'missing', 'file');
    await expect(writeDurable(nodeFiles, path, 'a')).rejects.toMatchObject({
      code: 'unexpected',
      details: { path },
    });
  });
});

describe('reserve', () => {
  it('takes real blocks, 0600, and keeps the name as it was until the commit', async () => {
    underUmask(0);
    const path = join(await tempFolder(), 'file');
    await writeFile(path, 'old');
    const reservation = await reserve(nodeFiles, path, 64 * 1024);
    const [name] = (await readdir(dirname(path))).filter((each) => each !== 'file');
    const room = await stat(join(dirname(path), name ?? ''));
    expect(room.size).toBe(64 * 1024);
    expect(room.blocks * 512).toBeGreaterThanOrEqual(64 * 1024);
    expect(room.mode & 0o777).toBe(0o600);
    await reservation.write(Buffer.from('new'));
    expect(await readFile(path, 'utf8')).toBe('old');
    await reservation.commit();
    expect(await readFile(path, 'utf8')).toBe('new');
    expect(await readdir(dirname(path))).toEqual(['file']);
  });

  it('writes once more, shorter or longer, up to its size and no further', async () => {
    const path = join(await tempFolder(), 'file');
    const reservation = await reserve(nodeFiles, path, 8);
    await reservation.write(Buffer.from('123'));
    await reservation.write(Buffer.from('12345678'));
    await expect(reservation.write(Buffer.alloc(9))).rejects.toMatchObject({
      code: 'unexpected',
      cause: expect.any(RangeError),
    });
    await reservation.commit();
    expect(await readFile(path, 'utf8')).toBe('12345678');
  });

  it('is gone when discarded, and a discard after the commit does nothing', async () => {
    const folder = await tempFolder();
    const discarded = await reserve(nodeFiles, join(folder, 'a'), 8);
    await discarded.discard();
    await discarded.discard();
    expect(await readdir(folder)).toEqual([]);
    const committed = await reserve(nodeFiles, join(folder, 'b'), 8);
    await committed.write(Buffer.from('x'));
    await committed.commit();
    await committed.discard();
    expect(await readFile(join(folder, 'b'), 'utf8')).toBe('x');
  });

  it.each(FAULTS)(
    '%s while room is made: a clear refusal, and nothing is left',
    async (errno, code) => {
      const folder = await tempFolder();
      for (const failing of ['open', 'handle.chmod', 'handle.write', 'handle.sync']) {
        const { fs } = faultyFiles(errno, (call) => call === failing);
        await expect(reserve(fs, join(folder, 'file'), 8)).rejects.toMatchObject({ code });
        expect(await readdir(folder)).toEqual([]);
      }
    },
  );

  it('needs no room after it stands: only writes in place, syncs and the rename follow', async () => {
    const calls = await callsOf(async (fs, path) => {
      const reservation = await reserve(fs, path, 8);
      await reservation.write(Buffer.from('x'));
      await reservation.commit();
    });
    expect(calls.slice(calls.indexOf('handle.sync') + 1)).toEqual([
      'handle.write',
      'handle.sync',
      'handle.truncate',
      'handle.sync',
      'handle.close',
      'rename',
      'open',
      'handle.sync',
      'handle.close',
    ]);
  });

  it('keeps what was written when a commit fails, so that it can be tried again', async () => {
    const path = join(await tempFolder(), 'file');
    for (const failing of ['handle.close', 'rename', 'open']) {
      let faults = 0;
      let written = false;
      const { fs } = faultyFiles('EIO', (call) => written && call === failing && faults++ === 0);
      const reservation = await reserve(fs, path, 8);
      await reservation.write(Buffer.from(failing.slice(0, 4)));
      written = true;
      await expect(reservation.commit()).rejects.toMatchObject({ code: 'unexpected' });
      await reservation.commit();
      expect(await readFile(path, 'utf8')).toBe(failing.slice(0, 4));
    }
  });
});

describe('ensurePrivateFolder', () => {
  it('makes the whole way 0700 under any umask', async () => {
    underUmask(0);
    const folder = await tempFolder();
    await ensurePrivateFolder(nodeFiles, join(folder, 'a', 'b'));
    expect(await mode(join(folder, 'a'))).toBe(0o700);
    expect(await mode(join(folder, 'a', 'b'))).toBe(0o700);
  });

  it('closes an open folder to others and changes nothing else', async () => {
    const folder = join(await tempFolder(), 'a');
    await mkdir(folder);
    for (const [before, after] of [
      [0o755, 0o700],
      [0o777, 0o700],
      [0o555, 0o500],
      [0o500, 0o500],
      [0o700, 0o700],
    ] as const) {
      await chmod(folder, before);
      await ensurePrivateFolder(nodeFiles, folder);
      expect(await mode(folder)).toBe(after);
    }
  });

  it.each(FAULTS)('%s is a clear error', async (errno, code) => {
    for (const failing of ['mkdir', 'stat']) {
      const { fs } = faultyFiles(errno, (call) => call === failing);
      const path = join(await tempFolder(), 'a');
      await expect(ensurePrivateFolder(fs, path)).rejects.toMatchObject({
        code,
        details: { path },
      });
    }
  });

  it('refuses a file in its place', async () => {
    const path = join(await tempFolder(), 'a');
    await writeFile(path, '');
    await expect(ensurePrivateFolder(nodeFiles, path)).rejects.toMatchObject({
      code: 'unexpected',
    });
  });
});

describe('sweepTemporary', () => {
  it('removes what a crash left more than an hour ago, and nothing else', async () => {
    const folder = await tempFolder();
    const crashing = faultyFiles('EIO', (call) => call === 'handle.sync' || call === 'unlink');
    await expect(writeDurable(crashing.fs, join(folder, 'a'), 'x')).rejects.toThrow();
    const [leftover = ''] = await readdir(folder);
    await sweepTemporary(nodeFiles, folder);
    expect(await readdir(folder)).toEqual([leftover]);

    const old = new Date(Date.now() - 61 * 60_000);
    const foreign = ['.a.12345678.tmp', 'a.12345678.authbar-tmp', '.a.1234567.authbar-tmp'];
    for (const name of foreign) await writeFile(join(folder, name), '');
    for (const name of await readdir(folder)) await utimes(join(folder, name), old, old);
    await mkdir(join(folder, '.b.12345678.authbar-tmp'));
    await utimes(join(folder, '.b.12345678.authbar-tmp'), old, old);
    await sweepTemporary(nodeFiles, folder);
    expect((await readdir(folder)).sort()).toEqual(['.b.12345678.authbar-tmp', ...foreign].sort());
  });

  it('never fails', async () => {
    const folder = await tempFolder();
    await writeFile(join(folder, '.a.12345678.authbar-tmp'), '');
    const { fs } = faultyFiles('EACCES', (call) => call !== 'readdir');
    await expect(sweepTemporary(fs, folder)).resolves.toBeUndefined();
    await expect(sweepTemporary(nodeFiles, join(folder, 'missing'))).resolves.toBeUndefined();
  });
});

describe('temporariesOf', () => {
  it('finds what is being written to one path, and only that', async () => {
    const folder = await tempFolder();
    const path = join(folder, 'a');
    const reservation = await reserve(nodeFiles, path, 8);
    for (const name of ['.ab.12345678.authbar-tmp', 'a', '.a.tmp']) {
      await writeFile(join(folder, name), '');
    }
    const found = await temporariesOf(nodeFiles, path);
    expect(found).toHaveLength(1);
    expect((await stat(found[0] ?? '')).size).toBe(8);
    await reservation.discard();
    expect(await temporariesOf(nodeFiles, path)).toEqual([]);
  });
});

describe('mapFileError', () => {
  it.each([
    ['ENOSPC', 'disk-full'],
    ['EDQUOT', 'disk-full'],
    ['EROFS', 'folder-protected'],
    ['EACCES', 'folder-protected'],
    ['EPERM', 'folder-protected'],
    ['EIO', 'unexpected'],
  ])('%s is %s, with the path and the cause', (errno, code) => {
    const cause = Object.assign(new Error(errno), { code: errno });
    expect(mapFileError(cause, '/a')).toMatchObject({ code, details: { path: '/a' }, cause });
  });

  it('keeps an error that is coded already, and takes anything else', () => {
    const coded = new AppError('login-busy');
    expect(mapFileError(coded, '/a')).toBe(coded);
    expect(mapFileError('thrown text', '/a').code).toBe('unexpected');
    expect(mapFileError(Object.assign(new Error(), { code: 5 }), '/a').code).toBe('unexpected');
  });
});
