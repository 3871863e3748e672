import { rm } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { nodeFiles } from '../../src/core/files/node-files.ts';
import type { FileSystem } from '../../src/core/ports.ts';
import type { ChildTask } from '../support/children/engine-child.ts';
import { race } from '../support/children/race.ts';
import { signIn, startWorld, type World } from '../support/engine.ts';
import {
  accountFolders,
  activeTokens,
  beginLogin,
  expectEachSpentOnce,
  peekaboo,
  untilIn,
} from '../support/look.ts';
import { FAULTS, signInAt } from '../support/provider/index.ts';

const HOUR = 60 * 60_000;
const LONG = process.env.AUTHBAR_LONG === '1';

/** One account, one login at the provider, and Peekaboo has it. */
async function expectOneLogin(world: World, service: string): Promise<void> {
  expect((await world.engine.status()).accounts).toMatchObject([
    { state: 'signed-in', inUse: true },
  ]);
  expect(await accountFolders(world)).toHaveLength(1);
  const active = activeTokens(world);
  expect(active).toHaveLength(1);
  expect(await peekaboo(world)).toContain(`_REFRESH_TOKEN=${active[0]}`);
  const { accessToken } = await world.engine.token(service, 0);
  expect(await peekaboo(world)).toContain(`_ACCESS_TOKEN=${accessToken}`);
}

describe('processes that ask for a token', () => {
  test.each(['claude', 'chatgpt'])('eight at once for %s make one request', async (service) => {
    const world = await startWorld();
    await world.signIn(service);
    const { accessToken: old } = await world.engine.token(service, 0);
    const task: ChildTask = { action: 'token', service, ahead: HOUR };
    const tokens = await race(world, Array(8).fill(task));
    expect(new Set(tokens).size).toBe(1);
    expect(tokens[0]).toEqual(expect.any(String));
    expect(tokens[0]).not.toBe(old);
    const { entries } = world.provider.journal;
    expect(entries.filter(({ endpoint }) => endpoint === 'refresh')).toHaveLength(1);
  });

  test('do not ask again for what one of them renewed a moment ago', async () => {
    const world = await startWorld();
    await world.signIn('claude');
    const force: ChildTask = { action: 'renew', service: 'claude' };
    const ends = (await race(world, [force, force, force])) as string[][];
    expect(ends.flat()).toContain('renewed');
    const renewed = ends.flat().filter((how) => how === 'renewed').length;
    expect(world.provider.journal.requests('anthropic', 'refresh')).toBe(renewed);
    await expectOneLogin(world, 'claude');
  });
});

test.each(LONG ? [[8, 25]] : [[4, 12]])(
  'renewals by %i processes in turns, %i by each, spend each token once',
  async (processes, times) => {
    const world = await startWorld();
    await world.signIn('claude');
    const task: ChildTask = { action: 'renew', service: 'claude', times };
    const ends = (await race(world, Array(processes).fill(task))) as string[][];
    const all = processes * times;
    expect(ends.flat().filter((how) => how === 'renewed')).toHaveLength(all);
    expect(new Set(ends.flat())).toEqual(new Set(['renewed', 'not-needed']));
    expectEachSpentOnce(world, all);
    await expectOneLogin(world, 'claude');
  },
);

