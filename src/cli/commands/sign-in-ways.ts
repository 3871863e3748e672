import type { Provider } from '../../core/providers/provider.ts';
import { AppError } from '../../shared/errors.ts';

/** How a person signs in: in the browser that opens, by a code on another device, by a link that they open. */
export type SignInWay = 'browser' | 'device' | 'link';

/** What the person asked for. */
export interface WayWish {
  /** Whether to open the browser. */
  readonly browser: boolean;
  /** Whether to sign in by a code on another device. */
  readonly device: boolean;
}

/**
 * The ways to try, in this order: the next one is gone where one turns out to be closed.
 * @throws AppError `wrong-use` for a code where the service gives out none.
 */
export function waysTo(
  { service, endpoints }: Provider,
  { browser, device }: WayWish,
  env: NodeJS.ProcessEnv,
): readonly SignInWay[] {
  const isThere = endpoints.deviceUrls !== null;
  if (device && isThere) return ['device'];
  if (device) {
    const hint = `${service} has no codes for another device; use --no-browser, and paste the code that its page shows`;
    throw new AppError('wrong-use', { hint });
  }
  if (!browser) return ['link'];
  if (!isThere) return ['browser'];
  return isElsewhere(env) ? ['device', 'link'] : ['browser', 'device', 'link'];
}

/** Whether the person is connected from another computer, and would not see a browser that opens here. */
export function isElsewhere(env: NodeJS.ProcessEnv): boolean {
  const isRemote = Boolean(env.SSH_CONNECTION || env.SSH_TTY);
  // With `BROWSER` the person has said what opens addresses; editors that connect by SSH set it, too.
  return isRemote && !(env.DISPLAY || env.WAYLAND_DISPLAY || env.BROWSER);
}
