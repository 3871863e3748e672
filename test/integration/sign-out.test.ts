import { readdir, readFile, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { acquireLock } from '../../src/core/files/flock.ts';
import type { Step } from '../../src/core/ports.ts';
import type { ChildTask } from '../support/children/engine-child.ts';
import { startChild, untilItEnds } from '../support/children/run-child.ts';
import { signIn, startWorld, type World } from '../support/engine.ts';
import { accountFile, activeTokens, peekaboo } from '../support/look.ts';
import { FAULTS } from '../support/provider/index.ts';

/** Runs `task` in a process that dies at `step`. */
async function killedAt(world: World, step: Step, task: ChildTask): Promise<void> {
  const args = [JSON.stringify({ ...task, dieAt: { step } })];
  expect(await untilItEnds(startChild('engine-child.ts', args, { env: world.env }))).toBe(
    'SIGKILL',
  );
  await world.provider.journal.settled();
}

describe('a sign-out', () => {
  test('leaves no copy of the login, and what it knows of it is not the login', async () => {
    const world = await startWorld();
    const id = await world.signIn('chatgpt');
    await world.engine.refresh(null, { force: true });
    await world.engine.logout('chatgpt');
    const folder = accountFile(world, id, '');
    expect((await readdir(folder)).sort()).toEqual(['ledger.json', 'lock']);
    const ledger = await readFile(join(folder, 'ledger.json'), 'utf8');
    for (const token of world.provider.tokens) expect(ledger).not.toContain(token);
    await expect(world.engine.token('chatgpt', 0)).rejects.toMatchObject({ code: 'no-such-login' });
    await expect(world.engine.logout('chatgpt')).rejects.toMatchObject({ code: 'no-such-login' });
  });

  test('while the provider is away says that it could not be ended there', async () => {
    const world = await startWorld();
    await world.signIn('claude');
    world.provider.faults.outage(true);
    expect(await world.engine.logout('claude')).toMatchObject({
      revoked: false,
      foreign: false,
      unended: true,
      withdrawals: [{ result: 'removed' }],
    });
    expect((await world.engine.status()).accounts).toEqual([]);
  });

  test('of a login without a refresh token leaves nothing to be ended', async () => {
    const world = await startWorld();
    world.provider.faults.arm('openai', 'exchange', FAULTS.noRefreshToken);
    await world.signIn('chatgpt');
    expect(await world.engine.logout('chatgpt')).toMatchObject({ revoked: false, unended: false });
  });

  test('of a login from another address sends it nowhere', async () => {
    const world = await startWorld();
    await world.signIn('claude');
    const other = await startWorld();
    const { engine } = await world.another({
      env: { ...world.env, AUTHBAR_PROVIDERS_FILE: other.env.AUTHBAR_PROVIDERS_FILE },
    });
    const [report] = await engine.refresh(null, { force: true });
    expect(report?.error).toMatchObject({ code: 'unsafe-setting' });
    expect(await engine.logout('claude')).toMatchObject({ revoked: false });
    expect(other.provider.journal.entries).toEqual([]);
  });

  test('keeps what is somebody else’s in Peekaboo’s file', async () => {
    const world = await startWorld();
    await world.signIn('claude');
    const path = join(world.userHome, '.peekaboo/credentials');
    const theirs = 'ANTHROPIC_ACCESS_TOKEN=theirs\nANTHROPIC_REFRESH_TOKEN=theirs-too\nMINE=1\n';
    await writeFile(path, theirs);
    const { withdrawals } = await world.engine.logout('claude');
    expect(withdrawals).toMatchObject([{ target: 'peekaboo', result: 'kept' }]);
    expect(await peekaboo(world)).toBe(theirs);
  });

  test('of the account in use gives its place to the next one', async () => {
    const world = await startWorld();
    const anna = await world.signIn('claude', 'anna');
    const ben = await world.signIn('claude', 'ben');
    await world.engine.logout(anna);
    expect((await world.engine.status()).accounts).toMatchObject([{ id: ben, inUse: true }]);
    await world.engine.refresh(null);
    const { accessToken } = await world.engine.token('claude', 0);
    expect(await peekaboo(world)).toContain(`_ACCESS_TOKEN=${accessToken}`);
  });
});

describe('a sign-out that was killed', () => {
  const task: ChildTask = { action: 'sign-out', service: 'claude' };

  test('has ended the login: no token is handed out any more', async () => {
    const world = await startWorld();
    const id = await world.signIn('claude');
    await killedAt(world, 'sign-out:tombstone', task);
    for (const name of ['claude', id]) {
      await expect(world.engine.token(name, 0)).rejects.toMatchObject({ code: 'no-such-login' });
    }
  });

  test('is not in the way of a new sign-in, and does not touch it when it is finished', async () => {
    const world = await startWorld();
    const old = await world.signIn('claude');
    await killedAt(world, 'sign-out:tombstone', task);
    const fresh = await world.signIn('claude');
    expect(fresh).not.toBe(old);
    expect((await world.engine.token('claude', 0)).account).toBe(fresh);
    await world.engine.refresh(null);
    await world.engine.refresh(null);
    expect((await world.engine.status()).accounts).toMatchObject([
      { id: fresh, state: 'signed-in', inUse: true },
    ]);
    expect(activeTokens(world)).toHaveLength(1);
    expect(await peekaboo(world)).toContain(`_REFRESH_TOKEN=${activeTokens(world)[0]}`);
  });

  test('and cannot be finished now keeps nobody else waiting', async () => {
    const world = await startWorld();
    const old = await world.signIn('claude');
    await killedAt(world, 'sign-out:tombstone', task);
    await world.signIn('chatgpt');
    const { clock } = world;
    const lock = await acquireLock(accountFile(world, old, 'lock'), { deadline: 0, clock });
    const ticking = setInterval(() => clock.advance(5000), 20);
    onTestFinished(() => clearInterval(ticking));
    const { engine } = await world.another({
      step: (step) => {
        // The wait for the lock is over; the answer to the other one's renewal has time to come.
        if (step === 'renewal:locked') clearInterval(ticking);
      },
    });
    const reports = await engine.refresh(null, { force: true });
    expect(reports).toMatchObject([
      { how: 'failed', error: { code: 'login-busy' }, account: { id: old } },
      { how: 'renewed', account: { provider: 'openai' } },
    ]);
    await lock.release();
    await world.engine.refresh(null);
    expect((await world.engine.status()).accounts).toMatchObject([{ provider: 'openai' }]);
  });
});

test('an answer that a killed process left is found after a night as well', async () => {
  const world = await startWorld();
  const id = await world.signIn('claude');
  await killedAt(world, 'answer:written', { action: 'renew', service: 'claude' });
  const folder = dirname(accountFile(world, id, 'grant'));
  const left = (await readdir(folder)).filter((name) => name.endsWith('.authbar-tmp'));
  expect(left).toHaveLength(1);
  const yesterday = new Date(Date.now() - 24 * 60 * 60_000);
  for (const name of left) await utimes(join(folder, name), yesterday, yesterday);
  const [found] = await world.engine.refresh(null);
  expect(found).toMatchObject({ error: null, account: { state: 'signed-in' } });
  const [renewed] = await world.engine.refresh(null, { force: true });
  expect(renewed).toMatchObject({ how: 'renewed' });
  expect(activeTokens(world)).toHaveLength(1);
});

test('signing in again after the tools’ file could not be emptied puts the new login there', async () => {
  const world = await startWorld();
  await world.signIn('claude');
  const left = await peekaboo(world);
  await world.engine.logout('claude');
  await writeFile(join(world.userHome, '.peekaboo/credentials'), left);
  await signIn(world.engine, 'claude');
  const { accessToken } = await world.engine.token('claude', 0);
  expect(await peekaboo(world)).toContain(`_ACCESS_TOKEN=${accessToken}`);
});
