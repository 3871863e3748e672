import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** How often any free port is tried before "free on both families" is given up. */
const TRIES_FOR_ANY_PORT = 20;

/**
 * Cookies ignore ports: a browser sends us those of every other program that ever served on
 * `localhost`. Node's own 16 KiB would turn such a browser away.
 */
const MAX_HEADER_BYTES = 64 * 1024;

/** HTTP servers with one handler on one port of both loopback addresses. */
export interface Loopback {
  readonly port: number;
  readonly servers: readonly Server[];
}

/**
 * Listens on 127.0.0.1 and ::1, and nowhere else, since `localhost` is one here and the other there.
 * In use on either of them is busy: `null`. A machine without IPv6 is fine. Port 0 is any port that is
 * free on both. Other failures to listen are thrown as Node reports them.
 */
export async function listenOnLoopback(
  port: number,
  handler: RequestListener,
): Promise<Loopback | null> {
  for (let tries = port === 0 ? TRIES_FOR_ANY_PORT : 1; tries > 0; tries -= 1) {
    const loopback = await listenOnBoth(port, handler);
    if (loopback) return loopback;
  }
  return null;
}

async function listenOnBoth(wanted: number, handler: RequestListener): Promise<Loopback | null> {
  const ipv4 = newServer(handler);
  try {
    await listen(ipv4, wanted, '127.0.0.1');
  } catch (error) {
    if (isBusy(error)) return null;
    throw error;
  }
  const { port } = ipv4.address() as AddressInfo;
  const ipv6 = newServer(handler);
  try {
    await listen(ipv6, port, '::1');
    return { port, servers: [ipv4, ipv6] };
  } catch (error) {
    if (isWithoutIpv6(error)) return { port, servers: [ipv4] };
    ipv4.close();
    await once(ipv4, 'close');
    if (isBusy(error)) return null;
    throw error;
  }
}

function newServer(handler: RequestListener): Server {
  const server = createServer(
    {
      maxHeaderSize: MAX_HEADER_BYTES,
      headersTimeout: 10_000,
      requestTimeout: 10_000,
      connectionsCheckingInterval: 1000,
      keepAlive: false,
    },
    handler,
  );
  server.maxConnections = 64;
  return server;
}

async function listen(server: Server, port: number, host: string): Promise<void> {
  server.listen({ port, host, exclusive: true });
  await once(server, 'listening');
  // From here on an error is about one connection that could not be accepted: the next one may be.
  server.on('error', () => {});
}

function isBusy(error: unknown): boolean {
  // Windows says EACCES for ports that it has set aside, for Hyper-V for instance.
  return hasSystemCode(error, 'EADDRINUSE', 'EACCES');
}

function isWithoutIpv6(error: unknown): boolean {
  return hasSystemCode(error, 'EADDRNOTAVAIL', 'EAFNOSUPPORT');
}

function hasSystemCode(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof Error && 'code' in error && codes.includes(String(error.code));
}
