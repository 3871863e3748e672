import { once, setMaxListeners } from 'node:events';
import { chmod, mkdir } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { setImmediate as turn, setTimeout as wait } from 'node:timers/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import { askEngine } from '../../src/core/broker/ask.ts';
import { type BrokerClient, connectBroker } from '../../src/core/broker/client.ts';
import { MAX_ANSWER } from '../../src/core/broker/protocol.ts';
import { startBroker } from '../../src/core/broker/server.ts';
import type { AccountView } from '../../src/shared/account-view.ts';
import { AppError } from '../../src/shared/errors.ts';
import { rawClient, startEngineBroker } from '../support/broker.ts';
import { serviceOf } from '../support/broker-service.ts';
import { startWorld, type World } from '../support/engine.ts';
import { FAULTS } from '../support/provider/index.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

// Each connection's wait listens to the test's clock, and there are hundreds.
setMaxListeners(0);

async function until(done: () => boolean): Promise<void> {
  while (!done()) await wait(1);
}

async function connected(
  { context }: Pick<World, 'context'>,
  options: Parameters<typeof connectBroker>[1] = {},
): Promise<BrokerClient> {
  const client = await connectBroker(context, options);
  if (!client) throw new Error('nobody answers');
  onTestFinished(() => client.close());
  return client;
}

describe('a client of the engine', () => {
  test('is told what the engine itself would tell', async () => {
    const world = await startWorld();
    const id = await world.signIn('claude');
    await world.signIn('chatgpt');
    await startEngineBroker(world);
    const client = await connected(world);
    expect(await client.token('claude', 5 * MINUTE)).toEqual(await world.engine.token(id, 0));
    expect(await client.status()).toEqual(await world.engine.status());
    const idle = await client.refresh(null, { force: false });
    expect(idle.map(({ how }) => how)).toEqual(['not-needed', 'not-needed']);
    const forced = await client.refresh('claude', { force: true });
    expect(forced).toMatchObject([{ account: { id }, how: 'renewed', error: null }]);
    const { accessToken } = await client.token(id, 0);
    expect(accessToken).toBe((await world.engine.token('claude', 0)).accessToken);
    expect(world.context.secrets.redact(accessToken)).toBe('[redacted]');
  });

  test('meets the errors that the engine meets', async () => {
    const world = await startWorld();
    await startEngineBroker(world);
    const client = await connected(world);
    for (const name of ['claude', 'gemini', 'abcdef']) {
      const own = await world.engine.token(name, 0).catch((error: unknown) => error);
      expect(await client.token(name, 0).catch((error: unknown) => error)).toEqual(own);
    }
    await expect(client.refresh('chatgpt', { force: true })).rejects.toMatchObject({
      code: 'no-such-login',
      details: { service: 'ChatGPT' },
    });
  });

  test('gets a token that still works with the reason why it is no newer', async () => {
    const world = await startWorld();
    const id = await world.signIn('claude');
    await startEngineBroker(world);
    world.provider.faults.arm('anthropic', 'refresh', FAULTS.unavailable, 100);
    world.clock.advance(57 * MINUTE);
    const client = await connected(world);
    const { late, account } = await client.token('claude', 5 * MINUTE);
    expect(account).toBe(id);
    expect(late).toMatchObject({ code: 'unreachable', details: { service: 'Claude' } });
    const [report] = await client.refresh(null, { force: true });
    expect(report).toMatchObject({ how: 'failed', error: { code: 'unreachable' } });
  });

  test('that asks many things at once gets each its own answer', async () => {
    const world = await startWorld();
    const ids = [await world.signIn('claude'), await world.signIn('chatgpt')];
    await startEngineBroker(world);
    const client = await connected(world);
    const answers = Array.from({ length: 300 }, async (_, n) => {
      if (n % 3 === 2) return (await client.status()).accounts.length;
      return (await client.token(ids[n % 3] ?? '', 0)).account;
    });
    const expected = Array.from({ length: 300 }, (_, n) => ids[n % 3] ?? 2);
    expect(await Promise.all(answers)).toEqual(expected);
  });

  test('that subscribed hears of changes until it leaves', async () => {
    const world = await startWorld();
    const { service } = await startEngineBroker(world);
    const client = await connected(world);
    const heard: string[] = [];
    const leave = client.subscribe(() => heard.push('one'));
    client.subscribe(() => heard.push('two'));
    await until(() => service.listening === 1);
    service.change();
    await until(() => heard.length === 2);
    leave();
    service.change();
    await until(() => heard.length === 3);
    expect(heard).toEqual(['one', 'two', 'two']);
    client.close();
    await client.closed;
    await until(() => service.listening === 0);
  });

  test('can ask the engine to make way, and gets its answer first', async () => {
    const world = await startWorld();
    const { broker, service } = await startEngineBroker(world);
    service.onYield = () => void broker.close();
    const client = await connected(world);
    await client.yield();
    await broker.closed;
    expect(service.asked).toEqual(['yield']);
    expect(await connectBroker(world.context)).toBeNull();
  });

  test('notices that the engine is gone', async () => {
    const world = await startWorld();
    const { broker } = await startEngineBroker(world);
    const client = await connected(world);
    await broker.close();
    await client.closed;
    await expect(client.status()).rejects.toMatchObject({ code: 'engine-gone' });
    expect(await connectBroker(world.context)).toBeNull();
  });
});

