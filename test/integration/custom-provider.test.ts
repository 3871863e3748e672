import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Check } from '../../src/core/check.ts';
import { readHistory } from '../../src/core/history.ts';
import { loginCheckable, sourceOf } from '../../src/core/login-check.ts';
import type { AddRequest } from '../../src/core/providers/add-custom.ts';
import { hasCode } from '../../src/shared/errors.ts';
import { startWorld, type World } from '../support/engine.ts';
import {
  type PlainIssuer,
  type PlainOptions,
  startPlainIssuer,
} from '../support/provider/plain.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** A machine, and a service that nobody here has heard of. */
async function startBoth(
  options: PlainOptions = {},
): Promise<{ readonly world: World; readonly service: PlainIssuer; add(): Promise<void> }> {
  const world = await startWorld();
  const service = await startPlainIssuer(options);
  onTestFinished(() => service.close());
  const add = async () => void (await world.engine.providers.add(requestFor(service)));
  return { world, service, add };
}

function requestFor(service: PlainIssuer, more: Partial<AddRequest> = {}): AddRequest {
  const { issuer, clientId } = service;
  return { issuer, clientId, id: 'example', name: 'Example', replace: false, ...more };
}

async function viewOf({ engine }: World) {
  const { accounts } = await engine.status();
  return accounts.find(({ provider }) => provider.startsWith('custom-'));
}

describe('a service that was added by its address', () => {
  test('signs in, is renewed with rotation, and is ended where it came from', async () => {
    const { world, service, add } = await startBoth();
    await add();
    const id = await world.signIn('example', 'anna');
    expect(await viewOf(world)).toMatchObject({
      id,
      provider: 'custom-example',
      email: 'anna@example.com',
      state: 'signed-in',
      code: null,
      inUse: true,
    });
    const first = await world.engine.token('example', 5 * MINUTE);
    world.clock.advance(50 * MINUTE);
    expect(await world.engine.refresh(null)).toMatchObject([{ how: 'renewed', error: null }]);
    const second = await world.engine.token('custom-example', 5 * MINUTE);
    expect(second.accessToken).not.toBe(first.accessToken);
    const report = await world.engine.logout('example');
    expect(report).toMatchObject({ revoked: true, unended: false });
    expect(service.requests).toContain('POST /token/revocation');
    expect(await viewOf(world)).toBeUndefined();
  });

  test('works with an issuer that has a path', async () => {
    const { world, add } = await startBoth({ path: '/tenant' });
    await add();
    await world.signIn('example', 'ben');
    expect(await viewOf(world)).toMatchObject({ email: 'ben@example.com', state: 'signed-in' });
  });

  test('gives its tokens to no file and to no keychain', async () => {
    const { world, add } = await startBoth();
    await add();
    await world.signIn('example');
    const { accessToken } = await world.engine.token('example', 0);
    const targets = await world.engine.targets();
    expect(targets.flatMap(({ entries }) => entries)).toEqual([]);
    const files = await readdir(world.userHome, { recursive: true, withFileTypes: true });
    for (const file of files.filter((each) => each.isFile())) {
      const text = await readFile(join(file.parentPath, file.name), 'latin1');
      expect(text, file.name).not.toContain(accessToken);
    }
  });

  test('is over when the service says so, and only then', async () => {
    const { world, service, add } = await startBoth();
    await add();
    await world.signIn('example');
    service.revokeAll();
    await world.engine.refresh('example', { force: true });
    expect(await viewOf(world)).toMatchObject({ state: 'sign-in-again', code: 'login-ended' });
    await world.signIn('example');
    expect(await viewOf(world)).toMatchObject({ state: 'signed-in', code: null });
    expect((await world.engine.status()).accounts).toHaveLength(1);
  });

  test('keeps a refresh token that never changes', async () => {
    const { world, add } = await startBoth({ renewals: 'kept' });
    await add();
    await world.signIn('example');
    for (let round = 0; round < 3; round += 1) {
      world.clock.advance(50 * MINUTE);
      expect(await world.engine.refresh(null)).toMatchObject([{ how: 'renewed' }]);
    }
    expect(await viewOf(world)).toMatchObject({ state: 'signed-in', code: null });
  });

  test('with no refresh token the login works to its end, and then says why it is over', async () => {
    const { world, service, add } = await startBoth({ renewals: 'none' });
    await add();
    await world.signIn('example');
    const view = await viewOf(world);
    expect(view).toMatchObject({ state: 'signed-in', renewsAt: null, signInBy: view?.expiresAt });
    const asked = service.requests.length;
    const forced = await world.engine.refresh('example', { force: true });
    expect(forced).toMatchObject([{ how: 'not-needed', error: null }]);
    expect(service.requests).toHaveLength(asked);
    world.clock.advance(HOUR);
    expect(await viewOf(world)).toMatchObject({ state: 'sign-in-again', code: 'no-renewal' });
    expect(await world.engine.refresh(null)).toMatchObject([{ error: { code: 'no-renewal' } }]);
    expect(await readHistory(world.context, [view?.id ?? ''])).toMatchObject([
      { event: 'renewal-failed', code: 'no-renewal' },
      { event: 'signed-in' },
    ]);
    await expect(world.engine.token('example', 0)).rejects.toMatchObject({ code: 'no-renewal' });
    expect(await viewOf(world)).toMatchObject({ state: 'sign-in-again', renewsAt: null });
    const report = await world.engine.logout('example');
    expect(report).toMatchObject({ revoked: false, unended: false });
  });
});

