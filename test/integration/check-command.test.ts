import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import type { KeyServiceId } from '../../src/core/keys/services.ts';
import { buildCli, type CliWorld, startCliWorld } from '../support/cli.ts';
import { A_KEY } from '../support/keys.ts';
import { FAULTS, type Fault } from '../support/provider/index.ts';
import type { KeyFault } from '../support/provider/keys.ts';

beforeAll(buildCli);

/** What a program reads of the only thing that was checked. */
async function checked(
  world: CliWorld,
  ...args: string[]
): Promise<{ code: unknown; first: object }> {
  const { code, stdout } = await world.run(['check', ...args, '--json']);
  return { code, first: JSON.parse(stdout).checks[0] };
}

const answer = (status: number, body: unknown): Fault => ({
  kind: 'answer',
  status,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
});

/** As a service refuses an access token. */
const NOT_YOURS = answer(401, {
  type: 'error',
  error: { type: 'authentication_error', message: 'Invalid bearer token' },
});

const ON_HOLD = answer(403, {
  type: 'error',
  error: { type: 'permission_error', message: 'This organization has been disabled.' },
});

describe('a login that works', () => {
  test('is ready, at both services, and is not renewed for it', async () => {
    const world = await startCliWorld();
    await world.haveLogin('claude');
    await world.haveLogin('chatgpt');
    const { code, stdout, stderr } = await world.run(['check']);
    expect(stdout).toBe(
      'ready (oauth Claude anna@example.com, validated)\n' +
        'ready (oauth ChatGPT anna@example.com, validated)\n',
    );
    expect(stderr.split('\n').sort()).toEqual([
      '',
      expect.stringMatching(/^Checked 1 of 2: \w+ · anna@example\.com$/),
      expect.stringMatching(/^Checked 2 of 2: \w+ · anna@example\.com$/),
    ]);
    expect(code).toBe(0);
    const { journal } = world.provider;
    expect(journal.of('anthropic', 'profile').at(-1)?.headers).toMatchObject({
      'user-agent': expect.stringMatching(/^authbar\//),
    });
    expect(journal.of('openai', 'usage').at(-1)?.headers).toMatchObject({
      'chatgpt-account-id': world.provider.people[0]?.workspaceId,
      'user-agent': expect.stringMatching(/^authbar\//),
    });
    expect(journal.requests('anthropic', 'refresh') + journal.requests('openai', 'refresh')).toBe(
      0,
    );
  });

  test('is renewed first where its access token has run out', async () => {
    const world = await startCliWorld();
    await world.haveLogin('claude', { ago: 2 * 3_600_000 });
    const { code, stdout } = await world.run(['check', 'claude']);
    expect([code, stdout]).toEqual([0, 'ready (oauth Claude anna@example.com, validated)\n']);
    expect(world.provider.journal.requests('anthropic', 'refresh')).toBe(1);
  });

  test('is renewed where the service does not accept its access token, and asked about again', async () => {
    const world = await startCliWorld();
    await world.haveLogin('claude');
    world.provider.faults.arm('anthropic', 'profile', NOT_YOURS);
    const { code, stdout } = await world.run(['check', 'claude']);
    expect([code, stdout]).toEqual([0, 'ready (oauth Claude anna@example.com, validated)\n']);
    expect(world.provider.journal.requests('anthropic', 'refresh')).toBe(1);
  });

  test('tells with --verbose who was asked', async () => {
    const world = await startCliWorld();
    await world.haveLogin('claude');
    const { stdout } = await world.run(['check', '--verbose']);
    const { host } = new URL(world.provider.origin);
    expect(stdout).toMatch(new RegExp(`^ready \\(.*\\)\n  ${host} · status 200 · \\d+ ms\n`));
  });
});

describe('a login that does not', () => {
  test.each<[string, Fault, string, object, number]>([
    ['503', FAULTS.unavailable, 'status 503', { result: 'unreachable', httpStatus: 503 }, 4],
    ['429', FAULTS.tooMany(60), 'status 429', { error: { code: 'asked-to-wait' } }, 4],
    ['a network’s own page', FAULTS.gateway, 'status 401', { error: { code: 'network-page' } }, 4],
    ['404', answer(404, {}), 'status 404', { error: { code: 'service-refused' } }, 4],
    ['a redirect', FAULTS.redirect(302, '/'), 'status 302', { error: { code: 'network-page' } }, 4],
    ['a broken line', FAULTS.reset, 'unreachable', { result: 'unreachable', httpStatus: null }, 4],
    ['half an answer', FAULTS.cut, 'unreachable', { result: 'unreachable' }, 4],
    ['an endless answer', FAULTS.flood, 'unreachable', { result: 'unreachable' }, 4],
    ['an empty answer', FAULTS.empty, 'unreachable', { result: 'unreachable', httpStatus: 204 }, 4],
    ['an account on hold', ON_HOLD, 'status 403', { result: 'refused', httpStatus: 403 }, 4],
  ])('is stored, after %s', async (_, fault, why, told, exit) => {
    const world = await startCliWorld();
    await world.haveLogin('claude');
    world.provider.faults.arm('anthropic', 'profile', fault);
    const { code, first } = await checked(world);
    expect(first).toMatchObject({
      ...told,
      kind: 'login',
      status: 'stored',
      validated: false,
      text: `stored (oauth Claude anna@example.com, validation failed: ${why})`,
    });
    expect(code).toBe(exit);
    expect(world.provider.journal.requests('anthropic', 'refresh')).toBe(0);
  });

  test('is stored where the service answers nothing in time', async () => {
    const world = await startCliWorld();
    await world.haveLogin('chatgpt');
    world.provider.faults.arm('openai', 'usage', FAULTS.silence);
    const { code, stdout } = await world.run(['check', '--timeout', '1', '--verbose']);
    const [status, asked, step] = stdout.split('\n');
    expect(status).toBe('stored (oauth ChatGPT anna@example.com, validation timed out after 1s)');
    expect(asked).toMatch(/ · no answer · \d+ ms$/);
    expect(step).toBe('  → Try again in a few minutes. The login is kept.   [unreachable]');
    expect(code).toBe(4);
  });

  test('needs a sign-in once the service has ended it', async () => {
    const world = await startCliWorld();
    await world.haveLogin('chatgpt');
    world.provider.revokeFamily('openai', 'anna');
    const { code, stdout } = await world.run(['check', 'chatgpt']);
    expect(stdout.split('\n').slice(0, 1)).toEqual([
      'stored (oauth ChatGPT anna@example.com, validation failed: status 401)',
    ]);
    expect(stdout).toContain('→ Run `authbar login chatgpt`.   [login-ended]');
    expect(code).toBe(3);
    // What is known already is not asked again.
    const { journal } = world.provider;
    const before = journal.entries.length;
    expect((await world.run(['check', 'chatgpt'])).code).toBe(3);
    expect(journal.entries.length).toBe(before);
  });

  test('is kept where it is renewed and still turned away', async () => {
    const world = await startCliWorld();
    await world.haveLogin('claude');
    world.provider.faults.arm('anthropic', 'profile', NOT_YOURS, 2);
    const { code, first } = await checked(world);
    expect(first).toMatchObject({
      result: 'unreachable',
      text: 'stored (oauth Claude anna@example.com, validation failed: status 401)',
      error: { code: 'service-refused' },
    });
    expect(code).toBe(4);
    expect((await world.run(['status'])).stdout).toContain('Signed in');
  });

  test('does not keep the others from their answer', async () => {
    const world = await startCliWorld();
    await world.haveLogin('claude');
    await world.haveLogin('claude', { person: 'ben' });
    world.provider.faults.arm('anthropic', 'profile', FAULTS.unavailable);
    const { code, stdout } = await world.run(['check', 'claude']);
    expect(stdout).toMatch(/^ready \(/m);
    expect(stdout).toMatch(/^stored \(/m);
    expect(code).toBe(4);
  });
});

describe('no login', () => {
  test('is missing, which is no failure beside one that works', async () => {
    const world = await startCliWorld();
    await world.haveLogin('claude');
    const { code, stdout } = await world.run(['check']);
    expect(stdout).toBe(
      'ready (oauth Claude anna@example.com, validated)\n' +
        'missing (ChatGPT)\n  → Run `authbar login chatgpt` to sign in.\n',
    );
    expect(code).toBe(0);
  });

  test('is missing where it was asked for, and where there is none at all', async () => {
    const world = await startCliWorld();
    expect(await world.run(['check', 'codex'])).toMatchObject({
      code: 3,
      stdout: 'missing (ChatGPT)\n  → Run `authbar login chatgpt` to sign in.\n',
    });
    const { code, stdout } = await world.run(['check', '--json']);
    expect(code).toBe(3);
    expect(JSON.parse(stdout)).toMatchObject({
      schema: 1,
      checks: [
        { provider: 'anthropic', status: 'missing', account: null, error: null },
        { provider: 'openai', status: 'missing', validated: false, text: 'missing (ChatGPT)' },
      ],
    });
  });

  test.each([
    [['check', 'copilot'], 2, 'There is no such service'],
    [['check', 'claude:ben@example.com'], 3, 'no-such-login'],
    [['check', '--timeout', '0'], 2, '--timeout is from 1s to 10m'],
    [['check', '--timeout', '11m'], 2, '--timeout is from 1s to 10m'],
  ])('%j is told what is wrong', async (args, exit, words) => {
    const world = await startCliWorld();
    await world.haveLogin('claude');
    const { code, stderr, stdout } = await world.run(args);
    expect([code, stdout]).toEqual([exit, '']);
    expect(stderr).toContain(words);
  });
});

describe('an API key', () => {
  /** Kept, and written to Peekaboo's file. */
  async function haveKey(world: CliWorld, service: KeyServiceId): Promise<void> {
    const run = world.start(['key', 'add', service]);
    run.child.stdin?.end(A_KEY[service]);
    await run.ended;
  }

  test('is ready where its service takes it, and is not where it does not', async () => {
    const world = await startCliWorld();
    world.provider.keys.accept('openai', A_KEY.openai);
    await haveKey(world, 'openai');
    await haveKey(world, 'gemini');
    const { code, stdout } = await world.run(['check']);
    expect(stdout).toContain('ready (credentials OPENAI_API_KEY, validated)\n');
    expect(stdout).toContain(
      'stored (credentials GEMINI_API_KEY, validation failed: status 400)\n' +
        '  Gemini didn’t accept this key. It’s kept all the same. It may be incomplete, or was deleted there.\n' +
        '  → Run `authbar key add gemini` with one that works.   [key-refused]\n',
    );
    expect(stdout).toContain('missing (Claude)\n');
    expect(stdout).not.toContain('missing (ChatGPT)');
    expect(code).toBe(3);
  });

  test('is checked beside a login to the same service', async () => {
    const world = await startCliWorld();
    world.provider.keys.accept('anthropic', A_KEY.anthropic);
    await world.haveLogin('claude');
    await haveKey(world, 'anthropic');
    expect(await world.run(['check', 'claude'])).toMatchObject({
      code: 0,
      stdout:
        'ready (oauth Claude anna@example.com, validated)\n' +
        'ready (credentials ANTHROPIC_API_KEY, validated)\n',
    });
  });

  test('tells a program what it is, and never the key', async () => {
    const world = await startCliWorld();
    await haveKey(world, 'grok');
    world.provider.keys.arm('grok', 'cut');
    const { code, stdout, stderr } = await world.run(['check', 'xai', '--json']);
    expect(JSON.parse(stdout).checks).toMatchObject([
      {
        kind: 'key',
        provider: 'grok',
        account: null,
        status: 'stored',
        validated: false,
        result: 'unreachable',
      },
    ]);
    expect(code).toBe(4);
    expect(stdout).not.toContain('login is kept');
    expect(stdout + stderr).not.toContain(A_KEY.grok);
  });

  test.each<[string, KeyFault, object]>([
    ['401', { status: 401 }, { result: 'refused', error: { code: 'key-refused' } }],
    ['429', { status: 429 }, { result: 'unreachable', error: { code: 'asked-to-wait' } }],
    ['404', { status: 404 }, { result: 'unreachable', error: { code: 'service-refused' } }],
    ['503', { status: 503 }, { result: 'unreachable', error: { code: 'unreachable' } }],
    [
      'a redirect',
      { status: 302, location: '/' },
      { result: 'unreachable', error: { code: 'network-page' } },
    ],
    ['a broken line', 'cut', { result: 'unreachable', error: { code: 'unreachable' } }],
  ])('is stored, after %s', async (_, fault, told) => {
    const world = await startCliWorld();
    await haveKey(world, 'grok');
    world.provider.keys.arm('grok', fault);
    const { first } = await checked(world, 'grok');
    const httpStatus = typeof fault === 'string' ? null : fault.status;
    expect(first).toMatchObject({ ...told, status: 'stored', httpStatus });
  });

  test('tells why its service was not reached', async () => {
    const world = await startCliWorld();
    await haveKey(world, 'grok');
    // No service that is known answers a private connection like this.
    const grok = world.provider.keys.urls.grok.replace(/^http:/, 'https:');
    const path = join(world.home, 'not-private.json');
    await writeFile(path, JSON.stringify({ keys: { grok } }));
    const end = await world.run(['check', 'grok', '--json'], { AUTHBAR_PROVIDERS_FILE: path });
    expect(JSON.parse(end.stdout).checks).toMatchObject([
      { result: 'unreachable', httpStatus: null, error: { code: 'not-private' } },
    ]);
    expect(end.code).toBe(4);
  });

  test('that is not there is missing', async () => {
    const world = await startCliWorld();
    expect(await world.run(['check', 'gemini'])).toMatchObject({
      code: 3,
      stdout: 'missing (Gemini)\n  → Run `authbar key add gemini`.\n',
    });
  });
});

test('a token is shown to nobody but the provider that issued it', async () => {
  const world = await startCliWorld();
  await world.haveLogin('claude');
  const stranger = await startCliWorld();
  const { code, first } = await (async () => {
    const { AUTHBAR_PROVIDERS_FILE } = stranger.env;
    const end = await world.run(['check', 'claude', '--json'], { AUTHBAR_PROVIDERS_FILE });
    return { code: end.code, first: JSON.parse(end.stdout).checks[0] };
  })();
  expect(first).toMatchObject({ result: 'unasked', error: { code: 'unsafe-setting' } });
  expect(code).toBe(2);
  expect(stranger.provider.journal.entries).toEqual([]);
});

test('where an engine runs, it has the logins', async () => {
  const world = await startCliWorld();
  await world.haveLogin('claude');
  const run = world.start(['run']);
  await run.said(/Keeping/);
  world.provider.faults.arm('anthropic', 'profile', NOT_YOURS);
  const { code, stdout } = await world.run(['check', 'claude']);
  expect([code, stdout]).toEqual([0, 'ready (oauth Claude anna@example.com, validated)\n']);
  expect(world.provider.journal.requests('anthropic', 'refresh')).toBe(1);
});
