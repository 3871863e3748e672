import { constants } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { nodeFiles } from '../../src/core/files/node-files.ts';
import type { FileSystem } from '../../src/core/ports.ts';
import type { TargetEntry } from '../../src/core/targets/report.ts';
import type { TargetId } from '../../src/core/targets/target.ts';
import { startWorld, type World } from '../support/engine.ts';
import { type RawTokens, rawSignIn } from '../support/provider/raw-client.ts';
import { install, putThere, tokensIn, toolFile } from '../support/tools.ts';

const DAY = 24 * 60 * 60_000;
const NOTHING_TAKEN = {
  code: 'wrong-use',
  details: { hint: expect.stringMatching(/^Nothing was taken/) },
};

/** A machine where Ben is signed in to Codex, and Anna to Authbar. */
async function startWithBen(): Promise<
  World & { readonly bens: string; readonly tokens: RawTokens }
> {
  const world = await startWorld();
  await install(world, 'codex');
  const tokens = await rawSignIn(world.provider, 'openai', { person: 'ben' });
  await writeFile(toolFile(world, 'codex'), '{ "theme": "dark", "auth_mode": "chatgpt" }\n');
  await putThere(world, 'codex', 'openai', tokens);
  const bens = await codex(world);
  await world.signIn('chatgpt', 'anna');
  return { ...world, bens, tokens };
}

function codex(world: World): Promise<string> {
  return readFile(toolFile(world, 'codex'), 'utf8');
}

async function entryAt(world: World, id: TargetId): Promise<TargetEntry | undefined> {
  return (await world.engine.targets()).find(({ target }) => target === id)?.entries[0];
}

/** What is kept, by name. */
function kept({ context }: World): Promise<string[]> {
  return readdir(context.paths.taken).catch(() => []);
}

/** Files on a disk that is full in one folder. */
function fullBelow(folder: string): FileSystem {
  const open: FileSystem['open'] = async (path, flags, mode) => {
    const writes = typeof flags === 'number' && (flags & constants.O_CREAT) !== 0;
    if (writes && String(path).startsWith(`${folder}/`)) {
      throw Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' });
    }
    return nodeFiles.open(path, flags, mode);
  };
  return { ...nodeFiles, open };
}

async function expectOurs(world: World): Promise<void> {
  const { accessToken } = await world.engine.token('chatgpt', 0);
  expect((await tokensIn(world, 'codex', 'openai'))?.access).toBe(accessToken);
  expect(await entryAt(world, 'codex')).toMatchObject({ state: 'in-step', holder: null });
}

describe('a tool that has another account', () => {
  test('is left alone until it is taken, and says whose login it has', async () => {
    const world = await startWithBen();
    await world.engine.refresh(null, { force: true });
    expect(await codex(world)).toBe(world.bens);
    expect(await entryAt(world, 'codex')).toMatchObject({
      state: 'other-account',
      holder: expect.stringContaining('ben@example.com'),
      code: 'tool-other-account',
    });
    expect(await kept(world)).toEqual([]);

    expect(await world.engine.takeTarget('codex', null)).toBe(true);
    await expectOurs(world);
    expect(JSON.parse(await codex(world))).toMatchObject({ theme: 'dark' });
    await world.engine.refresh(null, { force: true });
    await expectOurs(world);
  });

  test('gets it back as it was, byte for byte, and keeps it', async () => {
    const world = await startWithBen();
    await world.engine.refresh(null);
    await world.engine.takeTarget('codex', 'chatgpt');
    await world.engine.restoreTarget('codex', null);
    expect(await codex(world)).toBe(world.bens);
    expect(await kept(world)).toEqual([]);
    for (let n = 0; n < 2; n++) await world.engine.refresh(null, { force: true });
    await world.signIn('chatgpt', 'anna');
    expect(await codex(world)).toBe(world.bens);
    expect(await entryAt(world, 'codex')).toMatchObject({
      state: 'other-account',
      holder: expect.stringContaining('ben@example.com'),
    });
    await expect(world.engine.restoreTarget('codex', null)).rejects.toMatchObject(NOTHING_TAKEN);
    await world.engine.takeTarget('codex', null);
    await expectOurs(world);
  });

  test('gets it back after our sign-out too', async () => {
    const world = await startWithBen();
    await world.engine.takeTarget('codex', null);
    await world.engine.logout('chatgpt');
    expect(await tokensIn(world, 'codex', 'openai')).toBeNull();
    await world.engine.restoreTarget('codex', null);
    expect(await codex(world)).toBe(world.bens);
  });

  test('loses nothing that a stranger put there since', async () => {
    const world = await startWithBen();
    await world.engine.takeTarget('codex', null);
    const newer = await rawSignIn(world.provider, 'openai', { person: 'ben' });
    await putThere(world, 'codex', 'openai', newer);
    await world.engine.restoreTarget('codex', null);
    expect((await tokensIn(world, 'codex', 'openai'))?.access).toBe(world.tokens.access_token);
    expect(await kept(world)).toHaveLength(1);
    await world.engine.restoreTarget('codex', null);
    expect((await tokensIn(world, 'codex', 'openai'))?.access).toBe(newer.access_token);
  });
});

