import { createHash } from 'node:crypto';
import * as v from 'valibot';
import { AppError } from '../../shared/errors.ts';
import type { Context } from '../context.ts';
import { TokenSchema } from '../grant.ts';
import type { DeviceUrls, Provider } from '../providers/provider.ts';
import { classify } from '../refresh/classify.ts';
import { isPage, parseBody } from './answer-body.ts';
import { sameSecret } from './same-secret.ts';
import type { Answer, Outcome, SecretRequest } from './transport.ts';

/** A code that a person enters on another device. */
export interface DeviceCode {
  /** For the person: letters, digits and dashes. */
  readonly userCode: string;
  /** Ours alone: with it, what the person allows is fetched. */
  readonly id: string;
  /** How long to wait between two questions, ms. */
  readonly interval: number;
}

/** What the service gives once the person has allowed it: to be exchanged like any other code. */
export interface DeviceGrant {
  readonly code: string;
  readonly verifier: string;
}

/** Said where a code has run out. */
export const CODE_IS_OVER = 'A code works for 15 minutes.';

/** What of the outside world is needed. */
export type DeviceParts = Pick<Context, 'send' | 'clock' | 'secrets'>;

/** A provider that gives out codes for another device. */
export interface DeviceProvider {
  readonly provider: Provider;
  readonly urls: DeviceUrls;
}

const SECOND = 1000;
/** Where the service does not say how often it may be asked, and what "slow down" adds (RFC 8628 §3.5), s. */
const USUAL_INTERVAL = 5;
/** The bounds of what a service may say, s. */
const INTERVALS = { least: 1, most: 60 };

/** What pending looks like: codex-rs/login/src/device_code_auth.rs. */
const PENDING: readonly number[] = [403, 404];

const IntervalSchema = v.fallback(
  v.pipe(
    v.union([v.number(), v.pipe(v.string(), v.trim(), v.regex(/^\d+$/), v.transform(Number))]),
    v.finite(),
    v.transform((seconds) => Math.min(Math.max(seconds, INTERVALS.least), INTERVALS.most)),
  ),
  USUAL_INTERVAL,
);

/** It is shown in a window and printed on terminals. */
const UserCodeSchema = v.pipe(v.string(), v.regex(/^(?=.{4,32}$)[a-z0-9]+(-[a-z0-9]+)*$/i));

const CodeAnswerSchema = v.intersect([
  v.object({ device_auth_id: TokenSchema, interval: v.optional(v.unknown()) }),
  // Codex reads both spellings.
  v.union([
    v.pipe(
      v.object({ user_code: UserCodeSchema }),
      v.transform(({ user_code }) => ({ userCode: user_code })),
    ),
    v.pipe(
      v.object({ usercode: UserCodeSchema }),
      v.transform(({ usercode }) => ({ userCode: usercode })),
    ),
  ]),
]);

const GrantAnswerSchema = v.object({
  authorization_code: TokenSchema,
  code_verifier: TokenSchema,
  code_challenge: v.nullish(TokenSchema),
});

/**
 * Asks for a code. Nothing that is lost with it needs to be kept.
 * @throws AppError what stood in the way, or the signal's reason.
 */
export async function askForDeviceCode(
  { send, clock, secrets }: DeviceParts,
  { provider, urls }: DeviceProvider,
  signal: AbortSignal,
): Promise<DeviceCode> {
  const outcome = await send(post(urls.code, { client_id: provider.clientId }), { signal });
  signal.throwIfAborted();
  const body =
    outcome.kind === 'answer' && isSuccess(outcome) ? parseBody(outcome.body) : undefined;
  const parsed = v.safeParse(CodeAnswerSchema, body);
  if (!parsed.success) throw refusal(provider, outcome, clock.now());
  const { device_auth_id: id, userCode, interval } = parsed.output;
  secrets.add(id, userCode);
  return { id, userCode, interval: v.parse(IntervalSchema, interval) * SECOND };
}

