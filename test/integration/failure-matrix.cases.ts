import type { BuiltInId } from '../../src/core/grant.ts';
import type { AccountState } from '../../src/shared/account-view.ts';
import type { ErrorCode } from '../../src/shared/errors.ts';
import type { NoticeKind } from '../../src/shared/notice.ts';
import { FAULTS, type Fault } from '../support/provider/index.ts';

/** What is there instead of the way to the token endpoint. */
export type Obstacle =
  | { readonly kind: 'nobody-listens' }
  | { readonly kind: 'no-such-name' }
  /** Speaks TLS, and cannot prove who it is. */
  | { readonly kind: 'no-certificate' }
  | Stranger;

/** Somebody else: waits for something to read, says `says`, and then this. */
export interface Stranger {
  readonly kind: 'stranger';
  /** As what it was called: a server with or without TLS, or the proxy on the way. */
  readonly calledAs: 'http' | 'https' | 'proxy';
  readonly says: string;
  readonly then: 'end' | 'reset' | 'silence';
}

/** What a request meets: an obstacle, or the stand-in in a mood. */
export type Meeting = Obstacle | Fault;

/**
 * How much is left of the access token at the first try. `much`: 2 hours of 8. `little`: 20 minutes of one
 * hour. `none`: the machine was off for 9 hours.
 */
export type Life = 'much' | 'little' | 'none';

/** Least and most, ms. */
export type Span = readonly [least: number, most: number];

/** What must follow. */
export interface Outcome {
  readonly state: AccountState;
  readonly code: ErrorCode | null;
  /** Requests at the first try. */
  readonly requests: 1 | 2;
  /** When the next one follows, counted from the first. `null`: it takes something else than time. */
  readonly again: Span | null;
  /** Whether the vault has the same refresh token as before. */
  readonly kept: boolean;
  /** How long it stays like that, ms; 2 minutes, if left out. */
  readonly grace?: number;
  /** What the person has been told after that time. */
  readonly notice: NoticeKind | null;
  /** What the history says by then, the newest first. */
  readonly told: readonly string[];
  /**
   * How it is mended. `time`: what it met is over, and the next try is good. `tool`: Pi gets a login by
   * itself. `person`: they sign in.
   */
  readonly mended: 'time' | 'tool' | 'person';
  /** What the person is told then. */
  readonly relief: NoticeKind | null;
  /** What the history says then, instead. */
  readonly toldAfter: readonly string[];
}

/** One way in which a renewal can go. */
export interface Case extends Outcome {
  readonly name: string;
  readonly provider: BuiltInId;
  readonly life: Life;
  /**
   * What became of the login before. `spent`: somebody renewed it and told nobody. `taken`: Pi renewed it,
   * and saves what it got right after our request.
   */
  readonly fate: 'active' | 'revoked' | 'spent' | 'taken';
  /** What each request meets in turn; the last of it is met by all that follow, until it is mended. */
  readonly meets: readonly Meeting[];
}

const SECOND = 1000;
const MINUTE = 60 * SECOND;

/** A random part, from half to all, of the first pause, which is 30 s; and of the second. */
const FIRST: Span = [15 * SECOND, 30 * SECOND];
const DOUBLED: Span = [30 * SECOND, MINUTE];
/** Half of what is left. Renewals begin up to a tenth of the margin early. */
const HALF_OF_MUCH: Span = [59 * MINUTE, 66 * MINUTE];
const HALF_OF_LITTLE: Span = [9.5 * MINUTE, 11 * MINUTE];
/** Where nothing is left to measure a wish by. */
const LONGEST: Span = [15 * MINUTE, 15 * MINUTE];
/** An hour's token. */
const DUE: Span = [37 * MINUTE, 41 * MINUTE];

const RENEWED = 'Renewed by Authbar';
const RECOVERED = '{service} didn’t answer; tried again and it worked';
const NO_ANSWER = '{service} didn’t answer';
const SLOW_DOWN = '{service} asked to slow down';
const ENDED = '{service} ended the login';
const USED_UP = 'Another program used the login up';
const LOST = 'The connection broke during a renewal';
const TURNED_AWAY = '{service} turned Authbar away';
const PAUSED = '{service} has paused the account';
const BY_PI = 'Renewed by Pi, and picked up here';
const SIGNED_IN = 'You signed in';