describe('what was taken', () => {
  test('is sealed, and nobody else may look at it', async () => {
    const world = await startWithBen();
    await world.engine.takeTarget('codex', null);
    const [name = '', ...more] = await kept(world);
    expect(more).toEqual([]);
    const path = join(world.context.paths.taken, name);
    expect((await stat(world.context.paths.taken)).mode & 0o777).toBe(0o700);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    const bytes = await readFile(path, 'latin1');
    for (const secret of [world.tokens.access_token, world.tokens.refresh_token, 'ben@']) {
      expect(bytes).not.toContain(secret);
    }
  });

  test.each([
    ['under another name', (name: string) => rename(name, name.replace(/\d{13}/, '1999999999999'))],
    ['damaged', async (name: string) => writeFile(name, (await readFile(name)).reverse())],
    ['cut short', async (name: string) => writeFile(name, (await readFile(name)).subarray(0, 90))],
  ])('is not put back %s', async (_, spoil) => {
    const world = await startWithBen();
    await world.engine.takeTarget('codex', null);
    const [name = ''] = await kept(world);
    await spoil(join(world.context.paths.taken, name));
    await expect(world.engine.restoreTarget('codex', null)).rejects.toMatchObject(NOTHING_TAKEN);
    await expectOurs(world);
  });

  test('is not put into another folder', async () => {
    const world = await startWithBen();
    await world.engine.takeTarget('codex', null);
    await mkdir(join(world.userHome, 'elsewhere'), { mode: 0o700 });
    await world.engine.moveTarget('codex', 'elsewhere');
    await expect(world.engine.restoreTarget('codex', null)).rejects.toMatchObject(NOTHING_TAKEN);
    await world.engine.moveTarget('codex', '.codex');
    await world.engine.restoreTarget('codex', null);
    expect(await codex(world)).toBe(world.bens);
  });

  test('is kept for 7 days', async () => {
    const world = await startWithBen();
    await world.engine.takeTarget('codex', null);
    world.clock.advance(7 * DAY - 60_000);
    await world.signIn('claude');
    expect(await kept(world)).toHaveLength(1);
    world.clock.advance(60_000);
    await expect(world.engine.restoreTarget('codex', null)).rejects.toMatchObject(NOTHING_TAKEN);
    await world.signIn('claude');
    expect(await kept(world)).toEqual([]);
  });

  test('has to be safe before it is replaced', async () => {
    const world = await startWithBen();
    const fs = fullBelow(world.context.paths.taken);
    const { engine } = await world.another({ fs });
    expect(await engine.takeTarget('codex', null)).toBe(false);
    expect(await codex(world)).toBe(world.bens);
    expect(await entryAt(world, 'codex')).toMatchObject({ code: 'disk-full' });
  });

  test('stays kept where it cannot be put back', async () => {
    const world = await startWithBen();
    await world.engine.takeTarget('codex', null);
    const ours = await codex(world);
    const file = toolFile(world, 'codex');
    const fs = fullBelow(dirname(file));
    const { engine } = await world.another({ fs });
    await expect(engine.restoreTarget('codex', null)).rejects.toMatchObject({ code: 'disk-full' });
    expect(await readFile(file, 'utf8')).toBe(ours);
    await world.engine.restoreTarget('codex', null);
    expect(await codex(world)).toBe(world.bens);
  });
});

