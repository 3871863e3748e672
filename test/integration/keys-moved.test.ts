import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { startWorld, type World } from '../support/engine.ts';
import { A_KEY } from '../support/keys.ts';
import { install, toolFile } from '../support/tools.ts';

const ENTRY = { xai: { type: 'api', key: A_KEY.grok } };

const elsewhere = ({ userHome }: World) => join(userHome, 'elsewhere', 'auth.json');

const entriesIn = async (path: string): Promise<unknown> =>
  JSON.parse(await readFile(path, 'utf8'));

/** How the key is in each file of opencode's. */
async function states({ engine }: World): Promise<Readonly<Record<string, string>>> {
  const view = (await engine.keys.list()).find(({ service }) => service === 'grok');
  const places = (view?.places ?? []).filter(({ target }) => target === 'opencode');
  return Object.fromEntries(places.map(({ path, state }) => [path, state]));
}

/** The key is in opencode's file, and there is another folder for it. */
async function startWithKey(): Promise<World> {
  const world = await startWorld();
  await install(world, 'opencode');
  await mkdir(dirname(elsewhere(world)), { mode: 0o700 });
  await world.engine.keys.add('grok', A_KEY.grok);
  return world;
}

describe('a tool is moved while its old file cannot be changed', () => {
  test('the key leaves it once it can, and never counts as written there again', async () => {
    const world = await startWithKey();
    const old = toolFile(world, 'opencode');
    await writeFile(old, '{"xai": {');
    await world.engine.moveTarget('opencode', dirname(elsewhere(world)));
    expect(await states(world)).toEqual({ [old]: 'owed', [elsewhere(world)]: 'written' });

    await writeFile(old, JSON.stringify(ENTRY));
    await world.engine.refresh(null);
    expect(await entriesIn(old)).toEqual({});
    expect(await entriesIn(elsewhere(world))).toEqual(ENTRY);
    expect(await states(world)).toEqual({ [elsewhere(world)]: 'written' });
  });

  test('nothing is written to the old file, however often it is looked at', async () => {
    const world = await startWithKey();
    const old = toolFile(world, 'opencode');
    await writeFile(old, '{"xai": {');
    await world.engine.moveTarget('opencode', dirname(elsewhere(world)));
    await writeFile(old, '{}');
    await world.engine.refresh(null);
    await world.engine.refresh(null);
    expect(await entriesIn(old)).toEqual({});
    expect(await states(world)).toEqual({ [elsewhere(world)]: 'written' });
  });

  test('and moved back: the key stays where it is', async () => {
    const world = await startWithKey();
    const old = toolFile(world, 'opencode');
    await writeFile(old, '{"xai": {');
    await world.engine.moveTarget('opencode', dirname(elsewhere(world)));
    await writeFile(old, JSON.stringify(ENTRY));
    await world.engine.moveTarget('opencode', dirname(old));
    await world.engine.refresh(null);
    expect(await entriesIn(old)).toEqual(ENTRY);
    expect(await entriesIn(elsewhere(world))).toEqual({});
    expect(await states(world)).toEqual({ [old]: 'written' });
  });
});

test('a tool is moved, and we die before its key is: the next look moves it', async () => {
  const world = await startWithKey();
  const old = toolFile(world, 'opencode');
  // All that is left of a move that ended after the choice was durable.
  const { settings } = world.context.paths;
  const saved = JSON.parse(await readFile(settings, 'utf8'));
  const targets = { opencode: { path: dirname(elsewhere(world)) } };
  await writeFile(settings, JSON.stringify({ ...saved, targets }));

  const { engine } = await world.another();
  await engine.refresh(null);
  expect(await entriesIn(old)).toEqual({});
  expect(await entriesIn(elsewhere(world))).toEqual(ENTRY);
});
