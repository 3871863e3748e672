import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { createEngine } from '../../src/core/create.ts';
import { startEngineBroker } from '../support/broker.ts';
import { buildCli, type CliWorld, startCliWorld } from '../support/cli.ts';
import { type PlainIssuer, startPlainIssuer } from '../support/provider/plain.ts';

beforeAll(buildCli);

async function startBoth(): Promise<{ readonly world: CliWorld; readonly service: PlainIssuer }> {
  const world = await startCliWorld();
  const service = await startPlainIssuer();
  onTestFinished(() => service.close());
  return { world, service };
}

function addArguments({ issuer, clientId }: PlainIssuer): string[] {
  return ['provider', 'add', '--issuer', issuer, '--client-id', clientId, '--id', 'example'];
}

const PRINT =
  'console.log(JSON.stringify(process.argv.slice(1).map((n) => process.env[n] ?? null)))';

test('from its address to the end of the login', async () => {
  const { world, service } = await startBoth();
  const added = await world.run(addArguments(service));
  expect(added).toMatchObject({ code: 0, stderr: '' });
  expect(added.stdout).toContain('Added Example.');
  expect(added.stdout).toContain(`${service.issuer}/token`);
  expect(added.stdout).toContain('Run `authbar login example`');

  const signedIn = await world.signIn('example', 'anna');
  expect(signedIn.stderr).toContain('Signed in to Example as anna@example.com.');
  expect((await world.run(['status'])).stdout).toMatch(
    /^Example · anna@example.com\n {2}Signed in/,
  );

  const { stdout: token } = await world.run(['token', 'example']);
  const names = ['AUTHBAR_ACCESS_TOKEN', 'AUTHBAR_EXAMPLE_ACCESS_TOKEN', 'OPENAI_ACCESS_TOKEN'];
  const command = [process.execPath, '-e', PRINT, ...names];
  const run = await world.run(['exec', 'example', '--', ...command]);
  expect(JSON.parse(run.stdout)).toEqual([token.trim(), token.trim(), null]);

  const renewed = await world.run(['refresh', 'custom-example', '--force']);
  expect(renewed.stdout).toMatch(/^Example · anna@example.com: renewed, next/);
  expect((await world.run(['token', 'example'])).stdout).not.toBe(token);
  expect((await world.run(['history', 'example'])).stdout).toMatch(/Renewed by Authbar/);

  const kept = await world.run(['provider', 'remove', 'example']);
  expect(kept).toMatchObject({ code: 2 });
  expect(kept.stderr).toContain('`authbar logout example`');
  const out = await world.run(['logout', 'example']);
  expect(out).toMatchObject({ code: 0 });
  expect(out.stdout).toContain('Example ended the login too.');
  expect((await world.run(['provider', 'remove', 'example'])).stdout).toBe('Removed Example.\n');
  expect(await world.run(['token', 'example'])).toMatchObject({ code: 2 });
});

test('an id that a login still has goes to no other service before a sign-out', async () => {
  const { world, service } = await startBoth();
  await world.run(addArguments(service));
  await world.signIn('example', 'anna');
  await world.run(['provider', 'remove', 'example', '--force']);
  const other = await startPlainIssuer();
  onTestFinished(() => other.close());
  const refused = await world.run(addArguments(other));
  expect(refused).toMatchObject({ code: 2, stdout: '' });
  expect(refused.stderr).toContain('`authbar logout example`');
  // Signed out here; at the service it may live on.
  expect(await world.run(['logout', 'example'])).toMatchObject({ code: 6 });
  expect(await world.run(addArguments(other))).toMatchObject({ code: 0, stderr: '' });
});

test('an engine that ran before it was added hands its tokens out', async () => {
  const { world, service } = await startBoth();
  const made = await createEngine({ env: world.env, userHome: world.home });
  const { service: broker } = await startEngineBroker(made);
  await world.run(addArguments(service));
  await world.signIn('example');
  const { stdout, code } = await world.run(['token', 'example', '--json']);
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ schema: 1, tokenType: 'Bearer' });
  expect(broker.asked).toContain('token');
});

test('a login that cannot be renewed says so before it ends', async () => {
  const world = await startCliWorld();
  const service = await startPlainIssuer({ renewals: 'none' });
  onTestFinished(() => service.close());
  await world.run(addArguments(service));
  await world.signIn('example');
  const { stdout } = await world.run(['status']);
  expect(stdout).toMatch(/Signed in · ends .*, and can’t be renewed/);
});

