import { join } from 'node:path';
import type { Context } from '../../src/core/context.ts';
import { createEngine } from '../../src/core/create.ts';
import { Engine } from '../../src/core/engine.ts';
import type { BuiltInId } from '../../src/core/grant.ts';
import { run } from '../../src/core/run.ts';
import { type Person as Identity, type StandIn, startStandIn } from '../support/provider/index.ts';
import { SimulatedMachine } from '../support/simulated-machine.ts';
import { TestClock } from '../support/test-clock.ts';
import { install } from '../support/tools.ts';
import { calendar, type Spell } from './calendar.ts';
import { Dice } from './dice.ts';
import { leastRenewals, type Sleep } from './minimum.ts';
import { Network } from './network.ts';
import { Person } from './person.ts';
import { Rival } from './rival.ts';
import { Truth } from './truth.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const PROVIDERS = ['anthropic', 'openai'] as const;

/** How long the access tokens of each live at the real provider, seconds. */
const LIVES: Readonly<Record<BuiltInId, number>> = {
  anthropic: (8 * HOUR) / SECOND,
  openai: (10 * DAY) / SECOND,
};

/** How long a tool is left alone, ms. */
const IDLE = { least: 5 * MINUTE, most: 90 * MINUTE };
/** How often a tool that is used renews although it need not. */
const RESTARTS = 0.05;
/** How often a tool spends what we are about to send. */
const OVERTAKES = 0.05;

/** What is simulated. */
export interface Plan {
  readonly days: number;
  /** With a login at both services each. */
  readonly people: number;
  readonly seed: number;
  /** A folder of its own. */
  readonly home: string;
}

/** What came of it. */
export interface Outcome {
  readonly accounts: number;
  readonly sleeps: readonly Spell[];
  /** Looks at a login that came to something, by how they went. */
  readonly looks: ReadonlyMap<string, number>;
  /** Requests of ours for a renewal. */
  readonly requests: number;
  /** By kind. */
  readonly faults: ReadonlyMap<string, number>;
  /** How many renewals the due rule alone asks for. */
  readonly minimum: number;
  readonly rivals: readonly (Rival['renewals'] & { readonly tool: string })[];
  /** Renewals of ours that came too late because a tool had spent the token. */
  readonly collisions: number;
  /** Lost in flight: those that the person was told of, and those whose access token works still. */
  readonly lost: { readonly told: number; readonly untold: number };
  readonly signIns: number;
  /** By kind. */
  readonly notices: ReadonlyMap<string, number>;
  /** What must not be. */
  readonly violations: readonly string[];
}

/** Plays it. Everything but time, the tools, the network's troubles and the person is real. */
export async function simulate(plan: Plan): Promise<Outcome> {
  const standIn = await startStandIn({ people: manyPeople(plan.people) });
  for (const provider of PROVIDERS) standIn.setTtl({ accessToken: LIVES[provider] }, provider);
  // A spent token is only refused: what a tool without a lock does must heal, and can.
  standIn.setForgiving(true);
  try {
    return await new Soak(plan, standIn).play();
  } finally {
    await standIn.close();
  }
}

class Soak {
  readonly #plan: Plan;
  readonly #standIn: StandIn;
  readonly #dice: Dice;
  readonly #clock = new TestClock();
  readonly #machine = new SimulatedMachine(this.#clock);
  readonly #network: Network;
  readonly #person: Person;
  readonly #rivals: readonly Rival[];
  readonly #stop = new AbortController();
  readonly #looks = new Map<string, number>();
  readonly #sleeps: Sleep[] = [];

