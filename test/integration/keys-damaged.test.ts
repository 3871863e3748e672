import { mkdir, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { KeyServiceId } from '../../src/core/keys/services.ts';
import { startWorld, type World } from '../support/engine.ts';
import { A_KEY, lockable, OTHER_KEY } from '../support/keys.ts';
import { install, tokensIn, toolFile } from '../support/tools.ts';

const credentials = ({ userHome }: World) => join(userHome, '.peekaboo', 'credentials');

const textOf = (path: string) => readFile(path, 'utf8').catch(() => '');

/** Peekaboo’s file and opencode’s, as one text. */
async function everywhere(world: World): Promise<string> {
  return (await textOf(credentials(world))) + (await textOf(toolFile(world, 'opencode')));
}

/** A machine with opencode on it, and a key of that service. */
async function startWithKey(id: KeyServiceId, options?: Parameters<typeof startWorld>[0]) {
  const world = await startWorld(options);
  await install(world, 'opencode');
  await world.engine.keys.add(id, A_KEY[id]);
  return world;
}

/** What is known of a key is cut off in the middle. */
const damage = ({ context }: World, id: KeyServiceId) =>
  truncate(join(context.paths.keys, `${id}.json`), 40);

async function places({ engine }: World, id: KeyServiceId): Promise<string[]> {
  const view = (await engine.keys.list()).find(({ service }) => service === id);
  return view?.places.map(({ target, state }) => `${target}: ${state}`) ?? [];
}

describe('what is known of a key is damaged', () => {
  test('a key that is removed leaves every file all the same', async () => {
    const world = await startWithKey('grok');
    await damage(world, 'grok');
    const { removed } = await world.engine.keys.remove('grok');
    expect(removed.map(({ target }) => target)).toEqual(['peekaboo', 'opencode']);
    expect(await everywhere(world)).not.toContain(A_KEY.grok);
  });

  test('and where it is gone altogether', async () => {
    const world = await startWithKey('grok');
    await rm(join(world.context.paths.keys, 'grok.json'));
    await world.engine.keys.list();
    await world.engine.keys.remove('grok');
    expect(await everywhere(world)).not.toContain(A_KEY.grok);
  });

  test('a key that is replaced is replaced everywhere', async () => {
    const world = await startWithKey('grok');
    await damage(world, 'grok');
    await world.engine.keys.add('grok', OTHER_KEY.grok);
    expect(await places(world, 'grok')).toEqual(['peekaboo: written', 'opencode: written']);
    expect(await everywhere(world)).not.toContain(A_KEY.grok);
  });

  test('the next look knows it for ours again', async () => {
    const world = await startWithKey('openai');
    await damage(world, 'openai');
    await world.engine.refresh(null);
    expect(await places(world, 'openai')).toEqual(['peekaboo: written', 'opencode: written']);
  });

  test('a file that cannot be read at the moment is cleared once it can', async () => {
    const world = await startWithKey('openai');
    await damage(world, 'openai');
    const path = toolFile(world, 'opencode');
    const whole = await readFile(path);
    await writeFile(path, '{"openai": {');
    await world.engine.keys.remove('openai');
    expect(await places(world, 'openai')).toEqual(['opencode: owed']);
    await writeFile(path, whole);
    await world.engine.refresh(null);
    expect(await everywhere(world)).not.toContain(A_KEY.openai);
    expect(await places(world, 'openai')).toEqual([]);
  });

  test('another key is the person’s, and stays', async () => {
    const world = await startWithKey('openai');
    await damage(world, 'openai');
    const theirs = JSON.stringify({ openai: { type: 'api', key: OTHER_KEY.openai } });
    await writeFile(toolFile(world, 'opencode'), theirs);
    await world.engine.keys.remove('openai');
    expect(await textOf(credentials(world))).not.toContain(A_KEY.openai);
    expect(await textOf(toolFile(world, 'opencode'))).toBe(theirs);
  });

  test('a login gets its place from the key', async () => {
    const world = await startWithKey('anthropic');
    await damage(world, 'anthropic');
    await world.signIn('claude');
    expect(await tokensIn(world, 'opencode', 'anthropic')).toMatchObject({
      access: expect.stringMatching(/./),
    });
    expect(await places(world, 'anthropic')).toEqual(['peekaboo: written', 'opencode: login']);
  });

  test('while the keychain is locked nothing is removed, forgotten or taken for the person’s', async () => {
    const { keychain, lock } = lockable();
    const world = await startWorld({ keychain });
    delete world.env.AUTHBAR_VAULT;
    await install(world, 'opencode');
    await (await world.another()).engine.keys.add('grok', A_KEY.grok);
    await damage(world, 'grok');

    lock.on = true;
    const { engine } = await world.another();
    await engine.refresh(null);
    await expect(engine.keys.remove('grok')).rejects.toMatchObject({ code: 'keychain-locked' });
    expect(await textOf(credentials(world))).toContain(A_KEY.grok);
    expect(await readdir(world.context.paths.keys)).toContain('grok');

    lock.on = false;
    await engine.keys.remove('grok');
    expect(await everywhere(world)).not.toContain(A_KEY.grok);
  });

  test('and the key too: it is told, and a new key is the way out', async () => {
    const world = await startWithKey('grok');
    await damage(world, 'grok');
    await truncate(join(world.context.paths.keys, 'grok'), 40);
    await expect(world.engine.keys.remove('grok')).rejects.toMatchObject({
      details: { hint: expect.stringContaining('authbar key add grok') },
    });
    await world.engine.keys.add('grok', OTHER_KEY.grok);
    expect((await world.engine.keys.forCommand('grok'))?.key).toBe(OTHER_KEY.grok);
  });
});

test('the same key of the person’s stays theirs, though we die while ours is kept', async () => {
  const world = await startWorld({
    step: (step) => {
      if (step === 'key:durable') throw new Error('dies here');
    },
  });
  const path = credentials(world);
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await writeFile(path, `OPENAI_API_KEY=${A_KEY.openai}`, { mode: 0o600 });
  await expect(world.engine.keys.add('openai', A_KEY.openai)).rejects.toThrow();
  const { engine } = await world.another({ step: () => {} });
  await engine.refresh(null);
  expect(await places(world, 'openai')).toEqual(['peekaboo: theirs']);
  await engine.keys.remove('openai');
  expect(await textOf(path)).toBe(`OPENAI_API_KEY=${A_KEY.openai}`);
});
