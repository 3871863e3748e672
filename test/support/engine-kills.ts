import { stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { lock } from 'proper-lockfile';
import { type BrokerClient, connectBroker } from '../../src/core/broker/client.ts';
import { nodeClock } from '../../src/core/files/node-files.ts';
import type { Step } from '../../src/core/ports.ts';
import { Vault } from '../../src/core/vault/vault.ts';
import { asAppError } from '../../src/shared/errors.ts';
import { MADE_BY_IT } from './children/life.ts';
import { signIn, startWorld, type World } from './engine.ts';
import { PATIENT_CLOCK } from './patience.ts';
import { fingerprint, type JournalEntry } from './provider/index.ts';
import { install, renewThere, SERVICES, type ToolId, toolFile } from './tools.ts';

/** Seconds. So little that the tools' locks are held across each renewal, for each of them may renew. */
const LIFE = 540;

const TOOLS: readonly ToolId[] = ['claude-code', 'pi', 'codex', 'synaps', 'opencode'];

/** Of the tools' locks those that outlive their holder, below the home. */
const FOLDER_LOCKS = [
  '.claude.lock',
  '.claude/.oauth_refresh.lock',
  '.claude/.storage-write.lock',
  '.pi/agent/auth.json.lock',
];

/** Who is signed in to both services; the tools get the first one's logins. */
export const PEOPLE = ['anna', 'ben'] as const;
const PROVIDERS = ['anthropic', 'openai'] as const;

/** A number in [0, 1), the next of those that follow from a seed. */
export type Random = () => number;

/** @see https://en.wikipedia.org/wiki/Linear_congruential_generator (the MMIX one's high half) */
export function randomFrom(seed: number): Random {
  let state = BigInt(seed);
  return () => {
    state = BigInt.asUintN(64, state * 6364136223846793005n + 1442695040888963407n);
    return Number(state >> 32n) / 2 ** 32;
  };
}

function pick<T>(random: Random, all: readonly [T, ...T[]]): T {
  return all[Math.floor(random() * all.length)] ?? all[0];
}

/** All of them, in another order. */
export function shuffled<T>(random: Random, all: readonly T[]): T[] {
  const keyed = all.map((each) => ({ each, key: random() }));
  return keyed.sort((a, b) => a.key - b.key).map(({ each }) => each);
}

/** Both logins of two people on real time, every tool that keeps JSON, and no engine that runs. */
export async function startCrowd(): Promise<World> {
  const world = await startWorld({ clock: nodeClock, standIn: { ttl: { accessToken: LIFE } } });
  await install(world, ...TOOLS);
  for (const person of PEOPLE) {
    for (const provider of PROVIDERS) await signIn(world.engine, SERVICES[provider], person);
  }
  return world;
}

/** What goes on around an engine until it is killed. */
export interface Load {
  /** The codes of all errors that anybody was told. */
  readonly codes: ReadonlySet<string>;
  /** What the tools got by themselves, as the journal names it. */
  readonly byTools: ReadonlySet<string>;
  /** The engine is dead. Resolves when everybody has finished what they were at. */
  stop(): Promise<void>;
}

/**
 * Programs ask the engine, a person uses the command line, and Pi renews by itself.
 * @param options.alone Only the programs, because the engine has not mended yet what its predecessor left.
 */
export function startLoad(
  world: World,
  random: Random,
  { alone }: { readonly alone: boolean },
): Load {
  const codes = new Set<string>();
  const byTools = new Set<string>();
  const end = new AbortController();
  const { signal } = end;
  const programs = [1, 2, 3].map(() => askAway(world, random, codes, signal));
  const others = () => [
    useCommands(world, random, codes, signal),
    renewAsPi(world, random, byTools, signal),
  ];
  const work = alone ? programs : [...programs, ...others()];
  return {
    codes,
    byTools,
    async stop() {
      end.abort();
      await abandonLocks(world);
      await Promise.all(work);
    },
  };
}

/** A program that asks the engine, however slow that is under its load. `null`: nobody answers. */
export function clientOf({ context }: World): Promise<BrokerClient | null> {
  return connectBroker({ ...context, clock: PATIENT_CLOCK });
}

/** A program that keeps asking until the engine is gone. */
async function askAway(
  world: World,
  random: Random,
  codes: Set<string>,
  signal: AbortSignal,
): Promise<void> {
  const client = await clientOf(world);
  while (client && !signal.aborted) {
    await ask(client, world, random).catch((error) => codes.add(asAppError(error).code));
    if (await Promise.race([client.closed.then(() => true), wait(random() * 20)])) return;
  }
  client?.close();
}

async function ask(client: BrokerClient, { provider }: World, random: Random): Promise<void> {
  const name = `${pick(random, PROVIDERS)}:${pick(random, PEOPLE)}@example.com`;
  const dice = random();
  if (dice < 0.2) {
    await client.status();
  } else if (dice < 0.5) {
    const { accessToken } = await client.token(name, 60_000);
    if (!provider.tokens.includes(accessToken)) throw new Error('a token that nobody issued');
  } else {
    const [report] = await client.refresh(name, { force: true });
    if (report?.error) throw report.error;
  }
}

/** Ben signs out and in again, or renews, without asking the engine that runs. */
async function useCommands(
  { engine }: World,
  random: Random,
  codes: Set<string>,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    const provider = pick(random, PROVIDERS);
    const name = `${provider}:ben@example.com`;
    const told = (error: unknown) => codes.add(asAppError(error).code);
    if (random() < 0.15) {
      await engine.logout(name).catch(told);
      await signIn(engine, SERVICES[provider], 'ben').catch(told);
    } else {
      await engine.refresh(name, { force: true }).catch(told);
    }
    await wait(random() * 300);
  }
}

