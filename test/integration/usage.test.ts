import { readFile, stat, writeFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import type { ProviderId } from '../../src/core/grant.ts';
import { type Usage, usageOf } from '../../src/core/usage.ts';
import { openDesktop } from '../support/desktop.ts';
import { startWorld, type World } from '../support/engine.ts';
import { faultyFiles } from '../support/faulty-files.ts';
import { accountFile } from '../support/look.ts';
import { FAULTS } from '../support/provider/index.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** One person who is signed in, and how often their service was asked. */
async function start(service: 'claude' | 'chatgpt') {
  const world = await startWorld();
  const id = await world.signIn(service);
  const provider: ProviderId = service === 'claude' ? 'anthropic' : 'openai';
  const file = accountFile(world, id, 'usage.json');
  return {
    ...world,
    id,
    file,
    asked: () => world.provider.journal.requests(provider, 'usage'),
    look: () => look(world, id),
  };
}

async function look({ engine, context }: World, id: string): Promise<Usage> {
  const { accounts } = await engine.status();
  const account = accounts.find((one) => one.id === id);
  if (!account) throw new Error('nobody');
  return usageOf(context, engine, account, 1);
}

describe('what a service tells', () => {
  test('is read from both, under our own name', async () => {
    const { provider, look } = await start('chatgpt');
    const told = await look();
    expect(told).toMatchObject({ kind: 'told', readAt: expect.any(Number) });
    expect(told.kind === 'told' && told.windows).toMatchObject([
      { length: 5 * HOUR, used: 42 },
      { length: 7 * DAY, used: 18 },
    ]);
    const [request] = provider.journal.of('openai', 'usage');
    expect(request?.headers).toMatchObject({ 'user-agent': expect.stringMatching(/^authbar\//) });
    const claude = await start('claude');
    claude.provider.setUsage('anthropic', [{ seconds: 18_000, used: 91, resetsIn: null }]);
    expect(await claude.look()).toMatchObject({
      windows: [{ length: 5 * HOUR, used: 91, resetsAt: null }],
    });
  });

  test('is told again for 5 minutes, by every process, and then asked again', async () => {
    const { provider, clock, asked, look, another, file } = await start('chatgpt');
    const first = await look();
    clock.advance(4 * MINUTE);
    expect(await look()).toEqual(first);
    const other = await another();
    const [account] = (await other.engine.status()).accounts;
    if (!account) throw new Error('nobody');
    expect(await usageOf(other.context, other.engine, account, 1)).toEqual(first);
    expect(asked()).toBe(1);
    provider.setUsage('openai', [{ seconds: 604_800, used: 50, resetsIn: 60 }]);
    clock.advance(MINUTE);
    expect(await look()).toMatchObject({ windows: [{ length: 7 * DAY, used: 50 }] });
    expect(asked()).toBe(2);
    // It has begun anew.
    clock.advance(2 * MINUTE);
    await look();
    expect(asked()).toBe(3);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
  });

  test('is nothing, where a plan has no windows', async () => {
    const { provider, look } = await start('chatgpt');
    provider.setUsage('openai', []);
    expect(await look()).toMatchObject({ kind: 'told', windows: [] });
  });

  test('is asked again where what was noted is damaged, newer, or from the future', async () => {
    const { asked, look, file, clock } = await start('chatgpt');
    await look();
    const note = JSON.parse(await readFile(file, 'utf8'));
    const odd = ['{', '[]', '{"schema":2}', JSON.stringify({ ...note, windows: [{ used: 250 }] })];
    for (const text of [...odd, JSON.stringify({ ...note, readAt: clock.now() + HOUR })]) {
      await writeFile(file, text);
      expect(await look()).toMatchObject({ kind: 'told', windows: [{ used: 42 }, { used: 18 }] });
    }
    expect(asked()).toBe(6);
  });

  test('is gone with the account', async () => {
    const { engine, look, file } = await start('chatgpt');
    await look();
    await engine.logout('chatgpt');
    await expect(stat(file)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  test('is told though the disk is full', async () => {
    const { asked, look, context, engine } = await start('chatgpt');
    const { fs, calls } = faultyFiles('ENOSPC', (call) => call === 'rename');
    const [account] = (await engine.status()).accounts;
    if (!account) throw new Error('nobody');
    const told = await usageOf({ ...context, fs }, engine, account, 1);
    expect(told).toMatchObject({ kind: 'told' });
    expect(calls).toContain('rename');
    expect(await look()).toMatchObject({ kind: 'told' });
    expect(asked()).toBe(2);
  });
});

describe('a service that does not tell', () => {
  test('is left in peace for an hour', async () => {
    const { provider, clock, asked, look } = await start('claude');
    expect(await look()).toMatchObject({ kind: 'untold' });
    clock.advance(50 * MINUTE);
    expect(await look()).toMatchObject({ kind: 'untold' });
    expect(asked()).toBe(1);
    provider.setUsage('anthropic', []);
    clock.advance(11 * MINUTE);
    expect(await look()).toMatchObject({ kind: 'told' });
    expect(asked()).toBe(2);
  });

  test.each([
    ['403', { kind: 'answer', status: 403, headers: {}, body: '{}' } as const],
    ['404', { kind: 'answer', status: 404, headers: {}, body: '' } as const],
    ['429', FAULTS.tooMany(5)],
  ])('may say so with %s', async (_, fault) => {
    const { provider, asked, look } = await start('chatgpt');
    provider.faults.arm('openai', 'usage', fault);
    expect(await look()).toMatchObject({ kind: 'untold' });
    expect(await look()).toMatchObject({ kind: 'untold' });
    expect(asked()).toBe(1);
  });

  test.each([
    ['503', FAULTS.unavailable, 'unreachable'],
    ['a network’s own page', FAULTS.gateway, 'network-page'],
    ['a redirect', FAULTS.redirect(302, '/'), 'network-page'],
    ['a broken line', FAULTS.reset, 'unreachable'],
    ['an endless answer', FAULTS.flood, 'unreachable'],
    [
      'nothing that makes sense',
      { kind: 'answer', status: 200, headers: {}, body: '7' } as const,
      'unreachable',
    ],
    ['401', { kind: 'answer', status: 401, headers: {}, body: '{}' } as const, 'service-refused'],
  ])('is asked again after %s', async (_, fault, code) => {
    const { provider, look } = await start('chatgpt');
    provider.faults.arm('openai', 'usage', fault);
    expect(await look()).toMatchObject({ kind: 'unknown', error: { code } });
    expect(await look()).toMatchObject({ kind: 'told' });
  });

  test('is not asked at all where there is nobody to ask', async () => {
    const { context, engine } = await start('chatgpt');
    const { openai } = context.providers;
    const endpoints = { ...openai.endpoints, usageUrl: null };
    const providers = { ...context.providers, openai: { ...openai, endpoints } };
    const [account] = (await engine.status()).accounts;
    if (!account) throw new Error('nobody');
    expect(await usageOf({ ...context, providers }, engine, account, 1)).toEqual({
      kind: 'not-offered',
    });
  });
});

describe('in the app', () => {
  test('the use of a plan is told to who looks', async () => {
    const world = await startWorld();
    const claude = await world.signIn('claude');
    const chatgpt = await world.signIn('chatgpt');
    const { desktop } = openDesktop(world);
    await desktop.refreshState();
    expect(world.provider.journal.requests('openai', 'usage')).toBe(0);
    const usage = desktop.handlers['account:usage'];
    expect(await usage({ account: claude })).toEqual({ windows: null });
    expect(await usage({ account: chatgpt })).toMatchObject({
      windows: [{ used: 42 }, { used: 18 }],
    });
    await expect(usage({ account: '0123456789abcdef' })).rejects.toMatchObject({
      code: 'no-such-login',
    });
  });

  test('nothing is told where nobody knows, and to look renews nothing', async () => {
    const world = await startWorld();
    const account = await world.signIn('chatgpt');
    const { desktop } = openDesktop(world);
    await desktop.refreshState();
    const usage = desktop.handlers['account:usage'];
    world.provider.faults.arm('openai', 'usage', FAULTS.unavailable);
    expect(await usage({ account })).toBeNull();
    world.provider.setUsage('openai', []);
    expect(await usage({ account })).toBeNull();
    world.clock.advance(2 * HOUR);
    await desktop.refreshState();
    expect(await usage({ account })).toBeNull();
    expect(world.provider.journal.requests('openai', 'refresh')).toBe(0);
  });
});
