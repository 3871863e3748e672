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

test('the key, damaged or lost, is never replaced while a login needs it', async () => {
  const world = await startWorld();
  await world.signIn('claude');
  const { key } = world.context.paths;
  const bytes = await readFile(key);
  for (const broken of [Buffer.from('not a key'), null]) {
    if (broken) await writeFile(key, broken);
    else await rm(key);
    const { engine } = await world.another();
    await expect(engine.token('claude', 0)).rejects.toMatchObject({ code: 'list-damaged' });
    await expect(signIn(engine, 'claude')).rejects.toMatchObject({ code: 'list-damaged' });
    const now = await readFile(key).catch(() => null);
    expect(now).toEqual(broken);
  }
  await writeFile(key, bytes);
  await expectRenews(world, (await world.another()).engine);
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
