import type { End } from '../../src/core/refresh/classify.ts';

/** Everything that a request to a token endpoint has been seen to come to, and which end that is. */
export interface Case {
  readonly name: string;
  /** Left out: both. */
  readonly provider?: 'anthropic' | 'openai';
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Instead of a status: a connection fault, as `cause` or `cause!` once the request was sent. */
  readonly fault?: string;
  /** Life left in the access token, ms. */
  readonly remaining?: number | null;
  readonly end: End;
}

/** The moment of every case: Sun, 01 Mar 2026 10:00:00 GMT. */
export const NOW = Date.UTC(2026, 2, 1, 10);

const MINUTE = 60_000;
const PAGE = '<!DOCTYPE html><html><body>Please sign in</body></html>';
const TOKENS = '{"access_token":"sk-a","refresh_token":"sk-r","expires_in":3600}';

const done: End = { end: 'done' };
const unknown: End = { end: 'unknown', code: 'unreachable' };
const portal: End = { end: 'refused', code: 'network-page', retryAt: null };
const busy: End = { end: 'refused', code: 'unreachable', retryAt: null };
const wait = (ms: number | null): End => ({
  end: 'refused',
  code: 'asked-to-wait',
  retryAt: ms === null ? null : NOW + ms,
});
const over = (providerCode: string): End => ({ end: 'over', code: 'login-ended', providerCode });
const stuck = (providerCode: string): End => ({
  end: 'stuck',
  code: 'service-refused',
  providerCode,
});
const paused = (providerCode: string): End => ({
  end: 'stuck',
  code: 'account-paused',
  providerCode,
});

const openaiError = (code: string | null, message = 'Please try signing in again.') =>
  JSON.stringify({ error: { message, type: 'invalid_request_error', param: null, code } });
const anthropicError = (type: string, message = 'No.') =>
  JSON.stringify({ type: 'error', error: { type, message } });
const oauthError = (error: string, error_description = 'No.') =>
  JSON.stringify({ error, error_description });

