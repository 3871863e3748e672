import { AppError, asAppError, type ErrorCode, hasCode } from '../shared/errors.ts';
import type { Context } from './context.ts';
import { BrowserWay } from './login-browser.ts';
import { DEVICE_CODE_LIFE, DeviceWay } from './login-device.ts';
import type { Granted, Invitation, LoginWay, PasteProblem } from './login-way.ts';
import { failurePage } from './oauth/failure-page.ts';
import type { CodeExchange } from './oauth/token-endpoint.ts';
import type { Provider } from './providers/provider.ts';

export type { PasteProblem } from './login-way.ts';

/** What a screen draws while somebody signs in. */
export type LoginState =
  | { readonly kind: 'preparing' }
  | Invitation
  | { readonly kind: 'finishing' }
  /** The service said yes, and the vault is locked: the code waits, nothing was sent. */
  | { readonly kind: 'vault-closed'; readonly error: AppError }
  | { readonly kind: 'signed-in'; readonly accountId: string }
  | { readonly kind: 'failed'; readonly error: AppError };

/** What an attempt needs of the engine. */
export interface LoginSteps {
  /** Makes sure that a login can be kept. */
  prepare(): Promise<void>;
  /** Exchanges the code. Resolves once the login is durable, with the rest of the work. */
  exchange(code: CodeExchange): Promise<{ settle(): Promise<string> }>;
}

/** How an attempt is made. */
export interface LoginOptions {
  /** By a code that is entered on another device, where the provider gives out such codes. */
  readonly device?: boolean;
  /** How long the attempt stays open, ms; `LOGIN_TIMEOUT`, or as long as a device's code works. */
  readonly timeout?: number;
  readonly onState?: (state: LoginState) => void;
}

/** An attempt that nobody finishes ends after 10 minutes. */
export const LOGIN_TIMEOUT = 10 * 60_000;

/** One attempt to sign in, from the first page to the durable login. It ends exactly once. */
export class LoginAttempt {
  /** Settles with the account's id, or rejects with the `AppError` that the last state shows. */
  readonly done: Promise<string>;
  readonly provider: Provider;
  readonly #context: Context;
  readonly #steps: LoginSteps;
  readonly #options: LoginOptions;
  readonly #way: LoginWay;
  /** Aborted with the reason when the attempt is stopped or runs out of time. */
  readonly #stop = new AbortController();
  readonly #stopped: Promise<never>;
  readonly #pasted: Promise<Granted>;
  #takePasted!: (granted: Granted) => void;
  #retry: () => void = () => {};
  #state: LoginState = { kind: 'preparing' };
  /** A stopped attempt does not wait for the vault, but it is not over before. */
  #prepared: Promise<void> = Promise.resolve();

  /** @throws AppError `wrong-use` for a device's code where the provider has none. */
  constructor(context: Context, provider: Provider, steps: LoginSteps, options: LoginOptions) {
    this.#context = context;
    this.provider = provider;
    this.#steps = steps;
    this.#options = options;
    const Way = options.device ? DeviceWay : BrowserWay;
    this.#way = new Way(context, provider);
    this.#pasted = new Promise((resolve) => {
      this.#takePasted = resolve;
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
    this.#takePasted(read);
    return null;
  }

  /** Tries again after the vault was unlocked. */
  retry(): void {
    this.#retry();
  }

  /** Stops the attempt. Once the code is being exchanged it goes on: stopping could waste the login. */
  cancel(code: ErrorCode = 'sign-in-stopped', hint: string | null = null): void {
    const { service } = this.provider;
    this.#stop.abort(new AppError(code, { service, ...(hint && { hint }) }));
  }

  /** Stops the attempt and frees its port for the next one, unless a code is being exchanged. */
  async makeWay(): Promise<void> {
    this.cancel();
    if (this.#state.kind === 'finishing') return;
    await this.done.catch(() => {});
    await this.#way.close();
  }

  /** Resolves when nothing of the attempt is left, the reload page's two seconds included. */
  async closed(): Promise<void> {
    await this.done.catch(() => {});
    await this.#prepared;
    await this.#way.closed();
  }

  async #run(): Promise<string> {
    const timer = new AbortController();
    const { signal } = this.#stop;
    try {
      const preparing = this.#steps.prepare();
      this.#prepared = preparing.catch(() => {});
      await this.#race(preparing);
      const { device, timeout = device ? DEVICE_CODE_LIFE : LOGIN_TIMEOUT } = this.#options;
      const invitation = await this.#way.open(timeout, signal);
      this.#startTimer(invitation.endsAt, timer.signal);
      this.#enter(invitation);
      const granted = this.#way.granted(signal);
      return await this.#finish(await this.#race(Promise.race([granted, this.#pasted])));
    } catch (error) {
      const failure = asAppError(error);
      await this.#way.end();
      this.#enter({ kind: 'failed', error: failure });
      throw failure;
    } finally {
      timer.abort();
    }
  }

  #readPasted(text: string): Granted | PasteProblem {
    const read = this.#state.kind === 'waiting' ? this.#way.read(text) : null;
    if (read) return read;
    const message = 'This sign-in takes no code now.';
    return { kind: 'problem', code: 'sign-in-stopped', message };
  }

  async #finish(granted: Granted): Promise<string> {
    try {
      await this.#openVault(granted);
      this.#stop.signal.throwIfAborted();
      this.#enter({ kind: 'finishing' });
      const login = await this.#steps.exchange(granted.exchange);
      granted.finish('success');
      const accountId = await login.settle();
      await this.#way.end();
      this.#enter({ kind: 'signed-in', accountId });
      return accountId;
    } catch (error) {
      granted.finish(failurePage(error));
      throw error;
    }
  }

  /** The code waits while the vault is locked: sent now, its answer could not be kept. */
  async #openVault(granted: Granted): Promise<void> {
    for (;;) {
      try {
        return await this.#steps.prepare();
      } catch (error) {
        if (!hasCode(error, 'keychain-locked', 'keychain-refused')) throw error;
        granted.finish('one-more-step');
        const again = new Promise<void>((resolve) => {
          this.#retry = resolve;
        });
        this.#enter({ kind: 'vault-closed', error });
        await this.#race(again);
      }
    }
  }

  #startTimer(endsAt: number, signal: AbortSignal): void {
    const { clock } = this.#context;
    void clock.sleep(endsAt - clock.now(), signal).then(
      () => this.cancel('sign-in-timeout', this.#way.timeoutHint),
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
