import { beforeAll, expect, test } from 'vitest';
import { buildCli, startCliWorld } from '../support/cli.ts';
import { FAULTS } from '../support/provider/index.ts';

beforeAll(buildCli);

test('shows a bar for each window, and what is told by nobody', async () => {
  const world = await startCliWorld();
  await world.haveLogin('claude');
  await world.haveLogin('chatgpt');
  const { code, stdout } = await world.run(['usage']);
  expect(stdout).toMatch(
    new RegExp(
      [
        '^Claude · anna@example.com · Max',
        '  Claude doesn’t tell Authbar how much is left.',
        '',
        'ChatGPT · anna@example.com · Plus',
        '  5 hours  ████████░░░░░░░░░░░░   42 %, new (tomorrow )?at \\d\\d:\\d\\d',
        '  Week     ████░░░░░░░░░░░░░░░░   18 %, new on \\w+ at \\d\\d:\\d\\d',
        '$',
      ].join('\n'),
    ),
  );
  expect(code).toBe(0);
});

test('says what is almost used up', async () => {
  const world = await startCliWorld();
  await world.haveLogin('chatgpt');
  world.provider.setUsage('openai', [
    { seconds: 604_800, used: 93.2, resetsIn: null },
    { seconds: 18_000, used: 100, resetsIn: null },
    { seconds: 86_400, used: 0.1, resetsIn: null },
  ]);
  const { stdout } = await world.run(['usage', 'chatgpt']);
  expect(stdout.split('\n').slice(1, 3)).toEqual([
    '  5 hours  ████████████████████  100 %, used up',
    '  Week     ███████████████████░   93 %, almost used up',
  ]);
});

test('tells programs the same in numbers', async () => {
  const world = await startCliWorld();
  await world.haveLogin('claude');
  await world.haveLogin('chatgpt');
  const before = Date.now();
  const { code, stdout } = await world.run(['usage', '--json']);
  const document = JSON.parse(stdout);
  expect(document).toMatchObject({
    schema: 1,
    accounts: [
      { provider: 'anthropic', result: 'untold', windows: [], error: null },
      {
        provider: 'openai',
        email: 'anna@example.com',
        result: 'told',
        windows: [
          { ms: 18_000_000, usedPercent: 42, resetsAt: expect.any(Number) },
          { ms: 604_800_000, usedPercent: 18, resetsAt: expect.any(Number) },
        ],
        error: null,
      },
    ],
  });
  expect(document.accounts[1].readAt).toBeGreaterThanOrEqual(before);
  expect(code).toBe(0);
  // The second look is at what was told a moment ago.
  expect(JSON.parse((await world.run(['usage', '--json'])).stdout)).toEqual(document);
  expect(world.provider.journal.requests('openai', 'usage')).toBe(1);
  expect(world.provider.journal.requests('anthropic', 'usage')).toBe(1);
});

test('a service that can’t be reached is no service that does not tell', async () => {
  const world = await startCliWorld();
  await world.haveLogin('chatgpt');
  world.provider.faults.arm('openai', 'usage', FAULTS.unavailable, 2);
  expect(await world.run(['usage'])).toMatchObject({
    code: 4,
    stdout: [
      'ChatGPT · anna@example.com · Plus',
      '  Can’t reach ChatGPT.',
      '  → Try again in a few minutes. The login is kept.   [unreachable]',
      '',
    ].join('\n'),
  });
  const { code, stdout } = await world.run(['usage', '--json']);
  expect(code).toBe(4);
  expect(JSON.parse(stdout).accounts).toMatchObject([
    { result: 'unknown', readAt: null, windows: [], error: { code: 'unreachable' } },
  ]);
});

test('where nobody is signed in there is nothing to look at', async () => {
  const world = await startCliWorld();
  expect(await world.run(['usage'])).toMatchObject({
    code: 0,
    stdout: 'Nobody is signed in. There is no plan to look at.\n',
  });
  expect(await world.run(['usage', 'claude'])).toMatchObject({ code: 3, stdout: '' });
});

test.each([
  [['usage', 'gemini'], 2, 'There is no such service'],
  [['usage', 'chatgpt:ben@example.com'], 3, 'no-such-login'],
])('%j is told what is wrong', async (args, exit, words) => {
  const world = await startCliWorld();
  await world.haveLogin('chatgpt');
  const { code, stderr, stdout } = await world.run(args);
  expect([code, stdout]).toEqual([exit, '']);
  expect(stderr).toContain(words);
});
