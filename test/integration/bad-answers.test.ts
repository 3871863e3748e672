import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import type { RefreshReport } from '../../src/core/engine.ts';
import type { BuiltInId } from '../../src/core/grant.ts';
import { startWorld, type World } from '../support/engine.ts';
import { accountFolders, activeTokens, beginLogin, peekaboo } from '../support/look.ts';
import { type Endpoint, FAULTS, type Fault, signInAt } from '../support/provider/index.ts';

const MINUTE = 60_000;
const REQUEST_TIMEOUT = 30_000;

const SERVICES = [
  ['claude', 'anthropic'],
  ['chatgpt', 'openai'],
] as const;

function answer(status: number, body: unknown, headers: Record<string, string> = {}): Fault {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return { kind: 'answer', status, headers, body: text };
}

const PAGE = answer(200, '<!doctype html><title>Free Wi-Fi</title>', {
  'content-type': 'text/html',
});
const HALF = answer(200, '{"access_token":"sk-ant-oat01-abcdefgh', {
  'content-type': 'application/json',
});
const GATEWAY_JSON = answer(401, { error: 'Unauthorized' }, { 'content-type': 'application/json' });

/** Answers that hold no login, and what they are told as. */
const USELESS: readonly (readonly [name: string, fault: Fault, code: string])[] = [
  ['a page of the network', PAGE, 'network-page'],
  ['half a JSON', HALF, 'unreachable'],
  ['an empty 204', FAULTS.empty, 'unreachable'],
  ['10 MB', FAULTS.flood, 'unreachable'],
  ['a list', answer(200, [1, 2]), 'unreachable'],
  ['a token with a newline', answer(200, { access_token: 'ab\ncd' }), 'unreachable'],
  ['a token that is no text', answer(200, { access_token: { a: 1 } }), 'unreachable'],
  ['a redirect', FAULTS.redirect(302, '/openai/oauth/token'), 'network-page'],
  [
    'a redirect that keeps the method',
    FAULTS.redirect(307, '/anthropic/v1/oauth/token'),
    'network-page',
  ],
  ['a gateway’s 401 page', FAULTS.gateway, 'network-page'],
  ['a gateway’s 401 in JSON', GATEWAY_JSON, 'unreachable'],
  ['a 503 page', FAULTS.unavailable, 'unreachable'],
  ['a gateway that gave up', FAULTS.badGateway, 'unreachable'],
  ['a connection that breaks', FAULTS.reset, 'unreachable'],
  ['“too many requests”', FAULTS.tooMany(60), 'asked-to-wait'],
];

/** Lets the time of every request run out that gets no answer, `times` in a row. */
async function letTimeRunOut(
  { provider, clock }: World,
  id: BuiltInId,
  endpoint: Endpoint,
  times: number,
): Promise<void> {
  for (let n = 1; n <= times; n++) {
    while (provider.journal.requests(id, endpoint) < n) await wait(5);
    clock.advance(REQUEST_TIMEOUT);
  }
}

async function forced(world: World, service: string): Promise<RefreshReport | undefined> {
  return (await world.engine.refresh(service, { force: true }))[0];
}

/** The login that was there works, and once nothing is in the way it is renewed. */
async function expectKept(world: World, service: string, before: string): Promise<void> {
  expect((await world.engine.token(service, 0)).accessToken).toBe(before);
  world.provider.faults.clear();
  world.clock.advance(16 * MINUTE);
  expect(await forced(world, service)).toMatchObject({
    how: 'renewed',
    error: null,
    account: { state: 'signed-in', code: null },
  });
  const { accessToken } = await world.engine.token(service, 0);
  expect(await peekaboo(world)).toContain(`_ACCESS_TOKEN=${accessToken}`);
  expect(activeTokens(world)).toHaveLength(1);
}

