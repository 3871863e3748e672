import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { createEngine } from '../../src/core/create.ts';
import { isAlive } from '../../src/core/files/flock.ts';
import { securityStore } from '../../src/core/targets/security-store.ts';
import type { Store } from '../../src/core/targets/store.ts';
import { type FakeSecurity, fakeSecurity } from '../support/fake-security.ts';
import { PATIENCE } from '../support/patience.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { TestClock } from '../support/test-clock.ts';

const SERVICE = 'Claude Code-credentials';
const LOGIN = '{"claudeAiOauth":{"accessToken":"sk-ant-oat01-secret"}}';
const OLDER = '{"claudeAiOauth":{"accessToken":"sk-ant-oat01-older"}}';

let home: string;
let folder: string;
let file: string;
let clock: TestClock;
let security: FakeSecurity;
let store: Store;

beforeEach(async () => {
  home = await tempFolder();
  folder = join(home, '.claude');
  file = join(folder, '.credentials.json');
  await mkdir(folder);
  clock = new TestClock();
  security = await fakeSecurity();
  store = await storeWith({});
});

interface Circumstances {
  readonly env?: NodeJS.ProcessEnv;
  readonly configDir?: string;
  readonly user?: string;
}

async function storeWith({ env, configDir = folder, user }: Circumstances): Promise<Store> {
  const { context } = await createEngine({
    clock,
    userHome: home,
    platform: 'darwin',
    env: { HOME: home, AUTHBAR_HOME: join(home, 'state'), USER: 'anna', ...env },
  });
  const { command } = security;
  return securityStore(context, configDir, user === undefined ? { command } : { command, user });
}

const bytes = (text: string): Buffer => Buffer.from(text);

async function reads(): Promise<string | null> {
  const found = await store.read();
  return found && Buffer.from(found).toString('utf8');
}

/** A JSON login of just so many bytes. */
function ofSize(size: number): string {
  return JSON.stringify({ filler: 'x'.repeat(size - '{"filler":""}'.length) });
}

async function failure(work: Promise<unknown>): Promise<{ code: string; text: string }> {
  const error = await work.then(
    () => expect.unreachable('it worked'),
    (reason) => reason,
  );
  return { code: error.code, text: JSON.stringify([error, error.message, error.details]) };
}

describe('what is read', () => {
  it('is the item, whatever the file says', async () => {
    await writeFile(file, OLDER);
    await security.put(SERVICE, 'anna', LOGIN);
    expect(await reads()).toBe(LOGIN);
    expect(await store.age()).toBeNull();
  });

  it('is the file where there is no item, or an empty one', async () => {
    expect(await store.read()).toBeNull();
    await writeFile(file, LOGIN);
    expect(await reads()).toBe(LOGIN);
    await security.put(SERVICE, 'anna', '');
    expect(await reads()).toBe(LOGIN);
  });

  it('is the same when it comes in hexadecimal', async () => {
    const login = '{"name":"Zoë 🙂",\n\t"token":1}';
    await security.put(SERVICE, 'anna', login);
    expect(await reads()).toBe(login);
  });

  it.each([
    ['locked', 36, 'keychain-locked'],
    ['closed to us', 51, 'keychain-refused'],
    ['closed by the person', 128, 'keychain-refused'],
    ['broken', 1, 'keychain-refused'],
  ])('is nothing of a keychain that is %s, nor of the file', async (_, status, code) => {
    await writeFile(file, OLDER);
    await security.put(SERVICE, 'anna', LOGIN);
    await security.tell({ 'find-generic-password': status });
    const { code: told, text } = await failure(store.read());
    expect(told).toBe(code);
    expect(text).not.toContain('secret');
    expect(text).not.toContain('told to fail');
  });

  it('is not waited for beyond half a minute, and the command is ended', async () => {
    await security.tell({ 'find-generic-password': 'hang' });
    const told = failure(store.read());
    const pid = await vi.waitFor(async () => {
      const [call] = await security.calls();
      return call?.pid ?? expect.unreachable('not started yet');
    }, PATIENCE);
    expect(isAlive(pid)).toBe(true);
    clock.advance(30_000);
    expect(await told).toMatchObject({ code: 'keychain-locked' });
    await vi.waitFor(() => expect(isAlive(pid)).toBe(false), PATIENCE);
  });

  it('is nothing where there is no such command', async () => {
    await rename(security.command, `${security.command}-gone`);
    expect(await failure(store.read())).toMatchObject({ code: 'keychain-refused' });
    expect(await failure(store.rehearse(100))).toMatchObject({ code: 'keychain-refused' });
  });
});

