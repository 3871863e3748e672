import { once } from 'node:events';
import {
  access,
  chmod,
  chown,
  lstat,
  mkdir,
  readFile,
  rename,
  rm,
  stat,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, onTestFinished, test } from 'vitest';
import { connectBroker } from '../../src/core/broker/client.ts';
import { newNonce, prove } from '../../src/core/broker/proof.ts';
import { startBroker } from '../../src/core/broker/server.ts';
import { createEngine } from '../../src/core/create.ts';
import { rawClient, startEngineBroker } from '../support/broker.ts';
import { serviceOf } from '../support/broker-service.ts';
import { startChild, untilItEnds, untilItSpeaks } from '../support/children/run-child.ts';
import { startWorld, type World } from '../support/engine.ts';
import { isRoot, NOBODY } from '../support/nobody.ts';
import { tempFolder } from '../support/temp-folder.ts';

/** A world whose state folder has so long a name that no socket fits below it. */
async function startDeepWorld(): Promise<World> {
  const world = await startWorld();
  const env = { ...world.env, AUTHBAR_HOME: join(world.userHome, 'x'.repeat(100)) };
  return { ...world, ...(await createEngine({ env, clock: world.clock })), env };
}

/** An engine in a process of its own, killed without a chance to clean up. @returns where it listened. */
async function killedEngine(world: World): Promise<string> {
  const child = startChild('broker-child.ts', [], { env: world.env });
  const path = (await untilItSpeaks(child)).trim();
  const client = await connectBroker(world.context);
  expect((await client?.status())?.accounts).toEqual([]);
  child.kill('SIGKILL');
  expect(await untilItEnds(child)).toBe('SIGKILL');
  await client?.closed;
  return path;
}

