import type { ProviderId } from '../../../src/core/grant.ts';
import type { Incoming } from './provider.ts';
import type { Json, JsonAnswer } from './shapes.ts';
import type { Store } from './store.ts';

const HOUR = 3600;

/** A window as a test sets it: any of it may be nonsense. */
export interface PlayedWindow {
  /** Seconds; Anthropic's are what their names say. */
  readonly seconds: number;
  /** Percent. */
  readonly used: unknown;
  /** Seconds from now; `null`: it is not told. */
  readonly resetsIn: number | null;
}

/** Some of a week and more of the last hours. */
const WINDOWS: readonly PlayedWindow[] = [
  { seconds: 5 * HOUR, used: 42, resetsIn: 2 * HOUR },
  { seconds: 7 * 24 * HOUR, used: 18, resetsIn: 3 * 24 * HOUR },
];

interface Issued {
  readonly refreshToken: string;
  /** Epoch ms by the provider's clock. */
  readonly until: number;
}

/** One provider's usage endpoint, and the access tokens that it knows. */
export class UsageDesk {
  readonly #id: ProviderId;
  readonly #store: Store;
  readonly #now: () => number;
  readonly #issued = new Map<string, Issued>();
  /** Anthropic's real one answers nobody who goes by our name. */
  #windows: readonly PlayedWindow[] | null;

  /** @param now The provider's time, epoch ms. */
  constructor(id: ProviderId, store: Store, now: () => number) {
    this.#id = id;
    this.#store = store;
    this.#now = now;
    this.#windows = id === 'openai' ? WINDOWS : null;
  }

  /** What is told from now on; `null`: everybody is refused, as with too many requests. */
  set(windows: readonly PlayedWindow[] | null): void {
    this.#windows = windows;
  }

  /** A token endpoint's 200. `refreshToken` is as the store has it. */
  note(accessToken: string, refreshToken: string, expiresIn: number): void {
    this.#issued.set(accessToken, { refreshToken, until: this.#now() + expiresIn * 1000 });
  }

  answer({ headers }: Incoming): JsonAnswer {
    const token = /^Bearer (.+)$/.exec(headers.authorization ?? '')?.[1] ?? '';
    const issued = this.#issued.get(token);
    const lives = issued && issued.until > this.#now() && this.#store.lives(issued.refreshToken);
    return this.#id === 'anthropic'
      ? this.#anthropic(Boolean(lives), headers['anthropic-beta'])
      : this.#openai(Boolean(lives), headers['chatgpt-account-id']);
  }

  #anthropic(lives: boolean, beta: unknown): JsonAnswer {
    const refuse = (status: number, type: string, message: string): JsonAnswer => ({
      status,
      body: { type: 'error', error: { type, message } },
    });
    if (!lives) return refuse(401, 'authentication_error', 'Invalid bearer token');
    if (beta !== 'oauth-2025-04-20') {
      return refuse(
        401,
        'authentication_error',
        'OAuth authentication is currently not supported.',
      );
    }
    if (!this.#windows)
      return refuse(429, 'rate_limit_error', 'Rate limited. Please try again later.');
    const window = (seconds: number): Json | null => {
      const found = this.#windows?.find((one) => one.seconds === seconds);
      if (!found) return null;
      const { used, resetsIn } = found;
      return {
        utilization: used,
        resets_at: resetsIn === null ? null : new Date(this.#now() + resetsIn * 1000).toISOString(),
      };
    };
    return {
      status: 200,
      body: {
        five_hour: window(5 * HOUR),
        seven_day: window(7 * 24 * HOUR),
        seven_day_oauth_apps: null,
        seven_day_opus: null,
        seven_day_sonnet: null,
        extra_usage: {
          is_enabled: false,
          monthly_limit: null,
          used_credits: null,
          utilization: null,
        },
      },
    };
  }

  #openai(lives: boolean, workspace: unknown): JsonAnswer {
    const refuse = (status: number, code: string, message: string): JsonAnswer => ({
      status,
      body: { error: { message, type: 'invalid_request_error', param: null, code } },
    });
    if (!lives) return refuse(401, 'token_invalidated', 'Your authentication token is invalid.');
    if (typeof workspace !== 'string') {
      return refuse(403, 'account_missing', 'No workspace was named.');
    }
    if (!this.#windows) return refuse(429, 'rate_limit_exceeded', 'Too many requests.');
    const [primary_window = null, secondary_window = null] = this.#windows.map(
      ({ seconds, used, resetsIn }) => ({
        used_percent: used,
        limit_window_seconds: seconds,
        reset_after_seconds: resetsIn,
        reset_at: resetsIn === null ? null : Math.floor(this.#now() / 1000) + resetsIn,
      }),
    );
    return {
      status: 200,
      body: {
        plan_type: 'plus',
        rate_limit: { allowed: true, limit_reached: false, primary_window, secondary_window },
        credits: { has_credits: false, unlimited: false, balance: null },
      },
    };
  }
}

/** Where the usage endpoints are. */
export const USAGE_PATHS: Readonly<Record<ProviderId, string>> = {
  anthropic: '/anthropic/api/oauth/usage',
  openai: '/openai/backend-api/wham/usage',
};
