import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { onTestFinished } from 'vitest';
import { type Broker, type BrokerOptions, startBroker } from '../../src/core/broker/server.ts';
import type { Context } from '../../src/core/context.ts';
import type { Engine } from '../../src/core/engine.ts';
import { ensurePrivateFolder } from '../../src/core/files/durable.ts';
import { tryLock } from '../../src/core/files/flock.ts';
import { type CountedService, serviceOf } from './broker-service.ts';

/** Makes this process the engine, as far as other programs can tell, until the test ends. */
export async function startEngineBroker(
  { engine, context }: { readonly engine: Engine; readonly context: Context },
  options: BrokerOptions = {},
): Promise<{ broker: Broker; service: CountedService }> {
  const content = `${JSON.stringify({ schema: 1, kind: 'daemon', pid: process.pid, version: '0' })}\n`;
  await ensurePrivateFolder(context.fs, context.paths.home);
  const lock = await tryLock(context.paths.engineLock, { content });
  if (!lock) throw new Error('there is an engine already');
  onTestFinished(() => lock.release());
  const service = serviceOf(engine);
  const broker = await startBroker(context, service, options);
  onTestFinished(() => broker.close());
  return { broker, service };
}

/** A client that says whatever it likes. */
export interface RawClient {
  readonly socket: Socket;
  /** Resolves when the connection is gone. */
  readonly closed: Promise<unknown>;
  /** Sends text as it is. */
  write(text: string | Uint8Array): void;
  /** Sends a request of this version, with a line end. */
  ask(request: object): void;
  /** The next line that comes, read as JSON; `null` when none comes any more. */
  next(): Promise<Record<string, unknown> | null>;
}

/** Connects without any of the client's checks. */
export async function rawClient(path: string): Promise<RawClient> {
  const socket = connect(path);
  onTestFinished(() => {
    socket.destroy();
  });
  await once(socket, 'connect');
  socket.on('error', () => {});
  const closed = once(socket, 'close').catch(() => {});
  let lines: AsyncIterator<string> | undefined;
  return {
    socket,
    closed,
    write: (text) => void socket.write(text),
    ask: (request) => void socket.write(`${JSON.stringify({ v: 1, ...request })}\n`),
    next: async () => {
      lines ??= createInterface({ input: socket })[Symbol.asyncIterator]();
      const { value, done } = await lines.next();
      return done ? null : JSON.parse(value);
    },
  };
}