/** What passes, as the history has it while it lasts, and when it is over. */
const PASSING = {
  offline: { told: ['You were offline'], toldAfter: [RENEWED, 'You were offline for 3 min'] },
  unreachable: { told: [NO_ANSWER], toldAfter: [RECOVERED] },
  'asked-to-wait': { told: [SLOW_DOWN], toldAfter: [RENEWED, SLOW_DOWN] },
  'network-page': { told: ['The network asked for a sign-in first'], toldAfter: [RECOVERED] },
  'network-password': {
    told: ['The network asked for a name and password'],
    toldAfter: [RECOVERED],
  },
  'not-private': { told: ['The connection wasn’t private'], toldAfter: [RECOVERED] },
} as const;

/** Nothing is lost, nobody is told, and the next try is good. */
const mild = {
  requests: 1,
  again: FIRST,
  kept: true,
  notice: null,
  mended: 'time',
  relief: null,
} as const;

/** It has not lapsed: it works. */
function late(code: keyof typeof PASSING, again = FIRST): Outcome {
  return { ...mild, state: 'late', code, again, ...PASSING[code] };
}

function waiting(code: keyof typeof PASSING, again = FIRST): Outcome {
  return { ...late(code, again), state: 'waiting' };
}

/** It may be spent, so the same token is sent once more at once. */
const lateTwice: Outcome = { ...late('unreachable', DOUBLED), requests: 2 };
const waitingTwice: Outcome = { ...lateTwice, state: 'waiting' };

/** As it should be. */
const well: Outcome = {
  ...mild,
  state: 'signed-in',
  code: null,
  again: DUE,
  kept: false,
  told: [RENEWED],
  toldAfter: [RENEWED, RENEWED],
};
const wellAtOnce: Outcome = {
  ...well,
  requests: 2,
  told: [RECOVERED],
  toldAfter: [RENEWED, RECOVERED],
};

/** No new one came. */
const wellAndKept: Outcome = { ...well, kept: true };

/** Only the person can mend it: they are told once, and not that their own sign-in worked. */
function over(code: ErrorCode, ...told: readonly string[]): Outcome {
  return {
    ...mild,
    state: 'sign-in-again',
    code,
    again: null,
    notice: 'login-ended',
    told,
    mended: 'person',
    toldAfter: [SIGNED_IN, ...told],
  };
}

const ended = over('login-ended', ENDED);
const usedUp = over('login-used-up', USED_UP);
const lost: Outcome = { ...over('login-lost-in-flight', LOST, NO_ANSWER), requests: 2 };
const healedByPi: Outcome = {
  ...ended,
  mended: 'tool',
  relief: 'works-again',
  toldAfter: [BY_PI, ENDED],
};
/** It lost a race, which cost nothing. */
const byPi: Outcome = { ...well, told: [BY_PI], toldAfter: [RENEWED, BY_PI] };

/** The service refuses, and may think better of it. */
const turnedAway: Outcome = {
  ...mild,
  state: 'late',
  code: 'service-refused',
  told: [TURNED_AWAY],
  toldAfter: [RENEWED, TURNED_AWAY],
};
const turnedAwayLapsed: Outcome = { ...turnedAway, state: 'waiting' };

/** It has paused the account, which is told as soon as something stops. */
const paused: Outcome = {
  ...mild,
  state: 'paused',
  code: 'account-paused',
  told: [PAUSED],
  toldAfter: [RENEWED, PAUSED],
};
const pausedLapsed: Outcome = { ...paused, notice: 'account-paused', relief: 'works-again' };

const PAGE = '<!DOCTYPE html><html><body>Please sign in</body></html>';
const VERDICT = '{"error":"invalid_grant","error_description":"No."}';

