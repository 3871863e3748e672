import type { ChildProcess } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { setImmediate as turn, setTimeout as wait } from 'node:timers/promises';
import { beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { connectBroker } from '../../src/core/broker/client.ts';
import { startBroker } from '../../src/core/broker/server.ts';
import { holdEngine, runningEngine } from '../../src/core/engine-lock.ts';
import { tryLock } from '../../src/core/files/flock.ts';
import type { Clock } from '../../src/core/ports.ts';
import { type RunOptions, run } from '../../src/core/run.ts';
import { startChild, untilItEnds } from '../support/children/run-child.ts';
import { buildCli, CliRun, startCliWorld } from '../support/cli.ts';
import { startWorld, type World } from '../support/engine.ts';
import { activeTokens } from '../support/look.ts';
import { PATIENCE } from '../support/patience.ts';
import { FAULTS } from '../support/provider/index.ts';

const MINUTE = 60_000;

/** An engine that is asked for nothing but its turn. */
const NO_SERVICE = {
  token: () => Promise.reject(new Error('not asked for')),
  status: () => Promise.reject(new Error('not asked for')),
};

interface Runner {
  readonly child: ChildProcess;
  /** The next line that it prints. */
  says(): Promise<string>;
  /** Ends as it should. */
  stop(): Promise<string>;
}

/** A process that is the engine, or waits to be. */
function startRunner(world: World, kind: RunOptions['kind'], ahead = 0): Runner {
  const child = startChild('run-engine.ts', [kind, `${ahead}`], { env: world.env });
  const lines = createInterface({ input: child.stdout ?? process.stdin })[Symbol.asyncIterator]();
  const says = async () => (await lines.next()).value;
  return {
    child,
    says,
    async stop() {
      child.stdin?.end();
      return says();
    },
  };
}

describe('an app and a daemon on one state folder', () => {
  test('the daemon makes way for the app and comes back when that ends', async () => {
    const world = await startWorld();
    const daemon = startRunner(world, 'daemon');
    expect(await daemon.says()).toBe('engine');
    const app = startRunner(world, 'app');
    expect(await app.says()).toBe('engine');
    expect(await daemon.says()).toBe('standby');
    const { pid } = app.child;
    expect(await runningEngine(world.context)).toMatchObject({ kind: 'app', pid, hung: false });
    expect(await app.stop()).toBe('ended');
    expect(await daemon.says()).toBe('engine');
    expect(await daemon.stop()).toBe('ended');
    expect(await runningEngine(world.context)).toBeNull();
  });

  test('an app that comes before the daemon listens gets its turn all the same', async () => {
    const world = await startWorld();
    const held = await holdEngine(world.context, { kind: 'daemon', version: '1' });
    const app = startRunner(world, 'app');
    // It asks in vain for a while: this engine opens its socket only now.
    await wait(2000);
    await new Promise<void>((resolve, reject) => {
      const service = { ...NO_SERVICE, yield: resolve };
      startBroker(world.context, service).then(
        (broker) => onTestFinished(() => broker.close()),
        reject,
      );
    });
    await held?.release();
    expect(await app.says()).toBe('engine');
    expect(await app.stop()).toBe('ended');
  });

  test('the daemon waits from the beginning, and takes over when the app is killed', async () => {
    const world = await startWorld();
    const app = startRunner(world, 'app');
    expect(await app.says()).toBe('engine');
    const daemon = startRunner(world, 'daemon');
    expect(await daemon.says()).toBe(`standby ${app.child.pid}`);
    app.child.kill('SIGKILL');
    expect(await daemon.says()).toBe('engine');
    // The socket that the app has left is replaced.
    const client = await connectBroker(world.context);
    expect(await client?.status()).toMatchObject({ accounts: [] });
    client?.close();
  });

  test('the daemon can be stopped while it waits', async () => {
    const world = await startWorld();
    const app = startRunner(world, 'app');
    expect(await app.says()).toBe('engine');
    const daemon = startRunner(world, 'daemon');
    await daemon.says();
    expect(await daemon.stop()).toBe('ended');
    expect(await untilItEnds(daemon.child)).toBe(0);
  });

  test('the daemon finishes the renewal that is under way', async () => {
    const world = await startWorld();
    await world.signIn('claude');
    world.provider.faults.arm('anthropic', 'refresh', FAULTS.late(3000));
    const daemon = startRunner(world, 'daemon', 50 * MINUTE);
    expect(await daemon.says()).toBe('engine');
    await vi.waitUntil(() => world.provider.journal.requests('anthropic', 'refresh') > 0, PATIENCE);
    const app = startRunner(world, 'app', 50 * MINUTE);
    expect(await app.says()).toBe('engine');
    expect(await daemon.says()).toBe('renewed');
    expect(await daemon.says()).toBe('standby');
    expect(await app.stop()).toBe('ended');
    expect(world.provider.journal.requests('anthropic', 'refresh')).toBe(1);
    expect(activeTokens(world)).toHaveLength(1);
  });

  test.each(['app', 'daemon'] as const)('a second %s is told who is the first', async (kind) => {
    const world = await startWorld();
    const first = startRunner(world, kind);
    expect(await first.says()).toBe('engine');
    const second = startRunner(world, kind);
    expect(await second.says()).toBe(`engine-running ${first.child.pid}`);
  });

  test('a daemon that hangs is not waited for without end', async () => {
    const world = await startWorld();
    const daemon = startRunner(world, 'daemon');
    expect(await daemon.says()).toBe('engine');
    daemon.child.kill('SIGSTOP');
    const leaping: Clock = {
      now: () => world.clock.now(),
      async sleep(ms, signal) {
        await turn();
        signal?.throwIfAborted();
        world.clock.advance(ms);
      },
    };
    const app = run({ ...world.context, clock: leaping }, world.engine, {
      kind: 'app',
      version: '1.2.3',
      signal: AbortSignal.timeout(MINUTE),
      onReport: () => {},
    });
    await expect(app).rejects.toMatchObject({
      code: 'engine-running',
      details: { pid: daemon.child.pid },
    });
  });
});

describe('the holder', () => {
  /** Milliseconds as the timers of every process count them. */
  const awake = () => Number(process.hrtime.bigint() / 1_000_000n);

  async function hold({ context }: World, note: object): Promise<void> {
    await holdEngine(context, { kind: 'app', version: '0' }).then((lock) => lock?.release());
    const content = JSON.stringify({ pid: process.pid, ...note });
    const lock = await tryLock(context.paths.engineLock, { content });
    onTestFinished(() => lock?.release());
  }

  test.each([
    ['has just shown life', 1000, false],
    ['has shown none for a minute', 61_000, true],
  ])('that %s', async (_, ago, hung) => {
    const world = await startWorld();
    await hold(world, { schema: 1, kind: 'daemon', version: '1', beat: awake() - ago });
    const { pid } = process;
    const expected = { kind: 'daemon', pid, version: '1', hung };
    expect(await runningEngine(world.context)).toEqual(expected);
  });

  test('shows life every half a minute, until it lets go', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    onTestFinished(() => void vi.useRealTimers());
    const { context } = await startWorld();
    const lock = await holdEngine(context, { kind: 'daemon', version: '1' });
    const beat = async () => JSON.parse(await readFile(context.paths.engineLock, 'utf8')).beat;
    const first = await beat();
    vi.advanceTimersByTime(30_000);
    await vi.waitUntil(async () => (await beat()) > first, PATIENCE);
    await lock?.release();
    vi.advanceTimersByTime(30_000);
    expect(await readFile(context.paths.engineLock, 'utf8')).toBe('');
  });

  test('of another version, whatever it says of itself, is the holder', async () => {
    const world = await startWorld();
    await hold(world, { schema: 7, kind: 'robot', version: [9, 9] });
    const { pid } = process;
    const expected = { kind: 'app', pid, version: null, hung: false };
    expect(await runningEngine(world.context)).toEqual(expected);
    const second = startRunner(world, 'daemon');
    expect(await second.says()).toBe(`standby ${pid}`);
  });
});

