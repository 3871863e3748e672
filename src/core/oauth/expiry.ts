import type { Provider } from '../providers/provider.ts';
import { jwtExpiry, timeClaim } from './jwt.ts';

/** When a token ends, and what was odd about how we know. */
export interface Expiry {
  /** Epoch ms by this machine's clock. */
  readonly expiresAt: number;
  /** ms */
  readonly life: number;
  readonly note: 'expiry-assumed' | 'expiry-capped' | 'expired-on-arrival' | null;
}

/** When an answer arrived, by both clocks; `serverDate` is its `Date` header. Epoch ms. */
export interface Arrival {
  readonly receivedAt: number;
  readonly serverDate: number | null;
}

const SECOND = 1000;
const HOUR = 3600 * SECOND;

/** A life that no provider means; what is longer is cut to it, ms. */
export const LONGEST_LIFE = 365 * 24 * HOUR;

/** `Date` has whole seconds and an answer takes a while: only more than this is a wrong clock. */
const CLOCK_TOLERANCE = 5 * SECOND;

/**
 * When the access token of an answer ends.
 *
 * A JWT's `exp` is read with the offset between the server's clock and ours, and leaves at most the life
 * that its `iat` gives it, so that a wrong clock here makes no good token look dead or a dead one good.
 * Without one (or where the provider's tokens are opaque) `expires_in` counts from the arrival.
 *
 * A life is between one second and one year. An `expires_in` that is missing, zero, negative or no number
 * reads as one hour (`expiry-assumed`): renewing such tokens at once would be a loop. Only a JWT can be
 * `expired-on-arrival`: it keeps its expiry, and whoever schedules renewals has to back off.
 */
export function expiryOf(
  provider: Pick<Provider, 'expiryFrom'>,
  accessToken: string,
  expiresIn: unknown,
  arrival: Arrival,
): Expiry {
  if (provider.expiryFrom === 'jwt') {
    const remaining = jwtRemaining(accessToken, arrival);
    if (remaining !== null) return expiry(arrival, remaining);
  }
  const seconds = positiveSeconds(expiresIn);
  if (seconds !== null) return expiry(arrival, seconds * SECOND);
  return { ...expiry(arrival, HOUR), note: 'expiry-assumed' };
}

function expiry({ receivedAt }: Arrival, remaining: number): Expiry {
  const bounded = Math.min(Math.round(remaining), LONGEST_LIFE);
  const note =
    remaining > LONGEST_LIFE ? 'expiry-capped' : remaining <= 0 ? 'expired-on-arrival' : null;
  return { expiresAt: receivedAt + bounded, life: Math.max(bounded, SECOND), note };
}

function jwtRemaining(token: string, { receivedAt, serverDate }: Arrival): number | null {
  const exp = jwtExpiry(token);
  if (exp === null) return null;
  const offset = serverDate === null ? 0 : receivedAt - serverDate;
  const issuerNow = Math.abs(offset) > CLOCK_TOLERANCE ? receivedAt - offset : receivedAt;
  const remaining = exp * SECOND - issuerNow;
  const iat = timeClaim(token, 'iat');
  const whole = iat === null ? 0 : (exp - iat) * SECOND;
  return whole > 0 ? Math.min(remaining, whole) : remaining;
}

/** `expires_in` as servers send it: a number, or a number in a string. */
function positiveSeconds(value: unknown): number | null {
  const seconds =
    typeof value === 'string' && /^\d{1,15}(?:\.\d{1,9})?$/.test(value) ? Number(value) : value;
  return typeof seconds === 'number' && Number.isFinite(seconds) && seconds > 0 ? seconds : null;
}
