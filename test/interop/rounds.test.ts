import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { BuiltInId } from '../../src/core/grant.ts';
import { FAULTS } from '../support/provider/index.ts';
import type { Codex } from './codex-driver.ts';
import {
  ago,
  handedOut,
  IN_STEP,
  type Machine,
  renewals,
  startMachine,
  vaultToken,
} from './machine.ts';

const ROUNDS = Number(process.env.AUTHBAR_INTEROP_ROUNDS ?? 200);

/** A provider takes a moment, ms: long enough for another program to come in between. */
const PROVIDER_TAKES = 60;

/** How the rounds went, counted. */
class Tally {
  readonly #counts = new Map<string, number>();

  count(what: string): void {
    this.#counts.set(what, this.of(what) + 1);
  }

  of(what: string): number {
    return this.#counts.get(what) ?? 0;
  }

  print(title: string): void {
    const counts = [...this.#counts].map(([what, times]) => `${times} ${what}`);
    console.log(`${title}: ${counts.join(', ')}`);
  }
}

interface Round {
  readonly service: string;
  readonly provider: BuiltInId;
  /** How much of the login's hour is over, in minutes. */
  readonly over: number;
  /** Starts the tool, at a moment of the round, and resolves with the token that it would send. */
  readonly tool: () => Promise<string | null>;
}

/**
 * A tool starts while Authbar renews, each at its own moment. Resolves with what the tool would send.
 * Everything that came of it is counted.
 */
async function race(machine: Machine, tally: Tally, round: Round): Promise<string | null> {
  const { engine, provider: standIn } = machine;
  const { service, provider, over, tool } = round;
  const old = await ago(machine, over, () => engine.refresh(service, { force: true }));
  expect(old).toMatchObject([{ how: 'renewed', error: null }]);

  const [askedBefore, refusedBefore] = renewals(standIn, provider);
  standIn.faults.arm(provider, 'refresh', FAULTS.late(PROVIDER_TAKES), 3);
  const [theirs, [report]] = await Promise.all([
    tool(),
    sleep(Math.random() * 250).then(() => engine.refresh(service)),
  ]);
  standIn.faults.clear();

  const [asked, refused] = renewals(standIn, provider);
  tally.count('rounds');
  tally.count(`${asked - askedBefore} requests`);
  tally.count(`Authbar ${report?.how}`);
  if (refused > refusedBefore) tally.count('collisions');
  return theirs;
}

/** After the next look the vault's login works, and every target has it. */
async function expectHealed(machine: Machine, { service, provider }: Round): Promise<string> {
  await machine.engine.refresh(service);
  const token = await vaultToken(machine, service);
  expect(await handedOut(machine, provider, token)).toEqual(IN_STEP[provider]);
  return token;
}

/** Every login can still be renewed, and every target gets it. */
async function expectNothingLost(machine: Machine, provider: BuiltInId): Promise<void> {
  expect(await machine.engine.refresh(provider, { force: true })).toMatchObject([
    { how: 'renewed', error: null },
  ]);
  const token = await vaultToken(machine, provider);
  expect(await handedOut(machine, provider, token)).toEqual(IN_STEP[provider]);
}

test('Pi starts inside its own renewal window while Authbar renews: no collision', async () => {
  const machine = await startMachine();
  const tally = new Tally();
  await machine.signIn('claude');
  await machine.signIn('chatgpt');
  for (let i = 0; i < ROUNDS / 2; i++) {
    const pi = await machine.pi.load();
    const [service, provider, over] =
      i % 2 === 0 ? (['claude', 'anthropic', 56] as const) : (['chatgpt', 'openai', 61] as const);
    const tool = async () => {
      await sleep(Math.random() * 250);
      return (await pi.key(provider)).key;
    };
    const round = { service, provider, over, tool };
    const theirs = await race(machine, tally, round);
    const token = await expectHealed(machine, round);
    // Whoever asks second looks into the file first. A start waits 200 ms for the lock; then Pi has none.
    expect([token, null]).toContain(theirs);
    await pi.close();
    if (theirs !== null) continue;
    tally.count('starts with no token');
    const again = await machine.pi.load();
    expect(await again.key(provider)).toEqual({ key: token, errors: [] });
    await again.close();
  }
  await expectNothingLost(machine, 'anthropic');
  await expectNothingLost(machine, 'openai');
  tally.print('Pi, in its own window');
  expect(tally.of('collisions')).toBe(0);
});

test('Codex starts inside its own renewal window while Authbar renews: what collides heals', async () => {
  const machine = await startMachine();
  const tally = new Tally();
  // Codex takes no lock that would keep two programs from sending one token. Where that ends the login,
  // no client can help: only renewing long before Codex does, as in the next test.
  machine.provider.setForgiving(true);
  await machine.signIn('chatgpt');
  for (let i = 0; i < ROUNDS / 2; i++) {
    const running: Codex[] = [];
    const tool = async () => {
      const codex = await machine.codex.start();
      running.push(codex);
      return codex.token();
    };
    const round = { service: 'chatgpt', provider: 'openai', over: 56, tool } as const;
    const theirs = await race(machine, tally, round);
    const token = await expectHealed(machine, round);
    if (theirs !== token) tally.count(`starts with ${theirs === null ? 'no' : 'an old'} token`);
    // Whoever lost, Codex finds a good one when it is asked again, without a new start.
    for (const codex of running) {
      expect(await codex.token()).toBe(token);
      await codex.close();
    }
  }
  await expectNothingLost(machine, 'openai');
  tally.print('Codex, in its own window');
});

test('Codex starts while Authbar renews on time: no collision, though a reuse would end the login', async () => {
  const machine = await startMachine();
  const tally = new Tally();
  await machine.signIn('chatgpt');
  for (let i = 0; i < ROUNDS / 2; i++) {
    // Authbar's turn comes with 20 minutes left; Codex's with 5.
    const over = 40 + Math.random() * 14;
    const tool = async () => {
      const codex = await machine.codex.start();
      const token = await codex.token();
      await codex.close();
      return token;
    };
    const round = { service: 'chatgpt', provider: 'openai', over, tool } as const;
    expect(await race(machine, tally, round)).not.toBeNull();
    await expectHealed(machine, round);
  }
  await expectNothingLost(machine, 'openai');
  tally.print('Codex, while Authbar renews on time');
  expect(tally.of('collisions')).toBe(0);
  expect(tally.of('1 requests')).toBe(tally.of('rounds'));
});
