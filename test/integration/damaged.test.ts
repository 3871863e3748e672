import { createHash } from 'node:crypto';
import { readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Engine } from '../../src/core/engine.ts';
import { loadKey } from '../../src/core/vault/key.ts';
import { sealRecord, unsealRecord } from '../../src/core/vault/record.ts';
import { seal } from '../../src/core/vault/seal.ts';
import { asAppError } from '../../src/shared/errors.ts';
import { signIn, startWorld, type World } from '../support/engine.ts';
import { accountFile, accountFolders, activeTokens, peekaboo } from '../support/look.ts';

/** What may have become of a file. */
const DAMAGES: readonly (readonly [name: string, damage: (bytes: Buffer) => Buffer])[] = [
  ['emptied', () => Buffer.alloc(0)],
  ['cut in half', (bytes) => bytes.subarray(0, bytes.length / 2)],
  ['without its last bytes', (bytes) => bytes.subarray(0, -3)],
  ['overwritten with zeros', (bytes) => Buffer.alloc(bytes.length)],
  ['of another shape', () => Buffer.from('[]\n')],
  ...[0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1].map(
    (at) => [`flipped at ${at * 100} %`, (bytes: Buffer) => flipped(bytes, at)] as const,
  ),
];

function flipped(bytes: Buffer, at: number): Buffer {
  const copy = Buffer.from(bytes);
  const index = Math.round(at * (copy.length - 1));
  copy[index] = (copy[index] ?? 0) ^ 0x80;
  return copy;
}

async function damage(path: string, how: (bytes: Buffer) => Buffer): Promise<Buffer> {
  const bytes = how(await readFile(path));
  await writeFile(path, bytes);
  return bytes;
}

/** The damaged bytes are still somewhere beside the file that they were in. */
async function expectSetAside(folder: string, name: string, bytes: Buffer): Promise<void> {
  const aside = (await readdir(folder)).filter((each) => each.startsWith(`${name}.damaged-`));
  const contents = await Promise.all(aside.map((each) => readFile(join(folder, each))));
  expect(contents.some((each) => each.equals(bytes))).toBe(true);
}

async function expectRenews(world: World, engine: Engine): Promise<void> {
  const [report] = await engine.refresh(null, { force: true });
  expect(report).toMatchObject({ how: 'renewed', error: null, account: { state: 'signed-in' } });
  expect(activeTokens(world)).toHaveLength(1);
  expect(await peekaboo(world)).toContain(`_REFRESH_TOKEN=${activeTokens(world)[0]}`);
}

describe.each(DAMAGES)('a state file that was %s', (_, how) => {
  test.each(['view.json', 'ledger.json'])('as %s loses nothing', async (name) => {
    const world = await startWorld();
    const id = await world.signIn('claude');
    const bytes = await damage(accountFile(world, id, name), how);
    const { engine } = await world.another();
    expect((await engine.status()).accounts).toMatchObject([{ id, email: 'anna@example.com' }]);
    await expectRenews(world, engine);
    await expectSetAside(accountFile(world, id, ''), name, bytes);
  });

  test('as settings loses nothing, and they are there again after a sign-in', async () => {
    const world = await startWorld();
    await world.signIn('claude');
    const { settings, home } = world.context.paths;
    const bytes = await damage(settings, how);
    // Nothing but the folder says where the key is.
    const { engine } = await world.another({ env: { ...world.env, AUTHBAR_VAULT: '' } });
    expect((await engine.status()).vault).toMatchObject({ kind: 'file' });
    await expectRenews(world, engine);
    await expectSetAside(home, 'settings.json', bytes);
    await signIn(engine, 'chatgpt');
    expect(JSON.parse(await readFile(settings, 'utf8'))).toMatchObject({ vault: 'file' });
  });

  test('as the mark of this computer loses nothing, and is there again after a sign-in', async () => {
    const world = await startWorld();
    await world.signIn('claude');
    const { machine, home } = world.context.paths;
    const bytes = await damage(machine, how);
    const { engine } = await world.another();
    const changedText = (await engine.status()).accounts[0]?.state === 'other-computer';
    if (changedText) return;
    await expectRenews(world, engine);
    await expectSetAside(home, 'machine', bytes);
    await signIn(engine, 'chatgpt');
    expect(await stat(machine)).toBeTruthy();
  });

  test('as a login is told, kept aside, and mended by signing in again', async () => {
    const world = await startWorld();
    const id = await world.signIn('claude');
    const bytes = await damage(accountFile(world, id, 'grant'), how);
    const { engine } = await world.another();
    for (let twice = 0; twice < 2; twice++) {
      const error = await engine.token('claude', 0).catch(asAppError);
      if (asAppError(error).code === 'newer-version') return;
      expect(error).toMatchObject({ code: 'login-damaged' });
    }
    await expectSetAside(accountFile(world, id, ''), 'grant', bytes);
    expect((await engine.status()).accounts).toMatchObject([
      { id, state: 'sign-in-again', code: 'login-damaged' },
    ]);
    expect(await engine.refresh(null)).toMatchObject([{ error: { code: 'login-damaged' } }]);
    expect(world.provider.journal.requests('anthropic', 'refresh')).toBe(0);
    expect(await signIn(engine, 'claude')).toBe(id);
    expect(await accountFolders(world)).toEqual([id]);
    expect((await engine.status()).accounts).toMatchObject([
      { id, state: 'signed-in', code: null },
    ]);
    expect(await peekaboo(world)).toContain((await engine.token('claude', 0)).accessToken);
  });
});

