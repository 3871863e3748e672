import type { IncomingMessage } from 'node:http';
import { type AnswerFrom, isFromIssuer } from './issuer.ts';
import { sameSecret } from './same-secret.ts';

const MAX_URL_LENGTH = 8192;

/** What a request has to name to be about this sign-in. */
export interface Expected extends AnswerFrom {
  readonly port: number;
  /** The one path that takes an answer. */
  readonly path: string;
  /** A path on which another program may end the attempt, else `null`. */
  readonly cancelPath: string | null;
  readonly state: string;
}

/** The provider's answer, which the browser carries. */
export type Answer =
  | { readonly kind: 'code'; readonly code: string; readonly iss: string | null }
  | { readonly kind: 'denied'; readonly error: 'access_denied' | 'other' };

/** What a request turned out to be. */
export type Arrival =
  | Answer
  | { readonly kind: 'cancel' }
  | { readonly kind: 'wrong-state' }
  | { readonly kind: 'stray'; readonly status: 400 | 404 | 405 | 414 };

type Request = Pick<IncomingMessage, 'method' | 'url' | 'headers'>;

/** Tells an answer to this sign-in from everything else that may reach its port. */
export function readRequest(request: Request, expected: Expected): Arrival {
  const url = request.url ?? '';
  // A query may have further question marks (RFC 3986, section 3.4).
  const [path, ...query] = url.split('?');
  const isGet = request.method === 'GET';
  if (!namesUs(request, expected.port)) return { kind: 'stray', status: 400 };
  if (url.length > MAX_URL_LENGTH) return { kind: 'stray', status: 414 };
  if (path === expected.path) {
    return isGet ? readAnswer(query.join('?'), expected) : { kind: 'stray', status: 405 };
  }
  if (path === expected.cancelPath && isGet && !isFromPage(request)) return { kind: 'cancel' };
  return { kind: 'stray', status: 404 };
}

/** A site can point its own name at our address, but its pages cannot send our name as `Host`. */
function namesUs({ headers }: Request, port: number): boolean {
  const hosts = ['localhost', '127.0.0.1', '[::1]'].map((host) => `${host}:${port}`);
  return hosts.includes(headers.host?.toLowerCase() ?? '');
}

/** Each of these headers is a browser's; it asks for a page with at least one of them. */
function isFromPage({ headers }: Request): boolean {
  return Object.keys(headers).some(
    (name) => name === 'origin' || name === 'referer' || name.startsWith('sec-fetch-'),
  );
}

function readAnswer(query: string, { state, ...from }: Expected): Arrival {
  const parameters = new URLSearchParams(query);
  const repeated = ['state', 'iss', 'error', 'code'].some((it) => parameters.getAll(it).length > 1);
  const iss = parameters.get('iss');
  const fromOther = !isFromIssuer(iss, from);
  const ours = sameSecret(parameters.get('state') ?? '', state);
  if (repeated || fromOther || !ours) return { kind: 'wrong-state' };
  const error = parameters.get('error');
  if (error !== null) {
    return { kind: 'denied', error: error === 'access_denied' ? error : 'other' };
  }
  const code = parameters.get('code') ?? '';
  return isCode(code) ? { kind: 'code', code, iss } : { kind: 'wrong-state' };
}

/** RFC 6749 appendix A.11 (VSCHAR), and of a sensible length. */
function isCode(text: string): boolean {
  return /^[\x21-\x7e]{1,4096}$/.test(text);
}
