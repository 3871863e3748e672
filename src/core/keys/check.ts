import * as v from 'valibot';
import { type Check, told, unclearCode, type Verdict } from '../check.ts';
import type { Context } from '../context.ts';
import { parseBody } from '../oauth/answer-body.ts';
import { FAULT_CODES } from '../refresh/classify.ts';
import type { KeyService } from './services.ts';

/** How long a service may take to answer, ms. As Tachikoma has it. */
export const PING_TIMEOUT = 30_000;

/** What a list of models takes at most, bytes. */
const MAX_BYTES = 4 * 1024 * 1024;

const FAULTS = [
  'dns',
  'offline',
  'connect',
  'tls',
  'proxy',
  'proxy-auth',
  'stopped',
  'reset',
  'half',
  'too-large',
] as const;

/** How a service answered a key. Not secret. */
export const KeyCheckSchema = v.variant('kind', [
  /** It takes the key. */
  v.object({ kind: v.literal('validated') }),
  /** It answered with another status than 2xx. */
  v.object({ kind: v.literal('status'), status: v.number() }),
  /** A page in the service's place: a captive portal's, or a gateway's. */
  v.object({ kind: v.literal('not-json') }),
  v.object({ kind: v.literal('timeout'), seconds: v.number() }),
  /** No whole answer came; see `FaultCause`. */
  v.object({ kind: v.literal('fault'), cause: v.picklist(FAULTS) }),
]);
/** See `KeyCheckSchema`. */
export type KeyCheck = v.InferOutput<typeof KeyCheckSchema>;

/** OpenAI and xAI answer `{"object":"list","data":…}`, Anthropic `{"data":…}`, Gemini `{"models":…}`. */
const AnswerSchema = v.union([
  v.object({ data: v.array(v.unknown()) }),
  v.object({ models: v.array(v.unknown()) }),
]);

/** The statuses that are said of the key itself. Gemini has 400 for one that it does not know. */
const REFUSALS: readonly number[] = [400, 401, 403];

/**
 * Whether a check says that the key itself is not taken. Anything else that failed (too many requests, a
 * failure of the service's, no network) says nothing about it.
 */
export function isRefused(check: KeyCheck): boolean {
  return check.kind === 'status' && REFUSALS.includes(check.status);
}

/** What a check says of the key. The only place where that is decided. */
export function verdictOfKey(check: KeyCheck): Verdict {
  switch (check.kind) {
    case 'validated':
      return { result: 'works', code: null };
    case 'timeout':
      return { result: 'timed-out', code: FAULT_CODES.timeout };
    case 'fault':
      return { result: 'unreachable', code: FAULT_CODES[check.cause] };
    case 'not-json':
      return { result: 'unreachable', code: 'unreachable' };
    case 'status': {
      if (isRefused(check)) return { result: 'refused', code: 'key-refused' };
      return { result: 'unreachable', code: unclearCode({ ...check, body: NOT_KEPT }) };
    }
  }
}

/** Of an answer to a key nothing is kept but its status: it may quote the key. */
const NOT_KEPT = new Uint8Array();

/** A check of a key as anything that is checked is told. @param ms How long it took. */
export function toldOfKey(
  check: KeyCheck,
  { id, name, pingUrl }: Pick<KeyService, 'id' | 'name' | 'pingUrl'>,
  ms: number,
): Check {
  const { host } = new URL(pingUrl);
  return told(
    verdictOfKey(check),
    { host, status: statusOf(check), ms },
    { service: name, keyService: id },
  );
}

function statusOf(check: KeyCheck): number | null {
  if (check.kind === 'status') return check.status;
  return check.kind === 'validated' || check.kind === 'not-json' ? 200 : null;
}

/** Shows a key to its service, once, and to nobody else: no redirect is followed. Never rejects for an answer. */
export async function pingKey(
  { send }: Pick<Context, 'send'>,
  { pingUrl, headers }: KeyService,
  key: string,
  timeout = PING_TIMEOUT,
): Promise<KeyCheck> {
  const request = { url: pingUrl, method: 'GET', headers: headers(key), body: null } as const;
  const outcome = await send(request, { timeout, maxBytes: MAX_BYTES });
  if (outcome.kind === 'fault') {
    const { cause } = outcome;
    if (cause === 'timeout') return { kind: 'timeout', seconds: Math.round(timeout / 1000) };
    return { kind: 'fault', cause };
  }
  const { status, body } = outcome;
  if (status < 200 || status > 299) return { kind: 'status', status };
  return v.is(AnswerSchema, parseBody(body)) ? { kind: 'validated' } : { kind: 'not-json' };
}