test('a damaged login can be signed out, and no copy of it stays', async () => {
  const world = await startWorld();
  const id = await world.signIn('claude');
  await damage(accountFile(world, id, 'grant'), (bytes) => flipped(bytes, 0.7));
  await expect(world.engine.token('claude', 0)).rejects.toMatchObject({ code: 'login-damaged' });
  const report = await world.engine.logout('claude');
  expect(report.withdrawals).toMatchObject([{ target: 'peekaboo', result: 'removed' }]);
  expect((await world.engine.status()).accounts).toEqual([]);
  expect((await readdir(accountFile(world, id, ''))).sort()).toEqual(['ledger.json', 'lock']);
});

describe.each([
  ['damaged', Buffer.from('not a key')],
  ['lost', null],
])('a key file that was %s', (_, broken) => {
  async function keyless() {
    const world = await startWorld();
    const ids = { claude: await world.signIn('claude'), chatgpt: await world.signIn('chatgpt') };
    const { key, home } = world.context.paths;
    const bytes = await readFile(key);
    if (broken) await writeFile(key, broken);
    else await rm(key);
    const { engine } = await world.another();
    return { world, engine, ids, key, home, bytes };
  }

  test('is told, and nothing is lost once it is back', async () => {
    const { world, engine, ids, key, bytes } = await keyless();
    const gone = { code: 'list-damaged', details: { service: 'Claude', path: key } };
    await expect(engine.token('claude', 0)).rejects.toMatchObject(gone);
    expect(await engine.refresh('claude', { force: true })).toMatchObject([{ error: gone }]);
    expect((await engine.status()).accounts).toMatchObject([
      { id: ids.claude, state: 'sign-in-again', code: 'list-damaged' },
      { id: ids.chatgpt, state: 'sign-in-again', code: 'list-damaged' },
    ]);
    expect(await readFile(key).catch(() => null)).toEqual(broken);
    await writeFile(key, bytes);
    const { engine: healed } = await world.another();
    const reports = await healed.refresh(null, { force: true });
    expect(reports.map(({ how }) => how)).toEqual(['renewed', 'renewed']);
  });

  test('does not keep a login from being signed out, or in again', async () => {
    const { world, engine, ids } = await keyless();
    await engine.logout('claude');
    await signIn(engine, 'claude');
    expect(await signIn(engine, 'chatgpt')).toBe(ids.chatgpt);
    const reports = await (await world.another()).engine.refresh(null, { force: true });
    expect(reports.map(({ how }) => how)).toEqual(['renewed', 'renewed']);
  });

  test('has a successor after a sign-in, and still opens what it sealed', async () => {
    const { world, engine, ids, key, home, bytes } = await keyless();
    const sealed = await readFile(accountFile(world, ids.chatgpt, 'grant'));
    expect(await signIn(engine, 'claude')).toBe(ids.claude);
    expect((await (await world.another()).engine.token('claude', 0)).late).toBeNull();
    if (broken) await expectSetAside(home, 'key', broken);
    const { engine: later } = await world.another();
    await expect(later.token('chatgpt', 0)).rejects.toMatchObject({ code: 'list-damaged' });
    expect((await later.status()).accounts).toMatchObject([
      { id: ids.claude, state: 'signed-in' },
      { id: ids.chatgpt, code: 'list-damaged' },
    ]);
    expect(await readFile(accountFile(world, ids.chatgpt, 'grant'))).toEqual(sealed);
    await writeFile(key, bytes);
    expect((await (await world.another()).engine.token('chatgpt', 0)).account).toBe(ids.chatgpt);
  });
});

