import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { createEngine } from '../../src/core/create.ts';
import { nodeClock, nodeFiles } from '../../src/core/files/node-files.ts';
import { piLock } from '../../src/core/targets/locks.ts';
import { buildCli, type CliEnd, type CliWorld, startCliWorld } from '../support/cli.ts';
import { PATIENCE } from '../support/patience.ts';
import { install, tokensIn, toolFile } from '../support/tools.ts';

const ANNA = 'chatgpt:anna@example.com';
const BEN = 'chatgpt:ben@example.com';

await buildCli();

/** A machine with Pi and Codex on it and two ChatGPT logins, anna’s in use. */
async function twoLogins(): Promise<CliWorld> {
  const world = await startCliWorld();
  await install({ userHome: world.home }, 'codex', 'pi');
  await world.haveLogin('chatgpt', { person: 'anna' });
  await world.haveLogin('chatgpt', { person: 'ben' });
  return world;
}

async function tokenOf(world: CliWorld, login: string): Promise<string> {
  return (await world.run(['token', login])).stdout.trim();
}

async function accessIn({ home }: CliWorld, tool: 'codex' | 'pi'): Promise<string | undefined> {
  return (await tokensIn({ userHome: home }, tool, 'openai'))?.access;
}

function expectWrongUse({ code, stderr }: CliEnd, hint: string): void {
  expect(code).toBe(2);
  expect(stderr).toContain(hint);
}

describe('authbar use', () => {
  test('gives the tools another login, says which have it, and gives it back', async () => {
    const world = await twoLogins();
    expect(await world.run(['use', BEN])).toEqual({
      code: 0,
      stdout: [
        'ChatGPT · ben@example.com is in use now.',
        '  Pi and Codex have it.',
        '  One that is running now may have to be started again.',
        '',
      ].join('\n'),
      stderr: '',
    });
    const bens = await tokenOf(world, BEN);
    expect(await tokenOf(world, 'chatgpt')).toBe(bens);
    expect(await accessIn(world, 'codex')).toBe(bens);
    const again = await world.run(['use', BEN]);
    expect(again.stdout).toContain('is in use already.\n  Pi and Codex have it.\n');
    await world.run(['use', ANNA]);
    expect(await accessIn(world, 'codex')).toBe(await tokenOf(world, ANNA));
  });

  test('is what a sign-in on standby leads to, and what a sign-out does by itself', async () => {
    const world = await startCliWorld();
    await install({ userHome: world.home }, 'codex');
    await world.signIn('chatgpt', 'anna');
    const second = await world.signIn('chatgpt', 'ben');
    expect(second.stderr).toContain(
      '  → Run `authbar use chatgpt:ben@example.com` to give them this one.\n',
    );
    const end = await world.run(['logout', ANNA]);
    expect(end.stdout).toContain('  The tools get ChatGPT · ben@example.com now.\n');
    expect((await world.run(['logout', BEN])).stdout).not.toContain('The tools get');
    expect((await world.run(['status'])).stdout).toBe(
      'Nobody is signed in yet.\n  → Run `authbar login claude` or `authbar login chatgpt`.\n',
    );
  });

  test('gives one tool a login of its own, which status and the next choice tell', async () => {
    const world = await twoLogins();
    const own = await world.run(['use', BEN, '--for', 'Codex', '--json']);
    expect(JSON.parse(own.stdout)).toMatchObject({
      schema: 1,
      provider: 'openai',
      email: 'ben@example.com',
      tool: 'codex',
      inUse: false,
      targets: [{ target: 'codex', state: 'in-step', code: null }],
      error: null,
    });
    const again = await world.run(['use', BEN, '--for', 'codex']);
    expect(again.stdout).toBe('Codex gets ChatGPT · ben@example.com already.\n  Codex has it.\n');
    const { stdout } = await world.run(['status']);
    expect(stdout).toContain('In use: the tools get it, but not Codex');
    expect(stdout).toContain('On standby: Codex alone gets it');
    const usual = await world.run(['use', ANNA]);
    expect(usual.stdout).toContain(
      'Codex keeps ChatGPT · ben@example.com, which you chose for it.',
    );
    expect(await accessIn(world, 'codex')).toBe(await tokenOf(world, BEN));
    expect(await accessIn(world, 'pi')).toBe(await tokenOf(world, ANNA));
    await world.run(['use', ANNA, '--for', 'codex']);
    expect(await accessIn(world, 'codex')).toBe(await tokenOf(world, ANNA));
    expect((await world.run(['status'])).stdout).toContain('On standby: no tool gets it');
  });

  test('notes a choice for a tool that is not here', async () => {
    const world = await twoLogins();
    const end = await world.run(['use', BEN, '--for', 'opencode']);
    expect(end.code).toBe(0);
    expect(end.stdout).toMatch(/opencode is not on .* yet\. It’s noted for when it is\./);
    await install({ userHome: world.home }, 'opencode');
    await world.run(['refresh']);
    const there = await tokensIn({ userHome: world.home }, 'opencode', 'openai');
    expect(there?.access).toBe(await tokenOf(world, BEN));
  });

  test('ends with 6 while a tool is busy, and the login follows', async () => {
    const world = await twoLogins();
    const place = { fs: nodeFiles, clock: nodeClock, platform: process.platform };
    const lock = await piLock(place, toolFile({ userHome: world.home }, 'pi')).acquire(0);
    const end = await world.run(['use', BEN]);
    await lock.release();
    expect(end.code).toBe(6);
    expect(end.stdout).toMatch(
      /Codex has it\.[\s\S]*Pi: .*the login follows later\. {3}\[tool-busy\]/,
    );
    await world.run(['refresh']);
    expect(await accessIn(world, 'pi')).toBe(await tokenOf(world, BEN));
  });

  test('is finished by a `run` that goes on, should the command end right behind the choice', async () => {
    const world = await twoLogins();
    const run = world.start(['run']);
    await run.said(/Keeping your logins fresh/);
    const { engine } = await createEngine({
      env: world.env,
      userHome: world.home,
      step: (step) => {
        if (step === 'choice:written') throw new Error('gone');
      },
    });
    await expect(engine.use(BEN, null)).rejects.toThrow();
    const bens = await tokenOf(world, BEN);
    expect(await tokenOf(world, 'chatgpt')).toBe(bens);
    await expect.poll(() => accessIn(world, 'codex'), PATIENCE).toBe(bens);
  });

  test('takes nothing that it can’t do', async () => {
    const world = await twoLogins();
    const use = (...args: string[]) => world.run(['use', ...args]);
    expectWrongUse(await use(BEN, '--for', 'claude-code'), 'Claude Code has no use for a ChatGPT');
    expectWrongUse(await use(BEN, '--for', 'keychain'), 'The keychain has every login');
    expectWrongUse(await use(BEN, '--for', 'word'), 'There is no such tool; it can be ');
    expectWrongUse(await use('nobody'), '');
    expect(await use('chatgpt:nobody@example.com')).toMatchObject({ code: 3 });
    expect(await accessIn(world, 'codex')).toBe(await tokenOf(world, ANNA));
  });

  test('refuses a login that needs its person', async () => {
    const world = await twoLogins();
    world.provider.revokeFamily('openai', 'ben');
    await world.run(['refresh', BEN, '--force']);
    const end = await world.run(['use', BEN]);
    expect(end).toMatchObject({ code: 3, stdout: '' });
    expect(end.stderr).toContain('[login-ended]');
    expect(await accessIn(world, 'codex')).toBe(await tokenOf(world, ANNA));
  });
});

