import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Engine } from '../../src/core/engine.ts';
import { type Keyring, keyringMissing, startKeyring } from '../support/keyring.ts';
import {
  abandonLocks,
  isLock,
  look,
  type Machine,
  type Moment,
  PROVIDERS,
  rehearse,
  type Sight,
  startMachine,
} from '../support/kills.ts';

/** All moments of all renewals; otherwise a sample of them, in which each step is. */
const LONG = process.env.AUTHBAR_LONG === '1';

/** Ample, for a machine on which each run takes ten seconds. */
const TIMEOUT = 30 * 60_000;

/** Between the provider's rotation and our disk: the one window that nobody can close. */
const WINDOW = 'renewal:answered';

const STEPS = [
  'answer:durable',
  'answer:written',
  'grant:durable',
  'ledger:written',
  'renewal:before-send',
  'renewal:intent',
  'renewal:locked',
  'renewal:reserved',
  'target:before-write',
  'target:half-written',
  'target:journal',
  'target:locked',
  'target:recorded',
  'target:written',
];

/** Both logins, one after the other. */
const RENEWALS = [
  { title: 'Claude first', services: ['claude', 'chatgpt'], life: 3600, reversed: false },
  { title: 'ChatGPT first', services: ['chatgpt', 'claude'], life: 3600, reversed: true },
  // With less than ten minutes left the tools’ locks are held across a renewal.
  { title: 'close to their end', services: ['claude', 'chatgpt'], life: 540, reversed: false },
] as const;

const TEMPORARY = /\.[0-9a-f]{8}\.authbar-tmp$/;
const JOURNAL = '.synaps-cli/.auth.json.authbar-journal';

const missing = keyringMissing();

describe.skipIf(missing !== null)(
  `a process that is killed while it renews both logins${missing ? `: ${missing}` : ''}`,
  () => {
    let keyring: Keyring;
    const steps = new Set<string>();
    const found = { runs: 0, old: 0, new: 0 };

    beforeAll(async () => {
      keyring = await startKeyring();
      // libsecret, in this very process, reads it at its first call.
      Object.assign(process.env, keyring.env);
    });
    afterAll(() => keyring.close());

    test.each(LONG ? RENEWALS : RENEWALS.slice(0, 1))(
      'leaves the old or the new one everywhere, and what was owed is paid: $title',
      async ({ services, life, reversed }) => {
        const machine = await startMachine(keyring, services);
        machine.world.provider.setTtl({ accessToken: life });
        const moments = (await rehearse(machine)).filter(({ step }) => step !== WINDOW);
        const { around } = await look(machine);
        for (const [target, text] of Object.entries(around)) expect(text, target).toMatch(/mine/);
        for (const moment of LONG ? moments : sampleOf(moments, reversed)) {
          const places = await survive(machine, moment).catch((cause) => {
            throw new Error(`killed at ${moment.step}, no. ${moment.nth}`, { cause });
          });
          found.runs += 1;
          found.old += places.old;
          found.new += places.new;
          steps.add(moment.step);
        }
      },
      TIMEOUT,
    );

    test('was killed often enough, at every step', () => {
      process.stdout.write(
        `${found.runs} kills at ${steps.size} steps: ${found.old} logins in tools were old, ${found.new} new\n`,
      );
      expect([...steps].sort()).toEqual(STEPS);
      expect(found.runs).toBeGreaterThanOrEqual(LONG ? 200 : STEPS.length);
    });
  },
);

/** One of each step, each further on than the one before it, or the other way round. */
function sampleOf(moments: readonly Moment[], reversed: boolean): Moment[] {
  return STEPS.flatMap((step, index) => {
    const all = moments.filter((moment) => moment.step === step);
    const share = (reversed ? STEPS.length - 1 - index : index) / STEPS.length;
    return all.slice(Math.floor(all.length * share)).slice(0, 1);
  });
}

