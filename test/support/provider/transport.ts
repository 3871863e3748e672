import { type OutgoingHttpHeaders, request, type ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import type { Fault } from './faults.ts';
import type { Json, JsonAnswer } from './shapes.ts';

/** An answer that is whole, before it is sent. */
export interface Answer {
  readonly status: number;
  readonly headers: OutgoingHttpHeaders;
  readonly body: Buffer;
}

/** What is sent on to the authorization server. */
export interface Forwarded {
  readonly method: string;
  readonly path: string;
  readonly headers: OutgoingHttpHeaders;
  readonly body: Buffer;
}

/** Belong to one connection, or are written anew. */
const PER_HOP = ['connection', 'content-length', 'date', 'keep-alive', 'transfer-encoding'];

export function without(
  headers: OutgoingHttpHeaders,
  names: readonly string[],
): OutgoingHttpHeaders {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !names.includes(name)));
}

/** Asks the server behind the front. The `host` header is the front's, so that its links lead there. */
export async function forward(port: number, what: Forwarded): Promise<Answer> {
  const { method, path, body } = what;
  const headers = { ...without(what.headers, PER_HOP), 'content-length': body.length };
  return new Promise((resolve, reject) => {
    const sent = request(
      { host: '127.0.0.1', port, agent: false, method, path, headers },
      (res) => {
        buffer(res).then(
          (answer) =>
            resolve({
              status: res.statusCode ?? 0,
              headers: without(res.headers, PER_HOP),
              body: answer,
            }),
          reject,
        );
      },
    );
    sent.on('error', reject);
    sent.end(body);
  });
}

export function json({ status, body }: JsonAnswer): Answer {
  return {
    status,
    headers: { 'content-type': 'application/json', 'cache-control': 'no-store' },
    body: Buffer.from(JSON.stringify(body)),
  };
}

export function html(status: number, page: string): Answer {
  return {
    status,
    headers: { 'content-type': 'text/html; charset=utf-8' },
    body: Buffer.from(page),
  };
}

/** What became of an answer. */
export interface Delivery {
  /** `null`: nothing was sent. */
  readonly status: number | null;
  readonly answered: boolean;
}

const NOTHING: Delivery = { status: null, answered: false };

/** Whether a request that meets this fault is worked off at all. */
export function isProcessed(fault: Fault | null): boolean {
  switch (fault?.kind) {
    case 'answer':
    case 'silence':
    case 'reset':
      return fault.processed ?? false;
    case 'flood':
      return false;
    default:
      return true;
  }
}

/** Sends `real`, or what `fault` makes of it. `real` is `null` only where `isProcessed` says no. */
export async function deliver(
  res: ServerResponse,
  real: Answer | null,
  fault: Fault | null,
): Promise<Delivery> {
  switch (fault?.kind) {
    case 'silence':
      return NOTHING;
    case 'reset':
      res.socket?.resetAndDestroy();
      return NOTHING;
    case 'cut':
      return real ? cut(res, real) : NOTHING;
    case 'answer':
      return send(res, { ...fault, body: Buffer.from(fault.body) });
    case 'flood':
      return send(res, json({ status: 200, body: { padding: 'x'.repeat(fault.bytes) } }));
    case 'edit':
      return real ? send(res, edited(real, fault)) : NOTHING;
    default:
      return real ? send(res, real) : NOTHING;
  }
}

async function send(res: ServerResponse, { status, headers, body }: Answer): Promise<Delivery> {
  if (res.destroyed) return NOTHING;
  // A 204 has no body and must not announce one.
  const length = status === 204 ? {} : { 'content-length': body.length };
  const answered = new Promise<boolean>((resolve) => {
    res.once('finish', () => resolve(true));
    res.once('close', () => resolve(res.writableFinished));
  });
  res.writeHead(status, { ...headers, ...length }).end(body);
  return { status, answered: await answered };
}

async function cut(res: ServerResponse, { status, headers, body }: Answer): Promise<Delivery> {
  if (res.destroyed) return NOTHING;
  const gone = new Promise((resolve) => res.once('close', resolve));
  res.writeHead(status, { ...headers, 'content-length': body.length });
  res.write(body.subarray(0, Math.floor(body.length / 2)), () => res.destroy());
  await gone;
  return { status, answered: false };
}

function edited(real: Answer, { omit, newlineIn }: Extract<Fault, { kind: 'edit' }>): Answer {
  const fields = Object.entries(JSON.parse(real.body.toString()) as Json)
    .filter(([name]) => !omit.includes(name))
    .map(([name, value]) => [name, name === newlineIn ? broken(String(value)) : value]);
  return { ...real, body: Buffer.from(JSON.stringify(Object.fromEntries(fields))) };
}

function broken(token: string): string {
  const middle = Math.floor(token.length / 2);
  return `${token.slice(0, middle)}\n${token.slice(middle)}`;
}
