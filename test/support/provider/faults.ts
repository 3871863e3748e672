import * as v from 'valibot';
import type { BuiltInId } from '../../../src/core/grant.ts';

/** The requests that the stand-in tells apart. `sign-in` is everything between authorize and redirect. */
export const EndpointSchema = v.picklist([
  'authorize',
  'sign-in',
  'code-page',
  'device-code',
  'device-poll',
  'device-page',
  'exchange',
  'refresh',
  'revoke',
  'profile',
  'usage',
]);
export type Endpoint = v.InferOutput<typeof EndpointSchema>;

/** Waits this long before anything else, ms. */
const delay = v.optional(v.number());
/** Whether the request is worked off before it goes wrong: a refresh token is then spent. Default: no. */
const processed = v.optional(v.boolean());

/** What goes wrong with one request. Plain data, so that it can be armed from another process. */
export const FaultSchema = v.variant('kind', [
  /** Nothing but the delay. */
  v.object({ kind: v.literal('pass'), delay }),
  /** Another answer than the provider's. */
  v.object({
    kind: v.literal('answer'),
    status: v.number(),
    headers: v.optional(v.record(v.string(), v.string()), {}),
    body: v.optional(v.string(), ''),
    delay,
    processed,
  }),
  /** No answer at all; the connection stays. */
  v.object({ kind: v.literal('silence'), delay, processed }),
  /** A TCP reset instead of an answer. */
  v.object({ kind: v.literal('reset'), delay, processed }),
  /** The first half of the real answer, then the connection breaks. */
  v.object({ kind: v.literal('cut'), delay }),
  /** A JSON answer of so many bytes. */
  v.object({ kind: v.literal('flood'), bytes: v.number(), delay }),
  /** The real answer without some of its fields, or with a newline inside one. */
  v.object({
    kind: v.literal('edit'),
    omit: v.optional(v.array(v.string()), []),
    newlineIn: v.optional(v.string()),
    delay,
  }),
]);
export type Fault = v.InferOutput<typeof FaultSchema>;

const HTML = { 'content-type': 'text/html; charset=utf-8' };

/** The faults that are met in the wild, ready to be armed. */
export const FAULTS = {
  unavailable: page(503, '<html><body><h1>503 Service Unavailable</h1></body></html>'),
  gateway: page(401, '<html><body><h1>Sign in to the network</h1></body></html>'),
  badGateway: page(502, '<html><body><h1>502 Bad Gateway</h1></body></html>'),
  empty: { kind: 'answer', status: 204, headers: {}, body: '' },
  flood: { kind: 'flood', bytes: 10 * 1024 * 1024 },
  cut: { kind: 'cut' },
  silence: { kind: 'silence' },
  reset: { kind: 'reset' },
  /** The refresh token is spent and nobody hears the new one. */
  answerLost: { kind: 'reset', processed: true },
  noRefreshToken: { kind: 'edit', omit: ['refresh_token'] },
  brokenToken: { kind: 'edit', omit: [], newlineIn: 'access_token' },
  tooMany: (retryAfterSeconds: number): Fault => ({
    kind: 'answer',
    status: 429,
    headers: { 'content-type': 'application/json', 'retry-after': String(retryAfterSeconds) },
    body: JSON.stringify({ error: { type: 'rate_limit_error', message: 'Too many requests' } }),
  }),
  /** RFC 8628 §3.5. */
  slowDown: {
    kind: 'answer',
    status: 400,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ error: 'slow_down' }),
  },
  redirect: (status: number, location: string): Fault => ({
    kind: 'answer',
    status,
    headers: { location },
    body: '',
  }),
  late: (ms: number): Fault => ({ kind: 'pass', delay: ms }),
} as const satisfies Record<string, Fault | ((...args: never[]) => Fault)>;

function page(status: number, body: string): Extract<Fault, { kind: 'answer' }> {
  return { kind: 'answer', status, headers: HTML, body };
}

/** The faults that wait for their request, in the order in which they were armed. */
export class Faults {
  readonly #armed = new Map<string, Fault[]>();
  readonly #out = new Map<BuiltInId, Fault>();

  /** The next `times` requests of this kind meet `fault`. */
  arm(provider: BuiltInId, endpoint: Endpoint, fault: Fault, times = 1): void {
    const waiting = this.#waiting(provider, endpoint);
    for (let i = 0; i < times; i++) waiting.push(fault);
  }

  /** Until it is over, every request to this provider (or to both) meets `fault`, an HTML 503 page. */
  outage(on: boolean, provider?: BuiltInId, fault: Fault = FAULTS.unavailable): void {
    for (const id of provider ? [provider] : (['anthropic', 'openai'] as const)) {
      if (on) this.#out.set(id, fault);
      else this.#out.delete(id);
    }
  }

  /** Disarms everything and ends every outage. */
  clear(): void {
    this.#armed.clear();
    this.#out.clear();
  }

  /** How many faults still wait for such a request. */
  pending(provider: BuiltInId, endpoint: Endpoint): number {
    return this.#waiting(provider, endpoint).length;
  }

  /** The fault of the request at hand. An outage spends none of the armed ones. */
  take(provider: BuiltInId, endpoint: Endpoint): Fault | null {
    return this.#out.get(provider) ?? this.#waiting(provider, endpoint).shift() ?? null;
  }

  #waiting(provider: BuiltInId, endpoint: Endpoint): Fault[] {
    const key = `${provider} ${endpoint}`;
    const waiting = this.#armed.get(key) ?? [];
    this.#armed.set(key, waiting);
    return waiting;
  }
}
