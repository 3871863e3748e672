import { readFile, rm, writeFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import type { EngineOptions } from '../../src/core/create.ts';
import { NO_IDENTITY } from '../../src/core/grant.ts';
import { Vault } from '../../src/core/vault/vault.ts';
import { startWorld, type World } from '../support/engine.ts';
import { accountFile, beginLogin, untilIn } from '../support/look.ts';
import { answerJson, type LooseIssuer, startLooseIssuer } from '../support/provider/loose.ts';

const MINUTE = 60_000;
const MISSING = { code: 'provider-missing' };

/** A machine on which one service has the id, and another one that is to get it. */
interface Moving {
  readonly world: World;
  readonly first: LooseIssuer;
  readonly second: LooseIssuer;
}

async function startMoving(options: EngineOptions = {}): Promise<Moving> {
  const world = await startWorld(options);
  const [first, second] = [await startIssuer('first'), await startIssuer('second')];
  await add(world, first);
  return { world, first, second };
}

async function startIssuer(name: string): Promise<LooseIssuer> {
  const service = await startLooseIssuer();
  service.tokens = {
    access_token: `${name}-access`,
    refresh_token: `${name}-refresh`,
    expires_in: 3600,
  };
  service.person = { sub: 'p1', email: 'anna@example.com' };
  return service;
}

async function add({ engine }: World, { issuer }: LooseIssuer, replace = false): Promise<void> {
  await engine.providers.add({ issuer, clientId: 'authbar', id: 'example', replace });
}

/** What a hand, or an Authbar of before, may leave: the id in another service's hands, whoever is signed in. */
async function handOver({ context }: World, from: LooseIssuer, to: LooseIssuer): Promise<void> {
  const path = context.paths.providers;
  const text = await readFile(path, 'utf8');
  await writeFile(path, text.replaceAll(from.issuer, to.issuer));
}

/** A sign-in that is open; `finish` is the browser's way back. */
async function openSignIn({ engine }: World, { issuer }: LooseIssuer) {
  const { attempt, waiting } = await beginLogin(engine, 'example');
  const { searchParams } = new URL(waiting.url);
  const back = new URL(searchParams.get('redirect_uri') ?? '');
  const state = searchParams.get('state') ?? '';
  for (const [name, value] of Object.entries({ code: 'a-code', state, iss: issuer })) {
    back.searchParams.set(name, value);
  }
  const finish = async () => {
    await fetch(back);
    return attempt.done;
  };
  return { attempt, finish };
}

async function signIn(world: World, service: LooseIssuer): Promise<string> {
  const { finish } = await openSignIn(world, service);
  return finish();
}

/** What a service was asked beside its description. */
function asked({ requests }: LooseIssuer): string[] {
  return requests.filter((request) => !request.includes('/.well-known/'));
}

/** Everything that could send a token was tried. */
async function tryAll({ engine, clock }: World): Promise<void> {
  const [report] = await engine.refresh('example', { force: true, byPerson: true });
  expect(report?.error).toMatchObject(MISSING);
  await expect(engine.token('example', 0)).rejects.toMatchObject(MISSING);
  clock.advance(50 * MINUTE);
  await engine.refresh(null);
  const { accounts } = await engine.status();
  expect(accounts).toMatchObject([{ state: 'waiting', renewsAt: null, ...MISSING }]);
}

describe('an answer that another service gave than the one that has the id now', () => {
  test('a sign-in that was open while the id moved brings the new one nothing', async () => {
    const { world, first, second } = await startMoving();
    const { attempt, finish } = await openSignIn(world, first);
    await add(world, second, true);
    await world.engine.status();
    await finish();
    await untilIn(attempt, 'signed-in');
    expect(asked(first)).toEqual(['POST /token']);
    await tryAll(world);
    expect(asked(second)).toEqual([]);
  });

  test('it is no login of the new one’s, and is one again when the old one is back', async () => {
    const { world, first, second } = await startMoving();
    const { finish } = await openSignIn(world, first);
    await add(world, second, true);
    await world.engine.status();
    const id = await finish();
    await tryAll(world);
    const record = await new Vault(world.context).readRecord(id);
    expect(record).toMatchObject({ grant: null, answer: { origin: first.issuer } });
    await handOver(world, second, first);
    await world.engine.refresh('example', { force: true });
    expect((await world.engine.status()).accounts).toMatchObject([
      { id, state: 'signed-in', email: 'anna@example.com', code: null },
    ]);
    expect(asked(second)).toEqual([]);
  });

  test('a renewal that ended while the service was gone stays what it was', async () => {
    let gone = async () => {};
    const step = async (name: string) => (name === 'renewal:before-send' ? gone() : undefined);
    const { world, first, second } = await startMoving({ step });
    await signIn(world, first);
    gone = async () => void (await world.engine.providers.remove('example', true));
    const path = world.context.paths.providers;
    const before = await readFile(path, 'utf8');
    first.tokens = { refresh_token: 'first-later' };
    await world.engine.refresh('example', { force: true });
    gone = async () => {};
    const renewals = asked(first).length;
    await writeFile(path, before.replaceAll(first.issuer, second.issuer));
    await world.engine.status();
    const [report] = await world.engine.refresh('example', { force: true, byPerson: true });
    expect(report?.error).toMatchObject(MISSING);
    expect(asked(second)).toEqual([]);
    await writeFile(path, before);
    await world.engine.status();
    first.tokens = { access_token: 'first-again', expires_in: 3600 };
    await world.engine.refresh('example', { force: true, byPerson: true });
    expect(asked(first)).toHaveLength(renewals + 1);
    expect(first.forms.at(-1)?.get('refresh_token')).toBe('first-later');
  });

  test('half an answer is not renewed at the new one', async () => {
    const { world, first, second } = await startMoving();
    const { finish } = await openSignIn(world, first);
    await add(world, second, true);
    await world.engine.status();
    first.tokens = { access_token: 'first-access', refresh_token: 'first-refresh' };
    const id = await finish();
    await keepAnswer(world, id, { refresh_token: 'first-refresh' }, first.issuer);
    await tryAll(world);
    expect(asked(second)).toEqual([]);
  });
});

/** An answer as a killed process leaves it, before a grant was made of it. */
async function keepAnswer(
  world: World,
  id: string,
  body: object,
  origin: string | undefined,
): Promise<void> {
  const vault = new Vault(world.context);
  const record = await vault.readRecord(id);
  if (!record) throw new Error('no such login');
  const answer = {
    grantId: 'f00d',
    parent: null,
    status: 200,
    body: Buffer.from(JSON.stringify(body)).toString('base64'),
    receivedAt: world.clock.now(),
    serverDate: null,
    ...(origin !== undefined && { origin }),
  };
  await vault.writeRecord({ ...record, grant: null, answer });
}

describe('an answer that was kept before answers said where they are from', () => {
  const body = { access_token: 'kept-access', refresh_token: 'kept-refresh', expires_in: 3600 };

  test('is the built-in service’s', async () => {
    const world = await startWorld();
    const id = await world.signIn('chatgpt');
    await keepAnswer(world, id, body, undefined);
    expect(await world.engine.token('chatgpt', 0)).toMatchObject({ accessToken: 'kept-access' });
  });

  test('is nobody’s where the person added the service', async () => {
    const { world, first } = await startMoving();
    const id = await signIn(world, first);
    const before = asked(first);
    await keepAnswer(world, id, body, undefined);
    const [report] = await world.engine.refresh('example', { force: true });
    expect(report?.error).toMatchObject(MISSING);
    expect(asked(first)).toEqual(before);
  });
});

describe('an id whose service was removed while somebody is signed in', () => {
  async function removed(options: EngineOptions = {}): Promise<Moving & { readonly id: string }> {
    const moving = await startMoving(options);
    const id = await signIn(moving.world, moving.first);
    await moving.world.engine.providers.remove('example', true);
    return { ...moving, id };
  }

  async function expectRefused({ world, second }: Moving): Promise<void> {
    await expect(add(world, second)).rejects.toMatchObject({
      code: 'wrong-use',
      details: { hint: expect.stringContaining('`authbar logout example`') },
    });
    expect(await world.engine.providers.list()).toEqual([]);
    expect(asked(second)).toEqual([]);
  }

  test('goes to no other one, but back to its own', async () => {
    const moving = await removed();
    await expectRefused(moving);
    await add(moving.world, moving.first);
    expect((await moving.world.engine.status()).accounts).toMatchObject([{ state: 'signed-in' }]);
  });

  test('goes to no other one while an answer is all there is of the login', async () => {
    const moving = await removed();
    const body = { refresh_token: 'first-refresh' };
    await keepAnswer(moving.world, moving.id, body, moving.first.issuer);
    await expectRefused(moving);
    await add(moving.world, moving.first);
  });

  test('goes to no other one when nothing shows the login', async () => {
    const moving = await removed();
    await rm(accountFile(moving.world, moving.id, 'view.json'));
    await expectRefused(moving);
  });

  test.each([
    ['its own', 'first'],
    ['another', 'second'],
  ] as const)('goes to nobody while the login cannot be read: %s', async (_, which) => {
    const moving = await removed();
    await writeFile(accountFile(moving.world, moving.id, 'grant'), 'no login');
    const failed = add(moving.world, moving[which]);
    await expect(failed).rejects.toMatchObject({ code: 'wrong-use' });
    await moving.world.engine.logout('example');
    await add(moving.world, moving.second);
  });

  test('a login that came while the description was read counts', async () => {
    const { world, first, second } = await startMoving();
    const { finish } = await openSignIn(world, first);
    const { description } = second;
    second.description = (res) => void finish().then(() => answerJson(res, description));
    await expect(add(world, second, true)).rejects.toMatchObject({ code: 'wrong-use' });
    expect(await world.engine.providers.list()).toMatchObject([{ issuer: first.issuer }]);
  });
});

describe('a login in the hands of an id that another service has', () => {
  async function moved(): Promise<Moving & { readonly id: string }> {
    const moving = await startMoving();
    const id = await signIn(moving.world, moving.first);
    await handOver(moving.world, moving.first, moving.second);
    await moving.world.engine.status();
    return { ...moving, id };
  }

  test('is handed to no program, though it works', async () => {
    const { world, second } = await moved();
    expect((await world.engine.status()).accounts).toMatchObject([{ state: 'late', ...MISSING }]);
    await expect(world.engine.token('example', 0)).rejects.toMatchObject(MISSING);
    await expect(world.engine.token('example', 5 * MINUTE)).rejects.toMatchObject(MISSING);
    world.clock.advance(58 * MINUTE);
    await expect(world.engine.token('example', 5 * MINUTE)).rejects.toMatchObject(MISSING);
    expect(asked(second)).toEqual([]);
  });

  test('is not asked about whose it is', async () => {
    const { world, second, id } = await moved();
    const vault = new Vault(world.context);
    const record = await vault.readRecord(id);
    if (!record) throw new Error('no such login');
    for (const estranged of [false, true]) {
      await vault.writeRecord({ ...record, identity: NO_IDENTITY, estranged });
      await world.engine.refresh('example', { byPerson: true });
      expect(asked(second)).toEqual([]);
    }
  });

  test('is ended nowhere', async () => {
    const { world, second } = await moved();
    expect(await world.engine.logout('example')).toMatchObject({ revoked: false, unended: true });
    expect(asked(second)).toEqual([]);
  });
});