describe('authbar rename', () => {
  test('names a login, which shows everywhere and can be called by it', async () => {
    const world = await twoLogins();
    const named = await world.run(['rename', BEN, 'At', 'work']);
    expect(named).toMatchObject({
      code: 0,
      stdout: 'It’s ChatGPT · At work · ben@example.com now.\n',
    });
    expect((await world.run(['status'])).stdout).toContain('ChatGPT · At work · ben@example.com');
    const status = JSON.parse((await world.run(['status', '--json'])).stdout);
    expect(status.accounts.map(({ name }: { name: string }) => name)).toEqual([null, 'At work']);
    expect(await tokenOf(world, 'chatgpt:at work')).toBe(await tokenOf(world, BEN));
    const none = await world.run(['rename', 'chatgpt:at work', '--none', '--json']);
    expect(JSON.parse(none.stdout)).toMatchObject({ schema: 1, name: null });
  });

  test('leaves nothing of a name behind when its login is signed out', async () => {
    const world = await twoLogins();
    await world.run(['rename', BEN, 'A secret hobby']);
    await world.run(['logout', BEN]);
    expect(await readFile(`${world.state}/settings.json`, 'utf8')).not.toContain('hobby');
  });

  test.each([
    [[''], 'Give it a name, or `--none` to take its name away.\n'],
    [['x', '--none'], 'Either a name or --none, not both.\n'],
    [['\u0007 '], 'A name has to have a letter in it.\n'],
  ])('does not take %j', async (args, sentence) => {
    const world = await startCliWorld();
    await world.haveLogin('chatgpt');
    const { code, stderr } = await world.run(['rename', 'chatgpt', ...args]);
    expect(code).toBe(2);
    expect(stderr.startsWith(sentence), stderr).toBe(true);
  });
});

test('authbar move changes the order, and no tool’s login', async () => {
  const world = await twoLogins();
  const before = await accessIn(world, 'codex');
  const end = await world.run(['move', BEN, 'first']);
  expect(end).toMatchObject({
    code: 0,
    stdout: 'Their order now:\n  ChatGPT · ben@example.com\n  ChatGPT · anna@example.com\n',
  });
  await world.run(['refresh']);
  expect(await accessIn(world, 'codex')).toBe(before);
  const ids = JSON.parse((await world.run(['move', BEN, 'down', '--json'])).stdout).accounts;
  const { accounts } = JSON.parse((await world.run(['status', '--json'])).stdout);
  expect(accounts.map(({ id }: { id: string }) => id)).toEqual(ids);
  expect(accounts[0]).toMatchObject({ email: 'anna@example.com', inUse: true });
  expectWrongUse(await world.run(['move', BEN, 'sideways']), 'first, last, up or down');
});
