import { readdir, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { lock } from 'proper-lockfile';
import { type BrokerClient, connectBroker } from '../../src/core/broker/client.ts';
import { nodeClock } from '../../src/core/files/node-files.ts';
import type { Step } from '../../src/core/ports.ts';
import { Vault } from '../../src/core/vault/vault.ts';
import { asAppError } from '../../src/shared/errors.ts';
import { signIn, startWorld, type World } from './engine.ts';
import { isLock } from './kills.ts';
import { fingerprint, type JournalEntry } from './provider/index.ts';
import type { Journal } from './provider/journal.ts';
import { install, renewThere, SERVICES, type ToolId, toolFile } from './tools.ts';

/** Seconds. So little that the tools' locks are held across each renewal, for each of them may renew. */
const LIFE = 540;

const TOOLS: readonly ToolId[] = ['claude-code', 'pi', 'codex', 'synaps', 'opencode'];

/** Who is signed in to both services; the tools get the first one's logins. */
export const PEOPLE = ['anna', 'ben'] as const;
const PROVIDERS = ['anthropic', 'openai'] as const;

/** A holder of one of the tools' folder locks says that it lives at least this often, ms, and some. */
const SIGN_OF_LIFE = 7000;

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
  /** Resolves when everybody has finished what they were at. */
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
      const over = new AbortController();
      void buryTheDead(world, over.signal);
      await Promise.all(work);
      over.abort();
      await abandonLocks(world);
    },
  };
}

/** A program that keeps asking until the engine is gone. */
async function askAway(
  world: World,
  random: Random,
  codes: Set<string>,
  signal: AbortSignal,
): Promise<void> {
  const client = await connectBroker(world.context);
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
    const tokens = await renewThere(world, 'pi', pick(random, PROVIDERS));
    byTools.add(fingerprint(tokens.refresh_token));
    await free();
  }
}

/** While somebody may still wait for it: what nobody says a word about is a dead process's lock. */
async function buryTheDead(world: World, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    // A lock that is given back at this moment was nobody's to bury.
    await abandonLocks(world, SIGN_OF_LIFE).catch(() => {});
    await wait(250);
  }
}

/**
 * Lets the time pass after which a tool's folder lock counts as left by a dead process.
 * @param quiet Not for one that was touched within so many ms; for each of them, if left out.
 */
async function abandonLocks({ userHome }: World, quiet?: number): Promise<void> {
  const longAgo = new Date(Date.now() - 10 * 60_000);
  const entries = await readdir(userHome, { recursive: true, withFileTypes: true });
  for (const entry of entries.filter((each) => each.isDirectory() && isLock(each.name))) {
    const path = join(entry.parentPath, entry.name);
    // A new one may be stamped up to a second ahead.
    const since = quiet === undefined ? Number.POSITIVE_INFINITY : Date.now() - quiet;
    if ((await stat(path)).mtimeMs < since) await utimes(path, longAgo, longAgo);
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

/** Notes when the provider gives another refresh token for one, to the millisecond. */
export class Rotations {
  readonly times: number[] = [];
  readonly #journal: Journal;
  readonly #timer: NodeJS.Timeout;
  #open: JournalEntry[] = [];
  #seen: number;

  constructor({ provider }: World) {
    this.#journal = provider.journal;
    this.#seen = provider.journal.entries.length;
    this.#timer = setInterval(() => this.#look(), 1);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    const { entries } = this.#journal;
    for (; this.#seen < entries.length; this.#seen += 1) {
      const entry = entries[this.#seen];
      if (entry?.endpoint === 'refresh') this.#open.push(entry);
    }
    const now = Date.now();
    for (const _ of this.#open.filter(({ rotated }) => rotated)) this.times.push(now);
    this.#open = this.#open.filter(({ rotated, status }) => !rotated && status === null);
  }
}

/**
 * How long it took from the provider's rotations to our disk, ms, as far as it can be told which answer a
 * write was for: where nothing else was on its way.
 */
export function windowsIn(
  steps: readonly { readonly at: number; readonly step: Step }[],
  rotations: readonly number[],
): number[] {
  const windows: number[] = [];
  const left = [...rotations];
  for (const { at } of steps.filter(({ step }) => step === 'answer:written')) {
    const open = left.splice(0, left.filter((rotation) => rotation <= at).length);
    const [rotation] = open;
    if (rotation !== undefined && open.length === 1) windows.push(at - rotation);
  }
  return windows;
}
