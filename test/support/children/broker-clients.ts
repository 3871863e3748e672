/**
 * A process with many clients of the engine that runs on `AUTHBAR_HOME`, which ask all at once. Prints how
 * many answers were right, and the first that were not.
 */
import { isDeepStrictEqual } from 'node:util';
import { type BrokerClient, connectBroker } from '../../../src/core/broker/client.ts';
import { createEngine } from '../../../src/core/create.ts';
import { asAppError } from '../../../src/shared/errors.ts';
import { PATIENT_CLOCK } from '../patience.ts';

/** What the clients of one process are to do. */
export interface ClientsTask {
  readonly clients: number;
  /** Of each client. */
  readonly requests: number;
  /** How many of them a client has under way at a time. */
  readonly atOnce: number;
  /** The access token that each name means; `null`: there is no such login. */
  readonly tokens: Readonly<Record<string, string | null>>;
}

/** What came of it. */
export interface ClientsResult {
  readonly right: number;
  readonly wrong: readonly string[];
}

const { clients, requests, atOnce, tokens }: ClientsTask = JSON.parse(process.argv[2] ?? '{}');
const names = Object.keys(tokens);
// An engine that so many ask at once may be slow.
const { context } = await createEngine({ clock: PATIENT_CLOCK });
const wrong: string[] = [];
let right = 0;

await Promise.all(Array.from({ length: clients }, (_, n) => work(n)));
console.log(JSON.stringify({ right, wrong: wrong.slice(0, 10) } satisfies ClientsResult));

async function work(seed: number): Promise<void> {
  const client = await connectBroker(context);
  if (!client) return void wrong.push('nobody answers');
  let next = 0;
  const line = async () => {
    while (next < requests) await ask(client, seed + next++);
  };
  await Promise.all(Array.from({ length: atOnce }, line));
  client.close();
}

/** One request in ten is for the status. */
async function ask(client: BrokerClient, n: number): Promise<void> {
  if (n % 10 === 9) {
    const { accounts } = await client.status();
    return check(accounts.length, 2, 'status');
  }
  const name = names[n % names.length] ?? '';
  const answer = await client.token(name, 0).then(
    ({ accessToken }) => accessToken,
    (error: unknown) =>
      asAppError(error).code === 'no-such-login' ? null : asAppError(error).message,
  );
  check(answer, tokens[name], name);
}

function check(answer: unknown, expected: unknown, what: string): void {
  if (isDeepStrictEqual(answer, expected)) right += 1;
  else wrong.push(`${what}: ${String(answer).slice(0, 100)}`);
}
