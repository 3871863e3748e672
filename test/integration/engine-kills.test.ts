import { readdir, readFile, utimes } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { BrokerClient } from '../../src/core/broker/client.ts';
import { runningEngine } from '../../src/core/engine-lock.ts';
import { readHistory } from '../../src/core/history.ts';
import type { Step } from '../../src/core/ports.ts';
import { Vault } from '../../src/core/vault/vault.ts';
import { Life } from '../support/children/life.ts';
import { signIn, type World } from '../support/engine.ts';
import {
  clientOf,
  type Load,
  PEOPLE,
  pastsOf,
  type Random,
  randomFrom,
  shuffled,
  startCrowd,
  startLoad,
  Tally,
  windowsIn,
} from '../support/engine-kills.ts';
import { activeTokens } from '../support/look.ts';
import type { JournalEntry } from '../support/provider/index.ts';
import { outOfStep, SERVICES } from '../support/tools.ts';

const LONG = process.env.AUTHBAR_LONG === '1';
const SEED = Number(process.env.AUTHBAR_SEED ?? 1);
const MACHINES = LONG ? 20 : 1;
/** How many of them at once: each waits for locks half of the time. */
const AT_ONCE = 4;
/** Of one machine: at every step once, and as often as this at random. */
const AT_RANDOM = LONG ? 10 : 3;

/** When a kill at random comes at the latest, ms after the work began. */
const LATEST = 900;

/** How long an engine under load may take to a step of a renewal, ms. */
const PATIENCE = 5 * 60_000;

/** How often an engine is killed while it may still be at what the last one left. */
const SOON = 0.15;

/** Ample, for a machine on which each kill takes a minute. */
const TIMEOUT = 20 * 60_000;

const STEPS: readonly Step[] = [
  'renewal:locked',
  'renewal:reserved',
  'renewal:intent',
  'renewal:before-send',
  'renewal:answered',
  'answer:written',
  'answer:durable',
  'grant:durable',
  'ledger:written',
  'target:locked',
  'target:before-write',
  'target:journal',
  'target:half-written',
  'target:written',
  'target:recorded',
];

const PROVIDERS = Object.keys(SERVICES) as (keyof typeof SERVICES)[];

const tally = new Tally();

describe('an engine that is killed under load', () => {
  const seeds = Array.from({ length: MACHINES }, (_, index) => SEED + index);
  const groups = seeds.flatMap((seed, index) =>
    index % AT_ONCE === 0 ? [{ first: seed, group: seeds.slice(index, index + AT_ONCE) }] : [],
  );

  test.each(groups)(
    'loses nothing but what was on its way, and that is told (from seed $first)',
    async ({ group }) => {
      const ends = await Promise.allSettled(group.map(besiege));
      for (const end of ends) if (end.status === 'rejected') throw end.reason;
    },
    TIMEOUT,
  );

  test('was killed often enough, on every side of a rotation', () => {
    expect(tally.kills).toBe(MACHINES * (STEPS.length + AT_RANDOM));
    expect(tally.sides.size).toBe(3);
    expect([...tally.moments.keys()].sort()).toEqual([...STEPS, 'at random'].sort());
  });

  afterAll(() => {
    process.stdout.write(`from seed ${SEED}: ${tally.summary()}`);
  });
});

/** All kills of one machine. */
async function besiege(seed: number): Promise<void> {
  const random = randomFrom(seed);
  const siege = new Siege(await startCrowd(), random);
  const plan = shuffled(random, [...STEPS, ...Array<null>(AT_RANDOM).fill(null)]);
  for (const [kill, step] of plan.entries()) {
    await siege.next(step).catch((cause) => {
      throw new Error(`seed ${seed}, after kill ${kill} (${siege.moment})`, { cause });
    });
  }
  await siege.end();
}

interface Kill {
  /** How much of the journal came before it. */
  readonly until: number;
  /** Whether a renewal was under way. */
  readonly open: boolean;
  /** Requests whose answer was not kept yet; those that were refused as well. */
  readonly sent: number;
}

