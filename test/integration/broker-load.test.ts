import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { expect, test, vi } from 'vitest';
import type { Usage } from '../support/children/broker-child.ts';
import type { ClientsResult, ClientsTask } from '../support/children/broker-clients.ts';
import { startChild, untilItEnds } from '../support/children/run-child.ts';
import { startWorld, type World } from '../support/engine.ts';
import { PATIENCE } from '../support/patience.ts';

const PROCESSES = 4;
const CLIENTS = 64;
const REQUESTS = process.env.AUTHBAR_LONG === '1' ? 100_000 : 1000;
/** What a heap may differ by without a leak: far less than 100,000 requests would leave behind. */
const SLACK = 8 * 1024 * 1024;

/** The engine's process, and what it uses each time that it is asked. */
async function startEngine(
  world: World,
): Promise<{ usage(): Promise<Usage>; end(): Promise<void> }> {
  const child = startChild('broker-child.ts', [], { env: world.env });
  const lines = createInterface({ input: child.stdout ?? process.stdin })[Symbol.asyncIterator]();
  expect((await lines.next()).value).toBe(world.context.paths.brokerSocket);
  return {
    usage: async () => {
      child.stdin?.write('\n');
      return JSON.parse((await lines.next()).value ?? '');
    },
    end: async () => {
      child.stdin?.end();
      expect(await untilItEnds(child)).toBe(0);
    },
  };
}

async function ask(
  world: World,
  requests: number,
  tokens: ClientsTask['tokens'],
): Promise<ClientsResult> {
  const clients = CLIENTS / PROCESSES;
  const task = { clients, requests: Math.ceil(requests / CLIENTS), atOnce: 8, tokens };
  const children = Array.from({ length: PROCESSES }, () =>
    startChild('broker-clients.ts', [JSON.stringify(task)], { env: world.env }),
  );
  const printed = await Promise.all(children.map(({ stdout }) => text(stdout ?? process.stdin)));
  const results: ClientsResult[] = printed.map((each) => JSON.parse(each));
  return {
    right: results.reduce((sum, { right }) => sum + right, 0),
    wrong: results.flatMap(({ wrong }) => wrong),
  };
}

test(`${CLIENTS} clients and ${REQUESTS} requests: each answer is right, and nothing is left behind`, async () => {
  const world = await startWorld();
  const claude = await world.signIn('claude');
  const chatgpt = await world.signIn('chatgpt');
  const tokens = {
    claude: (await world.engine.token(claude, 0)).accessToken,
    [chatgpt]: (await world.engine.token(chatgpt, 0)).accessToken,
    'claude:nobody@example.com': null,
  };
  const engine = await startEngine(world);
  await ask(world, 640, tokens); // Everything is loaded and warm.
  const before = await engine.usage();
  const { right, wrong } = await ask(world, REQUESTS, tokens);
  expect(wrong).toEqual([]);
  expect(right).toBe(Math.ceil(REQUESTS / CLIENTS) * CLIENTS);
  // That its clients have left, it hears a moment later.
  await vi.waitFor(async () => {
    const after = await engine.usage();
    expect(after.resources).toBeLessThanOrEqual(before.resources);
    expect(after.heap - before.heap).toBeLessThan(SLACK);
  }, PATIENCE);
  await engine.end();
  expect(world.provider.journal.requests('anthropic', 'refresh')).toBe(0);
});
