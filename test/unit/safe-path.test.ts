import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, chown, lchown, link, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { writeDurable } from '../../src/core/files/durable.ts';
import { nodeFiles } from '../../src/core/files/node-files.ts';
import { resolveSafeFile } from '../../src/core/files/safe-path.ts';
import { startChild } from '../support/children/run-child.ts';
import { faultyFiles } from '../support/faulty-files.ts';
import { isRoot, NOBODY } from '../support/nobody.ts';
import { tempFolder } from '../support/temp-folder.ts';

const ANOTHER = 54321;

/** A home with one file, both the user's own. */
async function home(): Promise<{ folder: string; file: string }> {
  const folder = await tempFolder();
  await mkdir(join(folder, 'tool'), { mode: 0o700 });
  const file = join(folder, 'tool', 'credentials');
  await writeFile(file, 'secret', { mode: 0o600 });
  return { folder, file };
}

function refused(path: string, hint: RegExp): object {
  return { code: 'tool-file-protected', details: { path, hint: expect.stringMatching(hint) } };
}

describe('what is found', () => {
  it('is the file itself with its state, or its place when there is none yet', async () => {
    const { folder, file } = await home();
    const found = await resolveSafeFile(nodeFiles, file);
    expect(found.path).toBe(file);
    expect(found.stat?.size).toBe(6);
    const missing = join(folder, 'new');
    expect(await resolveSafeFile(nodeFiles, missing)).toEqual({ path: missing, stat: null });
  });

  it('is what links lead to, through other links and folders, so that they stay when it is written', async () => {
    const { folder, file } = await home();
    await symlink('tool', join(folder, 'folder-link'));
    await symlink('folder-link/../folder-link/./credentials', join(folder, 'relative'));
    await symlink(join(folder, 'relative'), join(folder, 'absolute'));
    const { path } = await resolveSafeFile(nodeFiles, join(folder, 'absolute'));
    expect(path).toBe(file);
    await writeDurable(nodeFiles, path, 'new');
    expect(await readFile(join(folder, 'absolute'), 'utf8')).toBe('new');
  });

  it('is where a link leads to that has nothing behind it yet', async () => {
    const { folder } = await home();
    await symlink('tool/new', join(folder, 'link'));
    expect(await resolveSafeFile(nodeFiles, join(folder, 'link'))).toEqual({
      path: join(folder, 'tool', 'new'),
      stat: null,
    });
  });

  it('may have any name that the system allows', async () => {
    const { folder } = await home();
    const odd = join(folder, 'a\\b \n€');
    await writeFile(odd, '');
    expect((await resolveSafeFile(nodeFiles, odd)).path).toBe(odd);
  });
});

describe('what is refused', () => {
  it('a folder, the root included', async () => {
    const { file } = await home();
    const folder = dirname(file);
    await expect(resolveSafeFile(nodeFiles, folder)).rejects.toMatchObject(
      refused(folder, /folder is in its place/),
    );
    await expect(resolveSafeFile(nodeFiles, '/')).rejects.toMatchObject(
      refused('/', /folder is in its place/),
    );
  });

  it('a pipe, without opening it', async () => {
    const { folder } = await home();
    const pipe = join(folder, 'pipe');
    await once(spawn('mkfifo', [pipe]), 'exit');
    await expect(resolveSafeFile(nodeFiles, pipe)).rejects.toMatchObject(
      refused(pipe, /not a regular file/),
    );
  });

  it('a link to /dev/null', async () => {
    const { folder } = await home();
    await symlink('/dev/null', join(folder, 'link'));
    await expect(resolveSafeFile(nodeFiles, join(folder, 'link'))).rejects.toMatchObject(
      refused('/dev/null', /not a regular file/),
    );
  });

  it('a file with a second name', async () => {
    const { folder, file } = await home();
    await link(file, join(folder, 'second'));
    await expect(resolveSafeFile(nodeFiles, file)).rejects.toMatchObject(
      refused(file, /second name/),
    );
  });

  it('a link into a folder that is missing', async () => {
    const { folder } = await home();
    await symlink('missing/credentials', join(folder, 'link'));
    await expect(resolveSafeFile(nodeFiles, join(folder, 'link'))).rejects.toMatchObject(
      refused(join(folder, 'missing'), /folder is missing/),
    );
  });

  it('links in a circle', async () => {
    const { folder } = await home();
    await symlink('b', join(folder, 'a'));
    await symlink('a', join(folder, 'b'));
    await expect(resolveSafeFile(nodeFiles, join(folder, 'a'))).rejects.toMatchObject({
      code: 'tool-file-protected',
      details: { hint: expect.stringMatching(/circle/) },
    });
  });

  it('a file in the place of its folder', async () => {
    const { file } = await home();
    await expect(resolveSafeFile(nodeFiles, join(file, 'below'))).rejects.toMatchObject(
      refused(file, /file is where its folder should be/),
    );
  });

  it('nothing more when the disk fails: that keeps its own name', async () => {
    const { file } = await home();
    for (const [errno, code] of [
      ['EIO', 'unexpected'],
      ['EACCES', 'tool-file-protected'],
    ] as const) {
      const { fs } = faultyFiles(errno, (_, index) => index === 2);
      await expect(resolveSafeFile(fs, file)).rejects.toMatchObject({
        code,
        cause: { code: errno },
      });
    }
  });
});