function answer(status: number, body: unknown = '', headers: Record<string, string> = {}): Fault {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return { kind: 'answer', status, headers, body: text };
}
const tooMany = (wish: string, more: Record<string, string> = {}) =>
  answer(429, '', { 'retry-after': wish, ...more });
const anthropicError = (type: string, message = 'No.') => ({
  type: 'error',
  error: { type, message },
});
const openaiError = (code: string | null, message = 'Please try signing in again.') => ({
  error: { message, type: 'invalid_request_error', param: null, code },
});

const WELL: Fault = { kind: 'pass' };
/** The refresh token is spent, and nobody hears the new one. */
const { answerLost } = FAULTS;
const OUTAGE = FAULTS.unavailable;
const { redirect } = FAULTS;
const NO_ACCESS_TOKEN: Fault = { kind: 'edit', omit: ['access_token'] };
/** Nothing was spent for it. */
const NO_REFRESH_TOKEN = answer(200, { access_token: 'x'.repeat(40), expires_in: 3600 });

function stranger(
  calledAs: Stranger['calledAs'],
  says: string,
  then: Stranger['then'] = 'end',
): Obstacle {
  return { kind: 'stranger', calledAs, says, then };
}
const OK = 'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n';
const HALF = `${OK}content-length: 400\r\n\r\n{"access_token":"ab`;
const LONG_HEADERS = `${OK}x: ${'y'.repeat(64 * 1024)}\r\n\r\n`;
const proxy = (status: string) => stranger('proxy', `HTTP/1.1 ${status}\r\n\r\n`);

/** `{service}` is filled. */
const of =
  (provider: BuiltInId, service: string) =>
  (
    name: string,
    life: Life,
    meets: Meeting | readonly Meeting[],
    outcome: Outcome,
    fate: Case['fate'] = 'active',
  ): Case => {
    const fill = (text: string) => text.replace('{service}', service);
    const [told, toldAfter] = [outcome.told.map(fill), outcome.toldAfter.map(fill)];
    const each = 'kind' in meets ? [meets] : meets;
    return { name, provider, life, fate, meets: each, ...outcome, told, toldAfter };
  };
const claude = of('anthropic', 'Claude');
const chatgpt = of('openai', 'ChatGPT');

/** No byte of the request left. */
const UNSENT = [
  claude('nobody listens', 'little', { kind: 'nobody-listens' }, late('unreachable')),
  chatgpt('nobody listens', 'none', { kind: 'nobody-listens' }, waiting('unreachable')),
  claude('no such name', 'none', { kind: 'no-such-name' }, waiting('offline')),
  chatgpt('no such name', 'little', { kind: 'no-such-name' }, late('offline')),
  claude('a portal without TLS', 'little', stranger('https', PAGE), late('not-private')),
  chatgpt('no certificate', 'none', { kind: 'no-certificate' }, waiting('not-private')),
  claude('a hang-up as TLS begins', 'much', stranger('https', ''), late('unreachable')),
  chatgpt('TLS without end', 'little', stranger('https', '', 'silence'), late('unreachable')),
  claude('a proxy’s 407', 'none', proxy('407 Who Are You'), waiting('network-password')),
  chatgpt('a proxy’s 403', 'little', proxy('403 Forbidden'), late('unreachable')),
  claude('a proxy’s 502', 'little', proxy('502 Bad Gateway'), late('unreachable')),
  chatgpt('a proxy that hangs up', 'none', stranger('proxy', ''), waiting('unreachable')),
  claude('a silent proxy', 'little', stranger('proxy', '', 'silence'), late('unreachable')),
];

/** Somebody else wants something first. */
const PORTALS = [
  claude('a page as 200', 'none', answer(200, PAGE), waiting('network-page')),
  chatgpt(
    'a page after blank lines',
    'little',
    answer(200, `\r\n\t ${PAGE}`),
    late('network-page'),
  ),
  claude('a page as 203', 'much', answer(203, PAGE), late('network-page')),
  chatgpt('302', 'none', redirect(302, 'http://127.0.0.1:1/'), waiting('network-page')),
  claude('304', 'little', answer(304), late('network-page')),
  claude(
    '307 to itself',
    'little',
    redirect(307, '/anthropic/v1/oauth/token'),
    late('network-page'),
  ),
  chatgpt('308 with a verdict', 'none', answer(308, VERDICT), waiting('network-page')),
  claude('a 401 page', 'none', FAULTS.gateway, waiting('network-page')),
  chatgpt('a 403 page', 'little', answer(403, PAGE), late('network-page')),
  claude('511', 'none', answer(511, PAGE), waiting('network-page')),
  chatgpt('407 from the other end', 'little', answer(407, PAGE), late('network-password')),
];

