import { readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { startChild, untilItEnds } from '../support/children/run-child.ts';
import { buildCli, type CliWorld, LINK, startCliWorld } from '../support/cli.ts';
import { PATIENCE } from '../support/patience.ts';
import { FAULTS, signInAt } from '../support/provider/index.ts';

beforeAll(buildCli);

const MINUTE = 60_000;

/** Every link of a login, as it stands on a line of its own. */
function linksIn(text: string): string[] {
  return [...text.matchAll(new RegExp(LINK, 'gm'))].map(([, url = '']) => url);
}

async function brokenService(world: CliWorld): Promise<void> {
  world.provider.faults.outage(true);
}

describe('authbar login', () => {
  test.each([
    ['claude', 'Signed in to Claude as anna@example.com (Max).'],
    ['chatgpt', 'Signed in to ChatGPT as anna@example.com (Plus).'],
  ])('%s: the browser comes back and the login is written', async (service, sentence) => {
    const world = await startCliWorld();
    const end = await world.signIn(service);
    expect(end).toMatchObject({ code: 0, stdout: '' });
    expect(end.stderr).toContain('Signing you in…');
    expect(end.stderr).toContain(sentence);
    expect(end.stderr).toContain('Written to ~/.peekaboo/credentials (Peekaboo).');
  });

  test('opens the browser that BROWSER names', async () => {
    const world = await startCliWorld();
    const browser = join(world.home, 'browser');
    await writeFile(browser, `#!/bin/sh\nprintf '%s' "$1" > ${world.home}/opened\n`, {
      mode: 0o755,
    });
    const run = world.start(['login', 'claude'], { BROWSER: browser });
    await run.said(/Waiting for your browser/);
    const read = () => readFile(`${world.home}/opened`, 'utf8').catch(() => '');
    await expect.poll(read, PATIENCE).not.toBe('');
    const opened = await readFile(`${world.home}/opened`, 'utf8');
    expect(linksIn(run.stderr)[0]).toBe(opened);
    await signInAt(opened);
    expect((await run.ended).code).toBe(0);
  });

  test('a browser that fails is told, and the link still works', async () => {
    const world = await startCliWorld();
    const run = world.start(['login', 'claude'], { BROWSER: '/nowhere/browser' });
    await run.said(/browser-not-opened/);
    await signInAt(await run.said(LINK));
    expect((await run.ended).code).toBe(0);
  });

  test('takes the code of another device, after explaining what was wrong with others', async () => {
    const world = await startCliWorld();
    const run = world.start(['login', 'claude', '--no-browser']);
    await run.said(/Waiting for your browser/);
    const [, codeUrl = ''] = linksIn(run.stderr);
    const page = await signInAt(codeUrl);
    if (page.kind !== 'code-page') throw new Error(page.kind);
    run.type(`${page.code.split('#')[0]}#another-state`);
    await run.said(/from an earlier try.*\[answer-mismatch\]/);
    run.type('');
    await run.said(/Paste the code first/);
    run.child.stdin?.end(page.code);
    expect((await run.ended).code).toBe(0);
  });

  test('takes the address that the browser ended on', async () => {
    const world = await startCliWorld();
    const run = world.start(['login', 'chatgpt', '--no-browser']);
    const end = await signInAt(await run.said(LINK), { fetchCallback: false });
    run.type(end.url);
    expect((await run.ended).code).toBe(0);
  });

  test('the end of standard input ends nothing', async () => {
    const world = await startCliWorld();
    const run = world.start(['login', 'claude', '--no-browser']);
    run.child.stdin?.end();
    await signInAt(await run.said(LINK));
    expect((await run.ended).code).toBe(0);
  });

  test('a port that another program holds leads to the pasted address', async () => {
    const blocker = createServer();
    await new Promise<void>((resolve) => blocker.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void blocker.close());
    const address = blocker.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    const world = await startCliWorld({ redirectPorts: { openai: [port] } });
    const run = world.start(['login', 'chatgpt', '--no-browser']);
    await run.said(/in the way.*\n.*\[port-busy\]/);
    const end = await signInAt(await run.said(LINK), { fetchCallback: false });
    run.type(end.url);
    expect((await run.ended).code).toBe(0);
  });

  test('an exchange that fails promises nothing, and says what to do', async () => {
    const world = await startCliWorld();
    world.provider.faults.arm('openai', 'exchange', FAULTS.unavailable);
    const end = await world.signIn('chatgpt');
    expect(end.code).toBe(4);
    expect(end.stderr).toContain('Can’t reach ChatGPT. Nothing was changed.\n');
    expect(end.stderr).toContain('→ Run `authbar login chatgpt` to try again.   [unreachable]');
  });

  test('a browser that fails when all is over is no news', async () => {
    const world = await startCliWorld();
    const browser = join(world.home, 'browser');
    const ended = join(world.home, 'ended');
    const script = `#!/bin/sh\nwhile [ ! -e ${ended} ]; do sleep 0.01; done\nexit 1\n`;
    await writeFile(browser, script, { mode: 0o755 });
    const run = world.start(['login', 'claude'], { BROWSER: browser });
    await signInAt(await run.said(LINK), { deny: true });
    await writeFile(ended, '');
    const end = await run.ended;
    expect(end.code).toBe(7);
    expect(end.stderr).not.toContain('browser-not-opened');
  });

  test('a person who says no in the browser', async () => {
    const world = await startCliWorld();
    const run = world.start(['login', 'claude', '--no-browser']);
    await signInAt(await run.said(LINK), { deny: true });
    const end = await run.ended;
    expect(end.code).toBe(7);
    expect(end.stderr).toContain('You didn’t sign in. The sign-in was stopped in the browser.');
    expect(end.stderr).toContain('→ Run `authbar login claude` to try again.   [sign-in-stopped]');
  });

  test('nobody comes: it stops at the time that it was given', async () => {
    const world = await startCliWorld();
    const end = await world.run(['login', 'claude', '--no-browser', '--timeout', '1s']);
    expect(end.code).toBe(7);
    expect(end.stderr).toContain('The sign-in ran out of time. That was the time you gave it.');
  });

  test('Ctrl-C stops it, and nothing is left behind', async () => {
    const world = await startCliWorld();
    const run = world.start(['login', 'claude', '--no-browser']);
    const link = new URL(await run.said(LINK));
    run.child.kill('SIGINT');
    const end = await run.ended;
    expect(end.code).toBe(130);
    expect(end.stderr).toContain('[interrupted]');
    await expect(fetch(link.searchParams.get('redirect_uri') ?? '')).rejects.toThrow();
    expect((await world.run(['status'])).stdout).toContain('Nobody is signed in yet.');
  });

  test('a tool’s file that cannot be written is owed the login', async () => {
    const world = await startCliWorld();
    await writeFile(join(world.home, '.peekaboo'), 'not a folder');
    const end = await world.signIn('claude');
    expect(end.code).toBe(6);
    expect(end.stderr).toMatch(
      /Not in .*\.peekaboo\/credentials \(Peekaboo\) yet\. {3}\[[a-z-]+\]/,
    );
  });
});

describe('authbar status', () => {
  test('nobody is signed in: says so, and what to type', async () => {
    const world = await startCliWorld();
    expect(await world.run(['status'])).toEqual({
      code: 0,
      stdout:
        'Nobody is signed in yet.\n  → Run `authbar login claude` or `authbar login chatgpt`.\n',
      stderr: '',
    });
    const json = JSON.parse((await world.run(['status', '--json'])).stdout);
    expect(json).toEqual({
      schema: 1,
      engine: null,
      vault: { kind: null, state: 'closed' },
      accounts: [],
    });
  });

  test('tells who is signed in, and that a file is less safe', async () => {
    const world = await startCliWorld();
    await world.haveLogin('claude');
    const { stdout } = await world.run(['status']);
    expect(stdout).toContain('Claude · anna@example.com · Max\n  Signed in · to be renewed in ');
    expect(stdout).toContain('less safe than');
    expect(stdout).toContain('authbar run');
    const { accounts, vault } = JSON.parse((await world.run(['status', '--json'])).stdout);
    expect(vault).toEqual({ kind: 'file', state: 'open' });
    expect(accounts).toEqual([
      {
        id: expect.stringMatching(/^[0-9a-f]{16}$/),
        provider: 'anthropic',
        email: 'anna@example.com',
        workspace: 'Anna',
        plan: 'max',
        name: null,
        inUse: true,
        state: 'signed-in',
        code: null,
        expiresAt: expect.any(Number),
        renewedAt: expect.any(Number),
        renewsAt: expect.any(Number),
        signInBy: null,
      },
    ]);
  });

  test('two accounts of one service: which one the tools get', async () => {
    const world = await startCliWorld();
    await world.haveLogin('claude', { person: 'anna' });
    const second = await world.signIn('claude', 'ben');
    expect(second.stderr).toContain('On standby');
    const { stdout } = await world.run(['status']);
    expect(stdout).toMatch(/anna@example\.com · Max\n.*\n {2}In use/);
    expect(stdout).toMatch(/ben@example\.com · Pro\n.*\n {2}On standby/);
  });
});

describe('authbar token', () => {
  test('prints the access token and nothing else', async () => {
    const world = await startCliWorld();
    await world.haveLogin('claude');
    const { code, stdout, stderr } = await world.run(['token', 'claude']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(world.provider.tokens).toContain(stdout.trimEnd());
    const { accounts } = JSON.parse((await world.run(['status', '--json'])).stdout);
    expect(JSON.parse((await world.run(['token', 'claude', '--json'])).stdout)).toEqual({
      schema: 1,
      provider: 'anthropic',
      account: accounts[0].id,
      accessToken: stdout.trimEnd(),
      tokenType: 'Bearer',
      expiresAt: accounts[0].expiresAt,
      scopes: expect.arrayContaining(['user:inference']),
    });
  });

  test('renews a login that has too little life left, and says when it cannot', async () => {
    const world = await startCliWorld();
    await world.haveLogin('claude', { ago: 57 * MINUTE });
    const first = (await world.run(['token', 'claude', '--min-life', '1m'])).stdout;
    await brokenService(world);
    const strict = await world.run(['token', 'claude', '--min-life', '5m']);
    expect(strict).toMatchObject({ code: 4, stdout: '' });
    expect(strict.stderr).toContain('[unreachable]');
    const easy = await world.run(['token', 'claude']);
    expect(easy).toMatchObject({ code: 0, stdout: first });
    // Of the three that it had, some are gone by now.
    expect(easy.stderr).toMatch(/This login works for [123] min more\./);
    expect(easy.stderr).toContain('couldn’t be renewed: Can’t reach Claude.');
    world.provider.faults.clear();
    expect((await world.run(['refresh'])).stdout).toContain(': renewed, next in');
    expect((await world.run(['token', 'claude'])).stdout).not.toBe(first);
  });

  test('more life than a login ever has: prints it, and says what it has', async () => {
    const world = await startCliWorld();
    await world.haveLogin('chatgpt');
    const { code, stdout, stderr } = await world.run(['token', 'codex', '--min-life', '100h']);
    expect(code).toBe(0);
    expect(world.provider.tokens).toContain(stdout.trimEnd());
    expect(stderr).toContain('This login works for 1 hour more.');
  });

  test('a login that nobody has', async () => {
    const world = await startCliWorld();
    const end = await world.run(['token', 'claude']);
    expect(end).toEqual({
      code: 3,
      stdout: '',
      stderr:
        'You’re not signed in there yet. Authbar has no such login.\n' +
        '  → Run `authbar login claude`.   [no-such-login]\n',
    });
  });
});

describe('authbar refresh', () => {
  test('leaves alone what is not due, and renews it when forced', async () => {
    const world = await startCliWorld();
    await world.haveLogin('claude');
    const before = (await world.run(['token', 'claude'])).stdout;
    const idle = await world.run(['refresh']);
    expect(idle).toMatchObject({ code: 0, stderr: '' });
    expect(idle.stdout).toMatch(/^Claude · anna@example.com: not needed yet, next in \d+ min\.\n$/);
    const forced = await world.run(['refresh', 'claude', '--force', '--json']);
    expect(JSON.parse(forced.stdout)).toMatchObject({
      schema: 1,
      accounts: [{ provider: 'anthropic', result: 'renewed', state: 'signed-in', error: null }],
    });
    expect((await world.run(['token', 'claude'])).stdout).not.toBe(before);
  });

  test('a service that cannot be reached: try later', async () => {
    const world = await startCliWorld();
    await world.haveLogin('claude');
    await brokenService(world);
    const end = await world.run(['refresh', '--force']);
    expect(end.code).toBe(4);
    expect(end.stdout).toContain(
      'Claude · anna@example.com: Can’t reach Claude. The login is kept.\n' +
        '  → Run `authbar refresh` later, or `authbar run` to leave that to Authbar.',
    );
    expect((await world.run(['status'])).stdout).toContain('Signed in · renewal is late');
  });

  test('says that it is tried again while something runs', async () => {
    const world = await startCliWorld();
    await world.haveLogin('claude');
    await brokenService(world);
    const run = world.start(['run']);
    await run.said(/Keeping your logins fresh/);
    const { stdout } = await world.run(['refresh', '--force']);
    expect(stdout).toContain('Can’t reach Claude. Authbar tries again in ');
  });

  test('finishes a sign-out, and says so', async () => {
    const world = await startCliWorld();
    await world.haveLogin('claude');
    const args = [
      JSON.stringify({
        action: 'sign-out',
        service: 'claude',
        dieAt: { step: 'sign-out:tombstone' },
      }),
    ];
    await untilItEnds(startChild('engine-child.ts', args, { env: world.env }));
    const { stdout, code } = await world.run(['refresh']);
    expect({ stdout, code }).toEqual({
      stdout: 'Claude · anna@example.com: its sign-out is finished.\n',
      code: 0,
    });
    expect((await world.run(['status'])).stdout).toContain('Nobody is signed in yet.');
  });

  test('a login that the service ended: sign in again', async () => {
    const world = await startCliWorld();
    await world.haveLogin('claude');
    world.provider.revokeFamily('anthropic', 'anna');
    const end = await world.run(['refresh', '--force']);
    expect(end.code).toBe(3);
    expect(end.stdout).toContain('→ Run `authbar login claude`.   [login-ended]');
    expect((await world.run(['status'])).stdout).toContain('Sign in to Claude again.');
    expect((await world.run(['refresh', '--json'])).code).toBe(3);
    expect((await world.signIn('claude')).code).toBe(0);
    expect((await world.run(['refresh'])).code).toBe(0);
  });
});

describe('authbar logout', () => {
  test('ends the login, empties the tools and lists what it did', async () => {
    const world = await startCliWorld();
    await world.haveLogin('claude');
    const { stdout, code } = await world.run(['logout', 'claude']);
    expect(code).toBe(0);
    expect(stdout).toBe(
      'Signed out of Claude (anna@example.com).\n' +
        '  Removed from ~/.peekaboo/credentials (Peekaboo).\n' +
        '  Claude ended the login too.\n',
    );
    const file = await readFile(join(world.home, '.peekaboo/credentials'), 'utf8');
    expect(file).not.toContain('ANTHROPIC_');
    expect((await world.run(['token', 'claude'])).code).toBe(3);
  });

  test('a service that cannot be reached is owed the end', async () => {
    const world = await startCliWorld();
    await world.haveLogin('chatgpt');
    await brokenService(world);
    const { stdout, code } = await world.run(['logout', 'chatgpt', '--json']);
    expect(code).toBe(6);
    expect(JSON.parse(stdout)).toMatchObject({
      schema: 1,
      provider: 'openai',
      revoked: false,
      targets: [{ target: 'peekaboo', result: 'removed', code: null }],
    });
  });

  test('a login of another computer stays signed in there', async () => {
    const world = await startCliWorld();
    await world.haveLogin('chatgpt');
    const machine = join(world.state, 'machine');
    const mark = JSON.parse(await readFile(machine, 'utf8'));
    await writeFile(machine, JSON.stringify({ ...mark, mark: 'f'.repeat(64) }));
    const token = await world.run(['token', 'chatgpt']);
    expect(token.stderr).toContain('→ Run `authbar login chatgpt`.   [other-computer]');
    const { stdout, code } = await world.run(['logout', 'chatgpt']);
    expect(code).toBe(0);
    expect(stdout).toContain('It came from another computer, and is still signed in there.');
    expect(stdout).not.toContain('couldn’t be reached');
  });

  test('with several accounts it asks which one', async () => {
    const world = await startCliWorld();
    await world.haveLogin('claude', { person: 'anna' });
    await world.haveLogin('claude', { person: 'anna-at-work' });
    await world.haveLogin('claude', { person: 'ben' });
    expect(await world.run(['logout', 'claude'])).toEqual({
      code: 2,
      stdout: '',
      stderr:
        'More than one login fits. Say which one you mean.\n' +
        '  → Run `authbar logout claude:anna@example.com/Anna`' +
        " or `authbar logout 'claude:anna@example.com/Example Works'`" +
        ' or `authbar logout claude:ben@example.com`.   [several-logins]\n',
    });
    const { code, stdout } = await world.run(['token', 'claude:carl@example.com', '--json']);
    expect([code, JSON.parse(stdout).error]).toEqual([
      3,
      {
        code: 'no-such-login',
        message:
          'There is no login “claude:carl@example.com”; there are claude:anna@example.com/Anna, ' +
          'claude:anna@example.com/Example Works and claude:ben@example.com.',
        action: 'Name one of those, or run `authbar login claude` to sign in to another.',
      },
    ]);
    expect((await world.run(['logout', 'claude:ben@example.com'])).code).toBe(0);
  });
});

describe('authbar targets', () => {
  test('shows where the login is, and moves it', async () => {
    const world = await startCliWorld();
    await world.haveLogin('claude');
    const before = await world.run(['targets']);
    expect(before.stdout).toContain('~/.peekaboo/credentials (Peekaboo)');
    expect(before.stdout).toContain('Claude · anna@example.com: written just now.');

    const moved = await world.run(['targets', 'path', 'peekaboo', '.tachikoma']);
    expect(moved.code).toBe(0);
    const file = await readFile(join(world.home, '.tachikoma/credentials'), 'utf8');
    expect(file).toContain('ANTHROPIC_ACCESS_TOKEN=');

    const { targets } = JSON.parse((await world.run(['targets', '--json'])).stdout);
    expect(targets.slice(0, 2)).toEqual([
      expect.objectContaining({ target: 'keychain', path: null, mode: 'off', entries: [] }),
      {
        target: 'peekaboo',
        path: join(world.home, '.tachikoma/credentials'),
        installed: true,
        mode: 'shared',
        defaultMode: 'shared',
        entries: [
          {
            provider: 'anthropic',
            account: expect.any(String),
            state: 'in-step',
            since: expect.any(Number),
            holder: null,
            pid: null,
            code: null,
          },
        ],
      },
    ]);
  });
});

describe('authbar run', () => {
  test('renews what is due until it is told to stop, and is the only one', async () => {
    const world = await startCliWorld();
    await world.haveLogin('claude', { ago: 57 * MINUTE });
    const run = world.start(['run']);
    await run.said(/Keeping your logins fresh/);
    const status = JSON.parse((await world.run(['status', '--json'])).stdout);
    expect(status.engine).toEqual({
      kind: 'daemon',
      pid: run.child.pid,
      version: expect.any(String),
      hung: false,
    });

    const second = await world.run(['run']);
    expect(second.code).toBe(4);
    expect(second.stderr).toContain(`Process ${run.child.pid} keeps your logins fresh.`);
    expect(second.stderr).toContain('[engine-running]');

    await run.said(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d {2}Claude · anna@example\.com: renewed/m);
    expect((await world.run(['status'])).stdout).toContain('Signed in · renews itself, next in');
    run.child.kill('SIGTERM');
    expect((await run.ended).code).toBe(0);
    const after = JSON.parse((await world.run(['status', '--json'])).stdout);
    expect(after.engine).toBeNull();
  });

  test('Ctrl-C stops it', async () => {
    const world = await startCliWorld();
    const run = world.start(['run']);
    await run.said(/Keeping your logins fresh/);
    run.child.kill('SIGINT');
    expect((await run.ended).code).toBe(130);
  });
});

describe('wrong use', () => {
  test.each([
    [['login', 'gemini'], 'There is no such service; it can be claude or chatgpt.', 'login'],
    [
      ['targets', 'path', 'kodex', 'x'],
      'There is no such tool. Did you mean codex?',
      'targets path',
    ],
    [
      ['\u001b[31mred'],
      'Authbar didn’t understand that. There is no command “[31mred”; commands are login, ',
      '',
    ],
  ])('%j', async (args, words, command) => {
    const world = await startCliWorld();
    const end = await world.run(args);
    expect(end).toMatchObject({ code: 2, stdout: '' });
    expect(end.stderr.startsWith(words)).toBe(true);
    const help = ['authbar', command, '--help'].filter(Boolean).join(' ');
    expect(end.stderr).toContain(`\n  → Run \`${help}\`.   [wrong-use]\n`);
    expect(end.stderr).not.toContain('\u001b');
  });

  test('no command at all shows the help', async () => {
    const world = await startCliWorld();
    const end = await world.run([]);
    expect(end.code).toBe(2);
    expect(end.stderr).toContain('authbar login claude');
  });
});

describe('failures', () => {
  test('with --json are JSON on standard output', async () => {
    const world = await startCliWorld();
    const failed = async (...args: string[]) => {
      const { code, stdout, stderr } = await world.run([...args, '--json']);
      expect(stderr).toBe('');
      return [code, JSON.parse(stdout)];
    };
    expect(await failed('token', 'claude')).toEqual([
      3,
      {
        schema: 1,
        error: {
          code: 'no-such-login',
          message: 'You’re not signed in there yet. Authbar has no such login.',
          action: 'Run `authbar login claude`.',
        },
      },
    ]);
    expect(await failed('logout', 'gemini')).toMatchObject([2, { error: { code: 'wrong-use' } }]);
    expect(await failed('status', '--x')).toMatchObject([2, { error: { code: 'wrong-use' } }]);
  });

  test('settings that would put every login at risk are refused', async () => {
    const world = await startCliWorld();
    const open = await world.run(['status'], { NODE_TLS_REJECT_UNAUTHORIZED: '0' });
    expect(open.code).toBe(2);
    expect(open.stderr).toContain('NODE_TLS_REJECT_UNAUTHORIZED');
    const usual = await world.run(['status'], { AUTHBAR_HOME: '' });
    expect(usual.code).toBe(2);
    expect(usual.stderr).toContain('AUTHBAR_PROVIDERS_FILE');
    expect(usual.stderr).toContain('[unsafe-setting]');
  });

  test.skipIf(process.platform !== 'linux')('no keyring and no choice: names the way', async () => {
    const world = await startCliWorld();
    const nowhere = { AUTHBAR_VAULT: '', DBUS_SESSION_BUS_ADDRESS: 'unix:path=/nowhere/bus' };
    const end = await world.run(['login', 'claude', '--no-browser'], nowhere);
    expect(end.code).toBe(5);
    expect(end.stderr).toContain('No keyring found.');
    expect(end.stderr).toContain('AUTHBAR_VAULT=file');
  });

  test('the recorded choice of where logins are kept is not changed silently', async () => {
    const world = await startCliWorld();
    await world.haveLogin('claude');
    const end = await world.run(['token', 'claude'], { AUTHBAR_VAULT: 'keychain' });
    expect(end).toMatchObject({ code: 5, stdout: '' });
    expect(end.stderr).toContain('[storage-choice]');
  });

  test('a reader that goes away is no failure', async () => {
    const world = await startCliWorld();
    const run = world.start(['login', '--help']);
    run.child.stdout?.destroy();
    expect(await run.ended).toMatchObject({ code: 0, stderr: '' });
  });
});

test('a lost key is told truthfully, with both ways out', async () => {
  const world = await startCliWorld();
  await world.haveLogin('claude');
  const key = join(world.state, 'key');
  await rm(key);
  const words = 'The key to your logins is missing. Without it they can’t be opened.';
  const step = `→ Put ~/state/key back, or run \`authbar logout claude\` and sign in again.   [list-damaged]`;
  const token = await world.run(['token', 'claude']);
  expect(token).toMatchObject({ code: 5, stdout: '' });
  for (const text of [token.stderr, (await world.run(['status'])).stdout]) {
    expect(text).toContain(words);
    expect(text).toContain(step);
  }
  expect((await world.run(['logout', 'claude'])).code).toBe(6);
  expect((await world.signIn('claude')).code).toBe(0);
});

test('no secret is shown by anything but token', async () => {
  const world = await startCliWorld();
  const shown: string[] = [];
  const debug = { AUTHBAR_LOG: 'debug' };
  for (const service of ['claude', 'chatgpt']) {
    const end = await world.signIn(service);
    shown.push(end.stdout, end.stderr);
  }
  await brokenService(world);
  for (const args of [['refresh', '--force'], ['status'], ['targets'], ['logout', 'claude']]) {
    const { stdout, stderr } = await world.run(args, debug);
    shown.push(stdout, stderr);
  }
  const text = shown.join('\n');
  expect(text).toContain('authbar: warn renewal-failed');
  expect(world.provider.tokens.length).toBeGreaterThan(5);
  for (const secret of world.provider.tokens) expect(text).not.toContain(secret);
});