/** Everything in `folder` given to the user that the child runs as. */
async function give(path: string, uid = NOBODY, gid = NOBODY): Promise<void> {
  if (isRoot) await lchown(path, uid, gid);
}

/** What the check says to a user who is not root. */
async function askAsUser(path: string): Promise<unknown> {
  const child = startChild('resolve-safe-file.ts', [path]);
  return JSON.parse(await text(child.stdout ?? process.stdin));
}

describe('for a user who is not root', () => {
  async function ownHome(): Promise<{ folder: string; file: string }> {
    const own = await home();
    for (const path of [own.folder, dirname(own.file), own.file]) await give(path);
    return own;
  }

  it.each([
    ['is theirs, below folders of root', 0o700, true],
    ['is in a folder that all can read', 0o755, true],
    ['is in a sticky folder that all can write', 0o1777, true],
    ['is in a folder that all can write', 0o707, false],
  ])('a file that %s', async (_, mode, fine) => {
    const { file } = await ownHome();
    await chmod(dirname(file), mode);
    expect(await askAsUser(file)).toMatchObject(
      fine ? { path: file, exists: true } : { code: 'tool-file-protected', path: dirname(file) },
    );
  });

  it('a folder above its folder counts too', async () => {
    const { folder, file } = await ownHome();
    await chmod(folder, 0o777);
    expect(await askAsUser(file)).toMatchObject({ code: 'tool-file-protected', path: folder });
  });

  it('a folder that cannot be entered is told as such', async () => {
    const { folder, file } = await ownHome();
    await chmod(folder, 0);
    const answer = await askAsUser(file);
    await chmod(folder, 0o700);
    expect(answer).toMatchObject({ code: 'tool-file-protected', hint: expect.any(String) });
  });

  it.runIf(isRoot).each([
    ["their own group may write the folder (it has the user's number)", NOBODY, NOBODY, true],
    ['another group may write the folder', NOBODY, ANOTHER, false],
    ['root lets a group write the folder', 0, ANOTHER, true],
    ['the folder is another user’s', ANOTHER, NOBODY, false],
  ])('%s', async (_, uid, gid, fine) => {
    const { file } = await ownHome();
    const folder = dirname(file);
    await chown(folder, uid, gid);
    await chmod(folder, 0o775);
    expect(await askAsUser(file)).toMatchObject(
      fine ? { path: file } : { code: 'tool-file-protected', path: folder },
    );
  });

  it.runIf(isRoot).each([
    ['root', 0],
    ['another user', ANOTHER],
  ])('a file of %s is left alone', async (_, uid) => {
    const { file } = await ownHome();
    await chown(file, uid, NOBODY);
    await chmod(file, 0o666);
    expect(await askAsUser(file)).toMatchObject({
      code: 'tool-file-protected',
      path: file,
      hint: expect.stringMatching(/someone else/),
    });
  });

  it.runIf(isRoot)('a link of another user is not followed, one of root is', async () => {
    const { folder, file } = await ownHome();
    const shared = join(folder, 'shared');
    await mkdir(shared);
    await chmod(shared, 0o1777);
    await symlink(file, join(shared, 'link'));
    expect(await askAsUser(join(shared, 'link'))).toMatchObject({ path: file });
    await give(join(shared, 'link'), ANOTHER);
    expect(await askAsUser(join(shared, 'link'))).toMatchObject({
      code: 'tool-file-protected',
      path: join(shared, 'link'),
    });
  });
});

describe.runIf(isRoot)('for root', () => {
  it('leaves the file of a user alone, as with sudo', async () => {
    const { file } = await home();
    await chown(file, NOBODY, NOBODY);
    await expect(resolveSafeFile(nodeFiles, file)).rejects.toMatchObject(
      refused(file, /someone else/),
    );
  });

  it('leaves everything in the folder of a user alone', async () => {
    const { file } = await home();
    await chown(dirname(file), NOBODY, NOBODY);
    await expect(resolveSafeFile(nodeFiles, file)).rejects.toMatchObject(
      refused(dirname(file), /someone else/),
    );
  });
});