describe.each(SERVICES)('a renewal of %s that is answered with', (service, id) => {
  test.each(USELESS)('%s keeps the login and heals', async (_, fault, code) => {
    const world = await startWorld();
    await world.signIn(service);
    const { accessToken } = await world.engine.token(service, 0);
    world.provider.faults.outage(true, id, fault);
    const report = await forced(world, service);
    expect(report).toMatchObject({
      how: 'failed',
      error: { code },
      account: { state: 'late', code },
    });
    const endpoints = world.provider.journal.entries.map(({ endpoint }) => endpoint);
    expect(endpoints.filter((each) => each === 'refresh').length).toBeLessThanOrEqual(2);
    await expectKept(world, service, accessToken);
  });

  test('nothing at all keeps the login and heals', async () => {
    const world = await startWorld();
    await world.signIn(service);
    const { accessToken } = await world.engine.token(service, 0);
    world.provider.faults.arm(id, 'refresh', FAULTS.silence, 2);
    const looking = forced(world, service);
    await letTimeRunOut(world, id, 'refresh', 2);
    expect(await looking).toMatchObject({ how: 'failed', account: { code: 'unreachable' } });
    await expectKept(world, service, accessToken);
  });

  test('half of the real answer is told as lost in flight, and served till it ends', async () => {
    const world = await startWorld();
    await world.signIn(service);
    const { accessToken } = await world.engine.token(service, 0);
    world.provider.faults.arm(id, 'refresh', FAULTS.cut);
    expect(await forced(world, service)).toMatchObject({
      how: 'failed',
      account: { state: 'late', code: 'login-lost-in-flight' },
    });
    expect((await world.engine.token(service, 0)).accessToken).toBe(accessToken);
  });

  test('a broken access token beside a good refresh token goes on with that one', async () => {
    const world = await startWorld();
    await world.signIn(service);
    world.provider.faults.arm(id, 'refresh', FAULTS.brokenToken);
    expect(await forced(world, service)).toMatchObject({ how: 'renewed' });
    const spent = world.provider.journal.of(id, 'refresh').map(({ token }) => token);
    expect(new Set(spent).size).toBe(2);
    expect(activeTokens(world)).toHaveLength(1);
  });

  test('a good refresh token once is not forgotten for a useless answer after it', async () => {
    const world = await startWorld();
    await world.signIn(service);
    const { accessToken } = await world.engine.token(service, 0);
    world.provider.faults.arm(id, 'refresh', { kind: 'edit', omit: ['access_token'] });
    world.provider.faults.arm(id, 'refresh', FAULTS.empty);
    expect(await forced(world, service)).toMatchObject({ how: 'failed' });
    await expectKept(world, service, accessToken);
  });

  test('no refresh token keeps the one that is there', async () => {
    const world = await startWorld();
    await world.signIn(service);
    const [kept] = activeTokens(world);
    world.provider.faults.arm(id, 'refresh', answer(200, { access_token: 'x'.repeat(40) }));
    expect(await forced(world, service)).toMatchObject({ how: 'renewed' });
    expect(await peekaboo(world)).toContain(`_REFRESH_TOKEN=${kept}`);
    expect(await forced(world, service)).toMatchObject({ how: 'renewed' });
    expect((await world.engine.status()).accounts).toMatchObject([
      { state: 'signed-in', email: 'anna@example.com' },
    ]);
  });

  test('a JWT that is not one is taken as it is', async () => {
    const world = await startWorld();
    await world.signIn(service);
    const fields = { access_token: 'eyJhbGciOiJub25lIn0.not-base64-json.x', expires_in: 1800 };
    world.provider.faults.arm(id, 'refresh', answer(200, fields));
    const report = await forced(world, service);
    expect(report).toMatchObject({ how: 'renewed', account: { email: 'anna@example.com' } });
    const { expiresAt } = await world.engine.token(service, 0);
    expect(expiresAt - world.clock.now()).toBeGreaterThan(29 * MINUTE);
    expect(expiresAt - world.clock.now()).toBeLessThanOrEqual(30 * MINUTE);
  });

  test('“too many requests” is obeyed, whoever asks', async () => {
    const world = await startWorld();
    await world.signIn(service);
    world.provider.faults.arm(id, 'refresh', FAULTS.tooMany(600));
    expect(await forced(world, service)).toMatchObject({ error: { code: 'asked-to-wait' } });
    world.clock.advance(9 * MINUTE);
    expect(await forced(world, service)).toMatchObject({ how: 'failed' });
    await world.engine.refresh(service, { force: true, byPerson: true });
    expect(world.provider.journal.requests(id, 'refresh')).toBe(1);
    world.clock.advance(MINUTE + 1000);
    expect(await forced(world, service)).toMatchObject({ how: 'renewed' });
  });
});

