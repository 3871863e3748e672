import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import type { TargetView } from '../../src/core/targets/report.ts';
import type { TargetId } from '../../src/core/targets/target.ts';
import { holdFlock } from '../support/children/hold-flock.ts';
import { buildCli, type CliWorld, startCliWorld } from '../support/cli.ts';
import { startWorld, type World } from '../support/engine.ts';
import { rawSignIn } from '../support/provider/raw-client.ts';
import { install, putThere, renewThere, tokensIn, toolFile } from '../support/tools.ts';

beforeAll(buildCli);

/** A machine with Codex and Pi on it, where Anna is signed in to both services. */
async function startWithTools(): Promise<CliWorld & { readonly userHome: string }> {
  const world = await startCliWorld();
  const machine = { ...world, userHome: world.home };
  await install(machine, 'codex', 'pi');
  await world.haveLogin('claude');
  await world.haveLogin('chatgpt');
  return machine;
}

/** Has Ben sign in to Codex. */
async function benSignsIn(world: CliWorld & { readonly userHome: string }): Promise<string> {
  const tokens = await rawSignIn(world.provider, 'openai', { person: 'ben' });
  const clock = { now: Date.now } as World['clock'];
  await putThere({ ...world, clock }, 'codex', 'openai', tokens);
  return tokens.access_token;
}

async function viewOf(world: CliWorld, id: TargetId, ...args: string[]): Promise<TargetView> {
  const { stdout } = await world.run(['targets', ...args, '--json']);
  const { targets } = JSON.parse(stdout) as { targets: TargetView[] };
  const view = targets.find(({ target }) => target === id);
  if (!view) throw new Error(`no ${id} in ${stdout}`);
  return view;
}