/** Not now. */
const BUSY = [
  claude('408 with a verdict', 'little', answer(408, VERDICT), late('unreachable')),
  chatgpt('425', 'none', answer(425), waiting('unreachable')),
  claude('500 with a verdict', 'none', answer(500, VERDICT), waiting('unreachable')),
  chatgpt('501', 'little', answer(501), late('unreachable')),
  claude('503', 'none', OUTAGE, waiting('unreachable')),
  chatgpt(
    '503 for two minutes',
    'little',
    answer(503, PAGE, { 'retry-after': '120' }),
    late('unreachable', [2 * MINUTE, 2 * MINUTE]),
  ),
  claude('529', 'much', answer(529, anthropicError('overloaded_error')), late('unreachable')),
  claude('429', 'little', answer(429), late('asked-to-wait')),
  chatgpt('429 with a verdict', 'none', answer(429, VERDICT), waiting('asked-to-wait')),
];

/** `Retry-After`, in the forms that are met. */
const WISHES = [
  claude('a minute', 'little', tooMany('60'), late('asked-to-wait', [MINUTE, MINUTE])),
  chatgpt('a second', 'little', tooMany('1'), late('asked-to-wait')),
  claude('0', 'none', tooMany('0'), waiting('asked-to-wait')),
  chatgpt('-5', 'none', tooMany('-5'), waiting('asked-to-wait')),
  claude('a word', 'little', tooMany('soon'), late('asked-to-wait')),
  claude('a day, with much left', 'much', tooMany('86400'), late('asked-to-wait', HALF_OF_MUCH)),
  chatgpt(
    'a day, with little left',
    'little',
    tooMany('86400'),
    late('asked-to-wait', HALF_OF_LITTLE),
  ),
  claude('a day, too late', 'none', tooMany('86400'), waiting('asked-to-wait', LONGEST)),
  chatgpt(
    'a date, by a clock that is far off',
    'little',
    tooMany('Mon, 02 Mar 2026 10:05:00 GMT', { date: 'Mon, 02 Mar 2026 10:00:00 GMT' }),
    late('asked-to-wait', [5 * MINUTE, 5 * MINUTE]),
  ),
  claude(
    'a date that is over',
    'none',
    tooMany('Mon, 02 Mar 2026 09:55:00 GMT', { date: 'Mon, 02 Mar 2026 10:00:00 GMT' }),
    waiting('asked-to-wait'),
  ),
];

/** A 4xx in a shape that is not the provider's own. */
const GATEWAYS = [
  claude('a bare 401', 'none', answer(401), waiting('unreachable')),
  chatgpt('a 401 in words', 'little', answer(401, { error: 'Unauthorized' }), late('unreachable')),
  claude(
    'a 403 of a gateway',
    'none',
    answer(403, { message: 'Forbidden' }),
    waiting('unreachable'),
  ),
  chatgpt(
    'a 404 of a gateway',
    'little',
    answer(404, { error: { status: 404 } }),
    late('unreachable'),
  ),
  claude('half a verdict', 'none', answer(400, VERDICT.slice(0, 19)), waiting('unreachable')),
  chatgpt('a verdict in a list', 'little', answer(400, ['invalid_grant']), late('unreachable')),
  claude(
    'the other service’s verdict',
    'none',
    answer(401, openaiError('refresh_token_reused')),
    waiting('unreachable'),
  ),
];

