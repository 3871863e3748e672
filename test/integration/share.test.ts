import type { ChildProcess } from 'node:child_process';
import { lstat, mkdir, readdir, rename, writeFile } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { openBroker } from '../../src/core/broker/client.ts';
import { shareLogin } from '../../src/core/share.ts';
import { BUNDLE, buildCli, type CliRun, type CliWorld, startCliWorld } from '../support/cli.ts';
import { startWorld } from '../support/engine.ts';
import { sshdMissing, startRemote } from '../support/sshd.ts';

beforeAll(buildCli);

/** What `share` has printed before it waits. */
interface Shared {
  readonly run: CliRun;
  /** What to run here: makes the place there, and leads there. */
  readonly here: readonly [string, string];
  /** What to run there. */
  readonly there: readonly string[];
  /** The socket here. */
  readonly socket: string;
}

async function startShare(
  world: CliWorld,
  args: readonly string[] = [],
  env: NodeJS.ProcessEnv = {},
): Promise<Shared> {
  const run = world.start(['share', 'claude', ...args], env);
  await run.said(/authbar token/);
  const lines = run.stdout.split('\n').filter((line) => line.startsWith('  '));
  const [make = '', forward = '', ...there] = lines.map((line) => line.trim());
  const socket = /socket:([^' ]+|[^']+(?='))/.exec(forward)?.[1] ?? '';
  return { run, here: [make, forward], there, socket };
}

async function tokenOf(world: CliWorld): Promise<string> {
  return (await world.run(['token', 'claude'])).stdout;
}

describe('authbar share', () => {
  test('gives the access token of one login, and tells when', async () => {
    const world = await startCliWorld();
    await world.haveLogin('claude');
    await world.haveLogin('chatgpt');
    const { run, socket } = await startShare(world, ['--for', '2h']);
    expect(run.stdout).toMatch(
      /^Sharing Claude · anna@example.com\. It ends .+; Ctrl-C ends it before\.\n/,
    );
    expect((await lstat(socket)).mode & 0o777).toBe(0o600);
    expect((await lstat(dirname(socket))).mode & 0o777).toBe(0o700);

    const stranger = await startCliWorld();
    const there = { AUTHBAR_SOCKET: socket };
    const own = await tokenOf(world);
    expect(await stranger.run(['token', 'claude'], there)).toEqual({
      code: 0,
      stdout: own,
      stderr: '',
    });
    await run.said(/^\d\d:\d\d:\d\d {2}Used$/m);
    const print = 'process.stdout.write(process.env.CLAUDE_CODE_OAUTH_TOKEN + "\\n")';
    const command = ['exec', 'claude', '--', process.execPath, '-e', print];
    expect((await stranger.run(command, there)).stdout).toBe(own);

    const other = await stranger.run(['token', 'chatgpt'], there);
    expect(other).toMatchObject({ code: 3, stdout: '' });
    expect((await stranger.run(['status'], there)).code).not.toBe(0);
    expect((await stranger.run(['refresh', '--force'], there)).code).not.toBe(0);
    for (const token of world.provider.tokens) expect(run.stdout + run.stderr).not.toContain(token);
  });

  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 0],
    ['SIGHUP', 0],
  ] as const)('%s ends it, and nothing is left', async (signal, code) => {
    const world = await startCliWorld();
    await world.haveLogin('claude');
    const { run, socket } = await startShare(world);
    run.child.kill(signal);
    const end = await run.ended;
    expect(end.code).toBe(code);
    expect(end.stderr).toMatch(/^Nothing is shared any more\./);
    await expect(lstat(socket)).rejects.toMatchObject({ code: 'ENOENT' });
    const late = await world.run(['token', 'claude'], { AUTHBAR_SOCKET: socket });
    expect(late).toMatchObject({ code: 4, stdout: '' });
  });

  test('ends by itself when the time is over', async () => {
    const world = await startCliWorld();
    await world.haveLogin('claude');
    const { run, socket } = await startShare(world, ['--for', '1s']);
    expect((await run.ended).code).toBe(0);
    await expect(lstat(socket)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  test('goes on when the engine that ran has ended', async () => {
    const world = await startCliWorld();
    await world.haveLogin('claude');
    const engine = world.start(['run']);
    await engine.said(/Keeping your logins fresh/);
    const { socket } = await startShare(world);
    const stranger = await startCliWorld();
    const there = { AUTHBAR_SOCKET: socket };
    expect((await stranger.run(['token', 'claude'], there)).stdout).toBe(await tokenOf(world));
    engine.child.kill('SIGTERM');
    await engine.ended;
    expect((await stranger.run(['token', 'claude'], there)).stdout).toBe(await tokenOf(world));
  });

  test.each(['0', '25h', '100000m'])('is not for %s', async (span) => {
    const world = await startCliWorld();
    await world.haveLogin('claude');
    const end = await world.run(['share', 'claude', '--for', span]);
    expect(end).toMatchObject({ code: 2, stdout: '' });
    expect(end.stderr).toContain('A login can be shared for 24h at most');
  });

  test('a login that does not work is not shared', async () => {
    const world = await startCliWorld();
    const end = await world.run(['share', 'claude']);
    expect(end).toMatchObject({ code: 3, stdout: '' });
    expect(end.stderr).toContain('[no-such-login]');
    expect(await readdir(world.home)).toEqual(['providers.json']);
  });
});

describe('a shared login', () => {
  const HOUR = 60 * 60_000;

  async function startSharing() {
    const world = await startWorld();
    await world.signIn('claude');
    const { context, engine } = world;
    let count = 0;
    const onUse = () => {
      count += 1;
    };
    const share = await shareLogin(context, engine, 'claude', { span: 8 * HOUR, onUse });
    onTestFinished(() => share.close());
    /** As `authbar token` does, on a connection of its own. */
    const token = async (name: string): Promise<string> => {
      const client = await openBroker(context, share.path);
      try {
        return (await client.token(name, 5 * 60_000)).accessToken;
      } finally {
        client.close();
      }
    };
    return { ...world, share, token, uses: () => count };
  }

  test('is renewed as it has to be, and each use is told', async () => {
    const { clock, provider, token, uses } = await startSharing();
    const first = await token('claude');
    clock.advance(HOUR);
    provider.setClock(clock.now() - Date.now());
    expect(await token('anthropic')).not.toBe(first);
    expect(uses()).toBe(2);
  });

  test('ends when its time is over, wherever the clock jumped meanwhile', async () => {
    const { clock, share, token, uses } = await startSharing();
    clock.advance(9 * HOUR);
    await expect(token('claude')).rejects.toMatchObject({ code: 'engine-gone' });
    await share.closed;
    expect(uses()).toBe(0);
  });
});

const missing = sshdMissing();

describe.skipIf(missing !== null)(
  `authbar share with OpenSSH${missing ? `: ${missing}` : ''}`,
  () => {
    test('what it prints leads the token to the other computer, and nothing else', async () => {
      const world = await startCliWorld();
      await world.haveLogin('claude');
      // As on macOS: with a space on the way.
      const state = join(world.home, 'Application Support');
      await rename(world.state, state);
      const env = { AUTHBAR_HOME: state };
      const { stdout: token } = await world.run(['token', 'claude'], env);
      const { run, here, there } = await startShare(world, [], env);
      const remote = await startRemote({ PATH: await programs(world) });
      const [make = '', forward = ''] = here.map((line) => line.replace('you@host', 'remote'));
      // The second time stands for a connection that broke.
      for (let count = 0; count < 2; count++) {
        await remote.run(make);
        const session = remote.start(`exec ${forward} '${there.join('; ')}; read stay'`);
        expect(await firstLine(session)).toBe(token.trimEnd());
        session.kill('SIGKILL');
      }
      await run.said(/Used[\s\S]+Used/);
      expect(await readdir(remote.home)).toEqual([]);
    });
  },
);

/** A folder with `authbar` in it, before those of this computer. */
async function programs({ home }: CliWorld): Promise<string> {
  const folder = join(home, 'bin');
  await mkdir(folder);
  const script = `#!/bin/sh\nexec '${process.execPath}' '${BUNDLE}' "$@"\n`;
  await writeFile(join(folder, 'authbar'), script, { mode: 0o755 });
  return `${folder}${delimiter}${process.env.PATH}`;
}

async function firstLine({ stdout }: ChildProcess): Promise<string> {
  for await (const line of createInterface(stdout ?? Readable.from([]))) return line;
  return '';
}