describe('provider list', () => {
  test('tells a program everything that was fixed', async () => {
    const { world, service } = await startBoth();
    await world.run(addArguments(service));
    const { stdout } = await world.run(['provider', 'list', '--json']);
    expect(JSON.parse(stdout)).toMatchObject({
      schema: 1,
      providers: [
        {
          id: 'custom-example',
          name: 'Example',
          issuer: service.issuer,
          clientId: service.clientId,
          scopes: ['openid', 'profile', 'email', 'offline_access'],
          redirectPorts: [0],
          issuerInAnswer: true,
        },
      ],
    });
  });

  test('tells a damaged list, and says where it is', async () => {
    const { world, service } = await startBoth();
    await world.run(addArguments(service));
    await writeFile(join(world.state, 'providers.json'), '{');
    const end = await world.run(['provider', 'list']);
    expect(end).toMatchObject({ code: 2, stdout: '' });
    expect(end.stderr).toContain('Put ~/state/providers.json right');
    expect(end.stderr).toContain('[providers-damaged]');
    expect((await world.run(['status'])).code).toBe(0);
  });
});

describe('provider add', () => {
  test('by a file, for a service that says nothing of itself', async () => {
    const { world, service } = await startBoth();
    const { issuer, clientId } = service;
    const path = join(world.home, 'example.json');
    const endpoints = {
      authorize: `${issuer}/auth`,
      token: `${issuer}/token`,
      userinfo: `${issuer}/me`,
    };
    const scopes = ['openid', 'email', 'offline_access'];
    await writeFile(path, JSON.stringify({ id: 'example', issuer, clientId, scopes, endpoints }));
    const { code, stdout } = await world.run(['provider', 'add', '--file', path]);
    expect(code).toBe(0);
    expect(stdout).toContain('not offered: sign out at the service as well');
    expect(service.requests).toEqual([]);
    await world.signIn('example', 'ben');
    expect(await world.run(['logout', 'example'])).toMatchObject({ code: 6 });
  });

  test('shows what --replace changed', async () => {
    const { world, service } = await startBoth();
    await world.run(addArguments(service));
    const again = await world.run(addArguments(service));
    expect(again).toMatchObject({ code: 2 });
    expect(again.stderr).toContain('--replace');
    const more = ['--scope', 'openid', '--redirect-port', '8400', '--replace'];
    const { stdout } = await world.run([...addArguments(service), ...more]);
    expect(stdout).toContain('Changed Example.');
    expect(stdout).toMatch(/Scopes +openid\n +\(it was openid profile email offline_access\)/);
    expect(stdout).toMatch(/callback on 8400\n +\(it was/);
  });

  test.each([
    [[], 'Say where the service is'],
    [['--issuer', 'https://login.example.com'], '--client-id'],
    [['--file', '/nowhere'], 'can’t be read'],
    [['--redirect-port', 'x'], 'A port is a number'],
  ])('%j is not enough', async (args, hint) => {
    const world = await startCliWorld();
    const end = await world.run(['provider', 'add', ...args]);
    expect(end).toMatchObject({ code: 2, stdout: '' });
    expect(end.stderr).toContain(hint);
  });

  test.each([
    ['no JSON', '{', 'not JSON'],
    ['a list', '[]', 'describes no service'],
    ['an unknown key', '{"clientSecret":"s3cret"}', 'clientSecret'],
    ['a wrong kind', '{"scopes":"openid"}', 'scopes'],
    ['64 KB', `"${'x'.repeat(65 * 1024)}"`, 'too long'],
  ])('a file with %s is refused', async (_, content, hint) => {
    const world = await startCliWorld();
    const path = join(world.home, 'example.json');
    await writeFile(path, content);
    const end = await world.run(['provider', 'add', '--file', path]);
    expect(end).toMatchObject({ code: 2, stdout: '' });
    expect(end.stderr).toContain(hint);
    expect(end.stderr).not.toContain('s3cret');
  });
});

test('a service that cannot be reached is not added, and the next step is about its address', async () => {
  const { world, service } = await startBoth();
  await service.close();
  const { code, stderr } = await world.run(addArguments(service));
  expect(code).toBe(4);
  expect(stderr).toContain(
    'Nothing was added.\n  → Check the address, then run the same command again.',
  );
  expect((await world.run(['provider', 'list'])).stdout).toContain('You added no service yet.');
});

test('a service that gets another name says so', async () => {
  const { world, service } = await startBoth();
  await world.run(addArguments(service));
  const again = await world.run([...addArguments(service), '--replace', '--name', 'My Corp']);
  expect(again.stdout).toContain('Changed My Corp.');
  expect(again.stdout).toContain('(its name was Example)');
  expect(again.stdout).not.toContain('Nothing of it is different');
  const same = await world.run([...addArguments(service), '--replace', '--name', 'My Corp']);
  expect(same.stdout).toContain('Nothing of it is different now.');
});
