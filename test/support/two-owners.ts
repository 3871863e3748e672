import { expect } from 'vitest';
import { Engine } from '../../src/core/engine.ts';
import { readHistory } from '../../src/core/history.ts';
import { Scheduler } from '../../src/core/scheduler.ts';
import { startWorld, type World } from './engine.ts';
import { activeTokens, expectEachSpentOnce } from './look.ts';
import { SimulatedMachine } from './simulated-machine.ts';

const SECOND = 1000;
/** Long enough for several renewals. */
const A_WHILE = 300 * SECOND;
const RENEWALS = process.env.AUTHBAR_LONG === '1' ? 5000 : 30;

/** When each account's renewals were due and when they were done, epoch ms. */
interface Course {
  readonly due: Set<number>;
  readonly done: number[];
}

/** Keeps the logins fresh in simulated time until the function that is returned is called. */
async function startOwner(
  world: World,
  machine: SimulatedMachine,
  courses: ReadonlyMap<string, Course>,
): Promise<() => Promise<void>> {
  const { context } = await world.another({ clock: machine });
  const wired: typeof context = {
    ...context,
    send(request, limits) {
      world.provider.setClock(machine.now() - Date.now());
      return machine.hold(context.send(request, limits));
    },
  };
  const clock = machine.scheduler();
  const scheduler = new Scheduler({ ...wired, clock }, new Engine(wired), {
    onReport: ({ how, account: { id, renewedAt } }) => {
      if (how === 'renewed') courses.get(id)?.done.push(renewedAt ?? 0);
    },
    onStatus: async ({ accounts }) => {
      for (const { id, renewsAt } of accounts) courses.get(id)?.due.add(renewsAt ?? 0);
      return null;
    },
  });
  const stop = new AbortController();
  const ended = scheduler.run(stop.signal);
  return async () => {
    stop.abort();
    machine.dismiss(clock);
    let over = false;
    void ended.finally(() => {
      over = true;
    });
    while (!over) await machine.run(SECOND);
    return ended;
  };
}

/** What became of the logins, for whoever has to find out why. */
async function described({ engine, context }: World, ids: readonly string[]): Promise<string> {
  const { accounts } = await engine.status();
  const events = await Promise.all(ids.map((id) => readHistory(context, [id])));
  return JSON.stringify({ accounts, events: events.map((each) => each.slice(0, 10)) });
}

/**
 * Two owners of one folder, each with a schedule of its own, keep two people's logins to a service fresh in
 * simulated time: each login is renewed once whenever it is due, by one of them. Of what they renew the
 * large suite asks for 5000 times.
 */
export async function expectOnceEach(service: string): Promise<void> {
  const world = await startWorld();
  // The sign-ins take their time: nobody makes this machine run yet.
  const machine = new SimulatedMachine(world.clock);
  world.provider.setTtl({ accessToken: 120 });
  const ids = [await world.signIn(service, 'anna'), await world.signIn(service, 'ben')];
  const courses = new Map(ids.map((id): [string, Course] => [id, { due: new Set(), done: [] }]));
  const owners = await Promise.all([1, 2].map(() => startOwner(world, machine, courses)));
  const all = () => [...courses.values()].flatMap(({ done }) => done).length;
  while (all() < RENEWALS) {
    const before = all();
    await machine.run(A_WHILE);
    if (all() === before) throw new Error(`no renewal any more: ${await described(world, ids)}`);
  }
  await Promise.all(owners.map((stop) => stop()));

  expectEachSpentOnce(world, all());
  for (const { due, done } of courses.values()) {
    // The last one is still to come.
    const times = [...due].sort().slice(0, done.length);
    const late = done.sort().map((at, nth) => at - (times[nth] ?? 0));
    expect(late.every((ms) => ms >= 0 && ms < 10 * SECOND)).toBe(true);
    expect(due.size - done.length).toBe(1);
  }
  expect(activeTokens(world)).toHaveLength(ids.length);
  const { accounts } = await world.engine.status();
  expect(accounts.map(({ state }) => state)).toEqual(['signed-in', 'signed-in']);
}
