import { AppError, asAppError, type ErrorCode, hasCode } from '../shared/errors.ts';
import { wordsFor } from '../shared/words.ts';
import type { Context } from './context.ts';
import { type Authorization, authorizeUrl, beginAuthorization } from './oauth/authorize.ts';
import type { CallbackAnswer, CallbackServer } from './oauth/callback-server.ts';
import { failurePage } from './oauth/failure-page.ts';
import type { PageKind } from './oauth/pages.ts';
import { type PastedCode, readPastedCode } from './oauth/pasted-code.ts';
import type { CodeExchange } from './oauth/token-endpoint.ts';
import type { Provider } from './providers/provider.ts';

/** What a screen draws while somebody signs in. */
export type LoginState =
  | { readonly kind: 'preparing' }
  | {
      readonly kind: 'waiting';
      /** Where the person signs in; after it the browser comes back by itself. */
      readonly url: string;
      /** The same on another device: its page shows a code to paste. `null` where there is none. */
      readonly codeUrl: string | null;
      /** Why the browser cannot come back by itself, so that the code has to be pasted. */
      readonly obstacle: AppError | null;
      /** When the attempt ends by itself, epoch ms. */
      readonly endsAt: number;
    }
  | { readonly kind: 'finishing' }
  /** The service said yes, and the vault is locked: the code waits, nothing was sent. */
  | { readonly kind: 'vault-closed'; readonly error: AppError }
  | { readonly kind: 'signed-in'; readonly accountId: string }
  | { readonly kind: 'failed'; readonly error: AppError };

/** What was wrong with a pasted text. */
export type PasteProblem = Extract<PastedCode, { kind: 'problem' }>;

/** What an attempt needs of the engine. */
export interface LoginSteps {
  /** Makes sure that a login can be kept. */
  prepare(): Promise<void>;
  /** Exchanges the code. Resolves once the login is durable, with the rest of the work. */
  exchange(code: CodeExchange): Promise<{ settle(): Promise<string> }>;
}

/** How an attempt is made. */
export interface LoginOptions {
  /** How long the attempt stays open, ms. */
  readonly timeout: number;
  readonly onState?: (state: LoginState) => void;
}

/** An attempt that nobody finishes ends after 10 minutes. */
export const LOGIN_TIMEOUT = 10 * 60_000;

interface Code {
  readonly code: string;
  readonly redirectUri: string;
  readonly pasted: boolean;
  /** Tells the browser how it ended, if it is waiting. */
  finish(page: PageKind): void;
}

/** One attempt to sign in, from the first page to the durable login. It ends exactly once. */
export class LoginAttempt {
  /** Settles with the account's id, or rejects with the `AppError` that the last state shows. */
  readonly done: Promise<string>;
  readonly provider: Provider;
  readonly #context: Context;
  readonly #steps: LoginSteps;
  readonly #options: LoginOptions;
  /** Aborted with the reason when the attempt is stopped or runs out of time. */
  readonly #stop = new AbortController();
  readonly #stopped: Promise<never>;
  readonly #code: Promise<Code>;
  #takeCode!: (code: Code) => void;
  #retry: () => void = () => {};
  #state: LoginState = { kind: 'preparing' };
  #authorization: Authorization | null = null;
  #server: CallbackServer | null = null;
  /** A stopped attempt does not wait for the vault, but it is not over before. */
  #prepared: Promise<void> = Promise.resolve();
  /** The browser has its page; the server answers a reload and closes by itself. */
  #told = false;