async function mode(path: string): Promise<number> {
  return (await stat(path)).mode & 0o777;
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

describe('the engine’s socket', () => {
  test('and its folder are ours alone, whatever the umask', async () => {
    const old = process.umask(0);
    try {
      const world = await startWorld();
      const { broker } = await startEngineBroker(world);
      expect(broker.path).toBe(world.context.paths.brokerSocket);
      expect([await mode(broker.path), await mode(dirname(broker.path))]).toEqual([0o600, 0o700]);
      await broker.close();
      expect(await exists(broker.path)).toBe(false);
    } finally {
      process.umask(old);
    }
  });

  test.skipIf(!isRoot)('is closed to another user, even in an open home (needs root)', async () => {
    const world = await startWorld();
    const { broker } = await startEngineBroker(world);
    const { home, run } = world.context.paths;
    for (const folder of [world.userHome, home]) await chmod(folder, 0o755);
    const knock = async () => {
      const child = startChild('broker-knock.ts', [broker.path], { env: world.env });
      return JSON.parse(await text(child.stdout ?? process.stdin));
    };
    expect(await knock()).toEqual({ raw: 'EACCES', client: null });
    await chmod(run, 0o755);
    expect(await knock()).toEqual({ raw: 'EACCES', client: null });
    await chmod(broker.path, 0o777);
    // Now anybody can connect; a client of another user still does not talk to it.
    expect(await knock()).toEqual({ raw: 'connected', client: null });
  });

  test('is not made, nor used, in a folder that others can enter', async () => {
    const world = await startWorld();
    const { broker } = await startEngineBroker(world);
    const { run } = world.context.paths;
    await chmod(run, 0o750);
    expect(await connectBroker(world.context)).toBeNull();
    await broker.close();
    await expect(startBroker(world.context, serviceOf(world.engine))).rejects.toMatchObject({
      code: 'unsafe-setting',
      details: { path: run },
    });
    expect(await mode(run)).toBe(0o750);
  });

  test('is not made, nor used, behind a link in its folder’s place', async () => {
    const world = await startWorld();
    const { broker } = await startEngineBroker(world);
    const { run } = world.context.paths;
    const elsewhere = join(world.userHome, 'elsewhere');
    await rename(run, elsewhere);
    await symlink(elsewhere, run);
    expect(await connectBroker(world.context)).toBeNull();
    await broker.close();
    await expect(startBroker(world.context, serviceOf(world.engine))).rejects.toMatchObject({
      code: 'unsafe-setting',
      details: { path: run },
    });
  });

  test.each([
    ['a link to another socket', 'link'],
    ['a file', 'file'],
  ] as const)('does not replace %s, nor is that used', async (_, kind) => {
    const world = await startWorld();
    const { broker } = await startEngineBroker(world);
    const { run, brokerSocket } = world.context.paths;
    const other = await startBroker(world.context, serviceOf(world.engine), {
      path: join(run, 'other.sock'),
    });
    onTestFinished(() => other.close());
    await broker.close();
    if (kind === 'link') await symlink(other.path, brokerSocket);
    else await writeFile(brokerSocket, 'mine');
    expect(await connectBroker(world.context)).toBeNull();
    await expect(startBroker(world.context, serviceOf(world.engine))).rejects.toMatchObject({
      code: 'unsafe-setting',
      details: { path: brokerSocket },
    });
    expect((await lstat(brokerSocket)).isSocket()).toBe(false);
    const client = await connectBroker(world.context, { path: other.path });
    expect(await client?.status()).toMatchObject({ accounts: [] });
    client?.close();
  });

  test.skipIf(!isRoot)(
    'is not used when it is somebody else’s (needs root, to give it away)',
    async () => {
      const world = await startWorld();
      const { broker } = await startEngineBroker(world);
      await chown(broker.path, NOBODY, NOBODY);
      expect(await connectBroker(world.context)).toBeNull();
      await chown(world.context.paths.run, NOBODY, NOBODY);
      await chown(broker.path, 0, 0);
      expect(await connectBroker(world.context)).toBeNull();
    },
  );

  test('that a killed engine left is replaced by the next one, and by nobody else', async () => {
    const world = await startWorld();
    await mkdir(world.context.paths.home, { mode: 0o700 });
    const path = await killedEngine(world);
    const left = await lstat(path);
    expect(await connectBroker(world.context)).toBeNull();
    const service = serviceOf(world.engine);
    await expect(startBroker(world.context, service)).rejects.toMatchObject({
      code: 'engine-running',
    });
    expect((await lstat(path)).ino).toBe(left.ino);
    const { broker } = await startEngineBroker(world);
    expect(broker.path).toBe(path);
    expect(await (await connectBroker(world.context))?.status()).toMatchObject({ accounts: [] });
  });

  test('is elsewhere where its path would be too long, and told in a note', async () => {
    const world = await startDeepWorld();
    const { broker } = await startEngineBroker(world);
    const { brokerNote } = world.context.paths;
    expect(Buffer.byteLength(broker.path)).toBeLessThanOrEqual(100);
    expect([await mode(dirname(broker.path)), await mode(brokerNote)]).toEqual([0o700, 0o600]);
    const client = await connectBroker(world.context);
    expect(await client?.status()).toMatchObject({ accounts: [] });
    await broker.close();
    expect([await exists(dirname(broker.path)), await exists(brokerNote)]).toEqual([false, false]);
  });

  test('elsewhere is cleared away by the next engine when one was killed', async () => {
    const world = await startDeepWorld();
    await mkdir(world.context.paths.home, { mode: 0o700 });
    const path = await killedEngine(world);
    expect(await exists(path)).toBe(true);
    const { broker } = await startEngineBroker(world);
    expect(await exists(dirname(path))).toBe(false);
    expect(broker.path).not.toBe(path);
    expect(await (await connectBroker(world.context))?.status()).toMatchObject({ accounts: [] });
  });

  test('a note that leads to somebody else’s folder is followed by nobody, and nothing is removed there', async () => {
    const world = await startDeepWorld();
    const { run, brokerNote } = world.context.paths;
    await mkdir(run, { recursive: true, mode: 0o700 });
    const folder = await tempFolder();
    await chmod(folder, 0o755);
    const path = join(folder, 'broker.sock');
    const server = createServer().listen(path);
    onTestFinished(() => void server.close());
    await once(server, 'listening');
    await writeFile(brokerNote, JSON.stringify({ schema: 1, path, key: null }));
    expect(await connectBroker(world.context)).toBeNull();
    await startEngineBroker(world);
    expect(await exists(path)).toBe(true);
  });
});

describe('a socket at a path of its own', () => {
  test('has to be free, in a folder that is ours alone, and short', async () => {
    const world = await startWorld();
    const folder = await tempFolder();
    const path = join(folder, 'own.sock');
    const service = serviceOf(world.engine);
    const broker = await startBroker(world.context, service, { path });
    expect(await mode(path)).toBe(0o600);
    const again = startBroker(world.context, service, { path });
    await expect(again).rejects.toMatchObject({ code: 'wrong-use', details: { path } });
    expect(await (await connectBroker(world.context, { path }))?.status()).toBeDefined();
    await broker.close();
    const long = join(folder, 'x'.repeat(100));
    const tooLong = startBroker(world.context, service, { path: long });
    await expect(tooLong).rejects.toMatchObject({ code: 'unsafe-setting' });
    await chmod(folder, 0o711);
    const open = startBroker(world.context, service, { path });
    await expect(open).rejects.toMatchObject({ code: 'unsafe-setting', details: { path: folder } });
  });

  test('that is shared has a random name, also below a long one, and leaves nothing behind', async () => {
    for (const world of [await startWorld(), await startDeepWorld()]) {
      await mkdir(world.context.paths.home, { mode: 0o700 });
      const share = () =>
        startBroker(world.context, serviceOf(world.engine), { only: { account: 'x' } });
      const [one, two] = [await share(), await share()];
      expect(one.path).not.toBe(two.path);
      expect(await mode(dirname(one.path))).toBe(0o700);
      await Promise.all([one.close(), two.close()]);
      expect(await exists(one.path)).toBe(false);
      if (dirname(one.path) !== world.context.paths.run) {
        expect(await exists(dirname(one.path))).toBe(false);
      }
    }
  });
});

describe('what killed processes left', () => {
  /** A share that is killed, in a process of its own. @returns where it listened. */
  async function killedShare(world: World): Promise<string> {
    await mkdir(world.context.paths.home, { recursive: true, mode: 0o700 });
    const child = startChild('broker-child.ts', ['share'], { env: world.env });
    const path = (await untilItSpeaks(child)).trim();
    child.kill('SIGKILL');
    await untilItEnds(child);
    return path;
  }

  async function age(path: string): Promise<void> {
    const old = Date.now() / 1000 - 120;
    await utimes(path, old, old);
  }

  const share = (world: World) =>
    startBroker(world.context, serviceOf(world.engine), { only: { account: 'x' } });

  test.each([
    ['an engine', startEngineBroker],
    ['a share', share],
  ])('%s that starts removes the sockets of shares, and no other', async (_, start) => {
    for (const world of [await startWorld(), await startDeepWorld()]) {
      const [old, fresh] = [await killedShare(world), await killedShare(world)];
      const living = await share(world);
      onTestFinished(() => living.close());
      const { run } = world.context.paths;
      const file = join(run, 'share-00000000.sock');
      await writeFile(file, 'mine');
      for (const path of [old, living.path, file]) await age(path);
      const started = await start(world);
      const broker = 'broker' in started ? started.broker : started;
      onTestFinished(() => broker.close());
      const kept = await Promise.all([old, fresh, living.path, file].map(exists));
      expect(kept).toEqual([false, true, true, true]);
      expect(await exists(dirname(old))).toBe(dirname(old) === run);
      if (dirname(fresh) !== run) await rm(dirname(fresh), { recursive: true });
    }
  });

  test('the folder of another computer’s share, which `ssh` leads to, is left alone', async () => {
    const world = await startWorld();
    const folder = join(tmpdir(), 'authbar-0123456789abcdef');
    await mkdir(folder, { mode: 0o700 });
    onTestFinished(() => rm(folder, { recursive: true }));
    await age(folder);
    await startEngineBroker(world);
    expect(await exists(folder)).toBe(true);
  });

  test('a copy of the note is removed by the next engine', async () => {
    const world = await startDeepWorld();
    const { run } = world.context.paths;
    await mkdir(run, { recursive: true, mode: 0o700 });
    const copy = join(run, '.broker.0123abcd.authbar-tmp');
    await writeFile(copy, '{}');
    await startEngineBroker(world);
    expect(await exists(copy)).toBe(false);
  });
});

/** As on Windows, where no folder keeps others from a pipe. */
describe('with a key to be proven', () => {
  const withKey = true;

  async function start() {
    const world = await startWorld();
    const { broker } = await startEngineBroker(world, { withKey });
    return { world, broker };
  }

  /** The key is only in the note, for ours alone to read. */
  async function keyOf({ context }: World): Promise<Buffer> {
    expect(await mode(context.paths.brokerNote)).toBe(0o600);
    return Buffer.from(JSON.parse(await readFile(context.paths.brokerNote, 'utf8')).key, 'hex');
  }

  test('both sides prove it, and it is another one each time', async () => {
    const { world, broker } = await start();
    const first = await keyOf(world);
    const client = await connectBroker(world.context, { withKey });
    expect(await client?.status()).toMatchObject({ accounts: [] });
    await broker.close();
    expect(await exists(world.context.paths.brokerNote)).toBe(false);
    const again = await startBroker(world.context, serviceOf(world.engine), { withKey });
    onTestFinished(() => again.close());
    expect(await keyOf(world)).not.toEqual(first);
  });

  test('nothing is told before, and there is one try', async () => {
    const { world, broker } = await start();
    const proof = newNonce();
    for (const request of [
      { method: 'status' },
      { method: 'subscribe' },
      { method: 'hello' },
      { method: 'hello', proof },
    ]) {
      const client = await rawClient(broker.path);
      client.ask({ id: 1, ...request });
      client.ask({ id: 2, method: 'status' });
      expect(await client.next()).toMatchObject({ id: 1, error: { code: 'wrong-use' } });
      expect(await client.next()).toBeNull();
      await client.closed;
    }
    expect(await connectBroker(world.context, { path: broker.path })).toBeNull();
  });

  test('a wrong, a reflected or a replayed proof is refused', async () => {
    const { world, broker } = await start();
    const key = await keyOf(world);
    const nonce = newNonce();
    const greet = async () => {
      const client = await rawClient(broker.path);
      client.ask({ id: 1, method: 'hello', nonce });
      const { result } = (await client.next()) as { result: { nonce: string; proof: string } };
      return { client, theirs: result, nonces: { client: nonce, server: result.nonce } };
    };
    const good = await greet();
    expect(good.theirs.proof).toBe(prove(key, 'server', good.nonces));
    const proof = prove(key, 'client', good.nonces);
    good.client.ask({ id: 2, method: 'hello', proof });
    expect(await good.client.next()).toEqual({ v: 1, id: 2, result: {} });

    const wrong: ((theirs: { proof: string }) => string)[] = [
      () => proof, // of the connection before
      (theirs) => theirs.proof,
      () => newNonce(),
    ];
    for (const forge of wrong) {
      const { client, theirs } = await greet();
      client.ask({ id: 2, method: 'hello', proof: forge(theirs) });
      client.ask({ id: 3, method: 'status' });
      expect(await client.next()).toMatchObject({ id: 2, error: { code: 'wrong-use' } });
      expect(await client.next()).toBeNull();
    }
    good.client.ask({ id: 3, method: 'status' });
    expect(await good.client.next()).toMatchObject({ id: 3, result: { accounts: [] } });
  });

  test('a client with another key, or none, is not served and says nothing', async () => {
    const { world } = await start();
    const { brokerNote } = world.context.paths;
    const note = JSON.parse(await readFile(brokerNote, 'utf8'));
    for (const key of [newNonce(), null, 'short']) {
      await writeFile(brokerNote, JSON.stringify({ ...note, key }));
      expect(await connectBroker(world.context, { withKey })).toBeNull();
    }
    await rm(brokerNote);
    expect(await connectBroker(world.context, { withKey })).toBeNull();
    await writeFile(brokerNote, JSON.stringify(note));
    expect(await connectBroker(world.context, { withKey })).not.toBeNull();
  });

  test.each(['no proof', 'a random proof', 'our own nonce'])(
    'whoever listens in its place with %s learns nothing but a nonce',
    async (how) => {
      const world = await startWorld();
      const { run, brokerSocket, brokerNote } = world.context.paths;
      await mkdir(run, { recursive: true, mode: 0o700 });
      const heard: Record<string, unknown>[] = [];
      const server = createServer((socket) =>
        socket
          .on('error', () => {})
          .on('data', (data) => {
            const request = JSON.parse(String(data));
            heard.push(request);
            const proof = how === 'a random proof' ? newNonce() : request.nonce;
            const result = how === 'no proof' ? {} : { nonce: request.nonce, proof };
            socket.write(`${JSON.stringify({ v: 1, id: request.id, result })}\n`);
          }),
      ).listen(brokerSocket);
      onTestFinished(() => void server.close());
      await once(server, 'listening');
      const note = { schema: 1, path: brokerSocket, key: newNonce() };
      await writeFile(brokerNote, JSON.stringify(note));
      expect(await connectBroker(world.context, { withKey })).toBeNull();
      expect(heard).toEqual([{ v: 1, id: 1, method: 'hello', nonce: expect.any(String) }]);
    },
  );

  test('nothing can be shared, because the other machine would have to know it', async () => {
    const world = await startWorld();
    const options = { withKey, only: { account: 'x' } };
    const broker = startBroker(world.context, serviceOf(world.engine), options);
    await expect(broker).rejects.toMatchObject({ code: 'wrong-use' });
  });
});
