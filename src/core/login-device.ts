import { AppError } from '../shared/errors.ts';
import type { Context } from './context.ts';
import type { Granted, Invitation, LoginWay } from './login-way.ts';
import type { DeviceCode, DeviceProvider } from './oauth/device-code.ts';
import type { Provider } from './providers/provider.ts';

/** How long a code can be entered, ms: as long as Codex waits (codex-rs/login/src/device_code_auth.rs). */
export const DEVICE_CODE_LIFE = 15 * 60_000;

/** The person enters a code on another device, and we ask until they have. Nothing listens here. */
export class DeviceWay implements LoginWay {
  readonly #context: Context;
  readonly #service: DeviceProvider;
  #code: DeviceCode | null = null;
  #timeoutHint: string | null = null;

  /** @throws AppError `wrong-use` for a provider that gives out no such codes. */
  constructor(context: Context, provider: Provider) {
    const { service, endpoints } = provider;
    if (!endpoints.deviceUrls) {
      throw new AppError('wrong-use', { hint: `${service} has no codes for another device` });
    }
    this.#context = context;
    this.#service = { provider, urls: endpoints.deviceUrls };
  }

  get timeoutHint(): string | null {
    return this.#timeoutHint;
  }

  async open(timeout: number, signal: AbortSignal): Promise<Invitation> {
    const { askForDeviceCode, CODE_IS_OVER } = await import('./oauth/device-code.ts');
    const askedAt = this.#context.clock.now();
    this.#code = await askForDeviceCode(this.#context, this.#service, signal);
    const life = Math.min(timeout, DEVICE_CODE_LIFE);
    if (life === DEVICE_CODE_LIFE) this.#timeoutHint = CODE_IS_OVER;
    const { page } = this.#service.urls;
    return { kind: 'device', code: this.#code.userCode, url: page, endsAt: askedAt + life };
  }

  async granted(signal: AbortSignal): Promise<Granted> {
    if (!this.#code) throw new TypeError('no code was asked for');
    const { awaitDeviceGrant } = await import('./oauth/device-code.ts');
    const grant = await awaitDeviceGrant(this.#context, this.#service, this.#code, signal);
    const exchange = { ...grant, redirectUri: this.#service.urls.redirect, state: null };
    return { exchange, finish: () => {} };
  }

  read(): null {
    return null;
  }

  async end(): Promise<void> {}

  async close(): Promise<void> {}

  async closed(): Promise<void> {}
}