test('a damaged key that no login needs any more gives way to a new one', async () => {
  const world = await startWorld();
  await world.signIn('claude');
  const { key, home } = world.context.paths;
  const bytes = await damage(key, () => Buffer.from('not a key'));
  const { engine } = await world.another();
  await engine.logout('claude');
  await signIn(engine, 'claude');
  await expectSetAside(home, 'key', bytes);
  const { engine: later } = await world.another();
  expect(await later.refresh(null, { force: true })).toMatchObject([{ how: 'renewed' }]);
});

describe('a file that was lost', () => {
  test.each(['view.json', 'ledger.json'])('as %s is made again', async (name) => {
    const world = await startWorld();
    const id = await world.signIn('chatgpt');
    await rm(accountFile(world, id, name));
    const { engine } = await world.another();
    expect((await engine.status()).accounts).toMatchObject([{ id, state: 'signed-in' }]);
    await expectRenews(world, engine);
    expect(await stat(accountFile(world, id, name))).toBeTruthy();
  });

  test('as a login is told as damaged', async () => {
    const world = await startWorld();
    const id = await world.signIn('chatgpt');
    await rm(accountFile(world, id, 'grant'));
    const { engine } = await world.another();
    expect((await engine.status()).accounts).toMatchObject([{ id, code: 'login-damaged' }]);
    expect(await signIn(engine, 'chatgpt')).toBe(id);
    expect(await engine.refresh(null, { force: true })).toMatchObject([{ how: 'renewed' }]);
  });
});

/** Every file below `folder` with its bytes' hash, the locks excepted. */
async function tree(folder: string): Promise<Record<string, string>> {
  const names = await readdir(folder, { recursive: true });
  const files: Record<string, string> = {};
  for (const name of names.sort()) {
    const path = join(folder, name);
    if (name.endsWith('lock') || (await stat(path)).isDirectory()) continue;
    files[name] = createHash('sha256')
      .update(await readFile(path))
      .digest('hex');
  }
  return files;
}

/** Asks for all that is done to a login; each has to be refused, and nothing may be written. */
async function expectUntouched(world: World, more: 'and a sign-in' | null = null): Promise<void> {
  const { home } = world.context.paths;
  const before = await tree(home);
  const { engine } = await world.another();
  const asked = [
    () => engine.token('claude', 0),
    ...(more ? [() => signIn(engine, 'claude')] : []),
    () => engine.logout('claude'),
    async () => {
      const [report] = await engine.refresh(null, { force: true });
      throw report?.error;
    },
  ];
  for (const ask of asked) {
    expect(await ask().catch(asAppError), String(ask)).toMatchObject({ code: 'newer-version' });
  }
  expect(await tree(home)).toEqual(before);
  expect(world.provider.journal.requests('anthropic', 'refresh')).toBe(0);
  expect(world.provider.journal.requests('anthropic', 'exchange')).toBe(1);
  expect(world.provider.journal.requests('anthropic', 'revoke')).toBe(0);
}

describe('what a newer program wrote is left alone', () => {
  test.each(['view.json', 'ledger.json'])('as %s', async (name) => {
    const world = await startWorld();
    const path = accountFile(world, await world.signIn('claude'), name);
    const value = JSON.parse(await readFile(path, 'utf8'));
    await writeFile(path, JSON.stringify({ ...value, schema: 2, news: true }));
    await expectUntouched(world, 'and a sign-in');
  });

  test.each(['settings', 'machine'] as const)('as the %s', async (name) => {
    const world = await startWorld();
    await world.signIn('claude');
    const path = world.context.paths[name];
    const value = JSON.parse(await readFile(path, 'utf8'));
    await writeFile(path, JSON.stringify({ ...value, schema: 2 }));
    await expectUntouched(world, 'and a sign-in');
  });

  test('as a login in a newer seal', async () => {
    const world = await startWorld();
    const path = accountFile(world, await world.signIn('claude'), 'grant');
    const bytes = await readFile(path);
    bytes[7] = 2;
    await writeFile(path, bytes);
    await expectUntouched(world, 'and a sign-in');
  });

  test('as a login of a newer kind in our seal', async () => {
    const world = await startWorld();
    const id = await world.signIn('claude');
    const path = accountFile(world, id, 'grant');
    const { keyId } = JSON.parse(await readFile(world.context.paths.settings, 'utf8'));
    const key = await loadKey(world.context, 'file', keyId);
    if (!key) throw new Error('no key');
    const record = unsealRecord(key, await readFile(path), id);
    expect(sealRecord(key, record).length).toBeGreaterThan(0);
    const newer = { ...record, schema: 2, grant: { sealed: 'otherwise' } };
    await writeFile(path, seal(key, Buffer.from(JSON.stringify(newer)), id));
    await expectUntouched(world);
  });
});
