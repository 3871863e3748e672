import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { startWorld } from '../support/engine.ts';
import { FAULTS } from '../support/provider/index.ts';

const HOUR = 60 * 60_000;

describe.each(['claude', 'chatgpt'])('a %s login', (service) => {
  const provider = service === 'claude' ? 'anthropic' : 'openai';

  test('is kept, shown, handed out and written where Peekaboo looks', async () => {
    const world = await startWorld();
    const id = await world.signIn(service);
    const { accounts } = await world.engine.status();
    expect(accounts).toMatchObject([
      { id, provider, email: 'anna@example.com', state: 'signed-in', inUse: true },
    ]);
    const token = await world.engine.token(service, 300_000);
    expect(token.late).toBeNull();
    const file = await readFile(join(world.userHome, '.peekaboo/credentials'), 'utf8');
    expect(file).toContain(`_ACCESS_TOKEN=${token.accessToken}\n`);
    expect(world.provider.journal.requests(provider, 'refresh')).toBe(0);
  });

  test('is renewed with rotation when it is due, once for all who ask', async () => {
    const world = await startWorld();
    await world.signIn(service);
    const before = await world.engine.token(service, 300_000);
    world.clock.advance(HOUR);
    const tokens = await Promise.all(
      Array.from({ length: 8 }, () => world.engine.token(service, 300_000)),
    );
    expect(new Set(tokens.map(({ accessToken }) => accessToken)).size).toBe(1);
    expect(tokens[0]?.accessToken).not.toBe(before.accessToken);
    expect(world.provider.journal.requests(provider, 'refresh')).toBe(1);
  });

  test('survives an outage and says that it is late, not lost', async () => {
    const world = await startWorld();
    await world.signIn(service);
    world.provider.faults.outage(true);
    world.clock.advance(50 * 60_000);
    const [report] = await world.engine.refresh(null);
    expect(report).toMatchObject({ how: 'failed', account: { state: 'late' } });
    world.provider.faults.outage(false);
    world.clock.advance(HOUR);
    const [healed] = await world.engine.refresh(null);
    expect(healed).toMatchObject({ how: 'renewed', account: { state: 'signed-in' } });
  });

  test('that the provider has revoked asks for a new sign-in, and no request is sent again', async () => {
    const world = await startWorld();
    await world.signIn(service);
    world.provider.revokeFamily(provider, 'anna');
    const [report] = await world.engine.refresh(null, { force: true });
    expect(report).toMatchObject({ how: 'failed', account: { state: 'sign-in-again' } });
    await world.engine.refresh(null, { force: true, byPerson: true });
    expect(world.provider.journal.requests(provider, 'refresh')).toBe(1);
    const again = await world.signIn(service);
    expect((await world.engine.status()).accounts).toMatchObject([
      { id: again, state: 'signed-in' },
    ]);
  });

  test('whose answer is lost after the rotation is told as lost in flight and served till it ends', async () => {
    const world = await startWorld();
    await world.signIn(service);
    world.provider.faults.arm(provider, 'refresh', FAULTS.answerLost);
    const [report] = await world.engine.refresh(null, { force: true });
    expect(report).toMatchObject({
      how: 'failed',
      account: { state: 'late', code: 'login-lost-in-flight' },
    });
    expect((await world.engine.token(service, 300_000)).accessToken).toBeTruthy();
    world.clock.advance(2 * HOUR);
    expect((await world.engine.status()).accounts[0]).toMatchObject({ state: 'sign-in-again' });
    await expect(world.engine.token(service, 300_000)).rejects.toMatchObject({
      code: 'login-lost-in-flight',
    });
  });

  test('is signed out everywhere, and the list says so', async () => {
    const world = await startWorld();
    await world.signIn(service);
    const report = await world.engine.logout(service);
    expect(report.revoked).toBe(true);
    expect(report.withdrawals).toMatchObject([{ target: 'peekaboo', result: 'removed' }]);
    expect((await world.engine.status()).accounts).toEqual([]);
    const file = await readFile(join(world.userHome, '.peekaboo/credentials'), 'utf8');
    expect(file).not.toMatch(/TOKEN/);
    expect(world.provider.tokens.some((token) => world.provider.active(token))).toBe(false);
  });
});
