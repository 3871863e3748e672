import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { setImmediate as turn, setTimeout as wait } from 'node:timers/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { RefreshReport } from '../../src/core/engine.ts';
import { runningEngine } from '../../src/core/engine-lock.ts';
import type { Clock, LogLine } from '../../src/core/ports.ts';
import { run } from '../../src/core/run.ts';
import { startWorld, type World } from '../support/engine.ts';
import { accountFile, activeTokens } from '../support/look.ts';
import { FAULTS } from '../support/provider/index.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

interface Running {
  /** Each with the time at which it came. */
  readonly reports: readonly (RefreshReport & { readonly at: number })[];
  readonly log: readonly LogLine[];
  readonly ended: Promise<void>;
  stop(): void;
}

/** Keeps the world's logins fresh. Its pauses pass at once, by the clock; what the engine does takes its time. */
async function startRun(world: World): Promise<Running> {
  const stop = new AbortController();
  const reports: (RefreshReport & { at: number })[] = [];
  const log: LogLine[] = [];
  const leaping: Clock = {
    now: () => world.clock.now(),
    async sleep(ms, signal) {
      await turn();
      signal?.throwIfAborted();
      world.clock.advance(ms);
    },
  };
  const { engine, context } = await world.another({ log: (line) => log.push(line) });
  const ended = run({ ...context, clock: leaping }, engine, {
    kind: 'daemon',
    version: '1.2.3',
    signal: stop.signal,
    onReport: (report) => reports.push({ ...report, at: world.clock.now() }),
  });
  ended.catch(() => {});
  onTestFinished(async () => {
    stop.abort();
    await ended.catch(() => {});
  });
  return { reports, log, ended, stop: () => stop.abort() };
}

async function until(done: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await done())) await wait(1);
}

describe('the process that keeps logins fresh', () => {
  test('renews what is due, again and again, and ends when it is told to', async () => {
    const world = await startWorld();
    await world.signIn('claude');
    await world.signIn('chatgpt');
    const started = world.clock.now();
    const running = await startRun(world);
    await until(() => running.reports.length >= 6);
    running.stop();
    await running.ended;
    for (const { how, error } of running.reports) expect([how, error]).toEqual(['renewed', null]);
    expect(world.clock.now() - started).toBeGreaterThan(HOUR);
    expect(activeTokens(world)).toHaveLength(2);
    expect(await runningEngine(world.context)).toBeNull();
  });

  test('is one for each state folder, and says who it is', async () => {
    const world = await startWorld();
    const running = await startRun(world);
    await until(async () => (await runningEngine(world.context)) !== null);
    expect(await runningEngine(world.context)).toEqual({
      kind: 'daemon',
      pid: process.pid,
      version: '1.2.3',
      hung: false,
    });
    await expect((await startRun(world)).ended).rejects.toMatchObject({
      code: 'engine-running',
      details: { pid: process.pid },
    });
    running.stop();
    await running.ended;
  });

  test('outlives a folder that cannot be read for a while', async () => {
    const world = await startWorld();
    await world.signIn('claude');
    const { settings } = world.context.paths;
    await rename(settings, `${settings}.away`);
    // A folder in its place: reading it fails, for root as well.
    await mkdir(settings);
    const running = await startRun(world);
    await until(() => running.log.filter(({ event }) => event === 'look-failed').length > 3);
    expect(running.reports).toEqual([]);
    await rm(settings, { recursive: true });
    await rename(`${settings}.away`, settings);
    await until(() => running.reports.length > 0);
    expect(running.reports[0]).toMatchObject({ how: 'renewed' });
  });

  test('leaves a folder of a newer program alone and ends', async () => {
    const world = await startWorld();
    const path = accountFile(world, await world.signIn('claude'), 'ledger.json');
    const ledger = JSON.parse(await readFile(path, 'utf8'));
    await writeFile(path, JSON.stringify({ ...ledger, schema: 2 }));
    const { ended } = await startRun(world);
    await expect(ended).rejects.toMatchObject({ code: 'newer-version' });
  });

  test('does not hammer what cannot be done now, and does it when it can', async () => {
    const world = await startWorld();
    await world.signIn('claude');
    const { key } = world.context.paths;
    const text = await readFile(key, 'utf8');
    await writeFile(key, 'lost');
    world.clock.advance(HOUR);
    const running = await startRun(world);
    await until(() => running.reports.length > 3);
    const times = running.reports.map(({ at }) => at);
    const pauses = times.slice(1).map((at, n) => at - (times[n] ?? 0));
    expect(Math.min(...pauses)).toBeGreaterThanOrEqual(30_000);
    await writeFile(key, text);
    await until(() => running.reports.at(-1)?.how === 'renewed');
  });

  test('asks for a name that is not told only now and then', async () => {
    const world = await startWorld();
    world.provider.faults.arm('anthropic', 'profile', FAULTS.unavailable, 100);
    await world.signIn('claude');
    world.provider.journal.clear();
    for (let look = 0; look < 10; look++) await world.engine.refresh(null);
    expect(world.provider.journal.requests('anthropic', 'profile')).toBe(1);
    world.clock.advance(15 * MINUTE);
    await world.engine.refresh(null);
    expect(world.provider.journal.requests('anthropic', 'profile')).toBe(2);
  });
});