describe('authbar targets', () => {
  test('lists every tool, where it is and what it holds; those not here in one line', async () => {
    const world = await startWithTools();
    const { stdout, stderr, code } = await world.run(['targets']);
    expect({ stderr, code }).toEqual({ stderr: '', code: 0 });
    expect(stdout).toBe(
      [
        'Your keyring',
        '  Nothing is written there.',
        '~/.peekaboo/credentials (Peekaboo)',
        '  Claude · anna@example.com: written just now.',
        '  ChatGPT · anna@example.com: written just now.',
        '~/.pi/agent/auth.json (Pi)',
        '  Claude · anna@example.com: written just now.',
        '  ChatGPT · anna@example.com: written just now.',
        '~/.codex/auth.json (Codex)',
        '  ChatGPT · anna@example.com: written just now.',
        'Not found on this computer: Claude Code, SynapsCLI, opencode.',
        '',
      ].join('\n'),
    );
    const { targets } = JSON.parse((await world.run(['targets', '--json'])).stdout);
    expect(
      targets.map(({ target, installed, mode, defaultMode, entries }: TargetView) =>
        [target, installed, mode, defaultMode, entries.length].join(' '),
      ),
    ).toEqual([
      'keychain false off off 0',
      'peekaboo true shared shared 2',
      'claude-code false shared shared 0',
      'pi true shared shared 2',
      'codex true shared shared 1',
      'synaps false shared shared 0',
      'opencode false access-only access-only 0',
    ]);
  });

  test('a tool that appears gets the login at the next look', async () => {
    const world = await startWithTools();
    await install(world, 'opencode');
    expect(await viewOf(world, 'opencode')).toMatchObject({
      installed: true,
      entries: [{ state: 'owed' }, { state: 'owed' }],
    });
    await world.run(['refresh']);
    expect((await world.run(['targets'])).stdout).toContain(
      'opencode/auth.json (opencode)\n  Only Authbar renews it there.\n  Claude · anna@example.com: written just now.',
    );
  });

  test('somebody else’s login is named, taken on the person’s word, and put back', async () => {
    const world = await startWithTools();
    const bens = await benSignsIn(world);
    await world.run(['refresh']);
    const listed = await world.run(['targets']);
    expect(listed.stdout).toMatch(
      / {2}ChatGPT · anna@example\.com: Codex is signed in as ben@example\.com.*; left alone\.\n {4}→ `authbar targets take codex` puts your login there\. {3}\[tool-other-account\]\n/,
    );

    const taken = await world.run(['targets', 'take', 'codex']);
    expect(taken).toMatchObject({ code: 0, stderr: '' });
    expect(taken.stdout).toBe(
      [
        '~/.codex/auth.json (Codex)',
        '  ChatGPT · anna@example.com: written just now.',
        'What was there is kept for 7 days: `authbar targets restore codex` puts it back.',
        '',
      ].join('\n'),
    );
    expect((await tokensIn(world, 'codex', 'openai'))?.access).not.toBe(bens);

    const back = await world.run(['targets', 'restore', 'Codex']);
    expect(back).toMatchObject({ code: 0, stderr: '' });
    expect(back.stdout).toMatch(/^What was there before is back\.\n/);
    expect(back.stdout).toContain('Codex is signed in as ben@example.com');
    expect((await tokensIn(world, 'codex', 'openai'))?.access).toBe(bens);
    const again = await world.run(['targets', 'restore', 'codex']);
    expect(again).toMatchObject({ code: 2, stdout: '' });
    expect(again.stderr).toContain('Nothing was taken there in the last 7 days.');
  });

  test('with several logins there the step names the service', async () => {
    const world = await startWithTools();
    await writeFile(toolFile(world, 'pi'), '{"anthropic":{"type":"api_key","key":"mine"}}');
    await world.run(['refresh']);
    expect((await world.run(['targets'])).stdout).toContain(
      'a key that you put there is in its place; left alone.\n    → `authbar targets take pi claude` puts',
    );
    expect((await world.run(['targets', 'take', 'pi', 'claude'])).code).toBe(0);
    // The other one went with the person's own change.
    expect(await viewOf(world, 'pi')).toMatchObject({
      entries: [{ state: 'in-step' }, { state: 'empty' }],
    });
  });

  test('a file that cannot be read or written says what to do', async () => {
    const world = await startWithTools();
    await writeFile(toolFile(world, 'codex'), '{ "tokens": ');
    const damaged = await world.run(['targets']);
    expect(damaged.stdout).toContain('Codex’s login is damaged. Its file can’t be read.');
    expect(damaged.stdout).toContain(
      '    → Look at ~/.codex/auth.json, then try again.   [tool-file-damaged]\n',
    );
    await rm(toolFile(world, 'codex'));
    await mkdir(toolFile(world, 'codex'));
    expect(await viewOf(world, 'codex')).toMatchObject({
      entries: [{ state: 'not-writable', code: 'tool-file-protected' }],
    });
    expect((await world.run(['targets'])).stdout).toContain('Codex’s file is protected.');
    const off = await world.run(['targets', 'disable', 'codex']);
    expect(off.code).toBe(6);
    expect(off.stdout).toContain('Still in ~/.codex/auth.json (Codex).');
    expect(off.stdout).not.toContain('from now on');
    expect((await world.run(['targets'])).stdout).toContain(
      'Run `authbar targets disable codex` again.',
    );
    await rm(toolFile(world, 'codex'), { recursive: true });
    expect((await world.run(['targets', 'disable', 'codex'])).code).toBe(0);
    expect(await viewOf(world, 'codex')).toMatchObject({ mode: 'off', entries: [] });
  });
});

