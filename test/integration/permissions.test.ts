import { chmod, chown, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { beforeEach, describe, expect, test } from 'vitest';
import type { ChildTask } from '../support/children/engine-child.ts';
import { startChild } from '../support/children/run-child.ts';
import { startWorld, type World } from '../support/engine.ts';
import { accountFile, peekaboo } from '../support/look.ts';
import { isRoot, NOBODY } from '../support/nobody.ts';

/** Root passes every check, so the engine runs as somebody who owns nothing but his home. */
async function asNobody(world: World, task: Omit<ChildTask, 'asNobody'>): Promise<unknown> {
  const child = startChild('engine-child.ts', [JSON.stringify({ ...task, asNobody: true })], {
    env: world.env,
  });
  return JSON.parse(await text(child.stdout ?? process.stdin));
}

async function each(folder: string, act: (path: string) => Promise<void>): Promise<void> {
  for (const name of await readdir(folder, { recursive: true })) await act(join(folder, name));
  await act(folder);
}

async function mode(path: string): Promise<number> {
  return (await stat(path)).mode & 0o777;
}

describe.skipIf(!isRoot)('a person without special rights (needs root, to become one)', () => {
  let world: World;
  let id: string;

  beforeEach(async () => {
    world = await startWorld();
    await each(world.userHome, (path) => chown(path, NOBODY, NOBODY));
    id = (await asNobody(world, { action: 'sign-in', service: 'claude' })) as string;
    expect(id).toMatch(/^[0-9a-f]{16}$/);
  });

  function refreshes(): number {
    return world.provider.journal.requests('anthropic', 'refresh');
  }

  async function expectHealed(): Promise<void> {
    expect(await asNobody(world, { action: 'renew', service: 'claude' })).toEqual(['renewed']);
  }

  test('on a read-only home is told so, nothing is sent, and the token still works', async () => {
    const { home } = world.context.paths;
    await each(home, async (path) => chmod(path, (await stat(path)).isDirectory() ? 0o500 : 0o400));
    expect(await asNobody(world, { action: 'token', service: 'claude' })).toEqual(
      expect.any(String),
    );
    for (const action of ['renew', 'sign-in', 'sign-out'] as const) {
      expect(await asNobody(world, { action, service: 'claude' })).toMatchObject({
        code: 'folder-protected',
        path: expect.stringContaining(home),
      });
    }
    expect(await asNobody(world, { action: 'status', service: '' })).toEqual(['signed-in']);
    expect(refreshes()).toBe(0);
    await each(home, async (path) => chmod(path, (await stat(path)).isDirectory() ? 0o700 : 0o600));
    await expectHealed();
  });

  test('with an account’s folder that cannot be written sends nothing', async () => {
    const folder = accountFile(world, id, '');
    await chmod(folder, 0o500);
    expect(await asNobody(world, { action: 'renew', service: 'claude' })).toMatchObject({
      code: 'folder-protected',
      path: expect.stringContaining(id),
    });
    expect(refreshes()).toBe(0);
    await chmod(folder, 0o700);
    await expectHealed();
  });

  test.each(['grant', 'ledger.json', 'view.json', 'lock'])(
    'with a %s that is somebody else’s is told which file, and it stays',
    async (name) => {
      const path = accountFile(world, id, name);
      await chown(path, 0, 0);
      await chmod(path, 0o600);
      const bytes = await readFile(path);
      expect(await asNobody(world, { action: 'renew', service: 'claude' })).toEqual({
        code: 'folder-protected',
        path,
      });
      expect(refreshes()).toBe(0);
      expect(await readFile(path)).toEqual(bytes);
      await chown(path, NOBODY, NOBODY);
      await expectHealed();
    },
  );

  test.each(['settings', 'machine', 'key', 'accounts'] as const)(
    'with the %s being somebody else’s is told which, and nothing is sent',
    async (name) => {
      const path = world.context.paths[name];
      await chown(path, 0, 0);
      await chmod(path, name === 'accounts' ? 0o700 : 0o600);
      expect(await asNobody(world, { action: 'renew', service: 'claude' })).toEqual({
        code: 'folder-protected',
        path,
      });
      expect(refreshes()).toBe(0);
    },
  );

  test('with Peekaboo’s file being somebody else’s keeps the login and owes it to Peekaboo', async () => {
    const path = join(world.userHome, '.peekaboo/credentials');
    const before = await readFile(path);
    await chown(path, 0, 0);
    await expectHealed();
    expect(await readFile(path)).toEqual(before);
    expect(await asNobody(world, { action: 'targets', service: '' })).toContain(
      'tool-file-protected',
    );
    await chown(path, NOBODY, NOBODY);
    await expectHealed();
    expect(await peekaboo(world)).not.toBe(before.toString());
  });

  test('whose state folder is somebody else’s cannot sign in there', async () => {
    const home = join(world.userHome, 'theirs');
    await mkdir(home, { mode: 0o755 });
    const env = { ...world.env, AUTHBAR_HOME: home };
    const answer = await asNobody({ ...world, env }, { action: 'sign-in', service: 'claude' });
    expect(answer).toEqual({ code: 'folder-protected', path: home });
    await chmod(home, 0o777);
    const open = await asNobody({ ...world, env }, { action: 'sign-in', service: 'claude' });
    expect(open).toEqual({ code: 'folder-protected', path: home });
  });
});

test('a state folder that others can read is closed to them by a sign-in', async () => {
  const world = await startWorld();
  const { home, accounts, settings } = world.context.paths;
  await mkdir(accounts, { recursive: true });
  for (const path of [home, accounts]) await chmod(path, 0o755);
  const id = await world.signIn('claude');
  for (const path of [home, accounts, accountFile(world, id, '')]) {
    expect(await mode(path)).toBe(0o700);
  }
  for (const path of [settings, accountFile(world, id, 'grant'), world.context.paths.key]) {
    expect(await mode(path)).toBe(0o600);
  }
  expect(await mode(join(world.userHome, '.peekaboo/credentials'))).toBe(0o600);
});

test('nothing that is made can be read by others, whatever the umask', async () => {
  const old = process.umask(0);
  try {
    const world = await startWorld();
    await world.signIn('chatgpt');
    await world.engine.refresh(null, { force: true });
    await each(world.context.paths.home, async (path) => {
      expect((await mode(path)) & 0o077, path).toBe(0);
    });
  } finally {
    process.umask(old);
  }
});

test('a folder in the place of a state file is told by its name', async () => {
  const world = await startWorld();
  const id = await world.signIn('claude');
  const path = accountFile(world, id, 'view.json');
  await rm(path);
  await mkdir(path);
  await writeFile(join(path, 'mine'), 'x');
  const { engine } = await world.another();
  await expect(engine.status()).rejects.toMatchObject({ code: 'unexpected', details: { path } });
  expect(await readFile(join(path, 'mine'), 'utf8')).toBe('x');
});