  constructor(plan: Plan, standIn: StandIn) {
    this.#plan = plan;
    this.#standIn = standIn;
    this.#dice = new Dice(plan.seed);
    this.#network = new Network(this.#machine, standIn, this.#dice.another());
    this.#person = new Person(this.#machine, this.#network, this.#dice.another(), standIn.people);
    const world = { userHome: plan.home, clock: this.#clock, provider: standIn };
    this.#rivals = [
      new Rival(world, this.#network, 'pi', { provider: 'anthropic', key: 'anthropic' }),
      new Rival(world, this.#network, 'synaps', { provider: 'openai', key: 'openai-codex' }),
    ];
  }

  async play(): Promise<Outcome> {
    const { home, days } = this.#plan;
    await install({ userHome: home }, ...this.#rivals.map(({ tool }) => tool));
    const { engine, context } = await this.#engine();
    const truth = new Truth(context, this.#standIn, this.#network);
    this.#person.judge = (told) => truth.judge(told);
    await this.#person.begin(engine);
    const { accounts } = await engine.status();

    const running = this.#run(context, engine);
    const spells = calendar(days, this.#dice.another());
    for (const spell of spells) await this.#spend(spell);
    await this.#machine.run(HOUR);
    await this.#halt(running);

    const end = this.#clock.now();
    const least = accounts.map(({ provider, renewedAt }) => {
      const life = LIVES[provider === 'openai' ? 'openai' : 'anthropic'] * SECOND;
      return leastRenewals({ signedInAt: renewedAt ?? end, life }, this.#sleeps, end);
    });
    const untold = await truth.sum(engine, accounts.length);
    return {
      accounts: accounts.length,
      sleeps: spells,
      looks: this.#looks,
      requests: this.#network.requests,
      faults: this.#network.faults,
      minimum: sum(least),
      rivals: this.#rivals.map(({ tool, renewals }) => ({ tool, ...renewals })),
      collisions: this.#collisions(),
      lost: { told: truth.told, untold },
      signIns: this.#person.signIns,
      notices: this.#person.notices,
      violations: truth.violations,
    };
  }

  async #engine(): Promise<{ engine: Engine; context: Context }> {
    const { home } = this.#plan;
    const env = {
      HOME: home,
      PATH: process.env.PATH,
      AUTHBAR_HOME: join(home, 'state'),
      AUTHBAR_VAULT: 'file',
      AUTHBAR_PROVIDERS_FILE: await this.#standIn.providersFile(join(home, 'providers.json')),
    };
    const random = this.#dice.another().throw;
    const { context } = await createEngine({ env, clock: this.#machine, userHome: home, random });
    const wired = { ...context, send: this.#network.carry(context.send) };
    return { engine: new Engine(wired), context: wired };
  }

  /** Everything that goes on by itself: Authbar, and the tools that a person uses. */
  #run(context: Context, engine: Engine): Promise<unknown> {
    const { signal } = this.#stop;
    const dice = this.#dice.another();
    this.#network.quicker = async (provider, body) => {
      if (!dice.chance(OVERTAKES)) return;
      for (const rival of this.#rivals) await rival.overtake(provider, body);
    };
    const tools = this.#rivals.map((rival) => this.#use(rival, this.#dice.another()));
    const clock = this.#machine.scheduler();
    const authbar = run({ ...context, clock }, engine, {
      kind: 'daemon',
      version: '0',
      signal,
      power: this.#machine.power,
      notifier: this.#person,
      onReport: ({ how }) => this.#looks.set(how, (this.#looks.get(how) ?? 0) + 1),
    });
    return Promise.all([authbar.finally(() => this.#machine.dismiss(clock)), ...tools]);
  }

  async #use(rival: Rival, dice: Dice): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      await this.#machine.sleep(dice.between(IDLE.least, IDLE.most), signal).catch(() => {});
      await (dice.chance(RESTARTS) ? rival.restart() : rival.use());
    }
  }

  /** The tools are used as soon as it wakes. */
  async #spend({ awake, asleep, stirs, kind }: Spell): Promise<void> {
    const { power } = this.#machine;
    await this.#machine.run(awake);
    const from = this.#clock.now();
    if (kind === 'told') power.tell('lock');
    if (kind !== 'not a word') power.tell('suspend');
    this.#machine.doze((asleep - stirs) / 2);
    if (stirs > 0) {
      power.tell('online');
      await this.#machine.run(stirs);
    }
    this.#machine.doze((asleep - stirs) / 2);
    this.#sleeps.push([from, this.#clock.now()]);
    if (kind === 'told') power.tell('resume', 'unlock');
    await Promise.all([this.#machine.run(MINUTE), ...this.#rivals.map((rival) => rival.use())]);
  }

  async #halt(running: Promise<unknown>): Promise<void> {
    this.#stop.abort();
    let over = false;
    const end = Promise.all([running, this.#person.rest()]).finally(() => {
      over = true;
    });
    while (!over) await this.#machine.run(SECOND);
    await end;
  }

  /** Renewals of ours for which a tool had spent the token a moment before. */
  #collisions(): number {
    const byTools = new Set<string | null>();
    const late = new Set<string | null>();
    for (const { endpoint, headers, token, rotated } of this.#standIn.journal.entries) {
      const ours = headers['user-agent']?.startsWith('authbar/');
      if (endpoint !== 'refresh') continue;
      if (rotated && !ours) byTools.add(token);
      if (ours && byTools.has(token)) late.add(token);
    }
    return late.size;
  }
}

function manyPeople(count: number): Identity[] {
  return Array.from({ length: count }, (_, at) => {
    const number = String(at + 1).padStart(2, '0');
    return {
      key: `person-${number}`,
      userId: `0a6f1c2e-5b0d-4c59-8a3e-1d7f000000${number}`,
      email: `person-${number}@example.com`,
      name: `Person ${number}`,
      workspaceId: `5d3c9b7a-91f2-4e6b-b1c4-2e8f000000${number}`,
      workspace: `Workspace ${number}`,
      plan: { anthropic: 'max', openai: 'plus' },
    };
  });
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}
