import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { BUNDLE, buildCli, type CliRun, type CliWorld, startCliWorld } from '../support/cli.ts';

beforeAll(buildCli);

const MINUTE = 60_000;

/** Prints those of its variables whose names are given. */
const PRINT =
  'console.log(JSON.stringify(process.argv.slice(1).map((n) => process.env[n] ?? null)))';

/** A Claude login, and `authbar exec` with it. */
async function startExecWorld(): Promise<{
  readonly world: CliWorld;
  readonly token: string;
  exec(command: readonly string[], env?: NodeJS.ProcessEnv): CliRun;
}> {
  const world = await startCliWorld();
  await world.haveLogin('claude');
  const { stdout } = await world.run(['token', 'claude']);
  return {
    world,
    token: stdout.trimEnd(),
    exec: (command, env) => world.start(['exec', 'claude', '--', ...command], env),
  };
}

/** Every file below the home and what is in it. */
async function snapshot({ home }: CliWorld): Promise<Readonly<Record<string, string>>> {
  const entries = await readdir(home, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  const texts = files.map(async ({ parentPath, name }) => {
    const path = join(parentPath, name);
    return [path, await readFile(path, 'latin1')] as const;
  });
  return Object.fromEntries(await Promise.all(texts));
}

describe('authbar exec', () => {
  test('the command finds the login, and no key that would be used in its place', async () => {
    const { token, exec } = await startExecWorld();
    const names = ['CLAUDE_CODE_OAUTH_TOKEN', 'ANTHROPIC_OAUTH_TOKEN', 'ANTHROPIC_API_KEY', 'MINE'];
    const run = exec([process.execPath, '-e', PRINT, ...names], {
      ANTHROPIC_API_KEY: 'key',
      MINE: 'mine',
    });
    const { code, stdout, stderr } = await run.ended;
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(JSON.parse(stdout)).toEqual([token, token, null, 'mine']);
  });

  test('a ChatGPT login has a variable of its own', async () => {
    const world = await startCliWorld();
    await world.haveLogin('chatgpt');
    const { stdout: token } = await world.run(['token', 'chatgpt']);
    const names = ['OPENAI_ACCESS_TOKEN', 'CLAUDE_CODE_OAUTH_TOKEN'];
    const command = [process.execPath, '-e', PRINT, ...names];
    const { stdout } = await world.run(['exec', 'chatgpt', '--', ...command]);
    expect(JSON.parse(stdout)).toEqual([token.trimEnd(), null]);
  });

  test('writes nothing, and shows the token to nobody else', async () => {
    const { world, token, exec } = await startExecWorld();
    const before = await snapshot(world);
    const run = exec(['sh', '-c', 'echo ready; read line'], { AUTHBAR_LOG: 'debug' });
    await run.said(/ready/);
    expect(await snapshot(world)).toEqual(before);
    if (process.platform === 'linux') {
      const pids = [run.child.pid, ...(await childrenOf(run.child.pid))];
      expect(pids).toHaveLength(2);
      const lines = pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8'));
      expect((await Promise.all(lines)).join()).not.toContain(token);
    }
    run.child.stdin?.end('done\n');
    const { stdout, stderr } = await run.ended;
    expect(stdout + stderr).not.toContain(token);
    expect(await snapshot(world)).toEqual(before);
  });

  test('standard input, output and error are the command’s own', async () => {
    const { exec } = await startExecWorld();
    const run = exec(['sh', '-c', 'cat; echo aside >&2']);
    run.child.stdin?.end('first\nlast');
    expect(await run.ended).toEqual({ code: 0, stdout: 'first\nlast', stderr: 'aside\n' });
  });

  test.each([
    ['its own', 'exit 3', 3],
    ['of a signal', 'kill -KILL $$', 137],
  ])('ends with the command’s exit code: %s', async (_, script, code) => {
    const { exec } = await startExecWorld();
    expect(await exec(['sh', '-c', script]).ended).toEqual({ code, stdout: '', stderr: '' });
  });

  test.each(['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const)(
    '%s reaches the command, which decides what comes of it',
    async (signal) => {
      const { exec } = await startExecWorld();
      const wait = 'while :; do sleep 0.02; done';
      const script = `trap 'echo caught; exit 42' ${signal.slice(3)}; echo ready; ${wait}`;
      const run = exec(['sh', '-c', script]);
      await run.said(/ready/);
      run.child.kill(signal);
      expect(await run.ended).toEqual({ code: 42, stdout: 'ready\ncaught\n', stderr: '' });
    },
  );

  test('a command that takes no signal goes on, and so does Authbar', async () => {
    const { exec } = await startExecWorld();
    const run = exec(['sh', '-c', "trap '' TERM; echo ready; read line; exit 5"]);
    await run.said(/ready/);
    run.child.kill('SIGTERM');
    run.child.stdin?.end('on\n');
    expect((await run.ended).code).toBe(5);
  });

  test.skipIf(process.platform !== 'linux')(
    'Ctrl-C at a terminal reaches the command once (needs the `script` of Linux)',
    async () => {
      const { world } = await startExecWorld();
      const command = join(world.home, 'count.mjs');
      await writeFile(
        command,
        `let count = 0;
         process.on('SIGINT', () => { count += 1; setTimeout(() => process.exit(count), 300); });
         setInterval(() => {}, 1000);
         console.log('ready');`,
      );
      const authbar = ['exec', process.execPath, BUNDLE, 'exec', 'claude'];
      const line = [...authbar, '--', process.execPath, command];
      const child = spawn('script', ['-qec', line.join(' '), '/dev/null'], { env: world.env });
      onTestFinished(() => void child.kill('SIGKILL'));
      const closed = once(child, 'close');
      for await (const part of child.stdout.setEncoding('utf8')) {
        if (part.includes('ready')) child.stdin.write('\x03');
      }
      expect(await closed).toEqual([1, null]);
    },
  );

  test('a command that does not exist', async () => {
    const { exec } = await startExecWorld();
    const end = await exec(['no-such-command', '--json']).ended;
    expect(end).toMatchObject({ code: 127, stdout: '' });
    expect(end.stderr).toMatch(/^There is no command “no-such-command” here\.\n {2}→ Check .+\n$/);
  });

  test('a command that is no program', async () => {
    const { world, exec } = await startExecWorld();
    const end = await exec([world.home]).ended;
    expect(end).toMatchObject({ code: 126, stdout: '' });
    expect(end.stderr).toContain('can’t be run.\n');
    expect(end.stderr).toContain('[EACCES]');
  });

  test('without a login nothing is started', async () => {
    const world = await startCliWorld();
    const end = await world.run(['exec', 'claude', '--', 'touch', join(world.home, 'started')]);
    expect(end).toMatchObject({ code: 3, stdout: '' });
    expect(end.stderr).toContain('→ Run `authbar login claude`.   [no-such-login]');
    expect(await readdir(world.home)).not.toContain('started');
  });

  test('a login with too little life: a new one, or what there is, or nothing', async () => {
    const world = await startCliWorld();
    await world.haveLogin('claude', { ago: 57 * MINUTE });
    world.provider.faults.outage(true);
    const short = await world.run(['exec', 'claude', '--', 'echo', 'ran']);
    expect(short).toMatchObject({ code: 0, stdout: 'ran\n' });
    // Of the three that it had, some may be gone by now.
    expect(short.stderr).toMatch(/This login works for [123] min more\./);
    const strict = ['exec', 'claude', '--min-life', '5m', '--', 'echo', 'ran'];
    expect(await world.run(strict)).toMatchObject({ code: 4, stdout: '' });
    world.provider.faults.outage(false);
    expect((await world.run(['refresh'])).code).toBe(0);
    expect(await world.run(strict)).toEqual({ code: 0, stdout: 'ran\n', stderr: '' });
  });
});

async function childrenOf(pid: number | undefined): Promise<number[]> {
  const child = spawn('ps', ['-o', 'pid=', '--ppid', String(pid)]);
  return (await text(child.stdout)).trim().split(/\s+/).map(Number);
}