describe('how much a tool gets', () => {
  test('can be nothing, and all of it again', async () => {
    const world = await startWithTools();
    const off = await world.run(['targets', 'disable', 'pi']);
    expect(off).toMatchObject({ code: 0, stderr: '' });
    expect(off.stdout).toBe(
      [
        '~/.pi/agent/auth.json (Pi)',
        '  Your logins were taken out.',
        '  Nothing is written there from now on.',
        '',
      ].join('\n'),
    );
    expect(await tokensIn(world, 'pi', 'anthropic')).toBeNull();
    expect((await world.run(['targets', 'disable', 'pi'])).stdout).toContain(
      '(Pi)\n  No login from here was in it.\n  Nothing is written there from now on.\n',
    );
    await world.run(['refresh', '--force']);
    expect(await tokensIn(world, 'pi', 'anthropic')).toBeNull();
    expect(await viewOf(world, 'pi', 'enable', 'PI')).toMatchObject({
      mode: 'shared',
      entries: [{ state: 'in-step' }, { state: 'in-step' }],
    });
  });

  test('can be the access alone, and both again', async () => {
    const world = await startWithTools();
    const before = await tokensIn(world, 'codex', 'openai');
    const access = await world.run(['targets', 'mode', 'codex', 'access-only']);
    expect(access.stdout).toContain('  Only Authbar renews it there.\n');
    expect(await tokensIn(world, 'codex', 'openai')).toEqual({ ...before, refresh: '' });
    await world.run(['targets', 'disable', 'codex']);
    expect(await viewOf(world, 'codex', 'mode', 'codex', 'shared')).toMatchObject({
      mode: 'shared',
      defaultMode: 'shared',
      entries: [{ state: 'in-step' }],
    });
    expect(await tokensIn(world, 'codex', 'openai')).toEqual(before);
  });

  test('beyond what is usual is said', async () => {
    const world = await startWithTools();
    await install(world, 'opencode');
    const { stdout, code } = await world.run(['targets', 'mode', 'opencode', 'shared']);
    expect(code).toBe(0);
    expect(stdout).toContain('  opencode and Authbar may renew it there.\n');
  });

  test('can be chosen before the tool is there', async () => {
    const world = await startWithTools();
    const early = await world.run(['targets', 'mode', 'synaps', 'off']);
    expect(early).toMatchObject({
      code: 0,
      stdout: 'SynapsCLI is not on this computer yet. It’s noted for when it is.\n',
    });
    await install(world, 'synaps');
    await world.run(['refresh']);
    expect(await tokensIn(world, 'synaps', 'anthropic')).toBeNull();
    expect((await world.run(['targets', 'enable', 'SynapsCLI'])).code).toBe(0);
    expect(await tokensIn(world, 'synaps', 'anthropic')).not.toBeNull();
  });

  test('turning it on does not replace what somebody else has there', async () => {
    const world = await startWithTools();
    await world.run(['targets', 'disable', 'codex']);
    const bens = await benSignsIn(world);
    const on = await world.run(['targets', 'enable', 'codex']);
    expect(on.code).toBe(6);
    expect(on.stdout).toContain('`authbar targets take codex` puts your login there.');
    expect((await tokensIn(world, 'codex', 'openai'))?.access).toBe(bens);
  });
});

test('any tool with a file can be moved', async () => {
  const world = await startWithTools();
  await mkdir(join(world.home, 'other'), { mode: 0o700 });
  const moved = await world.run(['targets', 'path', 'codex', 'other']);
  expect(moved).toMatchObject({ code: 0, stderr: '' });
  expect(moved.stdout).toContain('Removed from ~/.codex/auth.json (Codex).');
  expect(await readFile(join(world.home, 'other/auth.json'), 'utf8')).toContain('access_token');
  expect(await tokensIn(world, 'codex', 'openai')).toBeNull();
});

