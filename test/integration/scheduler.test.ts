import { mkdir, readFile, rename, rm, rmdir, writeFile } from 'node:fs/promises';
import { createServer, connect as open, type Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import type { Engine, RefreshReport } from '../../src/core/engine.ts';
import { acquireLock } from '../../src/core/files/flock.ts';
import { nodeClock } from '../../src/core/files/node-files.ts';
import type { ServiceClock } from '../../src/core/oauth/service-clock.ts';
import { Scheduler } from '../../src/core/scheduler.ts';
import { startChild, untilItEnds } from '../support/children/run-child.ts';
import { signIn, startWorld, type World } from '../support/engine.ts';
import { accountFile, activeTokens } from '../support/look.ts';
import { PATIENCE } from '../support/patience.ts';
import { FakeMachine } from '../support/power.ts';
import { FAULTS } from '../support/provider/index.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

interface Watched {
  readonly machine: FakeMachine;
  readonly scheduler: Scheduler;
  readonly engine: Engine;
  readonly serviceClock: ServiceClock;
  readonly reports: readonly RefreshReport[];
}

/** A scheduler on a machine of its own, after its first look. */
async function startScheduler(world: World, power = true): Promise<Watched> {
  const machine = new FakeMachine(world.clock);
  const { engine, context } = await world.another();
  const reports: RefreshReport[] = [];
  const scheduler = new Scheduler({ ...context, clock: machine }, engine, {
    ...(power && { power: machine.power }),
    uptime: machine.uptime,
    onReport: (report) => reports.push(report),
  });
  const stop = new AbortController();
  const ended = scheduler.run(stop.signal);
  onTestFinished(async () => {
    stop.abort();
    await ended;
  });
  await machine.run(0);
  const { serviceClock } = context;
  return { machine, scheduler, engine, serviceClock, reports };
}

function renewals({ provider }: World): number {
  return provider.journal.requests('anthropic', 'refresh');
}

async function lifeLeft(world: World): Promise<number> {
  const [account] = (await world.engine.status()).accounts;
  return (account?.expiresAt ?? 0) - world.clock.now();
}

/** A JWT that ended an hour ago. */
function tokenOfOld(): string {
  const [iat, exp] = [2, 1].map((hours) => Math.floor(Date.now() / SECOND) - hours * 3600);
  const parts = [{ alg: 'none' }, { iat, exp }, {}].map((part) => JSON.stringify(part));
  return parts.map((part) => Buffer.from(part).toString('base64url')).join('.');
}

async function sleepsNoted({ context }: World): Promise<number[]> {
  const text = await readFile(context.paths.history, 'utf8').catch(() => '');
  const lines = text.split('\n').filter((line) => line.includes('"slept"'));
  return lines.map((line) => JSON.parse(line).ms);
}

/** Somebody is signed in to Claude, through a cable that can be pulled out: what is then sent never leaves. */
async function startWorldOnACable(): Promise<{ world: World; plug(on: boolean): Promise<void> }> {
  const world = await startWorld();
  const { hostname, port } = new URL(world.provider.origin);
  const sockets = new Set<Socket>();
  const cable = createServer((socket) => {
    const far = open(Number(port), hostname);
    for (const each of [socket, far]) sockets.add(each.on('error', () => each.destroy()));
    socket.pipe(far).pipe(socket);
  });
  const plug = (on: boolean, at = 0) =>
    new Promise<void>((done) => {
      if (on) return cable.listen(at, hostname, done);
      for (const socket of sockets) socket.destroy();
      return cable.close(() => done());
    });
  await plug(true);
  onTestFinished(() => (cable.listening ? plug(false) : undefined));
  const { port: near } = cable.address() as { port: number };
  const file = join(world.userHome, 'providers.json');
  const endpoints = await readFile(file, 'utf8');
  const lines =
    /("(?:(?:token|revoke|profile|usage)Url|code|poll|page|redirect)": "http:\/\/127\.0\.0\.1):\d+/g;
  await writeFile(file, endpoints.replace(lines, `$1:${near}`));
  const { engine, context } = await world.another();
  await signIn(engine, 'claude');
  return { world: { ...world, engine, context }, plug: (on) => plug(on, near) };
}

describe('a machine that sleeps for nine hours', () => {
  test('has a fresh login within a minute, for one request', async () => {
    const world = await startWorld();
    await world.signIn('claude');
    const { machine } = await startScheduler(world);
    await machine.sleepAndWake(9 * HOUR);
    await machine.run(MINUTE);
    expect(renewals(world)).toBe(1);
    expect(await lifeLeft(world)).toBeGreaterThan(50 * MINUTE);
    expect(await sleepsNoted(world)).toEqual([expect.closeTo(9 * HOUR, -5)]);
  });

  test('without a word has it too', async () => {
    const world = await startWorld();
    await world.signIn('claude');
    const { machine } = await startScheduler(world, false);
    machine.doze(9 * HOUR);
    await machine.run(MINUTE);
    expect(renewals(world)).toBe(1);
    expect(await lifeLeft(world)).toBeGreaterThan(50 * MINUTE);
    expect(await sleepsNoted(world)).toEqual([9 * HOUR]);
  });

  test('and wakes for a moment now and then begins nothing before it is awake', async () => {
    const world = await startWorld();
    await world.signIn('claude');
    const { machine } = await startScheduler(world);
    machine.power.tell('suspend');
    for (let hour = 0; hour < 9; hour++) {
      machine.doze(HOUR);
      machine.power.tell('online');
      await machine.run(4 * MINUTE);
    }
    expect(renewals(world)).toBe(0);
    machine.power.tell('resume');
    await machine.run(MINUTE);
    expect(renewals(world)).toBe(1);
  });

  test('and never says that it is awake is taken to be so after five minutes', async () => {
    const world = await startWorld();
    await world.signIn('claude');
    const { machine } = await startScheduler(world);
    machine.power.tell('suspend');
    machine.doze(9 * HOUR);
    await machine.run(4 * MINUTE);
    expect(renewals(world)).toBe(0);
    await machine.run(2 * MINUTE);
    expect(renewals(world)).toBe(1);
    expect(await sleepsNoted(world)).toEqual([expect.closeTo(9 * HOUR, -5)]);
  });

  test.each<[string, (watched: Watched) => void]>([
    ['that is unlocked', ({ machine }) => machine.power.tell('unlock')],
    ['at which a person asks', ({ scheduler }) => scheduler.poke()],
    ['on which a program asks', ({ scheduler }) => scheduler.attend()],
  ])('%s is awake', async (_, wake) => {
    const world = await startWorld();
    await world.signIn('claude');
    const watched = await startScheduler(world);
    watched.machine.power.tell('suspend');
    watched.machine.doze(9 * HOUR);
    wake(watched);
    await watched.machine.run(MINUTE);
    expect(renewals(world)).toBe(1);
  });
});

describe('what is under way when the machine goes to sleep', () => {
  test('is not begun if it still waits, and is made up for', async () => {
    const world = await startWorld();
    const id = await world.signIn('claude');
    const { machine, engine } = await startScheduler(world);
    const [account] = (await engine.status()).accounts;
    await machine.run((account?.renewsAt ?? 0) - world.clock.now() - 10 * SECOND);
    const deadline = Date.now() + MINUTE;
    const lock = await acquireLock(accountFile(world, id, 'lock'), { deadline, clock: nodeClock });
    const look = vi.spyOn(engine, 'look');
    const running = machine.run(MINUTE);
    await vi.waitUntil(() => look.mock.calls.length > 0, PATIENCE);
    machine.power.tell('suspend');
    await lock.release();
    await running;
    expect(renewals(world)).toBe(0);
    machine.power.tell('resume');
    await machine.run(MINUTE);
    expect(renewals(world)).toBe(1);
  });

  test('is finished if it was sent', async () => {
    const world = await startWorld();
    await world.signIn('claude');
    world.provider.faults.arm('anthropic', 'refresh', FAULTS.late(300));
    const { machine, reports } = await startScheduler(world);
    const running = machine.run(41 * MINUTE);
    while (renewals(world) === 0) await wait(1);
    machine.power.tell('suspend');
    await running;
    expect(renewals(world)).toBe(1);
    expect(reports).toMatchObject([{ how: 'renewed' }]);
  });
});

describe('what could not be sent', () => {
  test('is tried again 2, 4 and 8 seconds after a wake, then as always', async () => {
    const { world, plug } = await startWorldOnACable();
    const { machine, reports } = await startScheduler(world);
    await plug(false);
    await machine.sleepAndWake(9 * HOUR);
    const tries: number[] = [];
    for (const seconds of [1, 2, 2, 5, 20]) {
      await machine.run(seconds * SECOND);
      tries.push(reports.length);
    }
    expect(tries).toEqual([1, 2, 3, 4, 4]);
    expect(reports.map(({ error }) => error?.code)).toEqual(Array(4).fill('unreachable'));
    await plug(true);
    expect(renewals(world)).toBe(0);
    machine.power.tell('online');
    await machine.run(SECOND);
    expect(renewals(world)).toBe(1);
    expect(reports.at(-1)).toMatchObject({ how: 'renewed', error: null });
  });

  test('waits for its turn if nobody slept', async () => {
    const { world, plug } = await startWorldOnACable();
    const { machine, reports } = await startScheduler(world);
    await plug(false);
    await machine.run(40 * MINUTE);
    const tries = reports.length;
    await plug(true);
    await machine.run(15 * MINUTE);
    expect(tries).toBeGreaterThan(0);
    expect(tries).toBeLessThan(8);
    expect(reports.at(-1)).toMatchObject({ how: 'renewed', error: null });
  });

  test.each([
    ['a second is tried again 2 seconds after the wake', 1, 2],
    ['longer is tried again when that is over', 20, 30],
  ])('while the folder could not be read for %s', async (_, broken, within) => {
    const { world, plug } = await startWorldOnACable();
    const { machine, reports } = await startScheduler(world);
    await plug(false);
    await machine.run(55 * MINUTE);
    await plug(true);
    const { settings } = world.context.paths;
    await rename(settings, `${settings}.away`);
    // A folder in its place: reading it fails, for root as well.
    await mkdir(settings);
    machine.power.tell('online');
    await machine.run(broken * SECOND);
    expect(reports.at(-1)).toMatchObject({ how: 'failed' });
    await rmdir(settings);
    await rename(`${settings}.away`, settings);
    await machine.run(within * SECOND);
    expect(reports.at(-1)).toMatchObject({ how: 'renewed', error: null });
  });
});

describe('a clock that is wrong', () => {
  test.each([
    ['ahead', 10 * MINUTE],
    ['behind', -10 * MINUTE],
  ])('by ten minutes, %s, costs nothing', async (_, ms) => {
    const world = await startWorld();
    await world.signIn('claude');
    const { machine, reports } = await startScheduler(world);
    machine.setClock(ms);
    await machine.run(10 * MINUTE);
    expect(renewals(world)).toBe(0);
    machine.setClock(-ms);
    await machine.run(HOUR);
    expect(reports.map(({ how }) => how)).toEqual(Array(renewals(world)).fill('renewed'));
    expect(renewals(world)).toBeLessThanOrEqual(2);
    expect((await world.engine.status()).accounts).toMatchObject([{ state: 'signed-in' }]);
    expect(await sleepsNoted(world)).toEqual([]);
  });

  test('that was set is not called wrong before a service says so again', async () => {
    const world = await startWorld();
    await world.signIn('claude');
    const { machine, engine, serviceClock } = await startScheduler(world);
    world.provider.setClock(-HOUR);
    await engine.refresh(null, { force: true });
    await machine.run(MINUTE);
    expect(Math.round((serviceClock.off ?? 0) / HOUR)).toBe(1);
    machine.setClock(-HOUR);
    await machine.run(MINUTE);
    expect(serviceClock.off).toBeNull();
  });

  test('that jumps past the end is noticed with the next beat', async () => {
    const world = await startWorld();
    await world.signIn('claude');
    const { machine } = await startScheduler(world);
    machine.setClock(2 * HOUR);
    await machine.run(30 * SECOND);
    expect(renewals(world)).toBe(1);
    expect(await sleepsNoted(world)).toEqual([]);
  });

  test.each([
    ['is over when it comes', tokenOfOld(), 6],
    ['lives for a second', 'opaque', 120],
  ])('and a token that %s makes no storm', async (_, access_token, most) => {
    const world = await startWorld();
    await world.signIn('chatgpt');
    const body = JSON.stringify({ access_token, refresh_token: 'next', expires_in: 1 });
    const fault = { kind: 'answer', status: 200, headers: {}, body } as const;
    world.provider.faults.arm('openai', 'refresh', fault, 1000);
    const { machine } = await startScheduler(world);
    const requests = () => world.provider.journal.requests('openai', 'refresh');
    await machine.run(40 * MINUTE);
    const first = requests();
    await machine.run(30 * MINUTE);
    expect(requests()).toBeGreaterThan(first);
    expect(requests() - first).toBeLessThanOrEqual(most);
  });
});

describe('the timetable', () => {
  test.each<[string, (world: World, id: string) => Promise<void>]>([
    [
      'of another computer',
      async ({ context }) => {
        const path = context.paths.machine;
        const mark = JSON.parse(await readFile(path, 'utf8'));
        await writeFile(path, JSON.stringify({ ...mark, mark: 'f'.repeat(64) }));
      },
    ],
    ['that is damaged', (world, id) => rm(accountFile(world, id, 'grant'))],
  ])('has no login %s, for no try mends it', async (_, spoil) => {
    const world = await startWorld();
    await spoil(world, await world.signIn('claude'));
    world.clock.advance(HOUR);
    const { machine, engine } = await startScheduler(world);
    const look = vi.spyOn(engine, 'look');
    const refresh = vi.spyOn(engine, 'refresh');
    await machine.run(6 * MINUTE);
    expect(look).not.toHaveBeenCalled();
    expect(refresh).toHaveBeenCalledOnce();
  });

  test('has each account looked at alone, when it is due', async () => {
    const world = await startWorld();
    const first = await world.signIn('claude');
    const { machine, engine } = await startScheduler(world);
    const look = vi.spyOn(engine, 'look');
    await machine.run(20 * MINUTE);
    const second = await world.signIn('chatgpt');
    await machine.run(5 * MINUTE);
    expect(look).not.toHaveBeenCalled();
    await machine.run(35 * MINUTE);
    expect(look.mock.calls.map(([ids]) => ids)).toEqual([[first], [second]]);
    expect(renewals(world)).toBe(1);
    expect(world.provider.journal.requests('openai', 'refresh')).toBe(1);
  });

  test('knows at once what a person does in the same process', async () => {
    const world = await startWorld();
    const { machine, engine } = await startScheduler(world);
    const listener = vi.fn();
    onTestFinished(engine.subscribe(listener));
    const status = vi.spyOn(engine, 'status');
    await signIn(engine, 'claude');
    await vi.waitUntil(() => status.mock.settledResults.length > 0, PATIENCE);
    expect(engine.signingIn).toBe(false);
    expect(listener).toHaveBeenCalled();
    const look = vi.spyOn(engine, 'look');
    await machine.run(4 * MINUTE);
    expect(look).not.toHaveBeenCalled();
    await machine.run(37 * MINUTE);
    expect(renewals(world)).toBe(1);
  });
});

test('whoever makes way in the middle of a look tells nobody what it came to', async () => {
  const world = await startWorld();
  await world.signIn('claude');
  const { engine, context } = await world.another();
  const stop = new AbortController();
  const onStatus = vi.fn(async () => null);
  const scheduler = new Scheduler(context, engine, { onReport: () => {}, onStatus });
  const status = engine.status.bind(engine);
  vi.spyOn(engine, 'status').mockImplementation(() => {
    stop.abort();
    return status();
  });
  await scheduler.run(stop.signal);
  expect(engine.status).toHaveBeenCalled();
  expect(onStatus).not.toHaveBeenCalled();
});

test('what a killed process left unsettled is settled at the next look', async () => {
  const world = await startWorld();
  const id = await world.signIn('claude');
  const task = { action: 'renew', service: 'claude', dieAt: { step: 'renewal:before-send' } };
  const child = startChild('engine-child.ts', [JSON.stringify(task)], { env: world.env });
  expect(await untilItEnds(child)).toBe('SIGKILL');
  world.clock.advance(MINUTE);
  const [left] = (await world.engine.status()).accounts;
  expect(left).toMatchObject({ id, state: 'late', code: null });
  expect(left?.renewsAt).toBeLessThanOrEqual(world.clock.now());
  const { reports } = await startScheduler(world);
  expect(reports).toMatchObject([{ how: 'renewed', account: { state: 'signed-in' } }]);
  expect(renewals(world)).toBe(1);
  expect(activeTokens(world)).toHaveLength(1);
});