describe('an engine with many accounts', () => {
  /** One login, told as so many. */
  async function start(many: number) {
    const world = await startWorld();
    const id = await world.signIn('claude');
    const { service } = await startEngineBroker(world);
    const viewOf = (view: AccountView, n: number): AccountView => ({
      ...view,
      id: n.toString(16).padStart(16, '0'),
      workspace: 'The workspace of a company with a long name',
    });
    const { status, refresh } = service;
    service.status = async () => {
      const { vault, accounts } = await status();
      return { vault, accounts: accounts.flatMap((view) => copies(many, (n) => viewOf(view, n))) };
    };
    service.refresh = async (name, options) => {
      const reports = await refresh(name, options);
      const error = new AppError('unreachable', { service: 'Claude', retryAt: world.clock.now() });
      return reports.flatMap((report) =>
        copies(many, (n) => ({ ...report, error, account: viewOf(report.account, n) })),
      );
    };
    const renewals = () => world.provider.journal.requests('anthropic', 'refresh');
    const ask = (force: boolean) =>
      askEngine(
        world.context,
        (running) => running.refresh(null, { force }),
        () => world.engine.refresh(null, { force, byPerson: true }),
      );
    return { world, id, service, renewals, ask };
  }

  function copies<T>(many: number, make: (n: number) => T): T[] {
    return Array.from({ length: many }, (_, n) => make(n));
  }

  test('tells of 1000, to many who ask at once, and renews once', async () => {
    const { world, service, renewals, ask } = await start(1000);
    const client = await connected(world);
    const told = await Promise.all(copies(20, () => client.status()));
    expect(told.map(({ accounts }) => accounts.length)).toEqual(copies(20, () => 1000));
    expect(await ask(true)).toHaveLength(1000);
    expect([renewals(), service.asked.filter((method) => method === 'refresh')]).toEqual([
      1,
      ['refresh'],
    ]);
  });

  test('that cannot be told: what was forced is not done again, what was not is', async () => {
    const { id, renewals, ask } = await start(5000);
    await expect(ask(true)).rejects.toMatchObject({ code: 'unexpected' });
    expect(renewals()).toBe(1);
    expect(await ask(false)).toMatchObject([{ account: { id }, how: 'not-needed' }]);
    expect(renewals()).toBe(1);
  });

  test('that ends in the middle of a forced renewal: it is not done again', async () => {
    const { world, service, renewals, ask } = await start(1);
    const { refresh } = service;
    let isDone = false;
    service.refresh = async (name, options) => {
      await refresh(name, options);
      isDone = true;
      return new Promise(() => {});
    };
    const ended = expect(ask(true)).rejects.toMatchObject({ code: 'unexpected' });
    await until(() => isDone);
    world.clock.advance(2 * MINUTE);
    await ended;
    expect(renewals()).toBe(1);
  });

  test('whose error is too long for an answer says that there was one, and goes on', async () => {
    const { world, service } = await start(1);
    service.status = async () => {
      throw new AppError('wrong-use', { path: 'x'.repeat(MAX_ANSWER) });
    };
    const client = await connected(world);
    await expect(client.status()).rejects.toMatchObject({ code: 'unexpected' });
    expect((await client.token('claude', 0)).provider).toBe('anthropic');
  });
});

