/** When to renew, and when to try again. Pure: time comes in as a number. */

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** When a token was issued and when it ends. */
export interface Lifetime {
  /** End of the access token, epoch ms. */
  readonly expiresAt: number;
  /** Its whole life when it was issued, ms. */
  readonly life: number;
  /** When it was issued, epoch ms. */
  readonly obtainedAt: number;
}

/** Life that is left, ms; never more than the whole, whatever the clock was set back to. */
export function remaining(
  { expiresAt, life }: Pick<Lifetime, 'expiresAt' | 'life'>,
  now: number,
): number {
  return Math.min(expiresAt - now, life);
}

/**
 * When a renewal is due: with 20 minutes or a quarter of the life left, whichever is more, so that no
 * tool needs to renew by itself (they do at 5 to 10 minutes); but never before half of a short life.
 * `jitter` in [0, 1) moves it forward by up to a tenth of that margin.
 */
export function dueAt(lifetime: Lifetime, jitter = 0): number {
  const { expiresAt, life } = lifetime;
  const margin = Math.min(Math.max(20 * MINUTE, life / 4), life / 2);
  const due = Math.floor(expiresAt - margin * (1 + jitter / 10));
  return Math.max(due, earliestRenewal(lifetime));
}

/** Whether a grant is to be renewed by now. */
export function isDue(grant: Lifetime & { readonly id: string }, now: number): boolean {
  return dueAt(grant, jitterOf(grant.id)) <= now;
}

/**
 * Before this nobody but a person renews again: an answer with a silly life, or one that was over when it
 * arrived (a clock that is far off), must not make a storm of renewals.
 */
export function earliestRenewal({ expiresAt, obtainedAt }: Lifetime): number {
  return obtainedAt + (expiresAt > obtainedAt ? 15 * SECOND : 5 * MINUTE);
}

/** A number in [0, 1) that is the same for the same id, so that a planned time stays where it was shown. */
export function jitterOf(id: string): number {
  let sum = 0;
  for (const char of id) sum = (sum * 31 + char.charCodeAt(0)) % 1000;
  return sum / 1000;
}

/**
 * Least life that a token must have to be handed out without a renewal: what was asked for, but never
 * more than half of its whole life, or a short-lived login would be renewed at every question.
 */
export function neededLife(asked: number, { life }: Pick<Lifetime, 'life'>): number {
  return Math.min(asked, life / 2);
}

/**
 * Wait before try number `attempts` + 1, ms: 30 s, doubled with each failure up to `longest`, of which a
 * random part between half and all counts, so that many machines do not come back at one moment.
 */
export function backoff(attempts: number, random: number, longest = 15 * MINUTE): number {
  const ceiling = Math.min(30 * SECOND * 2 ** Math.min(attempts, 20), longest);
  return Math.max(SECOND, Math.floor(ceiling * (0.5 + random / 2)));
}

/** Longest wait for an answer that only the provider or the person can change. */
export const STUCK_LONGEST = 6 * HOUR;