  constructor(context: Context, provider: Provider, steps: LoginSteps, options: LoginOptions) {
    this.#context = context;
    this.provider = provider;
    this.#steps = steps;
    this.#options = options;
    this.#code = new Promise((resolve) => {
      this.#takeCode = resolve;
    });
    this.#stopped = new Promise((_, reject) => {
      const { signal } = this.#stop;
      signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    });
    this.#stopped.catch(() => {});
    this.done = this.#run();
    this.done.catch(() => {});
  }

  get state(): LoginState {
    return this.#state;
  }

  /** What is wrong with a text that the person has not sent off yet, or `null` when it would be taken. */
  check(text: string): PasteProblem | null {
    const read = this.#readPasted(text);
    return 'kind' in read ? read : null;
  }

  /**
   * A code or address that the person pasted.
   * @returns what is wrong with it, or `null` when it was taken.
   */
  paste(text: string): PasteProblem | null {
    const read = this.#readPasted(text);
    if ('kind' in read) return read;
    this.#takeCode(read);
    return null;
  }

  /** Tries again after the vault was unlocked. */
  retry(): void {
    this.#retry();
  }

  /** Stops the attempt. Once the code is being exchanged it goes on: stopping could waste the login. */
  cancel(code: ErrorCode = 'sign-in-stopped'): void {
    this.#stop.abort(new AppError(code, { service: this.provider.service }));
  }

  /** Stops the attempt and frees its port for the next one, unless a code is being exchanged. */
  async makeWay(): Promise<void> {
    this.cancel();
    if (this.#state.kind === 'finishing') return;
    await this.done.catch(() => {});
    await this.#server?.close();
  }

  /** Resolves when nothing of the attempt is left, the reload page's two seconds included. */
  async closed(): Promise<void> {
    await this.done.catch(() => {});
    await this.#prepared;
    await this.#server?.closed;
  }

  async #run(): Promise<string> {
    const timer = new AbortController();
    try {
      const preparing = this.#steps.prepare();
      this.#prepared = preparing.catch(() => {});
      await this.#race(preparing);
      this.#authorization = await beginAuthorization();
      this.#context.secrets.add(this.#authorization.verifier);
      const obstacle = await this.#listen();
      this.#stop.signal.throwIfAborted();
      this.#startTimer(timer.signal);
      this.#enter(this.#waiting(this.#authorization, obstacle));
      const code = await this.#race(this.#nextCode());
      return await this.#finish(this.#authorization, code);
    } catch (error) {
      const failure = asAppError(error);
      if (!this.#told) await this.#server?.close();
      this.#enter({ kind: 'failed', error: failure });
      throw failure;
    } finally {
      timer.abort();
    }
  }

  #readPasted(text: string): Code | PasteProblem {
    if (this.#state.kind !== 'waiting' || !this.#authorization) {
      const message = 'This sign-in takes no code now.';
      return { kind: 'problem', code: 'sign-in-stopped', message };
    }
    const urls = { loopback: this.#loopbackUrl(), paste: this.#pasteUrl() };
    const context = { ...this.#authorization, provider: this.provider, redirectUrls: urls };
    const pasted = readPastedCode(text, context);
    if (pasted.kind === 'problem') return pasted;
    const redirectUri = (pasted.via === 'paste' ? urls.paste : null) ?? urls.loopback;
    return { code: pasted.code, redirectUri, pasted: true, finish: () => {} };
  }

  /** @returns why nothing could listen, or `null`. */
  async #listen(): Promise<AppError | null> {
    const { endpoints, redirectPath, cancelPath, service } = this.provider;
    const { clock, platform } = this.#context;
    const { openCallbackServer } = await import('./oauth/callback-server.ts');
    try {
      this.#server = await openCallbackServer({
        ports: endpoints.redirectPorts,
        path: redirectPath,
        cancelPath,
        state: this.#authorization?.state ?? '',
        service,
        place: wordsFor(platform).place,
        clock,
      });
      return null;
    } catch (error) {
      if (hasCode(error, 'port-busy')) return error;
      throw error;
    }
  }

  async #nextCode(): Promise<Code> {
    const answer = this.#server?.answer.then((each) => this.#readAnswer(each));
    return Promise.race(answer ? [answer, this.#code] : [this.#code]);
  }

  #readAnswer(answer: CallbackAnswer): Code {
    const { service } = this.provider;
    if (answer.kind === 'cancelled') throw new AppError('sign-in-stopped', { service });
    const finish = (page: PageKind) => {
      this.#told = true;
      answer.finish(page);
    };
    if (answer.kind === 'code') {
      return { code: answer.code, redirectUri: this.#loopbackUrl(), pasted: false, finish };
    }
    const stopped = answer.error === 'access_denied';
    finish(stopped ? 'stopped' : 'service-problem');
    const code = stopped ? 'sign-in-stopped' : 'service-refused';
    throw new AppError(code, { service, signingIn: true });
  }

  async #finish({ verifier, state }: Authorization, code: Code): Promise<string> {
    try {
      await this.#openVault(code);
      this.#stop.signal.throwIfAborted();
      this.#enter({ kind: 'finishing' });
      const { code: value, redirectUri } = code;
      const login = await this.#steps.exchange({ code: value, verifier, state, redirectUri });
      code.finish('success');
      const accountId = await login.settle();
      if (code.pasted) await this.#server?.close();
      this.#enter({ kind: 'signed-in', accountId });
      return accountId;
    } catch (error) {
      code.finish(failurePage(error));
      throw error;
    }
  }

  /** The code waits while the vault is locked: sent now, its answer could not be kept. */
  async #openVault(code: Code): Promise<void> {
    for (;;) {
      try {
        return await this.#steps.prepare();
      } catch (error) {
        if (!hasCode(error, 'keychain-locked', 'keychain-refused')) throw error;
        code.finish('one-more-step');
        const again = new Promise<void>((resolve) => {
          this.#retry = resolve;
        });
        this.#enter({ kind: 'vault-closed', error });
        await this.#race(again);
      }
    }
  }

  #waiting({ challenge, state }: Authorization, obstacle: AppError | null): LoginState {
    const link = (redirectUri: string) =>
      authorizeUrl(this.provider, { challenge, state, redirectUri });
    const codeUrl = this.#pasteUrl();
    return {
      kind: 'waiting',
      url: link(obstacle && codeUrl ? codeUrl : this.#loopbackUrl()),
      codeUrl: codeUrl && link(codeUrl),
      obstacle,
      endsAt: this.#context.clock.now() + this.#options.timeout,
    };
  }

  /** With nothing listening it is the address that the browser ends on, for the person to copy. */
  #loopbackUrl(): string {
    const { endpoints, redirectPath } = this.provider;
    const port = endpoints.redirectPorts[0] ?? 0;
    return this.#server?.redirectUrl ?? `http://localhost:${port}${redirectPath}`;
  }

  #pasteUrl(): string | null {
    return this.provider.endpoints.pasteRedirectUrl;
  }

  #startTimer(signal: AbortSignal): void {
    void this.#context.clock.sleep(this.#options.timeout, signal).then(
      () => this.cancel('sign-in-timeout'),
      () => {},
    );
  }

  #race<T>(work: Promise<T>): Promise<T> {
    return Promise.race([work, this.#stopped]);
  }

  #enter(state: LoginState): void {
    this.#state = state;
    this.#options.onState?.(state);
  }
}
