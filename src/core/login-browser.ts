import { AppError, hasCode } from '../shared/errors.ts';
import { wordsFor } from '../shared/words.ts';
import type { Context } from './context.ts';
import type { Granted, Invitation, LoginWay, PasteProblem } from './login-way.ts';
import { type Authorization, authorizeUrl, beginAuthorization } from './oauth/authorize.ts';
import type { CallbackAnswer, CallbackServer } from './oauth/callback-server.ts';
import type { PageKind } from './oauth/pages.ts';
import { readPastedCode } from './oauth/pasted-code.ts';
import type { Provider } from './providers/provider.ts';

/** The person signs in in a browser, which comes back to this computer by itself, or with a code that they paste. */
export class BrowserWay implements LoginWay {
  readonly timeoutHint = null;
  readonly #context: Context;
  readonly #provider: Provider;
  #authorization: Authorization | null = null;
  #server: CallbackServer | null = null;
  /** The browser has its page; the server answers a reload and closes by itself. */
  #told = false;

  constructor(context: Context, provider: Provider) {
    this.#context = context;
    this.#provider = provider;
  }

  async open(timeout: number, signal: AbortSignal): Promise<Invitation> {
    this.#authorization = await beginAuthorization();
    this.#context.secrets.add(this.#authorization.verifier);
    const obstacle = await this.#listen(this.#authorization);
    signal.throwIfAborted();
    return this.#invitation(this.#authorization, obstacle, timeout);
  }

  async granted(): Promise<Granted> {
    if (!this.#server) return new Promise(() => {});
    return this.#readAnswer(await this.#server.answer);
  }

  read(text: string): Granted | PasteProblem | null {
    if (!this.#authorization) return null;
    const urls = { loopback: this.#loopbackUrl(), paste: this.#pasteUrl() };
    const context = { ...this.#authorization, provider: this.#provider, redirectUrls: urls };
    const pasted = readPastedCode(text, context);
    if (pasted.kind === 'problem') return pasted;
    const redirectUri = (pasted.via === 'paste' ? urls.paste : null) ?? urls.loopback;
    return { exchange: this.#exchange(pasted.code, redirectUri), finish: () => {} };
  }

  async end(): Promise<void> {
    if (!this.#told) await this.close();
  }

  async close(): Promise<void> {
    await this.#server?.close();
  }

  async closed(): Promise<void> {
    await this.#server?.closed;
  }

  /** @returns why nothing could listen, or `null`. */
  async #listen({ state }: Authorization): Promise<AppError | null> {
    const { clock, platform } = this.#context;
    const { callbackOf, openCallbackServer } = await import('./oauth/callback-server.ts');
    try {
      this.#server = await openCallbackServer({
        ...callbackOf(this.#provider),
        state,
        place: wordsFor(platform).place,
        clock,
      });
      return null;
    } catch (error) {
      if (hasCode(error, 'port-busy')) return error;
      throw error;
    }
  }

  #readAnswer(answer: CallbackAnswer): Granted {
    const { service } = this.#provider;
    if (answer.kind === 'cancelled') throw new AppError('sign-in-stopped', { service });
    const finish = (page: PageKind) => {
      this.#told = true;
      answer.finish(page);
    };
    if (answer.kind === 'code') {
      return { exchange: this.#exchange(answer.code, this.#loopbackUrl()), finish };
    }
    const stopped = answer.error === 'access_denied';
    finish(stopped ? 'stopped' : 'service-problem');
    const code = stopped ? 'sign-in-stopped' : 'service-refused';
    throw new AppError(code, { service, signingIn: true });
  }

  #exchange(code: string, redirectUri: string): Granted['exchange'] {
    const { verifier = '', state = '' } = this.#authorization ?? {};
    return { code, verifier, state, redirectUri };
  }

  #invitation(
    { challenge, state }: Authorization,
    obstacle: AppError | null,
    timeout: number,
  ): Invitation {
    const link = (redirectUri: string) =>
      authorizeUrl(this.#provider, { challenge, state, redirectUri });
    const codeUrl = this.#pasteUrl();
    return {
      kind: 'waiting',
      url: link(obstacle && codeUrl ? codeUrl : this.#loopbackUrl()),
      codeUrl: codeUrl && link(codeUrl),
      obstacle,
      endsAt: this.#context.clock.now() + timeout,
    };
  }

  /** With nothing listening it is the address that the browser ends on, for the person to copy. */
  #loopbackUrl(): string {
    const { endpoints, redirectPath, redirectHost: host = 'localhost' } = this.#provider;
    const port = endpoints.redirectPorts[0] ?? 0;
    return this.#server?.redirectUrl ?? `http://${host}:${port}${redirectPath}`;
  }

  #pasteUrl(): string | null {
    return this.#provider.endpoints.pasteRedirectUrl;
  }
}
