import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { createServer as createTlsServer } from 'node:tls';
import { vi } from 'vitest';
import type { Outcome, Send } from '../../src/core/oauth/transport.ts';
import type { World } from '../support/engine.ts';
import type { Fault } from '../support/provider/index.ts';
import type { Case, Meeting, Obstacle, Stranger } from './failure-matrix.cases.ts';

const REQUEST_TIMEOUT = 30_000;

/** The way from a program to the token endpoint, and what its requests meet there. */
export class Road {
  /** When each request with a refresh token set out, epoch ms, also those that never got there. */
  readonly requests: number[] = [];
  /** Nothing is in the way any more. */
  clear = false;
  readonly #world: World;
  readonly #case: Pick<Case, 'provider' | 'meets'>;
  readonly #afterwards: () => Promise<void>;

  /** @param afterwards What happens after a request, before its end is known to who sent it. */
  constructor(
    world: World,
    each: Pick<Case, 'provider' | 'meets'>,
    afterwards: () => Promise<void> = async () => {},
  ) {
    this.#world = world;
    this.#case = each;
    this.#afterwards = afterwards;
  }

  /** The real transport; where the network leads elsewhere, to that address. */
  readonly send: Send = async (request, limits) => {
    const { provider, context, clock } = this.#world;
    if (request.url !== provider.endpoints[this.#case.provider].tokenUrl) {
      return context.send(request, limits);
    }
    const { meets } = this.#case;
    const meeting = meets[Math.min(this.requests.length, meets.length - 1)];
    this.requests.push(clock.now());
    const go = (url = request.url) => context.send({ ...request, url }, limits);
    if (this.clear || !meeting) return go();
    const outcome = await this.#meet(meeting, go);
    await this.#afterwards();
    return outcome;
  };

  async #meet(meeting: Meeting, go: (url?: string) => Promise<Outcome>): Promise<Outcome> {
    if (!isObstacle(meeting)) return this.#arm(meeting, go);
    const { url, reached, close } = await setUp(meeting);
    if (meeting.kind === 'stranger' && meeting.then === 'silence') {
      void reached.then(() => this.#timeOut());
    }
    return go(url).finally(close);
  }

  async #arm(fault: Fault, go: () => Promise<Outcome>): Promise<Outcome> {
    const { provider } = this.#case;
    const { faults, journal } = this.#world.provider;
    const before = journal.requests(provider, 'refresh');
    faults.arm(provider, 'refresh', fault);
    const sent = go();
    if (fault.kind === 'silence') {
      while (journal.requests(provider, 'refresh') === before) await wait(1);
      await journal.settled();
      this.#timeOut();
    }
    return sent;
  }

  #timeOut(): void {
    this.#world.clock.advance(REQUEST_TIMEOUT);
  }
}

const OBSTACLES: readonly string[] = [
  'nobody-listens',
  'no-such-name',
  'no-certificate',
  'stranger',
] satisfies Obstacle['kind'][];

function isObstacle(meeting: Meeting): meeting is Obstacle {
  return OBSTACLES.includes(meeting.kind);
}

/** An obstacle on loopback, for one request. */
interface Roadblock {
  /** Where the token endpoint seems to be. */
  readonly url: string;
  /** Resolves once something was read there, if ever. */
  readonly reached: Promise<unknown>;
  close(): Promise<void>;
}

async function setUp(obstacle: Obstacle): Promise<Roadblock> {
  const reached = Promise.resolve();
  if (obstacle.kind === 'no-such-name') {
    // RFC 6761, 6.4: no resolver knows it.
    return { url: 'https://service.invalid/', reached, close: async () => {} };
  }
  if (obstacle.kind === 'stranger') return setUpStranger(obstacle);
  const server = obstacle.kind === 'no-certificate' ? createTlsServer() : createServer();
  const { port, close } = await listen(server);
  if (obstacle.kind === 'no-certificate') {
    return { url: `https://127.0.0.1:${port}/`, reached, close };
  }
  await close();
  return { url: `http://127.0.0.1:${port}/`, reached, close: async () => {} };
}

async function setUpStranger({ calledAs, says, then }: Stranger): Promise<Roadblock> {
  const server = createServer((socket) => {
    socket.once('data', () => {
      server.emit('reached');
      if (then === 'reset') socket.resetAndDestroy();
      else if (then === 'end') socket.end(says);
      else socket.write(says);
    });
  });
  const reached = once(server, 'reached');
  const { port, close } = await listen(server);
  if (calledAs !== 'proxy') return { url: `${calledAs}://127.0.0.1:${port}/`, reached, close };
  for (const name of ['https_proxy', 'HTTPS_PROXY']) vi.stubEnv(name, `http://127.0.0.1:${port}`);
  for (const name of ['no_proxy', 'NO_PROXY']) vi.stubEnv(name, '');
  // This machine itself is never asked for through a proxy.
  return { url: 'https://service.test/', reached, close };
}

async function listen(server: Server): Promise<{ port: number; close(): Promise<void> }> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => sockets.add(socket.on('error', () => {})));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const close = async () => {
    for (const socket of sockets) socket.destroy();
    const closed = once(server, 'close');
    server.close();
    await closed;
  };
  return { port: (server.address() as AddressInfo).port, close };
}