/** One machine, on which one engine after the other is killed. */
class Siege {
  /** Where the last one was, or is to be, killed. */
  moment = '';
  readonly #world: World;
  readonly #random: Random;
  /** The next engine gets ready while the last one is still at work. */
  #next: Life;
  /** How much of the journal is accounted for. */
  #settled: number;
  /** Those since then. */
  readonly #kills: Kill[] = [];
  /** What tools have got by themselves since then. */
  readonly #byTools = new Set<string>();

  constructor(world: World, random: Random) {
    this.#world = world;
    this.#random = random;
    this.#settled = world.provider.journal.entries.length;
    this.#next = new Life(world);
  }

  /** The next engine begins, mends what the last one left, and is killed at its work. */
  async next(step: Step | null): Promise<void> {
    const life = await this.#begin();
    // Now and then it does not come to that.
    const alone = this.#random() < SOON;
    if (!alone) await this.#expectMended(life);
    const begun = life.steps.length;
    const load = startLoad(this.#world, this.#random, { alone });
    this.#aim(life, step);
    expect(await life.ended).toBe('SIGKILL');
    await this.#calm(load);
    await expectWhole(this.#world);
    this.#count(life, begun, step);
  }

  /** All is well at last, and nothing is left of all those who were killed. */
  async end(): Promise<void> {
    const life = await this.#begin();
    await this.#expectMended(life);
    const files = await temporaries(this.#world);
    tally.left(files.length);
    const longAgo = new Date(Date.now() - 2 * 60 * 60_000);
    for (const file of files) await utimes(file, longAgo, longAgo);
    await signIn(this.#world.engine, 'claude', 'ben');
    const reports = await this.#world.engine.refresh(null, { force: true });
    expect(reports.map(({ how }) => how)).toEqual(Array(4).fill('renewed'));
    expect(await temporaries(this.#world)).toEqual([]);
    expect(await readdir(this.#world.context.paths.run)).toEqual(['broker.sock']);
    life.kill();
    await life.ended;
    this.#next.kill();
  }

  async #begin(): Promise<Life> {
    const life = this.#next;
    // Lock and socket are there for it as if nobody had ever had them.
    await life.begin();
    this.#next = new Life(this.#world);
    const { context } = this.#world;
    expect(await runningEngine(context)).toMatchObject({ kind: 'daemon', pid: life.pid });
    return life;
  }

  #aim(life: Life, step: Step | null): void {
    const nth = 1 + Math.floor(this.#random() * (step?.startsWith('target:') ? 6 : 2));
    if (step) life.dieAt({ step, nth });
    this.moment = step ? `${step}, no. ${nth}` : 'at random';
    const timer = setTimeout(() => life.kill(), step ? PATIENCE : this.#random() * LATEST);
    void life.ended.then(() => clearTimeout(timer));
  }

  async #calm(load: Load): Promise<void> {
    await load.stop();
    const { origin, journal } = this.#world.provider;
    // What it had handed to the system when it died still arrives: before what is sent now.
    await fetch(origin);
    await journal.settled();
    for (const token of load.byTools) this.#byTools.add(token);
    const harmless = ['engine-gone', 'no-such-login', 'login-lost-in-flight'];
    expect(harmless).toEqual(expect.arrayContaining([...load.codes]));
  }

  async #expectMended(life: Life): Promise<void> {
    const client = await clientOf(this.#world);
    if (!client) throw new Error(`process ${life.pid} does not answer`);
    await client.refresh(null, { force: false });
    const { accounts } = await client.status();
    const lost = accounts.filter(({ code }) => code === 'login-lost-in-flight');
    for (const account of accounts) {
      if (lost.includes(account)) continue;
      const past = (await readHistory(this.#world.context, [account.id])).slice(0, 12);
      expect(account, JSON.stringify(past)).toMatchObject({ state: 'signed-in', code: null });
    }
    expect(lost.map(({ id }) => id).sort()).toEqual((await this.#settle()).sort());
    for (const { id } of lost) {
      expect(await readHistory(this.#world.context, [id])).toContainEqual(
        expect.objectContaining({ code: 'login-lost-in-flight' }),
      );
    }
    tally.lost += lost.length;
    const well = accounts.filter((account) => !lost.includes(account));
    await this.#signInWhoIsOut(well.map(({ provider, email }) => `${provider}:${email}`));
    await expectCurrent(this.#world, client);
    client.close();
  }

  /** @returns the accounts whose token was rotated for an engine that could not keep the answer. */
  async #settle(): Promise<string[]> {
    const pasts = await pastsOf(this.#world);
    const { entries } = this.#world.provider.journal;
    const refreshes = entries.slice(this.#settled).filter(({ endpoint }) => endpoint === 'refresh');
    const unheard = refreshes.filter(
      ({ rotated, issued }) =>
        rotated && !this.#byTools.has(issued ?? '') && !pasts.some((past) => past.knows(issued)),
    );
    const ownersOf = (sent: readonly JournalEntry[]) =>
      sent.map(({ token }) => pasts.find((past) => past.knows(token)));
    const owners = ownersOf(unheard);
    expect(owners).not.toContain(undefined);
    // No other token was ever sent a second time, but for a login that is lost all there is.
    const refused = refreshes.filter(({ status }) => status !== null && status >= 400);
    expect(owners).toEqual(expect.arrayContaining(ownersOf(refused)));
    for (const { until, open, sent } of this.#kills.splice(0)) {
      const lost = entries.slice(this.#settled, until).filter((entry) => unheard.includes(entry));
      expect(lost.length).toBeLessThanOrEqual(sent);
      tally.fellOn(
        lost.length > 0
          ? 'between it and our disk'
          : open
            ? 'before it'
            : 'with nothing on its way',
      );
      this.#settled = until;
    }
    // Who lives keeps what it gets.
    expect(entries.slice(this.#settled).filter((entry) => unheard.includes(entry))).toEqual([]);
    this.#settled = entries.length;
    this.#byTools.clear();
    return owners.flatMap((past) => (past && !past.signedOut ? [past.id] : []));
  }

  /** Those whose login was lost, and Ben if he was about to. */
  async #signInWhoIsOut(well: readonly string[]): Promise<void> {
    for (const provider of PROVIDERS) {
      for (const person of PEOPLE) {
        if (well.includes(`${provider}:${person}@example.com`)) continue;
        await signIn(this.#world.engine, SERVICES[provider], person);
      }
    }
  }

  #count(life: Life, begun: number, step: Step | null): void {
    const steps = life.steps.slice(begun);
    const kept = countOf(steps, 'answer:written');
    this.#kills.push({
      until: this.#world.provider.journal.entries.length,
      open: countOf(steps, 'renewal:reserved') > kept,
      sent: countOf(life.steps, 'renewal:before-send') - countOf(life.steps, 'answer:written'),
    });
    tally.kill(step && steps.at(-1)?.step === step ? step : 'at random');
    tally.windows.push(...windowsIn(steps, this.#world.provider.journal.entries));
  }
}

function countOf(steps: Life['steps'], wanted: Step): number {
  return steps.filter(({ step }) => step === wanted).length;
}

/** Each tool has the vault's login, and the provider knows all of them. */
async function expectCurrent(world: World, client: BrokerClient): Promise<void> {
  const behind = async () =>
    (await Promise.all(PROVIDERS.map((provider) => outOfStep(world, provider)))).flat();
  for (let look = 0; look < 3 && (await behind()).length > 0; look += 1) {
    await client.refresh(null, { force: false });
  }
  expect(await behind()).toEqual([]);
  const { accounts } = await client.status();
  expect(accounts.map(({ state }) => state)).toEqual(Array(4).fill('signed-in'));
  const vault = new Vault(world.context);
  const records = await Promise.all(accounts.map(({ id }) => vault.readRecord(id)));
  expect(activeTokens(world)).toEqual(
    expect.arrayContaining(records.map((record) => record?.grant?.refreshToken)),
  );
}

/** Nobody finds half of anything, but where a journal beside it says so. */
async function expectWhole(world: World): Promise<void> {
  const files = await filesBelow(world.userHome);
  const readable = files.filter(
    (file) => file.endsWith('.json') && !files.includes(journalBeside(file)),
  );
  for (const file of readable) {
    const text = await readFile(file, 'utf8');
    expect(() => JSON.parse(text), file).not.toThrow();
  }
}

function journalBeside(file: string): string {
  return join(dirname(file), `.${basename(file)}.authbar-journal`);
}

async function temporaries(world: World): Promise<string[]> {
  return (await filesBelow(world.userHome)).filter((file) => /\.authbar-\w+$/.test(file));
}

async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name));
}
