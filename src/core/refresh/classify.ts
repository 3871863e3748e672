import type { ErrorCode } from '../../shared/errors.ts';
import { accessTokenIn, isPage, parseBody } from '../oauth/answer-body.ts';
import type { Answer, FaultCause, Outcome } from '../oauth/transport.ts';
import type { Provider } from '../providers/provider.ts';

/** What a person is told while a renewal is only late. */
export type LateCode = Extract<
  ErrorCode,
  | 'offline'
  | 'unreachable'
  | 'asked-to-wait'
  | 'network-page'
  | 'network-password'
  | 'not-private'
  | 'interrupted'
>;

/**
 * The six ends of a renewal:
 * - `done`: a 2xx with an access token that can be used. Commit it.
 * - `unsent`: no byte of the request left. Try again.
 * - `refused`: for now. The refresh token is unspent; `retryAt` (epoch ms) is when the server would have
 *   us back, `null` where it does not say.
 * - `unknown`: the request was sent and no whole answer came, or one that may have come after the refresh
 *   token was rotated. The token may be spent.
 * - `over`: the provider itself says that this login has ended (no `providerCode`: it was known without
 *   asking).
 * - `stuck`: the provider itself refuses for another reason. The grant is kept.
 *
 * `providerCode` is the provider's own word, for the log: lower-case letters, digits and underscores.
 */
export type End =
  | { readonly end: 'done' }
  | { readonly end: 'unsent'; readonly code: LateCode }
  | { readonly end: 'refused'; readonly code: LateCode; readonly retryAt: number | null }
  | { readonly end: 'unknown'; readonly code: LateCode }
  | {
      readonly end: 'over';
      readonly code: 'login-ended' | 'login-used-up' | 'no-renewal';
      readonly providerCode: string | null;
    }
  | {
      readonly end: 'stuck';
      readonly code: 'service-refused' | 'account-paused';
      readonly providerCode: string;
    };

/** The longest that a server's wish to wait is heeded when no life is left to measure it by. */
const LONGEST_WAIT = 15 * 60_000;

/** What a person is told of a request that got no whole answer. */
export const FAULT_CODES: Readonly<Record<FaultCause, LateCode>> = {
  dns: 'offline',
  offline: 'offline',
  connect: 'unreachable',
  tls: 'not-private',
  proxy: 'unreachable',
  'proxy-auth': 'network-password',
  timeout: 'unreachable',
  stopped: 'interrupted',
  reset: 'unreachable',
  half: 'unreachable',
  'too-large': 'unreachable',
};

/** What a person is told of a request that got no whole answer. */
export function faultCode(cause: FaultCause): LateCode {
  return FAULT_CODES[cause];
}

/** Statuses under which a 4xx is about the moment, not about the login, whatever the body says. */
export const LATER: readonly number[] = [408, 425, 429];

/** A gateway gave up waiting: whatever stands behind it may have acted. */
const GATEWAY_GAVE_UP: readonly number[] = [502, 504];

/**
 * Which of the six ends a request to the token endpoint came to. The only place where that is decided.
 *
 * Only the provider's own error shape can end a login: a gateway's 401 page, a captive portal, a proxy's
 * JSON are all "refused for now".
 *
 * `now` is epoch ms, `remaining` the life (ms) that the access token still has: a `Retry-After` is heeded
 * up to half of it, or up to 15 minutes when none is left (`null`: never had one).
 */
export function classify(
  provider: Pick<Provider, 'errorCode' | 'saysPaused' | 'overCodes'>,
  outcome: Outcome,
  now: number,
  remaining: number | null,
): End {
  if (outcome.kind === 'fault') {
    return { end: outcome.sent ? 'unknown' : 'unsent', code: FAULT_CODES[outcome.cause] };
  }
  const { status } = outcome;
  if (status >= 200 && status < 300) return success(outcome);
  if (GATEWAY_GAVE_UP.includes(status)) return { end: 'unknown', code: 'unreachable' };
  if (status >= 400 && status < 500 && !LATER.includes(status)) {
    const verdict = providersVerdict(provider, parseBody(outcome.body));
    if (verdict !== null) return verdict;
  }
  return {
    end: 'refused',
    code: refusalCode(outcome),
    retryAt: retryAt(outcome, now, remaining),
  };
}

function success({ body }: Answer): End {
  if (accessTokenIn(parseBody(body)) !== null) return { end: 'done' };
  // Nothing that can rotate a token answers with a page for people.
  if (isPage(body)) return { end: 'refused', code: 'network-page', retryAt: null };
  return { end: 'unknown', code: 'unreachable' };
}

function providersVerdict(
  provider: Pick<Provider, 'errorCode' | 'saysPaused' | 'overCodes'>,
  body: unknown,
): End | null {
  const providerCode = provider.errorCode(body);
  if (providerCode === null) return null;
  const over = new Map(Object.entries(provider.overCodes)).get(providerCode);
  if (over !== undefined) return { end: 'over', code: over, providerCode };
  const code = provider.saysPaused(body) ? 'account-paused' : 'service-refused';
  return { end: 'stuck', code, providerCode };
}

/** What a person is told of an answer that says nothing about the login. */
export function refusalCode({ status, body }: Pick<Answer, 'status' | 'body'>): LateCode {
  if (status === 429) return 'asked-to-wait';
  if (status === 407) return 'network-password';
  // 511 is what a captive portal should say (RFC 6585), a redirect or a page is what most say.
  if (status === 511 || (status >= 300 && status < 400)) return 'network-page';
  return status < 500 && isPage(body) ? 'network-page' : 'unreachable';
}

/** `Retry-After` (RFC 9110 section 10.2.3) is seconds, or a date by the server's clock. */
function retryAt(
  { headers, serverDate }: Answer,
  now: number,
  remaining: number | null,
): number | null {
  const wish = headers['retry-after']?.trim() ?? '';
  const wait = /^\d{1,10}$/.test(wish)
    ? Number(wish) * 1000
    : Date.parse(wish) - (serverDate ?? now);
  if (!(wait > 0)) return null;
  const most = remaining !== null && remaining > 0 ? remaining / 2 : LONGEST_WAIT;
  return now + Math.min(wait, Math.round(most));
}
