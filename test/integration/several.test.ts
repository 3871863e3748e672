import { readFile, writeFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { nodeClock, nodeFiles } from '../../src/core/files/node-files.ts';
import type { BuiltInId } from '../../src/core/grant.ts';
import { piLock } from '../../src/core/targets/locks.ts';
import { openAccount } from '../../src/core/vault/account.ts';
import { Vault } from '../../src/core/vault/vault.ts';
import type { ChildTask } from '../support/children/engine-child.ts';
import { startChild, untilItEnds } from '../support/children/run-child.ts';
import { startWorld, type World } from '../support/engine.ts';
import { peekaboo } from '../support/look.ts';
import { FAULTS } from '../support/provider/index.ts';
import { type RawTokens, rawRefresh } from '../support/provider/raw-client.ts';
import {
  install,
  putThere,
  removeThere,
  renewThere,
  SERVICES,
  SOME_HOMES,
  type ToolId,
  tokensIn,
  toolFile,
  toolsFor,
} from '../support/tools.ts';

const HOUR = 60 * 60_000;

/** A machine with every tool of a service on it, and two people signed in; anna’s login is in use. */
async function twoOf(provider: BuiltInId) {
  const world = await startWorld();
  await install(world, ...toolsFor(provider));
  const anna = await world.signIn(SERVICES[provider], 'anna');
  const ben = await world.signIn(SERVICES[provider], 'ben');
  world.clock.hurry(2000);
  return { world, anna, ben };
}

async function grantOf({ context }: World, id: string) {
  const { grant } = (await openAccount(context, new Vault(context), id)).record;
  if (!grant) throw new Error('no grant');
  return grant;
}

/** Every tool, or these, hold the login of `id`, and the vault’s refresh token works. */
async function expectGiven(
  world: World,
  provider: BuiltInId,
  id: string,
  tools: readonly ToolId[] = toolsFor(provider),
): Promise<void> {
  const { accessToken, refreshToken } = await grantOf(world, id);
  expect(world.provider.active(refreshToken ?? ''), 'the vault’s login is good').toBe(true);
  for (const tool of tools) {
    const refresh = tool === 'opencode' ? '' : refreshToken;
    expect(await tokensIn(world, tool, provider), tool).toEqual({ access: accessToken, refresh });
  }
}

async function inUse({ engine }: World): Promise<string[]> {
  return (await engine.status()).accounts.filter(({ inUse }) => inUse).map(({ id }) => id);
}

describe.each(['anthropic', 'openai'] as const)('with two %s logins', (provider) => {
  const service = SERVICES[provider];

  test('the tools get the one that is chosen, and back, and nothing is ended', async () => {
    const { world, anna, ben } = await twoOf(provider);
    await expectGiven(world, provider, anna);
    for (const [chosen, other] of [
      [ben, anna],
      [anna, ben],
      [ben, anna],
    ] as const) {
      expect(await world.engine.use(chosen, null)).toMatchObject({ error: null });
      expect(await inUse(world)).toEqual([chosen]);
      await expectGiven(world, provider, chosen);
      const { accessToken } = await world.engine.token(service, 0);
      expect(accessToken).toBe((await grantOf(world, chosen)).accessToken);
      expect(await peekaboo(world)).toContain(accessToken);
      const standby = await grantOf(world, other);
      expect(world.provider.active(standby.refreshToken ?? '')).toBe(true);
    }
    const revoked = world.provider.journal.entries.filter(({ endpoint }) => endpoint === 'revoke');
    expect(revoked).toEqual([]);
  });

  test('both are renewed, whichever is in use', async () => {
    const { world, anna, ben } = await twoOf(provider);
    await world.engine.use(ben, null);
    const before = await grantOf(world, anna);
    world.clock.advance(8 * HOUR);
    world.provider.setClock(world.clock.now() - Date.now());
    const reports = await world.engine.refresh(null, { force: true });
    expect(reports.map(({ how }) => how)).toEqual(['renewed', 'renewed']);
    expect((await grantOf(world, anna)).accessToken).not.toBe(before.accessToken);
    await expectGiven(world, provider, ben);
  });
});

const RENEWING = SOME_HOMES.filter(([tool]) => tool !== 'opencode');

describe.each(RENEWING)('what %s renewed by itself', (tool, provider) => {
  test('a moment before the switch becomes the old account’s, and it has the new one', async () => {
    const { world, anna, ben } = await twoOf(provider);
    const tokens = await renewThere(world, tool, provider);
    await world.engine.use(ben, null);
    expect((await grantOf(world, anna)).refreshToken).toBe(tokens.refresh_token);
    expect((await grantOf(world, ben)).refreshToken).not.toBe(tokens.refresh_token);
    await expectGiven(world, provider, ben);
    // And the other way, at once.
    const bens = await renewThere(world, tool, provider);
    await world.engine.use(anna, null);
    expect((await grantOf(world, ben)).refreshToken).toBe(bens.refresh_token);
    await expectGiven(world, provider, anna);
  });

  test('after the switch, from what it had in memory, becomes the old account’s', async () => {
    const { world, anna, ben } = await twoOf(provider);
    for (const [chosen, old] of [
      [ben, anna],
      [anna, ben],
    ] as const) {
      const memory = (await tokensIn(world, tool, provider))?.refresh ?? '';
      await world.engine.use(chosen, null);
      const tokens = await renewed(world, provider, memory);
      await putThere(world, tool, provider, tokens);
      // The first look may find it before the old account’s turn.
      for (let n = 0; n < 2; n += 1) await world.engine.refresh(null);
      expect((await grantOf(world, old)).refreshToken).toBe(tokens.refresh_token);
      await expectGiven(world, provider, chosen);
      await expectGiven(world, provider, old, []);
    }
  });

  test('while nobody could be asked is kept for its account', async () => {
    const { world, anna, ben } = await twoOf(provider);
    const memory = (await tokensIn(world, tool, provider))?.refresh ?? '';
    await world.engine.use(ben, null);
    const tokens = await renewed(world, provider, memory);
    await putThere(world, tool, provider, tokens);
    // Its access token has run out when we come back, and so have ours.
    world.clock.advance(9 * HOUR);
    world.provider.setClock(world.clock.now() - Date.now());
    for (let n = 0; n < 3; n += 1) await world.engine.refresh(null);
    await expectGiven(world, provider, ben);
    await expectGiven(world, provider, anna, []);
  });
});

async function renewed(world: World, provider: BuiltInId, refresh: string): Promise<RawTokens> {
  const answer = await rawRefresh(world.provider, provider, refresh);
  expect(answer.status).toBe(200);
  return (await answer.json()) as RawTokens;
}

test('what was chosen of a login whose owner was not known yet holds once it is', async () => {
  const { world, anna, ben } = await twoOf('anthropic');
  world.provider.faults.arm('anthropic', 'profile', FAULTS.unavailable);
  const unnamed = await world.signIn('claude', 'ben');
  expect([anna, ben]).not.toContain(unnamed);
  await world.engine.rename(unnamed, 'At work');
  await world.engine.use(unnamed, null);
  for (let n = 0; n < 3; n += 1) {
    world.clock.advance(HOUR / 2);
    await world.engine.refresh(null, { byPerson: true });
  }
  const { accounts } = await world.engine.status();
  expect(accounts.map(({ id, name, inUse }) => [id, name, inUse])).toEqual([
    [anna, null, false],
    [ben, 'At work', true],
  ]);
  await expectGiven(world, 'anthropic', ben);
});

describe('one tool alone', () => {
  test('gets an account of its own, keeps it, and gets what the others have again', async () => {
    const { world, anna, ben } = await twoOf('openai');
    const others = toolsFor('openai').filter((tool) => tool !== 'codex');
    await world.engine.use(ben, 'codex');
    expect(await inUse(world)).toEqual([anna]);
    await expectGiven(world, 'openai', ben, ['codex']);
    await expectGiven(world, 'openai', anna, others);
    const theirs = await renewThere(world, 'codex', 'openai');
    await world.engine.refresh(null);
    expect((await grantOf(world, ben)).refreshToken).toBe(theirs.refresh_token);
    await expectGiven(world, 'openai', anna, others);
    // What all the others get is no matter of Codex.
    await world.engine.use(ben, null);
    await world.engine.use(anna, null);
    await expectGiven(world, 'openai', ben, ['codex']);
    await world.engine.use(anna, 'codex');
    await expectGiven(world, 'openai', anna);
    await world.engine.use(ben, null);
    await expectGiven(world, 'openai', ben);
  });

  test('has the usual one once its own is signed out', async () => {
    const { world, anna, ben } = await twoOf('openai');
    await world.engine.use(ben, 'codex');
    await world.engine.logout(ben);
    await expectGiven(world, 'openai', anna);
    expect(await readFile(world.context.paths.settings, 'utf8')).not.toContain(ben);
  });

  test('that is off, of no use or the keychain has nothing to choose', async () => {
    const { world, ben } = await twoOf('openai');
    await world.engine.setTargetMode('codex', 'off');
    for (const tool of ['codex', 'claude-code', 'keychain'] as const) {
      await expect(world.engine.use(ben, tool), tool).rejects.toMatchObject({ code: 'wrong-use' });
    }
  });

  test('from which it was once removed has it back when it is chosen for it', async () => {
    const { world, anna, ben } = await twoOf('openai');
    await world.engine.use(ben, 'codex');
    await removeThere(world, 'codex', 'openai');
    await world.engine.refresh(null);
    expect(await tokensIn(world, 'codex', 'openai')).toBeNull();
    await world.engine.use(ben, 'codex');
    await expectGiven(world, 'openai', ben, ['codex']);
    await world.engine.use(anna, 'codex');
    await expectGiven(world, 'openai', anna);
  });
});

describe('three accounts', () => {
  async function three() {
    const world = await startWorld();
    await install(world, 'codex', 'pi');
    const anna = await world.signIn('chatgpt', 'anna');
    const work = await world.signIn('chatgpt', 'anna-at-work');
    const ben = await world.signIn('chatgpt', 'ben');
    world.clock.hurry(2000);
    return { world, anna, work, ben };
  }

  test('the place of a chosen one that is signed out goes to the next in the person’s order', async () => {
    const { world, anna, work, ben } = await three();
    await world.engine.use(work, null);
    await world.engine.move(ben, 'first');
    expect(await inUse(world)).toEqual([work]);
    await world.engine.logout(work);
    expect(await inUse(world)).toEqual([ben]);
    await expectGiven(world, 'openai', ben, ['codex', 'pi']);
    await world.engine.logout(ben);
    await expectGiven(world, 'openai', anna, ['codex', 'pi']);
    await world.engine.logout(anna);
    expect(await tokensIn(world, 'codex', 'openai')).toBeNull();
    expect(world.provider.tokens.filter((token) => world.provider.active(token))).toEqual([]);
  });

  test('one on standby that is signed out takes nothing of the others’ with it', async () => {
    const { world, anna, work, ben } = await three();
    await world.engine.use(work, null);
    await world.engine.use(ben, null);
    const { withdrawals } = await world.engine.logout(work);
    expect(withdrawals.filter(({ result }) => result !== 'absent')).toEqual([]);
    await expectGiven(world, 'openai', ben, ['codex', 'pi']);
    await expectGiven(world, 'openai', anna, []);
  });

  test('a switch from one to the next and on, while a tool renews, loses none of them', async () => {
    const { world, anna, work, ben } = await three();
    for (const chosen of [work, ben, anna, ben, work, anna]) {
      await renewThere(world, 'codex', 'openai');
      await world.engine.use(chosen, null);
      await expectGiven(world, 'openai', chosen, ['codex', 'pi']);
    }
    for (const id of [anna, work, ben]) await expectGiven(world, 'openai', id, []);
  });

  test('are moved, and moving gives no tool another login', async () => {
    const { world, anna, work, ben } = await three();
    const order = async () => (await world.engine.status()).accounts.map(({ id }) => id);
    expect(await order()).toEqual([anna, work, ben]);
    for (const [id, to, after] of [
      [anna, 'down', [work, anna, ben]],
      [anna, 'last', [work, ben, anna]],
      [ben, 'up', [ben, work, anna]],
      [ben, 'up', [ben, work, anna]],
      [anna, 'down', [ben, work, anna]],
      [anna, 'first', [anna, ben, work]],
      [work, 'first', [work, anna, ben]],
    ] as const) {
      await world.engine.move(id, to);
      expect(await order()).toEqual(after);
      expect(await inUse(world)).toEqual([anna]);
    }
  });
});

test('a login that needs its person stays in the tools: another one’s is no substitute', async () => {
  const { world, anna, ben } = await twoOf('openai');
  const { refreshToken } = await grantOf(world, anna);
  world.provider.revokeFamily('openai', refreshToken ?? '');
  world.clock.advance(20 * HOUR);
  world.provider.setClock(world.clock.now() - Date.now());
  await world.engine.refresh(null);
  expect((await world.engine.status()).accounts).toMatchObject([
    { id: anna, state: 'sign-in-again', inUse: true },
    { id: ben, state: 'signed-in', inUse: false },
  ]);
  const { accessToken } = await grantOf(world, ben);
  for (const tool of toolsFor('openai')) {
    expect((await tokensIn(world, tool, 'openai'))?.access, tool).not.toBe(accessToken);
  }
  // The person may choose the other one, and not the one that is over.
  await world.engine.use(ben, null);
  await expectGiven(world, 'openai', ben);
  await expect(world.engine.use(anna, null)).rejects.toMatchObject({ code: 'login-ended' });
  expect(await inUse(world)).toEqual([ben]);
});

test('a tool that is busy is owed the other login, and gets it at the next look', async () => {
  const { world, anna, ben } = await twoOf('anthropic');
  world.clock.hurry(6000);
  const place = { fs: nodeFiles, clock: nodeClock, platform: process.platform };
  const lock = await piLock(place, toolFile(world, 'pi')).acquire(0);
  await world.engine.use(ben, null);
  await expectGiven(world, 'anthropic', anna, ['pi']);
  await expectGiven(world, 'anthropic', ben, ['claude-code']);
  await lock.release();
  await world.engine.refresh(null);
  await expectGiven(world, 'anthropic', ben);
  await expectGiven(world, 'anthropic', anna, []);
});

test('a renewal of the old one that is under way does not undo the choice', async () => {
  const { world, anna, ben } = await twoOf('openai');
  const [paused, go] = [gate(), gate()];
  const slow = await world.another({
    step: async (step) => {
      // The first place is written, and the others are known.
      if (step !== 'target:recorded') return;
      paused.open();
      await go.opened;
    },
  });
  const renewal = slow.engine.refresh(anna, { force: true });
  await paused.opened;
  // Broken off right behind the choice: what follows is another process’s.
  const hasty = await world.another({
    step: (step) => {
      if (step === 'choice:written') throw new Error('gone');
    },
  });
  await expect(hasty.engine.use(ben, null)).rejects.toMatchObject({ code: 'unexpected' });
  await world.engine.look([ben]);
  await expectGiven(world, 'openai', ben);
  go.open();
  expect(await renewal).toMatchObject([{ how: 'renewed' }]);
  await expectGiven(world, 'openai', ben);
  await expectGiven(world, 'openai', anna, []);
});

test('another process gives the chosen one’s token at once, and tells that something changed', async () => {
  const { world, ben } = await twoOf('anthropic');
  const { engine } = await world.another();
  await engine.refresh(null);
  let changes = 0;
  engine.subscribe(() => {
    changes += 1;
  });
  await world.engine.use(ben, null);
  expect((await engine.token('claude', 0)).account).toBe(ben);
  await engine.refresh(null);
  expect(changes).toBe(1);
});

describe('a switch that is killed', () => {
  test.each([
    { step: 'choice:written' },
    { step: 'ledger:written', nth: 1 },
    { step: 'ledger:written', nth: 3 },
    { step: 'target:locked' },
    { step: 'target:before-write' },
    { step: 'target:written' },
    { step: 'target:recorded', nth: 1 },
    { step: 'target:recorded', nth: 7 },
  ] as const)('at $step $nth is finished by the next look', async (dieAt) => {
    const { world, anna, ben } = await twoOf('openai');
    const theirs = await renewThere(world, 'codex', 'openai');
    const task: ChildTask = { action: 'use', service: ben, dieAt };
    const child = startChild('engine-child.ts', [JSON.stringify(task)], { env: world.env });
    expect(await untilItEnds(child)).toBe('SIGKILL');
    expect(await inUse(world)).toEqual([ben]);
    await world.engine.refresh(null);
    await world.engine.refresh(null);
    await expectGiven(world, 'openai', ben);
    expect((await grantOf(world, anna)).refreshToken).toBe(theirs.refresh_token);
    await expectGiven(world, 'openai', anna, []);
  });
});

describe('what the person chose', () => {
  test('has a name, cleaned and short, by which the account can be called', async () => {
    const { world, ben } = await twoOf('openai');
    await world.engine.rename(ben, '  Ben’s \u202e\u0007 work   ');
    const { accounts } = await world.engine.status();
    expect(accounts.map(({ name }) => name)).toEqual([null, 'Ben’s   work']);
    await world.engine.rename(ben, 'x'.repeat(60));
    expect((await world.engine.status()).accounts[1]?.name).toHaveLength(40);
    await world.engine.rename(ben, 'Work');
    expect((await world.engine.token('chatgpt:work', 0)).account).toBe(ben);
    await expect(world.engine.rename(ben, ' \u0007 ')).rejects.toMatchObject({ code: 'wrong-use' });
    await world.engine.rename(ben, null);
    expect((await world.engine.status()).accounts[1]?.name).toBeNull();
  });

  test.each([
    ['text', 'nonsense'],
    ['a list', []],
    ['other types', { chosen: 5, order: 'x', names: { a: 1 } }],
    ['ids of nobody', { chosen: { openai: 'nobody' }, order: ['nobody', 1, 'nobody'], names: [] }],
  ])('costs nothing else where it is damaged: %s', async (_, accounts) => {
    const { world, anna, ben } = await twoOf('openai');
    const { settings } = world.context.paths;
    const saved = JSON.parse(await readFile(settings, 'utf8'));
    const targets = { codex: { mode: 'access-only', accounts } };
    await writeFile(settings, JSON.stringify({ ...saved, accounts, targets }));
    expect((await world.engine.status()).accounts.map(({ id }) => id)).toEqual([anna, ben]);
    expect(await inUse(world)).toEqual([anna]);
    await world.engine.use(ben, null);
    await expectGiven(world, 'openai', ben, ['pi', 'synaps']);
    const codex = (await world.engine.targets()).find(({ target }) => target === 'codex');
    expect(codex).toMatchObject({ mode: 'access-only', entries: [{ account: ben }] });
  });

  test('keeps what a newer version wrote beside it', async () => {
    const { world, ben } = await twoOf('openai');
    const { settings } = world.context.paths;
    const saved = JSON.parse(await readFile(settings, 'utf8'));
    await writeFile(settings, JSON.stringify({ ...saved, accounts: { colours: { a: 'blue' } } }));
    await world.engine.use(ben, null);
    expect(JSON.parse(await readFile(settings, 'utf8')).accounts).toMatchObject({
      colours: { a: 'blue' },
      chosen: { openai: ben },
    });
  });
});

function gate(): { readonly opened: Promise<void>; open(): void } {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open: () => open() };
}