/** Bytes left, and no whole answer came. */
const UNKNOWN = [
  claude('a reset', 'little', FAULTS.reset, lateTwice),
  chatgpt('no answer', 'none', FAULTS.silence, waitingTwice),
  claude('no answer once', 'little', [FAULTS.silence, WELL], wellAtOnce),
  chatgpt('a reset once', 'little', [FAULTS.reset, WELL], wellAtOnce),
  claude('what is no HTTP', 'none', stranger('http', 'SSH-2.0-OpenSSH\r\n'), waitingTwice),
  chatgpt('half an answer', 'little', stranger('http', HALF), lateTwice),
  claude('an answer without end', 'none', stranger('http', HALF, 'silence'), waitingTwice),
  chatgpt('a reset by somebody else', 'little', stranger('http', '', 'reset'), lateTwice),
  claude('headers without end', 'little', stranger('http', LONG_HEADERS), lateTwice),
  chatgpt('10 MB', 'none', FAULTS.flood, waitingTwice),
  claude('502', 'little', FAULTS.badGateway, lateTwice),
  chatgpt('502 with a verdict', 'none', answer(502, VERDICT), waitingTwice),
  claude('504', 'much', answer(504), lateTwice),
  chatgpt('204', 'none', FAULTS.empty, waitingTwice),
  claude('an empty object', 'little', answer(200, {}), lateTwice),
  chatgpt('a list', 'none', answer(200, [1, 2]), waitingTwice),
  claude('half a JSON', 'little', answer(200, '{"access_token":"sk-'), lateTwice),
  chatgpt('a word', 'none', answer(200, 'OK'), waitingTwice),
  claude('a verdict as 200', 'little', answer(200, VERDICT), lateTwice),
  chatgpt(
    'an endless token',
    'none',
    answer(200, { access_token: 'x'.repeat(16385) }),
    waitingTwice,
  ),
  claude('“later”', 'little', answer(202, { status: 'pending' }), lateTwice),
  chatgpt('a reset, then an outage', 'little', [FAULTS.reset, OUTAGE], lateTwice),
  claude('a reset, then nobody', 'none', [FAULTS.reset, { kind: 'nobody-listens' }], waitingTwice),
  // The next refresh token came, at least.
  claude('no access token', 'little', [NO_ACCESS_TOKEN, WELL], wellAtOnce),
  chatgpt('a broken access token', 'none', [FAULTS.brokenToken, WELL], wellAtOnce),
];

/** The provider renewed it, and nobody heard. */
const LOST_ANSWERS = [
  claude('a reset', 'none', [answerLost, WELL], lost),
  chatgpt('half an answer', 'none', [FAULTS.cut, WELL], lost),
  claude('502', 'none', [{ ...FAULTS.badGateway, processed: true }, WELL], lost),
  chatgpt('no answer', 'none', [{ ...FAULTS.silence, processed: true }, WELL], lost),
  claude('a reset, then an outage', 'none', [answerLost, OUTAGE, WELL], {
    ...lost,
    state: 'waiting',
    code: 'unreachable',
    again: DOUBLED,
    grace: 4 * MINUTE,
  }),
  chatgpt('a reset, while it still works', 'little', [answerLost, WELL], {
    ...lost,
    state: 'late',
    notice: null,
  }),
  claude('a reset, until it works no more', 'little', [answerLost, WELL], {
    ...lost,
    state: 'late',
    grace: 30 * MINUTE,
  }),
];