describe('a client does not wait for, or believe', () => {
  /** Listens in the engine's place. */
  async function impostor(
    { context }: World,
    onConnect: (socket: Socket) => void,
  ): Promise<{ accepted: Promise<unknown> }> {
    await mkdir(context.paths.run, { recursive: true, mode: 0o700 });
    const sockets = new Set<Socket>();
    const server = createServer((socket) => {
      sockets.add(socket.on('error', () => {}));
      onConnect(socket);
    });
    server.listen(context.paths.brokerSocket);
    await once(server, 'listening');
    await chmod(context.paths.brokerSocket, 0o600);
    onTestFinished(() => {
      for (const socket of sockets) socket.destroy();
      server.close();
    });
    return { accepted: once(server, 'connection') };
  }

  test('an engine that hangs', async () => {
    const world = await startWorld();
    const { accepted } = await impostor(world, () => {});
    const connecting = connectBroker(world.context);
    await accepted;
    world.clock.advance(2000);
    expect(await connecting).toBeNull();
  });

  test('an engine that hangs later', async () => {
    const world = await startWorld();
    await impostor(world, (socket) =>
      socket.once('data', () => socket.write('{"v":1,"id":1,"result":{}}\n')),
    );
    const client = await connected(world);
    const token = client.token('claude', 0);
    world.clock.advance(2 * MINUTE);
    await expect(token).rejects.toMatchObject({ code: 'engine-gone' });
  });

  test.each([
    ['nonsense', 'SSH-2.0-OpenSSH_9.2\r\n'],
    ['a newer version', '{"v":2,"id":1,"result":{}}\n'],
    ['an error', '{"v":1,"id":1,"error":{"code":"wrong-use","details":{}}}\n'],
    ['what is no answer', '{"v":1,"id":1,"result":7}\n'],
    ['a line without end', 'x'.repeat(MAX_ANSWER + 1)],
    ['bytes that are no text', Buffer.from([0xff, 0xff, 0x0a])],
  ])('%s', async (_, text) => {
    const world = await startWorld();
    await impostor(world, (socket) => socket.write(text));
    expect(await connectBroker(world.context)).toBeNull();
  });

  test('a token that is none', async () => {
    const world = await startWorld();
    let answers = 0;
    const token = {
      provider: 'openai',
      account: 'x',
      accessToken: 'a\nb',
      expiresAt: 1,
      scopes: [],
    };
    await impostor(world, (socket) =>
      socket.on('data', () => {
        answers += 1;
        const result = answers === 1 ? {} : { ...token, late: null };
        socket.write(`${JSON.stringify({ v: 1, id: answers, result })}\n`);
      }),
    );
    const client = await connected(world);
    await expect(client.token('chatgpt', 0)).rejects.toMatchObject({ code: 'unexpected' });
    await client.closed;
  });
});