/** A sign-in whose code exchange meets `fault`; the browser is played too. */
async function badSignIn(world: World, service: string, id: BuiltInId, fault: Fault) {
  world.provider.faults.arm(id, 'exchange', fault);
  const { attempt, waiting } = await beginLogin(world.engine, service);
  const browser = signInAt(waiting.url);
  return { attempt, browser };
}

describe.each(SERVICES)('a sign-in to %s whose code is answered with', (service, id) => {
  test.each(USELESS)('%s leaves nothing, and the next try works', async (_, fault, code) => {
    const world = await startWorld();
    const { attempt, browser } = await badSignIn(world, service, id, fault);
    await expect(attempt.done).rejects.toMatchObject({ code });
    expect(await browser).toMatchObject({ kind: 'callback', status: 200 });
    expect(await accountFolders(world)).toEqual([]);
    expect((await world.engine.status()).accounts).toEqual([]);
    expect(world.provider.journal.requests(id, 'exchange')).toBe(1);
    await world.signIn(service);
  });

  test('nothing at all runs out of time and leaves nothing', async () => {
    const world = await startWorld();
    const { attempt, browser } = await badSignIn(world, service, id, FAULTS.silence);
    await letTimeRunOut(world, id, 'exchange', 1);
    await expect(attempt.done).rejects.toMatchObject({ code: 'unreachable' });
    await browser;
    expect(await accountFolders(world)).toEqual([]);
  });

  test('a broken access token beside a good refresh token is a login all the same', async () => {
    const world = await startWorld();
    const { attempt, browser } = await badSignIn(world, service, id, FAULTS.brokenToken);
    const account = await attempt.done;
    await browser;
    const { accounts } = await world.engine.status();
    expect(accounts).toMatchObject([{ id: account, state: 'waiting', expiresAt: null }]);
    expect((await world.engine.refresh(null))[0]).toMatchObject({
      how: 'renewed',
      account: { state: 'signed-in', email: 'anna@example.com' },
    });
    expect(await peekaboo(world)).toContain(`_REFRESH_TOKEN=${activeTokens(world)[0]}`);
  });

  test('no refresh token works until it ends, and then asks for a new sign-in', async () => {
    const world = await startWorld();
    const { attempt } = await badSignIn(world, service, id, FAULTS.noRefreshToken);
    await attempt.done;
    expect((await world.engine.token(service, 0)).late).toBeNull();
    world.clock.advance(2 * 60 * MINUTE);
    await world.engine.refresh(null);
    expect((await world.engine.status()).accounts).toMatchObject([
      { state: 'sign-in-again', code: 'no-renewal' },
    ]);
    expect(world.provider.journal.requests(id, 'refresh')).toBe(0);
  });

  test('a JWT that is not one is a login without a name', async () => {
    const world = await startWorld();
    const token = { access_token: 'eyJ.nonsense.x', refresh_token: 'r'.repeat(40) };
    const { attempt } = await badSignIn(world, service, id, answer(200, token));
    await attempt.done;
    expect((await world.engine.status()).accounts).toMatchObject([
      { email: null, state: 'signed-in' },
    ]);
  });
});