/** With its lock, so that nobody else spends the token that it sends. */
async function renewAsPi(
  world: World,
  random: Random,
  byTools: Set<string>,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    await wait(random() * 400);
    const free = await lock(toolFile(world, 'pi'), {
      stale: 30_000,
      onCompromised: () => {},
    }).catch(() => null);
    if (!free) continue;
    // The lock may be a dead engine's, which has sent the token already.
    if (!signal.aborted) {
      const tokens = await renewThere(world, 'pi', pick(random, PROVIDERS));
      byTools.add(fingerprint(tokens.refresh_token));
    }
    await free();
  }
}

/** Lets the time pass after which a folder lock counts as left by a dead process, for those of the engine. */
async function abandonLocks({ userHome }: World): Promise<void> {
  const longAgo = new Date(Date.now() - 10 * 60_000);
  for (const lock of FOLDER_LOCKS) {
    const path = join(userHome, lock);
    const found = await stat(path).catch(() => null);
    if (found && (found.mode & 0o777) === MADE_BY_IT) await utimes(path, longAgo, longAgo);
  }
}

/** What an account knows of its past: hashes of its tokens, and whether it was signed out. */
export interface Past {
  readonly id: string;
  readonly signedOut: boolean;
  /** Whether this token, as the journal names it, was ever the account's. */
  knows(token: string | null): boolean;
}

/** The past of every account, of those that were signed out too. */
export async function pastsOf({ context }: World): Promise<Past[]> {
  const vault = new Vault(context);
  const pasts = (await vault.ids()).map(async (id) => {
    const { ring, tombstone } = await vault.readLedger(id);
    return {
      id,
      signedOut: tombstone !== null,
      knows: (token: string | null) => ring.some((hash) => hash.slice(0, 12) === token),
    };
  });
  return Promise.all(pasts);
}

/**
 * How long it took from the provider's rotations to our disk, ms, as far as it can be told which answer a
 * write was for: where the engine had one request on its way, and nobody else had.
 */
export function windowsIn(
  steps: readonly { readonly at: number; readonly step: Step }[],
  entries: readonly JournalEntry[],
): number[] {
  const ends = steps.filter(
    ({ step }) => step === 'renewal:before-send' || step === 'answer:written',
  );
  return ends.flatMap(({ at, step }, index) => {
    const [before, sent] = [ends[index - 2], ends[index - 1]];
    const alone = before?.step !== 'renewal:before-send' && sent?.step === 'renewal:before-send';
    if (step !== 'answer:written' || !alone) return [];
    const rotations = entries.flatMap(({ rotatedAt }) =>
      rotatedAt !== null && rotatedAt >= sent.at && rotatedAt <= at ? [rotatedAt] : [],
    );
    return rotations.length === 1 ? rotations.map((rotation) => at - rotation) : [];
  });
}

/** On which side of the provider's rotation a kill fell. */
export type Side = 'before it' | 'between it and our disk' | 'with nothing on its way';

/** What all the kills came to. */
export class Tally {
  /** Logins whose next token was on its way. */
  lost = 0;
  /** From the provider's rotation to our disk, ms. */
  readonly windows: number[] = [];
  readonly moments = new Map<Step | 'at random', number>();
  readonly sides = new Map<Side, number>();
  #leftovers = 0;

  get kills(): number {
    return [...this.moments.values()].reduce((sum, count) => sum + count, 0);
  }

  kill(moment: Step | 'at random'): void {
    this.moments.set(moment, (this.moments.get(moment) ?? 0) + 1);
  }

  fellOn(side: Side): void {
    this.sides.set(side, (this.sides.get(side) ?? 0) + 1);
  }

  /** Unfinished files of dead engines, on one machine. */
  left(files: number): void {
    this.#leftovers = Math.max(this.#leftovers, files);
  }

  /** For a person. */
  summary(): string {
    const listed = (counts: ReadonlyMap<string, number>) =>
      [...counts].map(([name, count]) => `${count} ${name}`).join(', ');
    const sorted = this.windows.toSorted((a, b) => a - b);
    const at = (share: number) => sorted[Math.floor((sorted.length - 1) * share)];
    return [
      `${this.kills} kills: ${listed(this.moments)}`,
      `by side of the provider's rotation: ${listed(this.sides)}`,
      `${this.lost} logins lost in flight, all of them told; at most ${this.#leftovers} leftover files`,
      `from the rotation to our disk, ${sorted.length} times, ms: median ${at(0.5)}, ` +
        `90 % ${at(0.9)}, 99 % ${at(0.99)}, longest ${at(1)}`,
      '',
    ].join('\n');
  }
}