export const CASES: readonly Case[] = [
  // Success, whole.
  { name: 'tokens', status: 200, body: TOKENS, end: done },
  { name: 'tokens as 201', status: 201, body: TOKENS, end: done },
  { name: 'no refresh token', status: 200, body: '{"access_token":"sk-a"}', end: done },
  { name: 'tokens after a BOM', status: 200, body: `\ufeff${TOKENS}`, end: done },
  {
    name: 'tokens as text/html',
    status: 200,
    headers: { 'content-type': 'text/html' },
    body: TOKENS,
    end: done,
  },

  // 2xx without a token that can be used: it may have rotated.
  { name: 'half a JSON', status: 200, body: '{"access_token":"sk-', end: unknown },
  { name: 'an empty object', status: 200, body: '{}', end: unknown },
  { name: 'null', status: 200, body: 'null', end: unknown },
  { name: 'a list', status: 200, body: '[]', end: unknown },
  { name: 'an error in a 200', status: 200, body: oauthError('invalid_grant'), end: unknown },
  { name: 'a refresh token only', status: 200, body: '{"refresh_token":"sk-r"}', end: unknown },
  { name: 'an empty access token', status: 200, body: '{"access_token":""}', end: unknown },
  { name: 'a number for a token', status: 200, body: '{"access_token":7}', end: unknown },
  { name: 'a newline in a token', status: 200, body: '{"access_token":"a\\nb"}', end: unknown },
  { name: 'a space in a token', status: 200, body: '{"access_token":"a b"}', end: unknown },
  {
    name: 'a token over 16 KiB',
    status: 200,
    body: JSON.stringify({ access_token: 'x'.repeat(16 * 1024 + 1) }),
    end: unknown,
  },
  { name: 'no content', status: 204, end: unknown },
  { name: 'nothing', status: 200, end: unknown },
  { name: 'text', status: 200, body: 'OK', end: unknown },
  { name: 'accepted for later', status: 202, body: '{"status":"pending"}', end: unknown },

  // A network that wants something first.
  { name: 'a page as 200', status: 200, body: PAGE, end: portal },
  { name: 'a page after blank lines', status: 200, body: `\r\n\t ${PAGE}`, end: portal },
  { name: 'a page as 203', status: 203, body: PAGE, end: portal },
  { name: '301', status: 301, headers: { location: 'http://portal.test/' }, end: portal },
  { name: '302 with a page', status: 302, body: PAGE, end: portal },
  { name: '303', status: 303, end: portal },
  { name: '304', status: 304, end: portal },
  { name: '307', status: 307, end: portal },
  { name: '308 with an error', status: 308, body: oauthError('invalid_grant'), end: portal },
  { name: '401 with a page', status: 401, body: PAGE, end: portal },
  { name: '403 with a page', status: 403, body: PAGE, end: portal },
  { name: '511', status: 511, body: PAGE, end: portal },
  {
    name: '407 from a proxy',
    status: 407,
    body: PAGE,
    end: { end: 'refused', code: 'network-password', retryAt: null },
  },

  // Not now.
  { name: '408', status: 408, end: busy },
  { name: '425', status: 425, end: busy },
  { name: '500', status: 500, body: anthropicError('api_error'), end: busy },
  { name: '500 with an over code', status: 500, body: oauthError('invalid_grant'), end: busy },
  { name: '501', status: 501, end: busy },
  { name: '503 with a page', status: 503, body: PAGE, end: busy },
  {
    name: '503 for 2 minutes',
    status: 503,
    headers: { 'retry-after': '120' },
    end: { ...busy, retryAt: NOW + 2 * MINUTE } as End,
  },
  { name: '529', status: 529, body: anthropicError('overloaded_error'), end: busy },
  { name: '429', status: 429, end: wait(null) },
  {
    name: '429 with an over code',
    status: 429,
    body: oauthError('invalid_grant'),
    end: wait(null),
  },
  { name: '408 with an over code', status: 408, body: oauthError('invalid_grant'), end: busy },
  { name: '429 for 30 s', status: 429, headers: { 'retry-after': '30' }, end: wait(30_000) },
  { name: '429 for 0 s', status: 429, headers: { 'retry-after': '0' }, end: wait(null) },
  { name: '429 for -5 s', status: 429, headers: { 'retry-after': '-5' }, end: wait(null) },
  { name: '429 for a word', status: 429, headers: { 'retry-after': 'soon' }, end: wait(null) },
  {
    name: '429 for an hour, with one hour left',
    status: 429,
    headers: { 'retry-after': '3600' },
    end: wait(30 * MINUTE),
  },
  {
    name: '429 for an hour, with no life left',
    status: 429,
    headers: { 'retry-after': '3600' },
    remaining: -5,
    end: wait(15 * MINUTE),
  },
  {
    name: '429 for an hour, with no token yet',
    status: 429,
    headers: { 'retry-after': '3600' },
    remaining: null,
    end: wait(15 * MINUTE),
  },
  {
    name: '429 until a date',
    status: 429,
    headers: { 'retry-after': 'Sun, 01 Mar 2026 10:05:00 GMT' },
    end: wait(5 * MINUTE),
  },
  {
    name: '429 until a date by a clock that is an hour ahead',
    status: 429,
    headers: {
      date: 'Sun, 01 Mar 2026 11:00:00 GMT',
      'retry-after': 'Sun, 01 Mar 2026 11:05:00 GMT',
    },
    end: wait(5 * MINUTE),
  },
  {
    name: '429 until a date that is over',
    status: 429,
    headers: { 'retry-after': 'Sun, 01 Mar 2026 09:00:00 GMT' },
    end: wait(null),
  },

  // A gateway that gave up: what stands behind it may have acted.
  { name: '502', status: 502, body: PAGE, end: unknown },
  { name: '502 with an over code', status: 502, body: oauthError('invalid_grant'), end: unknown },
  { name: '504', status: 504, end: unknown },

  // 4xx from something that is not the provider.
  { name: 'a bare 401', status: 401, end: busy },
  { name: 'a 401 in text', status: 401, body: 'Unauthorized', end: busy },
  { name: 'a 401 of a gateway', status: 401, body: '{"error":"Unauthorized"}', end: busy },
  { name: 'a 403 of a gateway', status: 403, body: '{"message":"Forbidden"}', end: busy },
  { name: 'a 404 of a gateway', status: 404, body: '{"error":{"status":404}}', end: busy },
  { name: 'a 400 with half a JSON', status: 400, body: '{"error":"invalid_gr', end: busy },
  { name: 'a 400 with a list', status: 400, body: '["invalid_grant"]', end: busy },
  { name: 'a 400 with a string', status: 400, body: '"invalid_grant"', end: busy },
  { name: 'a 413 with a page', status: 413, body: PAGE, end: portal },
  {
    name: "OpenAI's shape from Anthropic's address",
    provider: 'anthropic',
    status: 401,
    body: openaiError('refresh_token_reused'),
    end: busy,
  },

  // The provider's own verdict.
  {
    name: 'invalid_grant as 400',
    status: 400,
    body: oauthError('invalid_grant'),
    end: over('invalid_grant'),
  },
  {
    name: 'invalid_grant as 401',
    status: 401,
    body: oauthError('invalid_grant'),
    end: over('invalid_grant'),
  },
  {
    name: 'invalid_grant nested',
    provider: 'openai',
    status: 400,
    body: openaiError('invalid_grant'),
    end: over('invalid_grant'),
  },
  {
    name: 'a used-up token',
    provider: 'openai',
    status: 401,
    body: openaiError('refresh_token_reused'),
    end: { end: 'over', code: 'login-used-up', providerCode: 'refresh_token_reused' },
  },
  {
    name: 'a used-up token as 400',
    provider: 'openai',
    status: 400,
    body: openaiError('refresh_token_reused'),
    end: { end: 'over', code: 'login-used-up', providerCode: 'refresh_token_reused' },
  },
  {
    name: 'an expired token',
    provider: 'openai',
    status: 401,
    body: openaiError('refresh_token_expired'),
    end: over('refresh_token_expired'),
  },
  {
    name: 'a revoked token, the code at the top',
    provider: 'openai',
    status: 401,
    body: '{"code":"refresh_token_invalidated"}',
    end: over('refresh_token_invalidated'),
  },
  {
    name: 'an expired token, the code in the detail',
    provider: 'openai',
    status: 401,
    body: '{"detail":{"code":"refresh_token_expired"}}',
    end: over('refresh_token_expired'),
  },
  {
    name: "OpenAI's code as a string at Anthropic",
    provider: 'anthropic',
    status: 401,
    body: oauthError('refresh_token_reused'),
    end: stuck('refresh_token_reused'),
  },

  // Refused by the provider, but the login is not over.
  {
    name: 'invalid_client',
    status: 401,
    body: oauthError('invalid_client'),
    end: stuck('invalid_client'),
  },
  {
    name: 'invalid_scope',
    status: 400,
    body: oauthError('invalid_scope'),
    end: stuck('invalid_scope'),
  },
  {
    name: 'a name of every object',
    status: 400,
    body: oauthError('constructor'),
    end: stuck('constructor'),
  },
  {
    name: 'a 403',
    provider: 'anthropic',
    status: 403,
    body: anthropicError('permission_error'),
    end: stuck('permission_error'),
  },
  {
    name: 'a 404',
    provider: 'anthropic',
    status: 404,
    body: anthropicError('not_found_error'),
    end: stuck('not_found_error'),
  },
  {
    name: 'a 401 without a code',
    provider: 'openai',
    status: 401,
    body: openaiError(null),
    end: stuck('invalid_request_error'),
  },
  {
    name: 'a 403 with a sentence',
    provider: 'openai',
    status: 403,
    body: '{"detail":"Country not supported"}',
    end: stuck('detail'),
  },
  {
    name: 'a disabled feature',
    provider: 'openai',
    status: 403,
    body: openaiError('forbidden', 'This feature is disabled.'),
    end: stuck('forbidden'),
  },
  {
    name: 'an account on hold',
    provider: 'anthropic',
    status: 403,
    body: anthropicError('permission_error', 'Your account is on hold.'),
    end: paused('permission_error'),
  },
  {
    name: 'a disabled organization',
    provider: 'anthropic',
    status: 400,
    body: anthropicError('invalid_request_error', 'This organization has been disabled.'),
    end: paused('invalid_request_error'),
  },
  {
    name: 'a suspended account',
    status: 403,
    body: oauthError('access_denied', 'Account suspended'),
    end: paused('access_denied'),
  },
  {
    name: 'a suspended workspace',
    provider: 'openai',
    status: 403,
    body: '{"detail":"Workspace suspended"}',
    end: paused('detail'),
  },

  // Faults before a byte left.
  { name: 'no such name', fault: 'dns', end: { end: 'unsent', code: 'offline' } },
  { name: 'no network', fault: 'offline', end: { end: 'unsent', code: 'offline' } },
  { name: 'refused', fault: 'connect', end: { end: 'unsent', code: 'unreachable' } },
  { name: 'a false certificate', fault: 'tls', end: { end: 'unsent', code: 'not-private' } },
  { name: 'a proxy that refuses', fault: 'proxy', end: { end: 'unsent', code: 'unreachable' } },
  {
    name: 'a proxy with a password',
    fault: 'proxy-auth',
    end: { end: 'unsent', code: 'network-password' },
  },
  { name: 'a slow connection', fault: 'timeout', end: { end: 'unsent', code: 'unreachable' } },
  { name: 'stopped in time', fault: 'stopped', end: { end: 'unsent', code: 'interrupted' } },

  // Faults after it.
  { name: 'no answer', fault: 'timeout!', end: unknown },
  { name: 'reset', fault: 'reset!', end: unknown },
  { name: 'half an answer', fault: 'half!', end: unknown },
  { name: '10 MB', fault: 'too-large!', end: unknown },
  { name: 'stopped too late', fault: 'stopped!', end: { end: 'unknown', code: 'interrupted' } },
];