/**
 * Asks until the person has allowed it. A network that fails in between is waited for: whoever asked for
 * the time that it may take stops it with `signal`.
 * @throws AppError `sign-in-stopped`, `sign-in-timeout` or `service-refused` when the service says so, or
 * the signal's reason.
 */
export async function awaitDeviceGrant(
  { send, clock, secrets }: DeviceParts,
  { provider, urls }: DeviceProvider,
  { id, userCode, interval }: DeviceCode,
  signal: AbortSignal,
): Promise<DeviceGrant> {
  let pace = interval;
  let wait = pace;
  for (;;) {
    await clock.sleep(wait, signal);
    const outcome = await send(post(urls.poll, { device_auth_id: id, user_code: userCode }), {
      signal,
    });
    signal.throwIfAborted();
    const now = clock.now();
    const heard = hear(provider, outcome, now);
    if ('verifier' in heard) {
      secrets.add(heard.code, heard.verifier);
      return heard;
    }
    if (heard.slower) pace += USUAL_INTERVAL * SECOND;
    wait = Math.max(pace, heard.retryAt - now);
  }
}

/** There is no answer yet. */
interface NotYet {
  readonly slower: boolean;
  /** Not to be asked before, epoch ms. */
  readonly retryAt: number;
}

/** What came of one question. @throws AppError when there will be no other answer. */
function hear(provider: Provider, outcome: Outcome, now: number): DeviceGrant | NotYet {
  const later = { slower: false, retryAt: 0 };
  // RFC 8628 §3.5: a server that does not answer in time is to be asked less often.
  if (outcome.kind === 'fault') return { ...later, slower: outcome.cause === 'timeout' };
  if (isSuccess(outcome)) return isPage(outcome.body) ? later : grantIn(provider, outcome);
  const { service } = provider;
  switch (provider.errorCode(parseBody(outcome.body))) {
    case 'authorization_pending':
      return later;
    case 'slow_down':
      return { ...later, slower: true };
    case 'access_denied':
      throw new AppError('sign-in-stopped', { service });
    case 'expired_token':
      throw new AppError('sign-in-timeout', { service, hint: CODE_IS_OVER });
  }
  if (PENDING.includes(outcome.status)) return later;
  const end = classify(provider, outcome, now, null);
  if (end.end === 'over' || end.end === 'stuck') throw refusal(provider, outcome, now);
  const retryAt = ('retryAt' in end ? end.retryAt : null) ?? 0;
  return { slower: outcome.status === 429, retryAt };
}

function grantIn(provider: Provider, answer: Answer): DeviceGrant {
  const parsed = v.safeParse(GrantAnswerSchema, parseBody(answer.body));
  if (!parsed.success) throw refused(provider);
  const { authorization_code: code, code_verifier: verifier, code_challenge } = parsed.output;
  // The service made both: where they do not belong together, it is not the service that answers.
  if (code_challenge && !sameSecret(challengeOf(verifier), code_challenge.replace(/=+$/, ''))) {
    throw refused(provider);
  }
  return { code, verifier };
}

/** PKCE's `S256` (RFC 7636 §4.2). */
function challengeOf(verifier: string): string {
  return createHash('sha256').update(verifier).digest('base64url');
}

/** An answer that is none, as a person is told. */
function refusal(provider: Provider, outcome: Outcome, now: number): AppError {
  const isAnswered = outcome.kind === 'answer' && isSuccess(outcome) && !isPage(outcome.body);
  if (isAnswered) return refused(provider);
  const end = classify(provider, outcome, now, null);
  if (end.end === 'done' || end.end === 'over') return refused(provider);
  return new AppError(end.code, { service: provider.service, signingIn: true });
}

function refused({ service }: Provider): AppError {
  return new AppError('service-refused', { service, signingIn: true });
}

function isSuccess({ status }: Answer): boolean {
  return status >= 200 && status < 300;
}

function post(url: string, fields: Readonly<Record<string, string>>): SecretRequest {
  const headers = { 'content-type': 'application/json' };
  return { url, method: 'POST', headers, body: JSON.stringify(fields) };
}