/** Kills, looks, starts again, looks again. Tells in how many places the old and the new logins were. */
async function survive(machine: Machine, moment: Moment): Promise<{ old: number; new: number }> {
  const before = await look(machine);
  const sent = rotations(machine);
  await machine.killAt(moment);

  const half = moment.step === 'target:half-written';
  const killed = await look(machine, half ? 'synaps' : null);
  expect(before.around).toMatchObject(killed.around);
  expect(killed.names).toEqual(expect.arrayContaining([...before.names]));
  const added = killed.names.filter((name) => !before.names.includes(name) && !isLock(name));
  const journal = half || moment.step === 'target:journal';
  expect(added.filter((name) => !TEMPORARY.test(name))).toEqual(journal ? [JOURNAL] : []);

  await abandonLocks(machine);
  const engine = await payDebts(machine);
  const after = await look(machine);
  expect(after.around).toEqual(before.around);
  // Where there was nothing to write, an abandoned lock is left for who needs it next.
  expect(after.names.filter((name) => before.names.includes(name) || !isLock(name))).toEqual(
    before.names,
  );
  await expectCurrent(machine, engine, after);
  for (const provider of Object.values(PROVIDERS)) {
    const place = `keychain ${provider}`;
    const moved = after.logins[place]?.access !== before.logins[place]?.access;
    // Whatever the service sent is there, and it was asked no more than that once.
    expect(rotations(machine)[provider] - sent[provider]).toBe(moved ? 1 : 0);
  }
  await expectRenewal(machine, engine, before.names);
  return compare(killed, before, after);
}

/** What the next start does, and the one after it, if it has to. */
async function payDebts(machine: Machine): Promise<Engine> {
  for (let starts = 1; ; starts += 1) {
    const engine = await machine.restart();
    const reports = await engine.refresh(null);
    expect(reports).toMatchObject([{ error: null }, { error: null }]);
    const behind = await placesBehind(engine);
    if (behind.length === 0) return engine;
    if (starts === 2) expect(behind).toEqual([]);
  }
}

async function placesBehind(engine: Engine): Promise<unknown[]> {
  return (await engine.targets()).flatMap(({ target, entries }) =>
    entries
      .filter(({ state }) => state !== 'in-step')
      .map(({ provider, state, code }) => [target, provider, state, code]),
  );
}

/** Every target holds the vault's grant in its form, and the service knows it. */
async function expectCurrent({ world }: Machine, engine: Engine, { logins }: Sight): Promise<void> {
  for (const [service, provider] of Object.entries(PROVIDERS)) {
    const { accessToken: access } = await engine.token(service, 0);
    const refresh = logins[`keychain ${provider}`]?.refresh ?? '';
    expect(world.provider.active(refresh)).toBe(true);
    for (const [place, pair] of Object.entries(logins)) {
      if (!place.endsWith(provider)) continue;
      const given = place.startsWith('opencode') ? '' : refresh;
      expect(pair, place).toEqual({ access, refresh: given });
    }
  }
}

/** Nothing was lost, and nothing is left of what was killed. */
async function expectRenewal(
  machine: Machine,
  engine: Engine,
  names: readonly string[],
): Promise<void> {
  const reports = await engine.refresh(null, { force: true });
  const renewed = { how: 'renewed', error: null };
  expect(reports).toMatchObject([renewed, renewed]);
  const sight = await look(machine);
  await expectCurrent(machine, engine, sight);
  expect(sight.names).toEqual(names);
}

/** Each place that could be read held one of the two, whole. */
function compare(killed: Sight, before: Sight, after: Sight): { old: number; new: number } {
  const count = { old: 0, new: 0 };
  for (const [place, pair] of Object.entries(killed.logins)) {
    const [old, fresh] = [before.logins[place], after.logins[place]];
    expect([old, fresh], place).toContainEqual(pair);
    count[pair.access === old?.access ? 'old' : 'new'] += 1;
  }
  return count;
}

/** How often each service has given another refresh token for an older one. */
function rotations({ world }: Machine) {
  const { entries } = world.provider.journal;
  const count = (id: string) =>
    entries.filter((each) => each.provider === id && each.endpoint === 'refresh' && each.rotated)
      .length;
  return { anthropic: count('anthropic'), openai: count('openai') };
}