describe('two who sign in at once', () => {
  test.each(['claude', 'chatgpt'])(
    'as the same person to %s end up with one account and one login',
    async (service) => {
      const world = await startWorld();
      const task: ChildTask = { action: 'sign-in', service };
      const ids = await race(world, [task, task]);
      expect(ids).toEqual([expect.any(String), expect.any(String)]);
      await expectOneLogin(world, service);
      expect(await accountFolders(world)).toEqual([expect.toBeOneOf(ids)]);
    },
  );

  test('one of whom takes the other’s new folder for a leftover', async () => {
    let swept = 0;
    const fs = {
      ...nodeFiles,
      // Between the making of the folder and its lock.
      async stat(path: string) {
        if (swept === 0 && /\/accounts\/[0-9a-f]{16}$/.test(path)) {
          swept += 1;
          await rm(path, { recursive: true });
        }
        return nodeFiles.stat(path);
      },
    } as FileSystem;
    const world = await startWorld({ fs });
    await world.signIn('claude');
    expect(swept).toBe(1);
    expect((await world.engine.status()).accounts).toMatchObject([{ state: 'signed-in' }]);
  });

  test('one of whom has no name yet when the other is done', async () => {
    const world = await startWorld();
    const other = await world.another();
    world.provider.faults.arm('anthropic', 'profile', FAULTS.late(1500));
    const slow = await beginLogin(world.engine, 'claude');
    await signInAt(slow.waiting.url);
    await wait(50);
    await signIn(other.engine, 'claude');
    await slow.attempt.done;
    await expectOneLogin(world, 'claude');
  });

  test('as two people are two accounts, and the first has the tools', async () => {
    const world = await startWorld();
    const tasks: ChildTask[] = ['anna', 'ben'].map((person) => ({
      action: 'sign-in',
      service: 'chatgpt',
      person,
    }));
    const ids = await race(world, tasks);
    const { accounts } = await world.engine.status();
    expect(accounts.map(({ id }) => id).sort()).toEqual([...ids].sort());
    expect(accounts.filter(({ inUse }) => inUse)).toHaveLength(1);
    expect(activeTokens(world)).toHaveLength(2);
    const { accessToken } = await world.engine.token('chatgpt', 0);
    await world.engine.refresh(null);
    expect(await peekaboo(world)).toContain(`OPENAI_ACCESS_TOKEN=${accessToken}`);
  });

  test('in one program are one: the second try takes the place of the first', async () => {
    const world = await startWorld();
    const first = await beginLogin(world.engine, 'claude');
    const second = await beginLogin(world.engine, 'claude');
    await expect(first.attempt.done).rejects.toMatchObject({ code: 'sign-in-stopped' });
    expect(await signInAt(first.waiting.url)).toMatchObject({ kind: 'redirect' });
    await signInAt(second.waiting.url);
    await second.attempt.done;
    await expectOneLogin(world, 'claude');
  });

  test('in one program, the first while its code is being exchanged, leave one login', async () => {
    const world = await startWorld();
    world.provider.faults.arm('openai', 'exchange', FAULTS.late(300));
    const first = await beginLogin(world.engine, 'chatgpt');
    void signInAt(first.waiting.url);
    await untilIn(first.attempt, 'finishing');
    const second = await beginLogin(world.engine, 'chatgpt');
    await signInAt(second.waiting.url);
    await Promise.all([first.attempt.done, second.attempt.done]);
    await expectOneLogin(world, 'chatgpt');
  });

  test('do not take the other’s new folder for a leftover', async () => {
    const world = await startWorld();
    const other = await world.another();
    world.provider.faults.arm('anthropic', 'exchange', FAULTS.late(300));
    const slow = await beginLogin(world.engine, 'claude');
    const browser = signInAt(slow.waiting.url);
    await untilIn(slow.attempt, 'finishing');
    const second = await beginLogin(other.engine, 'claude');
    second.attempt.cancel();
    await browser;
    await slow.attempt.done;
    await expectOneLogin(world, 'claude');
  });
});

describe('a renewal here and a sign-out there', () => {
  test.each([1, 2, 3])(
    'end signed out, with nothing alive at the provider (round %i)',
    async () => {
      const world = await startWorld();
      await world.signIn('claude');
      world.provider.faults.arm('anthropic', 'refresh', FAULTS.late(100));
      const [renewed, revoked] = await race(world, [
        { action: 'renew', service: 'claude' },
        { action: 'sign-out', service: 'claude' },
      ]);
      expect([['renewed'], { code: 'no-such-login', path: null }]).toContainEqual(renewed);
      expect(revoked).toBe(true);
      expect((await world.engine.status()).accounts).toEqual([]);
      expect(activeTokens(world)).toEqual([]);
      expect(await peekaboo(world)).not.toContain('TOKEN');
    },
  );

  test('and a new sign-in after it is not touched by the old one', async () => {
    const world = await startWorld();
    const old = await world.signIn('claude');
    await world.engine.logout('claude');
    const fresh = await world.signIn('claude');
    expect(fresh).not.toBe(old);
    await world.engine.refresh(null);
    expect((await world.engine.status()).accounts).toMatchObject([{ id: fresh, inUse: true }]);
    expect(activeTokens(world)).toHaveLength(1);
  });
});
