import { once } from 'node:events';
import { access, chmod, mkdir } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { startBroker } from '../../src/core/broker/server.ts';
import { createEngine } from '../../src/core/create.ts';
import { startEngineBroker } from '../support/broker.ts';
import { serviceOf } from '../support/broker-service.ts';
import { buildCli, type CliWorld, startCliWorld } from '../support/cli.ts';
import { tempFolder } from '../support/temp-folder.ts';

const HOUR = 60 * 60_000;

beforeAll(buildCli);

/** This process is the engine of the machine's state folder. */
async function startEngine(world: CliWorld) {
  const made = await createEngine({ env: world.env, userHome: world.home });
  return { ...made, ...(await startEngineBroker(made)) };
}

describe('with an engine that runs', () => {
  test('token, status and refresh ask it', async () => {
    const world = await startCliWorld();
    await world.haveLogin('claude');
    const { service, engine } = await startEngine(world);
    const { accessToken, account } = await engine.token('claude', 0);
    expect(await world.run(['token', 'claude'])).toEqual({
      code: 0,
      stdout: `${accessToken}\n`,
      stderr: '',
    });
    expect(service.asked).toEqual(['token']);
    const status = JSON.parse((await world.run(['status', '--json'])).stdout);
    expect(status).toMatchObject({
      engine: { kind: 'daemon', pid: process.pid },
      accounts: [{ id: account, state: 'signed-in' }],
    });
    const refresh = await world.run(['refresh', '--force', '--json']);
    expect(JSON.parse(refresh.stdout)).toMatchObject({
      accounts: [{ account, result: 'renewed' }],
    });
    expect(service.asked).toEqual(['token', 'status', 'refresh']);
    const renewed = JSON.parse((await world.run(['token', 'claude', '--json'])).stdout);
    expect(renewed).toMatchObject({ schema: 1, account, tokenType: 'Bearer' });
    expect(renewed.accessToken).not.toBe(accessToken);
    expect(world.provider.journal.requests('anthropic', 'refresh')).toBe(1);
  });

  test('its errors are told as they always were', async () => {
    const world = await startCliWorld();
    const { service } = await startEngine(world);
    const end = await world.run(['token', 'claude']);
    expect(end).toMatchObject({ code: 3, stdout: '' });
    expect(end.stderr).toContain('→ Run `authbar login claude`.   [no-such-login]');
    expect(service.asked).toEqual(['token']);
  });
});

describe('with an engine that is no help', () => {
  test.each([
    ['hangs up', ''],
    ['talks nonsense', 'HTTP/1.1 400 Bad Request\r\n\r\n'],
    ['is of a newer version', '{"v":2,"hello":"there"}\n'],
    [
      'fails',
      '{"v":1,"id":1,"result":{}}\n{"v":1,"id":2,"error":{"code":"unexpected","details":{}}}\n',
    ],
    ['leaves half an answer', '{"v":1,"id":1,"result":{}}\n{"v":1,"id":2,"resu'],
  ])('%s: the command does it alone', async (_, said) => {
    const world = await startCliWorld();
    await world.haveLogin('claude');
    const { run, brokerSocket } = (await createEngine({ env: world.env })).context.paths;
    await mkdir(run, { mode: 0o700 });
    const server = createServer((socket) => {
      socket.on('error', () => {}).end(said);
    }).listen(brokerSocket);
    onTestFinished(() => void server.close());
    await once(server, 'listening');
    const end = await world.run(['token', 'claude']);
    expect(end).toMatchObject({ code: 0, stderr: '' });
    expect(world.provider.tokens).toContain(end.stdout.trimEnd());
    expect((await world.run(['refresh'])).stdout).toContain('not needed yet');
    expect((await world.run(['status'])).stdout).toContain('Signed in');
  });

  test('has ended: the command does it alone', async () => {
    const world = await startCliWorld();
    await world.haveLogin('claude');
    const { broker } = await startEngine(world);
    await broker.close();
    const end = await world.run(['token', 'claude']);
    expect(world.provider.tokens).toContain(end.stdout.trimEnd());
  });
});

describe('with AUTHBAR_SOCKET', () => {
  /** A login that is shared, and a machine that has nothing but the socket. */
  async function share(span = HOUR) {
    const world = await startCliWorld();
    await world.haveLogin('claude');
    const { engine, context } = await createEngine({ env: world.env, userHome: world.home });
    const token = await engine.token('claude', 0);
    const only = { account: token.account, until: Date.now() + span };
    const broker = await startBroker(context, serviceOf(engine), { only });
    onTestFinished(() => broker.close());
    const home = await tempFolder();
    const env = { HOME: home, AUTHBAR_HOME: join(home, 'state'), AUTHBAR_VAULT: '' };
    return { world, token, broker, env: { ...env, AUTHBAR_SOCKET: broker.path } };
  }

  test('a token comes from there, without state folder or vault', async () => {
    const { world, token, env } = await share();
    const end = await world.run(['token', 'claude'], env);
    expect(end).toEqual({ code: 0, stdout: `${token.accessToken}\n`, stderr: '' });
    const json = await world.run(['token', 'anthropic:anna@example.com', '--json'], env);
    expect(JSON.parse(json.stdout)).toMatchObject({ accessToken: token.accessToken });
    await expect(access(env.AUTHBAR_HOME)).rejects.toThrow('ENOENT');
  });

  test('another login is not there, and nothing else is answered', async () => {
    const { world, env } = await share();
    const other = await world.run(['token', 'chatgpt'], env);
    expect(other).toMatchObject({ code: 3, stdout: '' });
    for (const command of ['status', 'refresh']) {
      const end = await world.run([command], env);
      expect(end).toMatchObject({ code: 2, stdout: '' });
      expect(end.stderr).toContain('That can’t be asked on this socket.');
    }
  });

  test('that is gone: says so, and takes no other login', async () => {
    const { world, broker, env } = await share();
    await broker.close();
    const end = await world.run(['token', 'claude'], { AUTHBAR_SOCKET: env.AUTHBAR_SOCKET });
    expect(end).toMatchObject({ code: 4, stdout: '' });
    expect(end.stderr).toContain('The shared login is gone');
    expect(end.stderr).toContain('[engine-gone]');
  });

  test('in a folder that others can enter: refuses', async () => {
    const { world, env } = await share();
    await chmod(join(env.AUTHBAR_SOCKET, '..'), 0o755);
    const end = await world.run(['token', 'claude'], env);
    expect(end).toMatchObject({ code: 2, stdout: '' });
    expect(end.stderr).toContain('has to be yours, and open to nobody else');
    expect(end.stderr).toContain('[unsafe-setting]');
  });
});