/** The provider's own word. */
const OVER = [
  claude('revoked', 'little', WELL, ended, 'revoked'),
  chatgpt('revoked', 'none', WELL, ended, 'revoked'),
  claude('spent by somebody else', 'none', WELL, ended, 'spent'),
  chatgpt('spent by somebody else', 'little', WELL, usedUp, 'spent'),
  claude('invalid_grant', 'much', answer(400, VERDICT), ended),
  claude('invalid_grant as 401', 'none', answer(401, VERDICT), ended),
  chatgpt('invalid_grant', 'little', answer(400, openaiError('invalid_grant')), ended),
  chatgpt('expired', 'none', answer(401, openaiError('refresh_token_expired')), ended),
  chatgpt('a code at the top', 'little', answer(401, { code: 'refresh_token_invalidated' }), ended),
  chatgpt(
    'a code in the detail',
    'little',
    answer(401, { detail: { code: 'refresh_token_expired' } }),
    ended,
  ),
  chatgpt('reused, as 400', 'none', answer(400, openaiError('refresh_token_reused')), usedUp),
  claude(
    'an outage, then revoked',
    'none',
    [OUTAGE, WELL],
    {
      ...ended,
      state: 'waiting',
      code: 'unreachable',
      again: FIRST,
      told: [ENDED, NO_ANSWER],
      toldAfter: [SIGNED_IN, ENDED, NO_ANSWER],
    },
    'revoked',
  ),
  claude('revoked, and Pi signs in', 'little', WELL, healedByPi, 'revoked'),
  chatgpt('revoked, and Pi signs in', 'none', WELL, healedByPi, 'revoked'),
  claude('spent by Pi, a moment before', 'little', WELL, byPi, 'taken'),
  chatgpt('spent by Pi, a moment before', 'little', WELL, byPi, 'taken'),
];

/** The provider refuses, and the login is not over. */
const STUCK = [
  claude('invalid_client', 'little', answer(401, { error: 'invalid_client' }), turnedAway),
  chatgpt('invalid_scope', 'none', answer(400, { error: 'invalid_scope' }), turnedAwayLapsed),
  claude('a 403', 'none', answer(403, anthropicError('permission_error')), turnedAwayLapsed),
  claude('a 404', 'little', answer(404, anthropicError('not_found_error')), turnedAway),
  chatgpt('a 401 without a code', 'little', answer(401, openaiError(null)), turnedAway),
  chatgpt('a sentence', 'none', answer(403, { detail: 'Country not supported' }), turnedAwayLapsed),
  chatgpt(
    'a disabled feature',
    'little',
    answer(403, openaiError('no', 'This feature is disabled.')),
    turnedAway,
  ),
  claude(
    'the other service’s code',
    'little',
    answer(401, { error: 'refresh_token_reused' }),
    turnedAway,
  ),
  claude('a name of every object', 'little', answer(400, { error: 'constructor' }), turnedAway),
  chatgpt('a reset, then a 403', 'none', [FAULTS.reset, answer(403, openaiError('forbidden'))], {
    ...turnedAwayLapsed,
    requests: 2,
    again: DOUBLED,
    told: [TURNED_AWAY, NO_ANSWER],
    toldAfter: [RENEWED, TURNED_AWAY, NO_ANSWER],
  }),
  claude(
    'on hold',
    'none',
    answer(403, anthropicError('permission_error', 'Your account is on hold.')),
    pausedLapsed,
  ),
  chatgpt(
    'a suspended workspace',
    'none',
    answer(403, { detail: 'Workspace suspended' }),
    pausedLapsed,
  ),
  claude(
    'a disabled organization',
    'much',
    answer(400, anthropicError('invalid_request_error', 'This organization has been disabled.')),
    paused,
  ),
  chatgpt('on hold, until it works no more', 'little', answer(403, { detail: 'Account on hold' }), {
    ...pausedLapsed,
    grace: 30 * MINUTE,
  }),
];

/** A 200 that is not quite what it should be, and good enough. */
const ODD = [
  claude('no refresh token', 'little', [NO_REFRESH_TOKEN, WELL], wellAndKept),
  chatgpt('no refresh token', 'none', [NO_REFRESH_TOKEN, WELL], wellAndKept),
  claude('a slow answer', 'none', FAULTS.late(200), well),
];

/** By what kind of trouble it is. */
export const CASES: Readonly<Record<string, readonly Case[]>> = {
  'that cannot be sent': UNSENT,
  'that a network wants something for first': PORTALS,
  'that comes at a bad time': BUSY,
  'that is to wait for': WISHES,
  'that something before the service answers': GATEWAYS,
  'whose end nobody knows': UNKNOWN,
  'whose answer is lost': LOST_ANSWERS,
  'that the service ends': OVER,
  'that the service refuses': STUCK,
  'that has an odd answer': ODD,
};