describe('wrong use', () => {
  test.each([
    [['enable', 'claude'], 'keychain, peekaboo, claude-code, pi, codex, synaps or opencode.'],
    [['mode', 'codex', 'all'], 'A mode is shared, access-only or off.'],
    [['take', 'peekaboo', 'gemini'], 'it can be claude or chatgpt.'],
    [['enable', 'codex'], 'Codex is not installed here: there is no folder '],
    [['take', 'codex'], 'Codex is not installed here'],
    [['path', 'codex', 'nowhere'], '/nowhere.'],
    [['path', 'keychain', 'x'], 'Keychain has no folder'],
  ])('targets %j', async (args, words) => {
    const world = await startCliWorld();
    const end = await world.run(['targets', ...args]);
    expect(end).toMatchObject({ code: 2, stdout: '' });
    expect(end.stderr).toContain(words);
    expect(end.stderr).toContain('[wrong-use]');
  });

  test('is JSON where that is asked for', async () => {
    const world = await startCliWorld();
    const { stdout, code } = await world.run(['targets', 'take', 'codex', '--json']);
    expect(code).toBe(2);
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'wrong-use' } });
  });
});

describe('a look', () => {
  async function entryOf(world: World, id: TargetId): Promise<unknown> {
    return (await world.engine.targets()).find(({ target }) => target === id)?.entries[0];
  }

  test.skipIf(process.platform === 'win32')('waits for no lock, and names who has it', async () => {
    const world = await startWorld();
    await install(world, 'codex');
    await world.signIn('chatgpt');
    const holder = await holdFlock(join(dirname(toolFile(world, 'codex')), 'auth.lock'));
    expect(await entryOf(world, 'codex')).toMatchObject({ state: 'in-step', pid: null });
    await rm(toolFile(world, 'codex'));
    const told = { state: 'locked', pid: expect.any(Number), code: 'tool-busy' };
    expect(await entryOf(world, 'codex')).toMatchObject(told);
    expect(holder.exitCode).toBeNull();
  });

  test.skipIf(process.platform === 'win32')(
    'tells of another person’s login, though somebody has the lock for a moment',
    async () => {
      const world = await startWorld();
      await install(world, 'codex');
      const tokens = await rawSignIn(world.provider, 'openai', { person: 'ben' });
      await putThere(world, 'codex', 'openai', tokens);
      await world.signIn('chatgpt', 'anna');
      await holdFlock(join(dirname(toolFile(world, 'codex')), 'auth.lock'));
      expect(await entryOf(world, 'codex')).toMatchObject({
        state: 'other-account',
        holder: 'ben@example.com',
        pid: null,
      });
    },
  );

  test('tells that a tool renewed the login by itself', async () => {
    const world = await startWorld();
    await install(world, 'pi');
    await world.signIn('claude');
    await renewThere(world, 'pi', 'anthropic');
    expect(await entryOf(world, 'pi')).toMatchObject({ state: 'changed', since: null });
    await world.engine.refresh(null);
    expect(await entryOf(world, 'pi')).toMatchObject({ state: 'in-step' });
  });

  test('what was turned off keeps what its tool renewed', async () => {
    const world = await startWorld();
    await install(world, 'pi', 'synaps');
    await world.signIn('claude');
    const { access_token } = await renewThere(world, 'pi', 'anthropic');
    const [withdrawal] = await world.engine.setTargetMode('pi', 'off');
    expect(withdrawal).toMatchObject({ target: 'pi', result: 'removed' });
    expect(await tokensIn(world, 'pi', 'anthropic')).toBeNull();
    expect((await world.engine.token('claude', 0)).accessToken).toBe(access_token);
    expect((await tokensIn(world, 'synaps', 'anthropic'))?.access).toBe(access_token);
  });

  test('turning one tool on brings nothing back in another', async () => {
    const world = await startWorld();
    await install(world, 'pi', 'synaps');
    await world.signIn('claude');
    for (const tool of ['pi', 'synaps'] as const) await writeFile(toolFile(world, tool), '{}');
    expect(await entryOf(world, 'pi')).toMatchObject({ state: 'empty' });
    await world.engine.setTargetMode('pi', 'on');
    expect(await entryOf(world, 'pi')).toMatchObject({ state: 'in-step' });
    expect(await tokensIn(world, 'synaps', 'anthropic')).toBeNull();
  });
});
