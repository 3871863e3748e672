import { chmod, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { BuiltInId } from '../../src/core/grant.ts';
import { timeClaim } from '../../src/core/oauth/jwt.ts';
import type { Step } from '../../src/core/ports.ts';
import { Vault } from '../../src/core/vault/vault.ts';
import { startWorld, type World } from '../support/engine.ts';
import { activeTokens } from '../support/look.ts';
import { FAULTS } from '../support/provider/index.ts';
import { rawRefresh, rawSignIn } from '../support/provider/raw-client.ts';
import {
  change,
  install,
  putThere,
  renewThere,
  type ToolId,
  tokensIn,
  toolFile,
  toolsFor,
} from '../support/tools.ts';

const HOUR = 60 * 60_000;
const SERVICES = { anthropic: 'claude', openai: 'chatgpt' } as const;
const ALL = (Object.keys(SERVICES) as BuiltInId[]).flatMap((provider) =>
  toolsFor(provider)
    .filter((tool) => tool !== 'opencode')
    .map((tool) => [tool, provider] as const),
);
/** All of them in the large suite; else every other one. */
const CASES = ALL.filter((_, at) => at % 2 === 0 || process.env.AUTHBAR_LONG === '1');

/** A machine with every tool on it, signed in to one service. */
async function signedIn(provider: BuiltInId, person?: string): Promise<World> {
  const world = await startWorld();
  await install(world, ...toolsFor(provider));
  await world.signIn(SERVICES[provider], person);
  world.clock.hurry(2000);
  return world;
}

async function stateOf(world: World, tool: ToolId): Promise<unknown> {
  const view = (await world.engine.targets()).find(({ target }) => target === tool);
  return view?.entries.map(({ state }) => state);
}

/** Every tool has the vault's access token, and the refresh token that would work now, if it gets one. */
async function expectInStep(world: World, provider: BuiltInId): Promise<void> {
  const { accessToken } = await world.engine.token(SERVICES[provider], 0);
  const working = activeTokens(world);
  for (const tool of toolsFor(provider)) {
    const tokens = await tokensIn(world, tool, provider);
    expect(tokens?.access, tool).toBe(accessToken);
    if (tool === 'opencode') expect(tokens?.refresh).toBe('');
    else expect(working, tool).toContain(tokens?.refresh);
  }
}

/** The tool signs in by itself while our renewal is on its way. Returns the refresh token that it gets. */
async function signInWhileRenewed(
  world: World,
  tool: ToolId,
  provider: BuiltInId,
): Promise<string> {
  let theirs = '';
  const step = async (name: Step) => {
    if (name !== 'renewal:answered') return;
    const tokens = await rawSignIn(world.provider, provider);
    theirs = tokens.refresh_token;
    await putThere(world, tool, provider, tokens);
  };
  const { engine } = await world.another({ step });
  await engine.refresh(null, { force: true });
  await world.engine.refresh(null);
  return theirs;
}

async function refreshTokenOf({ context }: World): Promise<string> {
  const vault = new Vault(context);
  const [id = ''] = await vault.ids();
  return (await vault.readRecord(id))?.grant?.refreshToken ?? '';
}

/** Of the two logins that are alive the one that the vault does not use. */
async function other(world: World, theirs: string): Promise<string> {
  const own = await refreshTokenOf(world);
  const others = world.provider.tokens.filter(
    (token) => token !== own && world.provider.active(token),
  );
  expect(others).toHaveLength(1);
  expect([own, ...others]).toContain(theirs);
  return others[0] ?? '';
}

test.each(Object.keys(SERVICES) as BuiltInId[])(
  'a sign-in to %s reaches every tool',
  async (id) => {
    const world = await signedIn(id);
    await expectInStep(world, id);
    await world.engine.refresh(null, { force: true });
    await expectInStep(world, id);
  },
);

describe.each(CASES)('%s with a login of %s', (tool, provider) => {
  const service = SERVICES[provider];

  test('that it renewed by itself hands it to us and to every other tool', async () => {
    const world = await signedIn(provider);
    const theirs = await renewThere(world, tool, provider);
    expect(await stateOf(world, tool)).toEqual(['changed']);
    const before = world.provider.journal.requests(provider, 'refresh');
    expect(await world.engine.refresh(null)).toMatchObject([{ how: 'adopted', error: null }]);
    expect(world.provider.journal.requests(provider, 'refresh')).toBe(before);
    expect((await world.engine.token(service, 0)).accessToken).toBe(theirs.access_token);
    await expectInStep(world, provider);
    expect(await world.engine.refresh(null, { force: true })).toMatchObject([{ how: 'renewed' }]);
    await expectInStep(world, provider);
  });

  test('that is somebody else’s keeps it, and we keep ours', async () => {
    const world = await signedIn(provider, 'anna');
    await putThere(
      world,
      tool,
      provider,
      await rawSignIn(world.provider, provider, { person: 'ben' }),
    );
    const theirs = await readFile(toolFile(world, tool), 'utf8');
    await world.engine.refresh(null, { force: true });
    expect(await readFile(toolFile(world, tool), 'utf8')).toBe(theirs);
    const [account] = (await world.engine.status()).accounts;
    expect(account).toMatchObject({ email: 'anna@example.com', state: 'signed-in' });
  });

  test('that went back to an older one is brought up to date', async () => {
    const world = await signedIn(provider);
    const old = await readFile(toolFile(world, tool), 'utf8');
    for (let n = 0; n < 3; n += 1) await world.engine.refresh(null, { force: true });
    await writeFile(toolFile(world, tool), old);
    await world.engine.refresh(null);
    await expectInStep(world, provider);
  });

  test('that it had before us gives way to the newer one, and is kept', async () => {
    const world = await startWorld();
    await install(world, ...toolsFor(provider));
    const theirs = await rawSignIn(world.provider, provider);
    world.clock.advance(2000);
    await putThere(world, tool, provider, theirs);
    world.clock.advance(2000);
    await world.signIn(service);
    await expectInStep(world, provider);
    expect(await world.provider.active(theirs.refresh_token)).toBe(true);
  });

  test('that got one of its own while ours was renewed: the other is kept, for when that ends', async () => {
    const world = await signedIn(provider);
    const theirs = await signInWhileRenewed(world, tool, provider);
    await expectInStep(world, provider);
    const spare = await other(world, theirs);
    world.provider.revokeFamily(provider, await refreshTokenOf(world));
    await world.engine.refresh(null, { force: true });
    expect((await world.engine.status()).accounts).toMatchObject([{ state: 'signed-in' }]);
    expect(world.provider.active(spare)).toBe(false);
    await expectInStep(world, provider);
  });

  test('that got one of its own: ours is lost in flight, and an end of the other does not hide it', async () => {
    const world = await signedIn(provider);
    const theirs = await signInWhileRenewed(world, tool, provider);
    world.provider.revokeFamily(provider, await other(world, theirs));
    const { accessToken } = await world.engine.token(service, 0);
    world.provider.faults.arm(provider, 'refresh', FAULTS.answerLost);
    const [report] = await world.engine.refresh(null, { force: true });
    expect(report?.account).toMatchObject({ state: 'late', code: 'login-lost-in-flight' });
    expect((await world.engine.token(service, 0)).accessToken).toBe(accessToken);
  });

  test('that the person signed out of there stays out, and ours is made sure of', async () => {
    const world = await signedIn(provider);
    const refresh = (await tokensIn(world, tool, provider))?.refresh ?? '';
    await rm(toolFile(world, tool));
    world.clock.advance(60_000);
    expect(await world.engine.refresh(null)).toMatchObject([{ how: 'renewed' }]);
    expect(world.provider.active(refresh)).toBe(false);
    expect(await tokensIn(world, tool, provider)).toBeNull();
    const before = world.provider.journal.requests(provider, 'refresh');
    await world.engine.refresh(null);
    expect(world.provider.journal.requests(provider, 'refresh')).toBe(before);
    expect(await stateOf(world, tool)).toEqual(['empty']);
    await world.signIn(service);
    await expectInStep(world, provider);
  });

  test('that ended because the tool’s sign-out ended it at the service is told as ended', async () => {
    const world = await signedIn(provider);
    const refresh = (await tokensIn(world, tool, provider))?.refresh ?? '';
    await rm(toolFile(world, tool));
    world.provider.revokeFamily(provider, refresh);
    world.clock.advance(60_000);
    expect(await world.engine.refresh(null)).toMatchObject([{ how: 'failed' }]);
    const [account] = (await world.engine.status()).accounts;
    expect(account).toMatchObject({ state: 'sign-in-again' });
  });

  test('that it blanked after a lost race is written again', async () => {
    const world = await signedIn(provider);
    await change(world, tool, provider, (entry) => {
      for (const key of Object.keys(entry)) if (/^access/.test(key)) entry[key] = '';
    });
    world.clock.advance(60_000);
    await world.engine.refresh(null);
    await expectInStep(world, provider);
  });
});

describe('a tool that was the only one to renew while Authbar was off', () => {
  test.each(['pi', 'synaps', 'claude-code'] as const)(
    '%s still gives its login back when its access token has run out',
    async (tool) => {
      const world = await signedIn('anthropic');
      await renewThere(world, tool, 'anthropic');
      world.clock.advance(9 * HOUR);
      world.provider.setClock(9 * HOUR);
      expect(await world.engine.refresh(null)).toMatchObject([{ error: null }]);
      await expectInStep(world, 'anthropic');
      expect((await world.engine.status()).accounts).toMatchObject([{ state: 'signed-in' }]);
    },
  );

  test('and whose login is somebody else’s keeps it', async () => {
    const world = await signedIn('anthropic', 'anna');
    const ben = await rawSignIn(world.provider, 'anthropic', { person: 'ben' });
    await putThere(world, 'pi', 'anthropic', ben);
    const ours = (await tokensIn(world, 'claude-code', 'anthropic'))?.refresh ?? '';
    world.provider.revokeFamily('anthropic', ours);
    world.clock.advance(9 * HOUR);
    world.provider.setClock(9 * HOUR);
    await world.engine.refresh(null);
    const [account] = (await world.engine.status()).accounts;
    expect(account).toMatchObject({ email: 'anna@example.com', state: 'sign-in-again' });
    const left = (await tokensIn(world, 'pi', 'anthropic'))?.refresh ?? '';
    expect(world.provider.active(left)).toBe(true);
    const answer = await rawRefresh(world.provider, 'anthropic', left);
    expect(answer.status).toBe(200);
  });
});

test('a rescue that cannot hand a stranger’s login back keeps both, and is finished later', async () => {
  const world = await signedIn('anthropic', 'anna');
  const ben = await rawSignIn(world.provider, 'anthropic', { person: 'ben' });
  await putThere(world, 'pi', 'anthropic', ben);
  world.clock.advance(9 * HOUR);
  world.provider.setClock(9 * HOUR);
  await chmod(toolFile(world, 'pi'), 0o400);
  await world.engine.refresh(null);
  expect(activeTokens(world)).toHaveLength(2);
  await chmod(toolFile(world, 'pi'), 0o600);
  await world.engine.refresh(null, { force: true });
  await world.engine.refresh(null, { force: true });
  const [account] = (await world.engine.status()).accounts;
  expect(account).toMatchObject({ email: 'anna@example.com', state: 'signed-in' });
  const working = activeTokens(world);
  expect(working).toHaveLength(2);
  expect(working).toContain((await tokensIn(world, 'pi', 'anthropic'))?.refresh);
  expect(working).toContain((await tokensIn(world, 'claude-code', 'anthropic'))?.refresh);
});

test('a tool that is told to look elsewhere has not signed out', async () => {
  const world = await signedIn('openai');
  const elsewhere = join(world.userHome, 'work');
  await mkdir(elsewhere);
  const { engine } = await world.another({ env: { ...world.env, CODEX_HOME: elsewhere } });
  const before = world.provider.journal.requests('openai', 'refresh');
  world.clock.advance(60_000);
  await engine.refresh(null);
  await world.engine.refresh(null);
  expect(world.provider.journal.requests('openai', 'refresh')).toBe(before);
  const { accessToken } = await engine.token('chatgpt', 0);
  expect(await readFile(join(elsewhere, 'auth.json'), 'utf8')).toContain(accessToken);
  await expectInStep(world, 'openai');
});

test('the end of an adopted login is told by this machine’s clock, not by the service’s', async () => {
  const world = await startWorld();
  await install(world, 'codex');
  world.provider.setClock(-30 * 60_000);
  await world.signIn('chatgpt');
  world.clock.advance(60_000);
  await renewThere(world, 'codex', 'openai');
  await world.engine.refresh(null);
  const [account] = (await world.engine.status()).accounts;
  const left = (account?.expiresAt ?? 0) - world.clock.now();
  expect(left).toBeGreaterThan(50 * 60_000);
  expect(left).toBeLessThanOrEqual(60 * 60_000);
});

test('a tool that renews twice in a second, while an adoption is broken off, has the newer one', async () => {
  const world = await signedIn('openai');
  const first = await renewThere(world, 'pi', 'openai');
  const { engine: killed } = await world.another({
    step: async (step) => {
      if (step !== 'grant:durable') return;
      // The service's clock stands still, so that its `iat` is the same.
      const iat = timeClaim(first.access_token, 'iat') ?? 0;
      world.provider.setClock((iat - Math.floor(Date.now() / 1000)) * 1000);
      await renewThere(world, 'pi', 'openai');
      throw new Error('killed before it was noted where the login came from');
    },
  });
  await killed.refresh(null);
  await world.engine.refresh(null);
  await expectInStep(world, 'openai');
  const reports = await world.engine.refresh(null, { force: true });
  expect(reports).toMatchObject([{ how: 'renewed', account: { state: 'signed-in' } }]);
});

test('an unproven login holds a renewal back until the end is near', async () => {
  const world = await signedIn('anthropic');
  await change(world, 'pi', 'anthropic', (entry) => {
    entry.access = 'sk-ant-oat-nobody-knows';
    entry.refresh = 'sk-ant-ort-nobody-knows';
  });
  const theirs = await readFile(toolFile(world, 'pi'), 'utf8');
  const before = world.provider.journal.requests('anthropic', 'refresh');
  world.clock.advance(50 * 60_000);
  world.provider.setClock(50 * 60_000);
  await world.engine.refresh(null);
  expect(world.provider.journal.requests('anthropic', 'refresh')).toBe(before);
  world.clock.advance(6 * 60_000);
  world.provider.setClock(56 * 60_000);
  await world.engine.refresh(null);
  // First theirs, for ours would be a replay if it was theirs; then ours.
  expect(world.provider.journal.requests('anthropic', 'refresh')).toBe(before + 2);
  expect((await world.engine.status()).accounts).toMatchObject([{ state: 'signed-in' }]);
  expect(await readFile(toolFile(world, 'pi'), 'utf8')).toBe(theirs);
});