describe('a good client is served while another one', () => {
  async function start() {
    const world = await startWorld();
    await world.signIn('claude');
    const { broker, service } = await startEngineBroker(world);
    const client = await connected(world);
    const { accessToken } = await world.engine.token('claude', 0);
    const served = async () => {
      expect((await client.token('claude', 0)).accessToken).toBe(accessToken);
    };
    await served();
    return { world, service, served, bad: await rawClient(broker.path), path: broker.path };
  }

  test.each([
    ['talks nonsense', 'GET / HTTP/1.1\r\nHost: x\r\n\r\n'],
    ['sends what is no text', Buffer.from([0x7b, 0xff, 0x7d, 0x0a])],
    ['sends a line that does not end', 'x'.repeat(200_000)],
    ['sends JSON of another kind', '[[[[1]]]]\n'],
  ])('%s', async (_, text) => {
    const { bad, served, service } = await start();
    bad.write(text);
    bad.ask({ id: 1, method: 'refresh' });
    expect(await bad.next()).toMatchObject({ v: 1, id: null, error: { code: 'wrong-use' } });
    await bad.closed;
    await served();
    expect(service.asked).not.toContain('refresh');
  });

  test('speaks a newer version, which it is told', async () => {
    const { bad, served } = await start();
    bad.write('{"v":2,"id":4,"method":"everything"}\n');
    expect(await bad.next()).toEqual({
      v: 1,
      id: 4,
      error: { code: 'newer-version', details: {} },
    });
    bad.ask({ id: 5, method: 'status' });
    expect(await bad.next()).toMatchObject({ v: 1, id: 5, result: { accounts: [{}] } });
    await served();
  });

  test('closes its side first, and still gets its answers', async () => {
    const { bad, served } = await start();
    bad.ask({ id: 1, method: 'token', name: 'claude', minLife: 0 });
    bad.ask({ id: 2, method: 'status' });
    bad.socket.end();
    const ids = [(await bad.next())?.id, (await bad.next())?.id];
    expect(ids.sort()).toEqual([1, 2]);
    expect(await bad.next()).toBeNull();
    await bad.closed;
    await served();
  });

  test('sends a byte at a time', async () => {
    const { bad, served } = await start();
    for (const byte of '{"v":1,"id":1,"method":"status"}\n') {
      bad.write(byte);
      await turn();
    }
    expect(await bad.next()).toMatchObject({ id: 1, result: {} });
    await served();
  });

  test('never ends its line: it is let go after a minute', async () => {
    const { world, bad, served, path } = await start();
    const silent = await rawClient(path);
    bad.write('{"v":1,');
    await served();
    world.clock.advance(MINUTE / 2);
    bad.write('"id":1,');
    await served();
    world.clock.advance(MINUTE / 2);
    await Promise.all([bad.closed, silent.closed]);
  });

  test('waits for changes: it may be silent for hours', async () => {
    const { world, bad, service } = await start();
    bad.ask({ id: 1, method: 'subscribe' });
    expect(await bad.next()).toEqual({ v: 1, id: 1, result: {} });
    for (let hour = 0; hour < 3; hour++) {
      world.clock.advance(HOUR);
      await turn();
    }
    service.change();
    expect(await bad.next()).toEqual({ v: 1, event: 'changed' });
  });

  test('leaves in the middle of everything, again and again', async () => {
    const { served, path } = await start();
    for (let n = 0; n < 50; n++) {
      const { ask, socket, closed } = await rawClient(path);
      for (let id = 0; id < 20; id++) ask({ id, method: id % 2 ? 'status' : 'subscribe' });
      if (n % 2) await turn();
      socket.destroy();
      await closed;
    }
    await served();
  });

  test.each([
    ['what is known at once', 'hello', 60_000],
    ['what takes a look', 'status', 1000],
  ])(
    'asks and asks for %s without reading: it waits, and nothing is lost',
    async (_, method, many) => {
      const { bad, served } = await start();
      bad.socket.pause();
      for (let id = 0; id < many; id++) bad.ask({ id, method });
      for (let n = 0; n < 100; n++) await served();
      const ids = new Set<unknown>();
      for (let n = 0; n < many; n++) ids.add((await bad.next())?.id);
      expect(ids.size).toBe(many);
    },
  );

  test('asks for much that takes long: some is worked on, the rest waits its turn', async () => {
    const { world, served } = await start();
    let [open, begun] = [() => {}, 0];
    const gate = new Promise<void>((resolve) => {
      open = resolve;
    });
    const service = serviceOf(world.engine);
    const status = async () => {
      begun += 1;
      await gate;
      return service.status();
    };
    const path = join(world.context.paths.run, 'slow.sock');
    const slow = await startBroker(world.context, { ...service, status }, { path });
    onTestFinished(() => slow.close());
    const bad = await rawClient(path);
    for (let id = 0; id < 40; id++) bad.ask({ id, method: 'status' });
    await until(() => begun >= 16);
    await connected(world, { path });
    await served();
    expect(begun).toBe(16);
    open();
    for (let n = 0; n < 40; n++) expect(await bad.next()).toHaveProperty('result');
    expect(begun).toBe(40);
  });

  test('subscribes and does not read: nothing piles up, and it hears of the last change', async () => {
    const { bad, served, service } = await start();
    bad.socket.pause();
    bad.ask({ id: 1, method: 'subscribe' });
    await until(() => service.listening === 1);
    // Far more than what the system keeps for a socket.
    const changes = 100_000;
    for (let n = 0; n < changes; n++) {
      service.change();
      if (n % 100 === 0) await turn();
    }
    await served();
    let [told, heard] = [0, await bad.next()];
    expect(heard).toMatchObject({ id: 1 });
    bad.ask({ id: 2, method: 'status' });
    for (heard = await bad.next(); heard?.id !== 2; heard = await bad.next()) {
      expect(heard).toEqual({ v: 1, event: 'changed' });
      told += 1;
    }
    expect(told).toBeLessThan(changes / 2);
    service.change();
    expect(await bad.next()).toEqual({ v: 1, event: 'changed' });
  });

  test('comes with hundreds of friends: there is an end, and room again', async () => {
    const { world, served, path } = await start();
    const crowd = await Promise.all(Array.from({ length: 254 }, () => rawClient(path)));
    expect(await connectBroker(world.context)).toBeNull();
    await served();
    crowd[0]?.socket.destroy();
    await crowd[0]?.closed;
    await until(() => crowd[0]?.socket.destroyed === true);
    let late = await connectBroker(world.context);
    while (!late) late = await connectBroker(world.context);
    expect((await late.status()).accounts).toHaveLength(1);
    late.close();
  });
});

