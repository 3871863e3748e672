import type { ErrorCode, ErrorDetails } from '../shared/errors.ts';
import { AppError, asAppError } from '../shared/errors.ts';
import { isPage, parseBody } from './oauth/answer-body.ts';
import type { Asked } from './oauth/question.ts';
import type { Answer, Outcome } from './oauth/transport.ts';
import { FAULT_CODES, LATER, refusalCode } from './refresh/classify.ts';

/** How long a service may take to answer a check, ms. */
export const CHECK_TIMEOUT = 30_000;

/** What came of asking a service about something that is kept here. */
export interface Check {
  /**
   * `works` · `refused` the service does not accept it · `unreachable` nobody knows, for no answer came that
   * says it · `timed-out` none came in time · `unasked` something here stood in the way.
   */
  readonly result: 'works' | 'refused' | 'unreachable' | 'timed-out' | 'unasked';
  /** Why it does not simply work. */
  readonly error: AppError | null;
  /** Who was asked last; `null`: nobody. */
  readonly asked: Asked | null;
}

/** Something that is kept here and that its service can be asked about: a login, or what else there is. */
export interface Checkable {
  /** Asks, for `timeout` ms at most. May reject. */
  check(timeout: number): Promise<Check>;
}

/** Checks all at once, and tells of each as it ends. Never rejects. @returns one for each, in their order. */
export async function checkAll<T extends Checkable>(
  items: readonly T[],
  timeout: number,
  onEnd: (item: T, check: Check) => void = () => {},
): Promise<Check[]> {
  return Promise.all(
    items.map(async (item) => {
      const check = await item.check(timeout).catch(unasked);
      onEnd(item, check);
      return check;
    }),
  );
}

/** Nobody could be asked, because of `error`. */
export function unasked(error: unknown): Check {
  return { result: 'unasked', error: asAppError(error), asked: null };
}

/** What an answer says of the token, or key, that it was asked with. `code` says why it does not work. */
export interface Verdict {
  readonly result: Exclude<Check['result'], 'unasked'>;
  readonly code: ErrorCode | null;
}

/** Reads what a service answers to a question that only somebody who is signed in gets an answer to. */
export function verdictOf(outcome: Outcome): Verdict {
  if (outcome.kind === 'fault') {
    const { cause } = outcome;
    return { result: cause === 'timeout' ? 'timed-out' : 'unreachable', code: FAULT_CODES[cause] };
  }
  const { status, body } = outcome;
  if (status >= 200 && status < 300) return success(body);
  // A page is from whoever stands between: a proxy, or the network's own sign-in.
  if (isPage(body)) return { result: 'unreachable', code: refusalCode(outcome) };
  if (status === 401 || status === 403) return { result: 'refused', code: 'service-refused' };
  return { result: 'unreachable', code: unclearCode(outcome) };
}

/** Why an answer other than 2xx, and no page, does not say whether what was shown works. */
export function unclearCode(answer: Pick<Answer, 'status' | 'body'>): ErrorCode {
  const { status } = answer;
  const odd = status >= 400 && status < 500 && status !== 407 && !LATER.includes(status);
  return odd ? 'service-refused' : refusalCode(answer);
}

function success(body: Uint8Array): Verdict {
  const value = parseBody(body);
  if (typeof value === 'object' && value !== null) return { result: 'works', code: null };
  return { result: 'unreachable', code: isPage(body) ? 'network-page' : 'unreachable' };
}

/** A verdict, as it is told. @param about Whose it is. */
export function told({ result, code }: Verdict, asked: Asked, about: ErrorDetails): Check {
  return { result, error: code && new AppError(code, about), asked };
}
