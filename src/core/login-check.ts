import type { AccountView } from '../shared/account-view.ts';
import { AppError, asAppError, type ErrorCode } from '../shared/errors.ts';
import { type Check, type Checkable, told, unasked, type Verdict, verdictOf } from './check.ts';
import type { Context } from './context.ts';
import type { Engine, RefreshReport } from './engine.ts';
import { parseBody } from './oauth/answer-body.ts';
import { type Asked, checkQuestion, putQuestion } from './oauth/question.ts';
import type { Outcome } from './oauth/transport.ts';
import { providerShown } from './providers/index.ts';
import type { AccessToken } from './token.ts';

/** Least life of a token that a service is asked with, ms. */
export const ENOUGH_LIFE = 60_000;

/** What keeps us from the service, or the service from answering: nobody knows how the login is. */
const UNREACHED: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'asked-to-wait',
  'clock-wrong',
  'network-page',
  'network-password',
  'not-private',
  'offline',
  'service-refused',
  'unreachable',
]);

/** What is known for certain to be over, or paused. */
const REFUSED: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'account-paused',
  'login-ended',
  'login-lost-in-flight',
  'login-used-up',
]);

/** Who has the logins: the engine that runs, or this process. */
export interface LoginSource {
  /** As `Engine.token`. */
  token(id: string, minLife: number): Promise<AccessToken>;
  /** Looks after one account as a person wants it; `force`: renews it though it is not due. */
  look(id: string, force: boolean): Promise<readonly RefreshReport[]>;
}

/** The logins as this process has them. */
export function sourceOf(engine: Pick<Engine, 'token' | 'look'>): LoginSource {
  return {
    token: (id, minLife) => engine.token(id, minLife),
    look: (id, force) => engine.look([id], { force, byPerson: true }),
  };
}

/**
 * A login, to be checked with one request that carries its own access token, renewed first if that has run
 * out. If the service does not accept the token, the login is renewed: only that tells whether it is over.
 */
export function loginCheckable(
  context: Context,
  source: LoginSource,
  account: AccountView,
): Checkable {
  const check = new LoginCheck(context, source, account);
  return { check: (timeout) => check.run(timeout) };
}

class LoginCheck {
  readonly #context: Context;
  readonly #source: LoginSource;
  readonly #account: AccountView;
  #id: string;

  constructor(context: Context, source: LoginSource, account: AccountView) {
    this.#context = context;
    this.#source = source;
    this.#account = account;
    this.#id = account.id;
  }

  async run(timeout: number): Promise<Check> {
    // A person who asks about a login in trouble wants it tried now, not when its turn comes.
    const sound = this.#account.state === 'signed-in';
    const before = sound ? null : await this.#lookedAfter(false, null);
    if (before?.ended) return before.ended;
    const first = await this.#ask(timeout);
    const doubtful = first?.result === 'refused' && first.error?.code !== 'account-paused';
    if (first && !doubtful) return first;
    const { ended, renewed } = await this.#lookedAfter(true, first?.asked ?? null);
    if (ended) return ended;
    // Where there is nowhere to ask, a renewal alone can tell.
    if (!first) return renewed ? WORKS : NOBODY_ASKED;
    if (!renewed) return { ...first, error: this.#error('login-ended') };
    const again = (await this.#ask(timeout)) ?? WORKS;
    // The login works, for it was renewed; it is the question that is turned away.
    return again.result === 'refused' ? { ...again, result: 'unreachable' } : again;
  }

  /** `null`: there is nowhere to ask. */
  async #ask(timeout: number): Promise<Check | null> {
    const token = await this.#source.token(this.#id, ENOUGH_LIFE).catch(asAppError);
    if (token instanceof AppError) return failed(token, null);
    const provider = this.#provider;
    const question = checkQuestion(provider, token.accessToken);
    if (!question) return null;
    const { outcome, asked } = await putQuestion(this.#context, token, question, timeout);
    return told(this.#verdict(outcome), asked, { service: provider.service });
  }

  #verdict(outcome: Outcome): Verdict {
    const verdict = verdictOf(outcome);
    const paused =
      verdict.result === 'refused' &&
      outcome.kind === 'answer' &&
      this.#provider.saysPaused(parseBody(outcome.body));
    return paused ? { ...verdict, code: 'account-paused' } : verdict;
  }

  /** Has the login looked after. `ended: null`: it is as good as it can be, and the service may be asked. */
  async #lookedAfter(force: boolean, asked: Asked | null): Promise<Aftermath> {
    const [report] = await this.#source.look(this.#id, force);
    if (!report) return { ended: unasked(new AppError('no-such-login')), renewed: false };
    // It may be known only now that it is an older account's of the same person.
    this.#id = report.account.id;
    const renewed = report.how === 'renewed' || report.how === 'adopted';
    return { ended: this.#endOf(report, force, asked), renewed };
  }

  #endOf(
    { account, error, how }: RefreshReport,
    force: boolean,
    asked: Asked | null,
  ): Check | null {
    if (how === 'signed-out') return { result: 'unasked', error, asked };
    const over = account.state === 'sign-in-again' || account.state === 'paused';
    if (over) {
      return {
        result: 'refused',
        error: error ?? this.#error(account.code ?? 'login-ended'),
        asked,
      };
    }
    // What still works is asked about, unless it was refused already.
    return error && (force || account.state !== 'late') ? failed(error, asked) : null;
  }

  #error(code: ErrorCode): AppError {
    return new AppError(code, { service: this.#provider.service });
  }

  get #provider() {
    return providerShown(this.#context.providers, this.#account.provider);
  }
}

/** What a look came to. */
interface Aftermath {
  readonly ended: Check | null;
  readonly renewed: boolean;
}

/** The service has no such question, and there is nothing to renew the login with. */
const NOBODY_ASKED: Check = { result: 'unasked', error: null, asked: null };

const WORKS: Check = { result: 'works', error: null, asked: null };

function failed(error: AppError, asked: Asked | null): Check {
  if (REFUSED.has(error.code)) return { result: 'refused', error, asked };
  return { result: UNREACHED.has(error.code) ? 'unreachable' : 'unasked', error, asked };
}
