import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readHistory } from '../../src/core/history.ts';
import type { Step } from '../../src/core/ports.ts';
import type { ChildTask } from '../support/children/engine-child.ts';
import { startChild, untilItEnds } from '../support/children/run-child.ts';
import { startWorld, type World } from '../support/engine.ts';

/** Runs an engine in a process of its own on the world's state folder, until it dies or is done. */
async function inChild(world: World, task: ChildTask): Promise<number | string> {
  const child = startChild('engine-child.ts', [JSON.stringify(task)], { env: world.env });
  const end = await untilItEnds(child);
  await world.provider.journal.settled();
  return end;
}

/** Steps of a renewal before the answer's bytes are safe, in order. */
const BEFORE_SEND: readonly Step[] = [
  'renewal:locked',
  'renewal:reserved',
  'renewal:intent',
  'renewal:before-send',
];
const KEPT: readonly Step[] = ['answer:written', 'answer:durable', 'grant:durable'];
const PUBLISHING: readonly Step[] = [
  'ledger:written',
  'target:before-write',
  'target:written',
  'target:recorded',
];

describe('a process that is killed while it signs in', () => {
  test('before the code is sent leaves nothing', async () => {
    const world = await startWorld();
    const dieAt = { step: 'exchange:before-send' } as const;
    expect(await inChild(world, { action: 'sign-in', service: 'claude', dieAt })).toBe('SIGKILL');
    expect((await world.engine.status()).accounts).toEqual([]);
    expect(world.provider.journal.requests('anthropic', 'exchange')).toBe(0);
    await world.signIn('claude');
  });

  test('in the one window that nobody can close, the person signs in again', async () => {
    const world = await startWorld();
    const dieAt = { step: 'exchange:answered' } as const;
    expect(await inChild(world, { action: 'sign-in', service: 'claude', dieAt })).toBe('SIGKILL');
    expect((await world.engine.status()).accounts).toEqual([]);
    await world.signIn('claude');
    expect((await world.engine.status()).accounts).toHaveLength(1);
  });

  test.each([...KEPT, ...PUBLISHING])('at %s loses nothing', async (step) => {
    const world = await startWorld();
    expect(await inChild(world, { action: 'sign-in', service: 'chatgpt', dieAt: { step } })).toBe(
      'SIGKILL',
    );
    const { accounts } = await world.engine.status();
    expect(accounts).toMatchObject([{ provider: 'openai', state: 'signed-in' }]);
    await expectWhole(world, 'chatgpt');
  });
});

describe('a process that is killed while it renews', () => {
  test.each(BEFORE_SEND)('at %s has sent nothing, and the next one renews', async (step) => {
    const world = await startWorld();
    await world.signIn('claude');
    expect(await inChild(world, { action: 'renew', service: 'claude', dieAt: { step } })).toBe(
      'SIGKILL',
    );
    expect(world.provider.journal.requests('anthropic', 'refresh')).toBe(0);
    await expectWhole(world, 'claude');
  });

  test.each([...KEPT, 'ledger:written' as const, ...PUBLISHING.slice(1)])(
    'at %s has kept the answer',
    async (step) => {
      const world = await startWorld();
      await world.signIn('claude');
      // The first writing of the ledger is the intent, before anything is sent.
      const nth = step === 'ledger:written' ? 2 : 1;
      const dieAt = { step, nth };
      expect(await inChild(world, { action: 'renew', service: 'claude', dieAt })).toBe('SIGKILL');
      await expectWhole(world, 'claude');
      // One by the killed process, one by the look afterwards; none of a spent token.
      const { entries } = world.provider.journal;
      const refreshes = entries.filter(({ endpoint }) => endpoint === 'refresh');
      expect(refreshes.map(({ rotated }) => rotated)).toEqual([true, true]);
    },
  );

  test('between the rotation and our disk tells the truth: lost in flight', async () => {
    const world = await startWorld();
    await world.signIn('claude');
    const before = await world.engine.token('claude', 0);
    const dieAt = { step: 'renewal:answered' } as const;
    expect(await inChild(world, { action: 'renew', service: 'claude', dieAt })).toBe('SIGKILL');
    expect((await world.engine.status()).accounts).toMatchObject([{ state: 'late' }]);
    const [report] = await world.engine.refresh('claude', { force: true });
    expect(report?.account).toMatchObject({ state: 'late', code: 'login-lost-in-flight' });
    // What is valid is served until it ends.
    expect((await world.engine.token('claude', 0)).accessToken).toBe(before.accessToken);
    await world.signIn('claude');
    await expectWhole(world, 'claude');
  });
});

describe('a process that is killed as it notes that a login is over', () => {
  test('leaves a history that says why, and says it once', async () => {
    const world = await startWorld();
    const id = await world.signIn('claude');
    const renewal = { action: 'renew', service: 'claude' } as const;
    const swallowed: ChildTask = { ...renewal, dieAt: { step: 'renewal:answered' } };
    expect(await inChild(world, swallowed)).toBe('SIGKILL');
    // The first writing of the ledger is the intent, the second is how it ended.
    const noted: ChildTask = { ...renewal, dieAt: { step: 'ledger:written', nth: 2 } };
    expect(await inChild(world, noted)).toBe('SIGKILL');
    const whys = async () =>
      (await readHistory(world.context, [id])).filter(({ event }) => event === 'renewal-failed');
    expect(await whys()).toMatchObject([{ code: 'login-lost-in-flight' }]);
    await world.engine.refresh('claude', { force: true });
    expect(await whys()).toMatchObject([{ code: 'login-lost-in-flight' }]);
  });
});

describe('a process that is killed while it signs out', () => {
  test.each(['sign-out:tombstone', 'sign-out:revoked', 'sign-out:target-removed'] as const)(
    'at %s is finished by the next one',
    async (step) => {
      const world = await startWorld();
      await world.signIn('claude');
      const task: ChildTask = { action: 'sign-out', service: 'claude', dieAt: { step } };
      expect(await inChild(world, task)).toBe('SIGKILL');
      expect((await world.engine.status()).accounts).toMatchObject([
        { state: 'sign-in-again', code: 'sign-out-unfinished' },
      ]);
      await world.engine.refresh(null);
      expect((await world.engine.status()).accounts).toEqual([]);
      expect(world.provider.tokens.some((token) => world.provider.active(token))).toBe(false);
      expect(await peekaboo(world)).not.toContain('ACCESS_TOKEN');
    },
  );
});

/** The login renews, the provider knows the token that we hold, and Peekaboo has the same. */
async function expectWhole(world: World, service: string): Promise<void> {
  // The first look finishes what the killed process left; the second one renews.
  await world.engine.refresh(service);
  const [report] = await world.engine.refresh(service, { force: true });
  expect(report).toMatchObject({ how: 'renewed', account: { state: 'signed-in' } });
  const { accessToken } = await world.engine.token(service, 0);
  expect(await peekaboo(world)).toContain(`_ACCESS_TOKEN=${accessToken}`);
  expect(world.provider.tokens.filter((token) => world.provider.active(token))).toHaveLength(1);
}

function peekaboo(world: World): Promise<string> {
  return readFile(join(world.userHome, '.peekaboo/credentials'), 'utf8');
}
