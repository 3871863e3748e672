import { constants } from 'node:os';

/**
 * Why no whole answer came.
 * - `dns`: the name was not found. `offline`: there is no way to any network.
 * - `connect`: refused, or cut before the request. `tls`: the other side could not prove who it is.
 * - `proxy`: the proxy would not connect us, or its setting is no URL. `proxy-auth`: it wants a password.
 * - `timeout`: time was up. `stopped`: the caller gave up.
 * - `reset`: cut after the request, before an answer began. `half`: cut within the answer.
 * - `too-large`: the answer, or its headers, went over the limit.
 */
export type FaultCause =
  | 'dns'
  | 'offline'
  | 'connect'
  | 'tls'
  | 'proxy'
  | 'proxy-auth'
  | 'timeout'
  | 'stopped'
  | 'reset'
  | 'half'
  | 'too-large';

/** A request that got no whole answer. */
export interface Fault {
  readonly kind: 'fault';
  /** Whether any byte of the request may have left this machine. */
  readonly sent: boolean;
  readonly cause: FaultCause;
  /** What the network said; holds addresses, no secret. */
  readonly error: unknown;
}

/** How far a request had come when it broke. */
export type Progress = 'unsent' | 'sent' | 'answering';

/** Sorts an error of undici or Node by what it means for the request. */
export function causeOf(error: unknown, progress: Progress): FaultCause {
  const codes = codesOf(error);
  if (codes.some((code) => code === 'UND_ERR_HEADERS_OVERFLOW')) return 'too-large';
  if (progress === 'answering') return 'half';
  if (progress === 'sent') return 'reset';
  if (codes.some((code) => code === 'ENOTFOUND' || code.startsWith('EAI_'))) return 'dns';
  if (codes.some((code) => code === 'ENETUNREACH' || code === 'ENETDOWN')) return 'offline';
  // A hand-shake with something that does not speak TLS: a captive portal, or a proxy in the way.
  if (codes.some((code) => code === 'EPROTO' || code === 'UND_ERR_PRX_TLS')) return 'tls';
  if (codes.some((code) => code in constants.errno)) return 'connect';
  // A direct connection fails with the system's errors or OpenSSL's, undici's own come from a proxy.
  if (codes.some((code) => code.startsWith('UND_ERR_'))) return proxyCause(error);
  return codes.length > 0 ? 'tls' : 'connect';
}

/** undici has the proxy's status in a message only (lib/dispatcher/proxy-agent.js). */
function proxyCause(error: unknown): FaultCause {
  return error instanceof Error && /^Proxy response \(407\)/.test(error.message)
    ? 'proxy-auth'
    : 'proxy';
}

/** The codes of an error, of its causes, and of what an `AggregateError` (one per address) holds. */
function codesOf(error: unknown, depth = 0): string[] {
  if (!(error instanceof Error) || depth > 4) return [];
  const own = 'code' in error && typeof error.code === 'string' ? [error.code] : [];
  const inner = error instanceof AggregateError ? error.errors : [error.cause];
  return [...own, ...inner.flatMap((one) => codesOf(one, depth + 1))];
}
