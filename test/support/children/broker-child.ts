/**
 * A process that is the engine of `AUTHBAR_HOME`, as far as other programs can tell: it holds `engine.lock`
 * and answers on its socket. Prints the socket's path; for each line on its standard input it prints, as
 * JSON, what it uses; it ends with its standard input. With the argument `share` it shares a login instead.
 */
import { createInterface } from 'node:readline';
import { setImmediate as turn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { startBroker } from '../../../src/core/broker/server.ts';
import { createEngine } from '../../../src/core/create.ts';
import { tryLock } from '../../../src/core/files/flock.ts';
import { serviceOf } from '../broker-service.ts';

/** What a process uses once its garbage is gone. */
export interface Usage {
  /** Bytes in use. */
  readonly heap: number;
  /** Sockets, timers and the like. */
  readonly resources: number;
}

setFlagsFromString('--expose-gc');
const collect: () => void = runInNewContext('gc');

const { engine, context } = await createEngine();
const shares = process.argv[2] === 'share';
const lock = shares ? null : await tryLock(context.paths.engineLock);
if (!shares && !lock) throw new Error('there is an engine already');
const only = shares ? { only: { account: 'x' } } : {};
const broker = await startBroker(context, serviceOf(engine), only);
console.log(broker.path);
for await (const _ of createInterface({ input: process.stdin }))
  console.log(JSON.stringify(await use()));
await broker.close();
await lock?.release();

async function use(): Promise<Usage> {
  for (let n = 0; n < 5; n++) {
    collect();
    await turn();
  }
  const resources = process.getActiveResourcesInfo().length;
  return { heap: process.memoryUsage().heapUsed, resources };
}