describe('authbar run', () => {
  beforeAll(buildCli);

  test('says when it waits for the app, makes way for it, and takes over', async () => {
    const world = await startWorld();
    const cli = new CliRun(['run'], world.env);
    onTestFinished(async () => {
      cli.child.kill('SIGKILL');
      await cli.ended;
    });
    await cli.said(/Keeping your logins fresh as process \d+/);
    const app = startRunner(world, 'app');
    await cli.said(/The app is here and keeps your logins fresh. Waiting here until it ends/);
    const waiting = new CliRun(['run'], world.env);
    await waiting.said(
      new RegExp(`The app \\(process ${app.child.pid}\\) keeps your logins fresh`),
    );
    waiting.child.kill('SIGTERM');
    expect(await waiting.ended).toMatchObject({ code: 0 });
    await app.stop();
    await cli.said(/Keeping.*Waiting.*Keeping your logins fresh/s);
    cli.child.kill('SIGINT');
    expect(await cli.ended).toMatchObject({ code: 130 });
  });

  test('finishes the renewal that is under way before it stops', async () => {
    const world = await startCliWorld();
    await world.haveLogin('claude', { ago: 57 * MINUTE });
    world.provider.faults.arm('anthropic', 'refresh', FAULTS.late(1000));
    const cli = world.start(['run']);
    await vi.waitUntil(() => world.provider.journal.requests('anthropic', 'refresh') > 0, PATIENCE);
    cli.child.kill('SIGTERM');
    const { code, stdout } = await cli.ended;
    expect(code).toBe(0);
    expect(stdout).toMatch(/Claude · anna@example\.com: renewed/);
    expect(activeTokens(world)).toHaveLength(1);
    expect(JSON.parse((await world.run(['status', '--json'])).stdout)).toMatchObject({
      engine: null,
      accounts: [{ state: 'signed-in' }],
    });
  });
});