describe('a socket for one account only', () => {
  async function share(until?: number) {
    const world = await startWorld();
    const anna = await world.signIn('claude', 'anna');
    const ben = await world.signIn('claude', 'ben');
    await world.signIn('chatgpt', 'anna');
    const only = { account: ben, ...(until !== undefined && { until: world.clock.now() + until }) };
    const service = serviceOf(world.engine);
    const broker = await startBroker(world.context, service, { only });
    onTestFinished(() => broker.close());
    const client = await connected(world, { path: broker.path });
    return { world, anna, ben, broker, client };
  }

  test('answers for that one, though another is in use', async () => {
    const { world, anna, ben, client } = await share();
    const { accessToken } = await world.engine.token(ben, 0);
    for (const name of ['claude', 'anthropic:ben@example.com', ben, ben.slice(0, 6)]) {
      expect((await client.token(name, 0)).accessToken).toBe(accessToken);
    }
    expect((await world.engine.token('claude', 0)).account).toBe(anna);
  });

  test('tells nothing of the others', async () => {
    const { anna, client } = await share();
    for (const name of ['chatgpt', 'claude:anna@example.com', anna]) {
      const error = await client.token(name, 0).catch((reason: unknown) => reason);
      expect(error).toMatchObject({ code: expect.stringMatching(/^(no-such-login|wrong-use)$/) });
      expect(JSON.stringify(error)).not.toMatch(/anna@|ben@/);
    }
    for (const ask of [client.status(), client.refresh(null, { force: true }), client.yield()]) {
      await expect(ask).rejects.toMatchObject({ code: 'wrong-use' });
    }
    client.subscribe(() => {});
    await client.closed;
  });

  test('ends at its time', async () => {
    const { world, broker, client } = await share(HOUR);
    world.clock.advance(HOUR - 10 * MINUTE);
    await client.closed; // It was silent.
    const late = await connected(world, { path: broker.path });
    await late.token('claude', 0);
    world.clock.advance(10 * MINUTE);
    await Promise.all([broker.closed, late.closed]);
    expect(await connectBroker(world.context, { path: broker.path })).toBeNull();
  });
});
