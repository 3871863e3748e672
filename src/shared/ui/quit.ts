import type { AppState } from '../app-state.ts';
import { momentInWords } from '../time-words.ts';
import { toolsUsing } from './situation.ts';
import { TEXTS } from './texts.ts';

/** What quitting would do to the logins; `null`: there are none. */
export function quitWarning(state: AppState, now: number): string | null {
  if (state.accounts.length === 0) return null;
  const until = toolsWorkUntil(state, now);
  if (until === null) return TEXTS.quit.bodyUnknown;
  return TEXTS.quit.body({ until: momentInWords(until, now, { locale: state.system.locale }) });
}

/**
 * Until when every tool works although nothing is renewed, epoch ms; `null`: nobody can tell. That is the
 * end of the first login that a tool works with: a tool may renew it by itself, and so use it up for others.
 */
export function toolsWorkUntil(state: AppState, now: number): number | null {
  const ends = state.accounts
    .filter((account) => toolsUsing(state, account).length > 0)
    .flatMap(({ expiresAt }) => (expiresAt !== null && expiresAt > now ? [expiresAt] : []));
  return ends.length > 0 ? Math.min(...ends) : null;
}
