import { setImmediate as turn } from 'node:timers/promises';
import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate } from 'node:zlib';
import { AppError } from '../../shared/errors.ts';
import type { Clock } from '../ports.ts';
import { openConnection } from './connection.ts';
import { Exchange, type Received } from './exchange.ts';
import type { Fault } from './fault.ts';
import { isLoopback, safeUrl } from './safe-url.ts';

export type { Fault, FaultCause } from './fault.ts';

/** A request that carries a secret. */
export interface SecretRequest {
  /** https, or http on loopback. */
  readonly url: string;
  readonly method: 'GET' | 'POST';
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
}

/** What one request may cost. */
export interface Limits {
  /** Largest answer, as it is sent and as it is decoded, in bytes; 1 MiB unless told. */
  readonly maxBytes?: number;
  /** For everything, from the look-up of the name to the last byte, ms; 30 s unless told. */
  readonly timeout?: number;
  /** Gives up. What was sent by then stays sent. */
  readonly signal?: AbortSignal;
}

/** How a shell reaches the network. */
export interface Network {
  readonly clock: Clock;
  /**
   * The proxy's URL; `null`: none; left out: `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY` decide. This
   * machine itself is never asked for through a proxy.
   */
  readonly proxy?: string | null;
}

/** A whole HTTP answer, whatever its status. */
export interface Answer {
  readonly kind: 'answer';
  readonly status: number;
  /** Names in lower case; a header that came several times is joined with `, `. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  readonly complete: true;
  /** When the last byte was read, epoch ms by this machine's clock. */
  readonly receivedAt: number;
  /** The `Date` header, epoch ms by the server's clock. */
  readonly serverDate: number | null;
}

/** How a request ended. */
export type Outcome = Answer | Fault;

/** `sendSecret` with its network already chosen: what the flows are given. */
export type Send = (request: SecretRequest, limits?: Limits) => Promise<Outcome>;

const MAX_BYTES = 1024 * 1024;
const TIMEOUT = 30_000;

/** Our own name and version, towards everyone. No other product is impersonated. */
export function userAgent(): string {
  return `authbar/${process.env.AUTHBAR_BUILD_VERSION ?? 'dev'}`;
}

/**
 * Sends one request once, over a connection of its own: no redirect is followed, nothing is sent again,
 * no cookie, session or connection is kept. What goes wrong on the way is returned, not thrown.
 *
 * `Fault.sent` says whether a single-use token may be spent. It is false only if no byte of the request
 * can have left: it turns true when the connection stands, with its TLS and the proxy's tunnel, right
 * before the headers are written.
 *
 * Throws `unsafe-setting` for a URL that no secret may be sent to.
 */
export async function sendSecret(
  request: SecretRequest,
  options: Network & Limits,
): Promise<Outcome> {
  const url = safeUrl(request.url);
  if (url === null) {
    throw new AppError('unsafe-setting', { hint: 'a secret goes over https or to this machine' });
  }
  const exchange = new Exchange(options.maxBytes ?? MAX_BYTES);
  const done = new AbortController();
  void deadline(exchange, options, done.signal);
  const unwatch = watch(options.signal, exchange);
  const close = await dispatch(url, request, options.proxy, exchange);
  const received = await exchange.result;
  done.abort();
  unwatch();
  close();
  return received.kind === 'fault' ? received : toAnswer(received, options, exchange);
}

/** Sets the request going; returns what ends its connection. */
async function dispatch(
  url: URL,
  request: SecretRequest,
  proxy: string | null | undefined,
  exchange: Exchange,
): Promise<() => void> {
  const onFailure = (error: Error) => exchange.onResponseError(null, error);
  try {
    const { dispatcher, close } = await openConnection(isLoopback(url) ? null : proxy, onFailure);
    // Stopped while undici was loaded: nothing may leave any more.
    if (exchange.over) return close;
    dispatcher.dispatch(
      {
        origin: url.origin,
        path: url.pathname + url.search,
        method: request.method,
        headers: {
          ...request.headers,
          accept: 'application/json',
          'accept-encoding': 'identity',
          'user-agent': userAgent(),
        },
        body: request.body,
        // `connection: close`, and no timeouts beside ours.
        reset: true,
        headersTimeout: 0,
        bodyTimeout: 0,
      },
      exchange,
    );
    return close;
  } catch {
    // The error quotes the setting, which may hold the proxy's password.
    exchange.fail('proxy', new Error('the proxy setting is not usable'));
    return () => undefined;
  }
}

/** Fails the exchange when the caller gives up. Returns what stops watching. */
function watch(signal: AbortSignal | undefined, exchange: Exchange): () => void {
  const stop = () => exchange.fail('stopped', signal?.reason);
  if (signal?.aborted) stop();
  signal?.addEventListener('abort', stop);
  return () => signal?.removeEventListener('abort', stop);
}

/**
 * Fails the exchange when its time is up. After a sleep of the machine the timer rings before the socket
 * is read, so what has arrived already is read first.
 */
async function deadline(
  exchange: Exchange,
  options: Network & Limits,
  done: AbortSignal,
): Promise<void> {
  try {
    await options.clock.sleep(options.timeout ?? TIMEOUT, done);
  } catch {
    return;
  }
  let heard: number;
  do {
    heard = exchange.heard;
    await turn();
  } while (exchange.heard > heard);
  exchange.fail('timeout', undefined);
}

const DECODERS: Readonly<Record<string, typeof gunzip>> = {
  gzip: gunzip,
  'x-gzip': gunzip,
  deflate: inflate,
  br: brotliDecompress,
};

async function toAnswer(
  received: Received,
  { clock, maxBytes = MAX_BYTES }: Network & Limits,
  exchange: Exchange,
): Promise<Outcome> {
  const { status, headers } = received;
  const receivedAt = clock.now();
  const date = Date.parse(headers.date ?? '');
  const body = await decoded(received, maxBytes);
  if (body === null) {
    return { kind: 'fault', sent: exchange.sent, cause: 'too-large', error: undefined };
  }
  const serverDate = Number.isNaN(date) ? null : date;
  return { kind: 'answer', status, headers, body, complete: true, receivedAt, serverDate };
}

/** Some servers and gateways compress although they were asked not to. `null`: larger than allowed. */
async function decoded({ headers, body }: Received, maxBytes: number): Promise<Buffer | null> {
  const decode = DECODERS[headers['content-encoding']?.trim().toLowerCase() ?? ''];
  if (decode === undefined) return body;
  try {
    return await promisify<Buffer, object, Buffer>(decode)(body, { maxOutputLength: maxBytes });
  } catch (error) {
    // What cannot be decoded is kept as it came: it is an answer, if not one that can be read.
    return error instanceof RangeError ? null : body;
  }
}