test('a key of the person’s is taken and put back', async () => {
  const world = await startWorld();
  await install(world, 'codex');
  const theirs = '{"OPENAI_API_KEY":"mine","other":[1,  2]}';
  await writeFile(toolFile(world, 'codex'), theirs);
  await world.signIn('chatgpt');
  expect(await entryAt(world, 'codex')).toMatchObject({ state: 'api-key' });
  expect(await world.engine.takeTarget('codex', null)).toBe(true);
  await expectOurs(world);
  await world.engine.restoreTarget('codex', null);
  expect(await codex(world)).toBe(theirs);
  expect(await entryAt(world, 'codex')).toMatchObject({ state: 'api-key' });
});

describe('a take', () => {
  test('where nothing else is brings the login in step and keeps nothing', async () => {
    const world = await startWorld();
    await install(world, 'codex');
    await world.signIn('chatgpt');
    expect(await world.engine.takeTarget('codex', null)).toBe(false);
    await rm(toolFile(world, 'codex'));
    expect(await world.engine.takeTarget('codex', null)).toBe(false);
    await expectOurs(world);
    expect(await kept(world)).toEqual([]);
  });

  test('of one service leaves the other', async () => {
    const world = await startWorld();
    await install(world, 'pi');
    const theirs = {
      anthropic: await rawSignIn(world.provider, 'anthropic', { person: 'ben' }),
      openai: await rawSignIn(world.provider, 'openai', { person: 'ben' }),
    };
    await putThere(world, 'pi', 'anthropic', theirs.anthropic);
    await putThere(world, 'pi', 'openai', theirs.openai);
    await world.signIn('claude');
    await world.signIn('chatgpt');
    await world.engine.takeTarget('pi', 'claude');
    expect((await tokensIn(world, 'pi', 'openai'))?.access).toBe(theirs.openai.access_token);
    const { accessToken } = await world.engine.token('claude', 0);
    expect((await tokensIn(world, 'pi', 'anthropic'))?.access).toBe(accessToken);
  });

  test.each([
    ['of a login that the tool has no use for', 'claude', /no use for a Claude login/],
    [
      'of a tool that is not installed',
      null,
      /not installed here: there is no folder .*\.codex\.$/,
    ],
  ])('%s is refused', async (_, service, hint) => {
    const world = await startWorld();
    await world.signIn('chatgpt');
    await expect(world.engine.takeTarget('codex', service)).rejects.toMatchObject({
      code: 'wrong-use',
      details: { hint: expect.stringMatching(hint) },
    });
  });

  test('of a tool that is off is refused, and one without a login', async () => {
    const world = await startWithBen();
    await world.engine.setTargetMode('codex', 'off');
    await expect(world.engine.takeTarget('codex', null)).rejects.toMatchObject({
      details: { hint: 'Codex is off. Run `authbar targets enable codex` first.' },
    });
    expect(await codex(world)).toBe(world.bens);
    await expect(world.engine.takeTarget('peekaboo', 'claude')).rejects.toMatchObject({
      code: 'no-such-login',
      details: { service: 'Claude' },
    });
  });
});
