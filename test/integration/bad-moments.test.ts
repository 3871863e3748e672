import type { ChildProcess } from 'node:child_process';
import { readdir, readFile, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import type { Hold } from '../../src/core/files/hold.ts';
import { nodeClock, nodeFiles } from '../../src/core/files/node-files.ts';
import type { BuiltInId } from '../../src/core/grant.ts';
import type { Step } from '../../src/core/ports.ts';
import { claudeLock } from '../../src/core/targets/claude-lock.ts';
import { codexLock, NOTHING_HELD, piLock, synapsLock } from '../../src/core/targets/locks.ts';
import { holdFlock } from '../support/children/hold-flock.ts';
import { startChild, untilItEnds, untilItSpeaks } from '../support/children/run-child.ts';
import { startWorld, type World } from '../support/engine.ts';
import { faultyFiles } from '../support/faulty-files.ts';
import { activeTokens } from '../support/look.ts';
import {
  entryStates,
  install,
  outOfStep,
  SERVICES,
  SOME_HOMES,
  type ToolId,
  tokensIn,
  toolFile,
  toolsFor,
} from '../support/tools.ts';

const MINUTE = 60_000;
const LOCK_OUTSIDE = { fs: nodeFiles, clock: nodeClock, platform: process.platform };

/** A machine with every tool on it, signed in. */
async function signedIn(provider: BuiltInId): Promise<World> {
  const world = await startWorld();
  await install(world, ...toolsFor(provider));
  await world.signIn(SERVICES[provider]);
  world.clock.hurry(2000);
  return world;
}

/** The lock that the tool takes to change its file; opencode takes none. */
async function lockAsTheTool(world: World, tool: ToolId): Promise<Hold> {
  const file = toolFile(world, tool);
  const lock = {
    'claude-code': () => claudeLock(LOCK_OUTSIDE, dirname(file)),
    pi: () => piLock(LOCK_OUTSIDE, file),
    codex: () => codexLock(LOCK_OUTSIDE, file),
    synaps: () => synapsLock(LOCK_OUTSIDE, file),
    opencode: () => null,
  }[tool]();
  return (await lock?.acquire(30_000)) ?? NOTHING_HELD;
}

/** A process of the tool that has its lock. */
async function lockInChild(world: World, tool: ToolId): Promise<ChildProcess> {
  const file = toolFile(world, tool);
  if (tool === 'codex') return holdFlock(join(dirname(file), 'auth.lock'));
  if (tool === 'synaps') return holdFlock(file);
  const child = {
    'claude-code': () => startChild('claude-locks.ts', [dirname(file)]),
    pi: () => startChild('lock-as-pi.ts', ['new', file]),
    // It takes none; so it is ours.
    opencode: () => startChild('hold-lock.ts', [world.context.paths.targetsLock]),
  }[tool]();
  expect(await untilItSpeaks(child)).toBe('held\n');
  return child;
}

/** Makes what a killed process left look as old as it soon will be. */
async function ageLocks(folder: string): Promise<void> {
  const then = new Date(Date.now() - 2 * MINUTE);
  for (const name of await readdir(folder)) {
    if (name.endsWith('.lock')) await utimes(`${folder}/${name}`, then, then);
  }
}

describe.each(SOME_HOMES)('%s', (tool, provider) => {
  const others = toolsFor(provider).filter((other) => other !== tool);

  test.each([
    ['with much life left', 0],
    ['close to the end', 52 * MINUTE],
  ])(
    'whose lock never comes free is owed the login, %s; a dead holder is no holder',
    async (_, later) => {
      const world = await signedIn(provider);
      const before = await readFile(toolFile(world, tool), 'utf8');
      const holder = await lockInChild(world, tool);
      world.clock.advance(later);
      world.provider.setClock(later);
      const [report] = await world.engine.refresh(null, { force: true });
      expect(report).toMatchObject({ how: 'renewed', error: null });
      expect(await outOfStep(world, provider, others)).toEqual([]);
      expect(await readFile(toolFile(world, tool), 'utf8')).toBe(before);
      expect((await entryStates(world)).get(tool)).toEqual(['locked', 'tool-busy']);
      holder.kill('SIGKILL');
      await untilItEnds(holder);
      const folder = dirname(toolFile(world, tool));
      for (const each of [folder, dirname(folder)]) await ageLocks(each);
      await world.engine.refresh(null);
      expect(await outOfStep(world, provider)).toEqual([]);
      expect((await entryStates(world)).get(tool)).toEqual(['in-step', null]);
    },
  );

  test.each(tool === 'synaps' ? [1, 2, 3] : [1])(
    'on a disk that is full at write %i keeps what it had, and is owed the rest',
    async (nth) => {
      const world = await signedIn(provider);
      const before = await readFile(toolFile(world, tool), 'utf8');
      let writes = Number.NaN;
      const { fs } = faultyFiles('ENOSPC', (call) => call === 'handle.write' && ++writes === nth);
      // Peekaboo first, then these in their order.
      let place = -1 - toolsFor(provider).indexOf(tool);
      const step = (name: Step) => {
        if (name === 'target:before-write') writes = place++ === 0 ? 0 : Number.NaN;
      };
      const { engine } = await world.another({ fs, step });
      expect(await engine.refresh(null, { force: true })).toMatchObject([{ how: 'renewed' }]);
      expect(await outOfStep(world, provider, others)).toEqual([]);
      expect(await readFile(toolFile(world, tool), 'utf8')).toBe(before);
      expect((await entryStates(world)).get(tool)).toEqual(['not-writable', 'disk-full']);
      const names = await readdir(dirname(toolFile(world, tool)));
      expect(names.filter((name) => name.includes('authbar'))).toEqual([]);
      await world.engine.refresh(null);
      expect(await outOfStep(world, provider)).toEqual([]);
    },
  );

  test('that reads in the middle of our writing sees one login, whole', async () => {
    const world = await signedIn(provider);
    const seen = new Set<string>();
    const known = new Set<string>();
    const remember = async (to: Set<string>) => {
      const { access, refresh } = (await tokensIn(world, tool, provider)) ?? {};
      to.add(`${access} ${refresh}`);
    };
    await remember(known);
    let reading = true;
    const reader = (async () => {
      for (; reading; await wait(1)) {
        // SynapsCLI's file is written in place: only under its lock it can be read.
        const lock = tool === 'synaps' ? await lockAsTheTool(world, tool) : NOTHING_HELD;
        await remember(seen).finally(() => lock.release());
      }
    })();
    for (let round = 0; round < 20; round += 1) {
      await world.engine.refresh(null, { force: true });
      await remember(known);
    }
    reading = false;
    await reader;
    await world.engine.refresh(null);
    expect(await outOfStep(world, provider)).toEqual([]);
    expect(seen.size).toBeGreaterThan(1);
    expect([...seen].filter((each) => !known.has(each))).toEqual([]);
  });

  test('that writes its file again every 50 ms loses nothing of its own, and gets the login', async () => {
    const world = await signedIn(provider);
    const file = toolFile(world, tool);
    const found: unknown[] = [];
    let count = 0;
    let writing = true;
    const writer = (async () => {
      for (; writing; await wait(50)) {
        const lock = await lockAsTheTool(world, tool);
        const all = JSON.parse(await readFile(file, 'utf8'));
        found.push(all.mine);
        count += 1;
        await writeFile(file, JSON.stringify({ ...all, mine: count }, null, 2));
        await lock.release();
      }
    })();
    // In the middle of its writing, which is not atomic, the file cannot be read.
    const isDone = () =>
      outOfStep(world, provider).then(
        ({ length }) => length === 0,
        () => false,
      );
    for (let round = 0; round < 10; round += 1) await world.engine.refresh(null, { force: true });
    while (count < 5 || !(await isDone())) await world.engine.refresh(null);
    writing = false;
    await writer;
    await world.engine.refresh(null);
    expect(await outOfStep(world, provider)).toEqual([]);
    const expected = [undefined, ...Array.from({ length: count - 1 }, (_, index) => index + 1)];
    // Without a lock one of two changes at one moment may be undone, but never half done.
    if (tool === 'opencode') expect(expected).toEqual(expect.arrayContaining(found));
    else expect(found).toEqual(expected);
    expect(activeTokens(world)).toHaveLength(1);
  });
});