describe('what is written', () => {
  it('is the item alone where there is no file, and replaces what was there', async () => {
    await store.write(bytes(OLDER));
    await store.write(bytes(LOGIN));
    expect(await security.item(SERVICE, 'anna')).toBe(LOGIN);
    expect(await reads()).toBe(LOGIN);
    await expect(stat(file)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('is the file too where there is one', async () => {
    await writeFile(file, OLDER);
    await store.write(bytes(LOGIN));
    expect(await security.item(SERVICE, 'anna')).toBe(LOGIN);
    expect(await readFile(file, 'utf8')).toBe(LOGIN);
  });

  it('never passes through the arguments, nor does our environment', async () => {
    await store.write(bytes(LOGIN));
    const calls = await security.calls();
    expect(calls.map(({ args }) => args[0])).toEqual(['-i', 'find-generic-password']);
    const seen = JSON.stringify(calls);
    expect(seen).not.toContain('secret');
    expect(seen).not.toContain(bytes('secret').toString('hex'));
    for (const { env } of calls) expect(env).toEqual({ HOME: home });
  });

  it('is one line of plain characters, or Claude Code could not read it', async () => {
    const login = '{\n\t"name": "Zoë 🙂\x7f",\r\n  "token": "a\\nb"\n}\n';
    await store.write(bytes(login));
    const item = (await security.item(SERVICE, 'anna')) ?? '';
    expect(item).toMatch(/^[ -~]+$/);
    expect(JSON.parse(item)).toEqual(JSON.parse(login));
    expect(await reads()).toBe(item);
  });

  it('fits into the line that the command takes, or nothing changes', async () => {
    const room = 4032 - `add-generic-password -U -a "anna" -s "${SERVICE}" -X ""\n`.length;
    const fits = ofSize(Math.floor(room / 2));
    const tooLarge = ofSize(Math.floor(room / 2) + 1);
    await writeFile(file, OLDER);
    await store.write(bytes(fits));
    expect(await security.item(SERVICE, 'anna')).toBe(fits);
    expect(await failure(store.write(bytes(tooLarge)))).toMatchObject({
      code: 'tool-file-protected',
      text: expect.stringContaining('too large'),
    });
    expect(await reads()).toBe(fits);
    expect(await readFile(file, 'utf8')).toBe(fits);
  });

  it.each([
    ['a locked keychain', 36, 'keychain-locked'],
    ['a keychain that refuses', 128, 'keychain-refused'],
    ['a keychain that forgets', 'forget', 'keychain-refused'],
  ] as const)('is known not to be by %s', async (_, told, code) => {
    await security.put(SERVICE, 'anna', OLDER);
    await security.tell({ 'add-generic-password': told });
    const { code: got, text } = await failure(store.write(bytes(LOGIN)));
    expect(got).toBe(code);
    expect(text).not.toContain('secret');
    expect(await reads()).toBe(OLDER);
  });

  it('is done only when the item says so: a file that cannot be written leaves it as it was', async () => {
    await security.put(SERVICE, 'anna', OLDER);
    await mkdir(file);
    expect(await failure(store.write(bytes(LOGIN)))).toMatchObject({ code: 'tool-file-protected' });
    expect(await reads()).toBe(OLDER);
  });
});

describe('what is discarded', () => {
  it('is the item and the file; nothing there is no error', async () => {
    await writeFile(file, OLDER);
    await store.write(bytes(LOGIN));
    await store.discard();
    expect(await security.item(SERVICE, 'anna')).toBeNull();
    expect(await store.read()).toBeNull();
    await store.discard();
    await expect(stat(file)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('is all still there when the keychain refuses', async () => {
    await writeFile(file, LOGIN);
    await security.put(SERVICE, 'anna', LOGIN);
    await security.tell({ 'delete-generic-password': 128 });
    expect(await failure(store.discard())).toMatchObject({ code: 'keychain-refused' });
    expect(await reads()).toBe(LOGIN);
    expect(await readFile(file, 'utf8')).toBe(LOGIN);
  });
});

describe('a rehearsal', () => {
  it('changes nothing, and has room for any login', async () => {
    await store.rehearse(16 * 1024);
    await security.put(SERVICE, 'anna', LOGIN);
    await writeFile(file, OLDER);
    await store.rehearse(16 * 1024);
    await store.sweep();
    expect(await reads()).toBe(LOGIN);
    expect(await readFile(file, 'utf8')).toBe(OLDER);
  });

  it('tells of a keychain that is locked, and of an item that is too large already', async () => {
    await security.put(SERVICE, 'anna', ofSize(3000));
    expect(await failure(store.rehearse(100))).toMatchObject({ code: 'tool-file-protected' });
    await security.tell({ 'find-generic-password': 36 });
    expect(await failure(store.rehearse(100))).toMatchObject({ code: 'keychain-locked' });
  });
});

describe('the item that Claude Code uses', () => {
  const named = (name: string) =>
    `${SERVICE}-${createHash('sha256').update(name).digest('hex').slice(0, 8)}`;

  it.each([
    ['by the usual folder', () => ({}), () => SERVICE],
    [
      'by its folder when the variable names that, even the usual one',
      () => ({ env: { CLAUDE_CONFIG_DIR: folder } }),
      () => named(folder),
    ],
    [
      "by the variable's very letters",
      () => ({ env: { CLAUDE_CONFIG_DIR: `${folder}/` } }),
      () => named(`${folder}/`),
    ],
    [
      'by another folder that the person chose',
      () => ({ configDir: join(home, 'cafe\u0301') }),
      () => named(join(home, 'caf\u00e9')),
    ],
    [
      'by the variable for logins before the other',
      () => ({ env: { CLAUDE_SECURESTORAGE_CONFIG_DIR: folder, CLAUDE_CONFIG_DIR: '/elsewhere' } }),
      () => named(folder),
    ],
    [
      'without a folder when the variable for logins is empty',
      () => ({ env: { CLAUDE_SECURESTORAGE_CONFIG_DIR: '', CLAUDE_CONFIG_DIR: folder } }),
      () => SERVICE,
    ],
    [
      'without a folder when the variable names another one',
      () => ({ env: { CLAUDE_CONFIG_DIR: '/elsewhere' } }),
      () => SERVICE,
    ],
  ])('is named %s', async (_, circumstances, service) => {
    await mkdir(join(home, 'cafe\u0301'));
    await (await storeWith(circumstances())).write(bytes(LOGIN));
    expect(await security.item(service(), 'anna')).toBe(LOGIN);
  });

  it.each([
    ['anna.b-c_1', 'anna.b-c_1'],
    ['anna"; delete', 'claude-code-user'],
    ['Zoë', 'claude-code-user'],
    ['', 'claude-code-user'],
  ])('belongs, for the user %j, to %j', async (user, account) => {
    await (await storeWith({ user })).write(bytes(LOGIN));
    expect(await security.item(SERVICE, account)).toBe(LOGIN);
  });

  it('belongs to the OS user when no variable says who that is', async () => {
    const { userInfo } = await import('node:os');
    await (await storeWith({ env: { USER: '' } })).write(bytes(LOGIN));
    expect(await security.item(SERVICE, userInfo().username)).toBe(LOGIN);
  });
});
