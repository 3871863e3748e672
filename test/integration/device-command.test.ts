import { readdir } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { buildCli, type CliRun, type CliWorld, LINK, startCliWorld } from '../support/cli.ts';
import { PATIENCE } from '../support/patience.ts';
import { enterDeviceCode, type Fault, signInAt } from '../support/provider/index.ts';

beforeAll(buildCli);

const SSH = { SSH_CONNECTION: '192.0.2.1 50000 192.0.2.2 22', SSH_TTY: '/dev/pts/1' };
const CODE = /^ {2}([A-Z]{4}-[A-Z]{5})$/m;
const NO_CODES: Fault = {
  kind: 'answer',
  status: 404,
  headers: { 'content-type': 'application/json' },
  body: '{"detail":"Not Found"}',
};

/** A service that may be asked often, so that nobody waits for a test. */
function start(options: Parameters<typeof startCliWorld>[0] = {}): Promise<CliWorld> {
  return startCliWorld({ deviceInterval: 1, ...options });
}

/** A port that another program holds. */
async function busyPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const address = server.address();
  return typeof address === 'object' && address ? address.port : 0;
}

/** The person reads what the command shows, and enters it on another device. */
async function enter(run: CliRun, options: Parameters<typeof enterDeviceCode>[2] = {}) {
  const code = await run.said(CODE);
  return enterDeviceCode(await run.said(LINK), code, options);
}

describe('authbar login chatgpt --device', () => {
  test('shows a page and a code, waits, and writes the login', async () => {
    const world = await start();
    const run = world.start(['login', 'chatgpt', '--device']);
    await run.said(/Waiting until you’re done there… \(Ctrl-C stops\)/);
    expect(run.stderr).toContain('To sign in to ChatGPT, open this page on a phone');
    expect(run.stderr).toContain('It works for 15 min. Only enter a code that you asked for.');
    await enter(run);
    const end = await run.ended;
    expect(end).toMatchObject({ code: 0, stdout: '' });
    expect(end.stderr).toContain('Signed in to ChatGPT as anna@example.com (Plus).');
    const shown = world.provider.tokens.filter((secret) => end.stderr.includes(secret));
    expect(shown).toEqual([]);
  });

  test('a no on the other device', async () => {
    const world = await start();
    const run = world.start(['login', 'chatgpt', '--device']);
    await enter(run, { deny: true });
    const end = await run.ended;
    expect(end.code).toBe(7);
    expect(end.stderr).toContain('→ Run `authbar login chatgpt` to try again.   [sign-in-stopped]');
  });

  test('time that runs out', async () => {
    const world = await start();
    const end = await world.run(['login', 'chatgpt', '--device', '--timeout', '2s']);
    expect(end.code).toBe(7);
    expect(end.stderr).toContain('It works for 1 min.');
    expect(end.stderr).toContain('That was the time you gave it.');
    expect(end.stderr).toContain('[sign-in-timeout]');
  });

  test('Ctrl-C', async () => {
    const world = await start();
    const run = world.start(['login', 'chatgpt', '--device']);
    await run.said(CODE);
    run.child.kill('SIGINT');
    const end = await run.ended;
    expect(end.code).toBe(130);
    expect(end.stderr).toContain('[interrupted]');
  });

  test('a process that is killed while it waits leaves nothing', async () => {
    const world = await start();
    const run = world.start(['login', 'chatgpt', '--device']);
    await run.said(CODE);
    const polls = () => world.provider.journal.requests('openai', 'device-poll');
    await expect.poll(polls, PATIENCE).not.toBe(0);
    run.child.kill('SIGKILL');
    await run.ended;
    expect(await readdir(join(world.state, 'accounts')).catch(() => [])).toEqual([]);
    const again = world.start(['login', 'chatgpt', '--device']);
    await enter(again);
    expect((await again.ended).code).toBe(0);
  });

  test('a service that gives out no codes is told, and nothing else is tried', async () => {
    const world = await start();
    world.provider.faults.arm('openai', 'device-code', NO_CODES);
    const end = await world.run(['login', 'chatgpt', '--device']);
    expect(end.code).toBe(4);
    expect(end.stderr).toContain('[service-refused]');
    expect(end.stderr).not.toMatch(LINK);
  });

  test('is wrong use for Claude, and says what to do instead', async () => {
    const world = await start();
    const end = await world.run(['login', 'claude', '--device']);
    expect(end.code).toBe(2);
    expect(end.stderr).toContain('Claude has no codes for another device; use --no-browser');
  });
});

describe('authbar login chatgpt goes on by a code', () => {
  test('where other programs hold both ports', async () => {
    const redirectPorts = { openai: [await busyPort(), await busyPort()] };
    const world = await start({ redirectPorts });
    // A browser that would be opened is an error in this test.
    const run = world.start(['login', 'chatgpt'], { BROWSER: '/nowhere/browser' });
    await run.said(/in the way\. .*Quit it, or use another device\. {3}\[port-busy\]/);
    await enter(run);
    const end = await run.ended;
    expect(end.code).toBe(0);
    expect(end.stderr).not.toContain('browser-not-opened');
  });

  test('over SSH, and says so', async () => {
    const world = await start();
    const run = world.start(['login', 'chatgpt'], SSH);
    await run.said(
      /connected over SSH, so you sign in on another device; --no-browser shows a link/,
    );
    await enter(run);
    expect((await run.ended).code).toBe(0);
  });

  test('unless a link is asked for', async () => {
    const world = await start();
    const run = world.start(['login', 'chatgpt', '--no-browser'], SSH);
    const end = await signInAt(await run.said(LINK), { fetchCallback: false });
    run.type(end.url);
    expect((await run.ended).code).toBe(0);
    expect(run.stderr).not.toContain('SSH');
    expect(world.provider.journal.requests('openai', 'device-code')).toBe(0);
  });

  test.each([
    ['over SSH', SSH, false],
    ['behind busy ports', {}, true],
  ])('%s, and by a link where there are no codes', async (_, env, busy) => {
    const ports = busy ? { redirectPorts: { openai: [await busyPort()] } } : {};
    const world = await start(ports);
    world.provider.faults.arm('openai', 'device-code', NO_CODES);
    const run = world.start(['login', 'chatgpt'], env);
    await run.said(/\[service-refused\]/);
    const end = await signInAt(await run.said(LINK), { fetchCallback: false });
    run.type(end.url);
    expect((await run.ended).code).toBe(0);
  });
});