describe('a check of a login that cannot be renewed', () => {
  async function checked(world: World): Promise<Check> {
    const view = await viewOf(world);
    if (!view) throw new Error('nobody is signed in there');
    return loginCheckable(world.context, sourceOf(world.engine), view).check(10_000);
  }

  test('is refused where the service does not accept it any more', async () => {
    const { world, service, add } = await startBoth({ renewals: 'none' });
    await add();
    await world.signIn('example');
    expect(await checked(world)).toMatchObject({ result: 'works' });
    service.refuseTokens();
    expect(await checked(world)).toMatchObject({
      result: 'refused',
      error: { code: 'login-ended' },
      asked: { status: 401 },
    });
  });

  test('claims nothing where there is nobody to ask', async () => {
    const { world, service, add } = await startBoth({ renewals: 'none' });
    await add();
    await world.signIn('example');
    const file = world.context.paths.providers;
    const text = await readFile(file, 'utf8');
    await writeFile(file, text.replace(/"userinfo": ?"[^"]*"/, '"userinfo":null'));
    await service.close();
    expect(await checked(world)).toEqual({ result: 'unasked', error: null, asked: null });
  });
});

test('a service that was added does not say what the time is', async () => {
  const { world, add } = await startBoth();
  world.clock.advance(7 * HOUR);
  await add();
  expect(world.context.serviceClock.off).toBeNull();
});

describe('what was fixed when the service was added', () => {
  test('is in a private file, with what a newer version keeps beside it', async () => {
    const { world, service, add } = await startBoth();
    await add();
    const path = world.context.paths.providers;
    if (process.platform !== 'win32') expect((await stat(path)).mode & 0o777).toBe(0o600);
    const file = JSON.parse(await readFile(path, 'utf8'));
    const provider = { ...file.providers[0], colour: 'blue' };
    await writeFile(path, JSON.stringify({ ...file, later: 1, providers: [provider] }));
    await world.engine.providers.add(requestFor(service, { id: 'second', name: 'Second' }));
    const after = JSON.parse(await readFile(path, 'utf8'));
    expect(after).toMatchObject({
      later: 1,
      providers: [{ colour: 'blue' }, { id: 'custom-second' }],
    });
  });

  test('an engine that runs already sees it at its next look', async () => {
    const { world, add } = await startBoth();
    const other = await world.another();
    await add();
    await other.engine.status();
    expect(Object.keys(other.context.providers)).toContain('custom-example');
  });

  test('a damaged file is told, stays where it is, and costs no login', async () => {
    const { world, service, add } = await startBoth();
    await add();
    await world.signIn('example');
    const path = world.context.paths.providers;
    const whole = await readFile(path);
    await writeFile(path, '{"schema":1,"providers":[{');
    const { engine } = await world.another();
    const damaged = { code: 'providers-damaged', details: { path } };
    await expect(engine.providers.list()).rejects.toMatchObject(damaged);
    await expect(engine.providers.add(requestFor(service))).rejects.toMatchObject(damaged);
    const [view] = (await engine.status()).accounts;
    expect(view).toMatchObject({ state: 'late', code: 'provider-missing', renewsAt: null });
    expect(await readFile(path, 'utf8')).toBe('{"schema":1,"providers":[{');
    await writeFile(path, whole);
    expect((await engine.status()).accounts).toMatchObject([{ state: 'signed-in', code: null }]);
    expect(await engine.refresh('example', { force: true })).toMatchObject([{ how: 'renewed' }]);
  });

  test.each([
    ['http, not on this computer', { issuer: 'http://login.example.com' }],
    [
      'a token endpoint elsewhere',
      {
        endpoints: {
          authorize: 'https://a.example.com/authorize',
          token: 'https://b.example.com/token',
          revoke: null,
          userinfo: null,
        },
      },
    ],
    ['an id that is built in', { id: 'openai' }],
  ])('a file that was edited is refused: %s', async (_, change) => {
    const { world, add } = await startBoth();
    await add();
    const path = world.context.paths.providers;
    const file = JSON.parse(await readFile(path, 'utf8'));
    const provider = { ...file.providers[0], ...change };
    await writeFile(path, JSON.stringify({ ...file, providers: [provider] }));
    const error = await world.engine.providers.list().catch((thrown) => thrown);
    expect(hasCode(error, 'providers-damaged')).toBe(true);
  });
});

describe('a service that was removed while somebody is signed in', () => {
  test('is not removed without a second word', async () => {
    const { world, add } = await startBoth();
    await add();
    await world.signIn('example');
    await expect(world.engine.providers.remove('example', false)).rejects.toMatchObject({
      code: 'wrong-use',
    });
    expect(await world.engine.providers.list()).toHaveLength(1);
  });

  test('its login is shown, not renewed, and can be signed out', async () => {
    const { world, service, add } = await startBoth();
    await add();
    await world.signIn('example');
    await world.engine.providers.remove('example', true);
    expect(await viewOf(world)).toMatchObject({ state: 'late', code: 'provider-missing' });
    const asked = service.requests.length;
    world.clock.advance(50 * MINUTE);
    expect(await world.engine.refresh(null)).toMatchObject([{ how: 'not-needed' }]);
    world.clock.advance(HOUR);
    expect(await viewOf(world)).toMatchObject({ state: 'waiting', code: 'provider-missing' });
    const missing = { code: 'provider-missing' };
    await expect(world.engine.token('example', 0)).rejects.toMatchObject(missing);
    expect(() => world.engine.login('custom-example')).toThrowError(
      expect.objectContaining(missing),
    );
    expect(service.requests).toHaveLength(asked);
    const report = await world.engine.logout('example');
    expect(report).toMatchObject({ revoked: false, unended: true });
    expect(await viewOf(world)).toBeUndefined();
  });

  test('its login goes on when the service is added again', async () => {
    const { world, add } = await startBoth();
    await add();
    await world.signIn('example');
    await world.engine.providers.remove('example', true);
    await add();
    expect(await viewOf(world)).toMatchObject({ state: 'signed-in', code: null });
    expect(await world.engine.refresh(null, { force: true })).toMatchObject([{ how: 'renewed' }]);
  });
});
