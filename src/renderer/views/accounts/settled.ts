import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { AppState } from '../../../shared/app-state.ts';
import { app, clock, now } from '../../store.ts';

/** What the person has asked for is shown as going on only if it takes longer than this, ms. */
const CHECK_SHOWN_AFTER = 500;
/** Whether a renewal takes longer than usual is looked at after this, ms. */
const RENEWAL_SHOWN_AFTER = 1_000;

/** The state without what is over before an eye could follow it. */
export function useSettled(): AppState {
  const state = app();
  useSlowRenewals(state);
  const isSlow = useLasting(state.checking.length > 0, CHECK_SHOWN_AFTER);
  return isSlow ? state : { ...state, checking: [] };
}

/** Whether something has gone on for a while, ms, and still does. */
function useLasting(on: boolean, span: number): boolean {
  const lasts = useSignal(false);
  useEffect(() => {
    lasts.value = false;
    if (!on) return;
    const timer = setTimeout(() => {
      lasts.value = true;
    }, span);
    return () => clearTimeout(timer);
  }, [on, span, lasts]);
  return on && lasts.value;
}

/** Nobody tells that a renewal goes on and on: it is drawn anew a second after it began. */
function useSlowRenewals(state: AppState): void {
  const renewing = state.accounts.some((account) => account.state === 'late' && !account.code);
  useEffect(() => {
    if (!renewing) return;
    const timer = setTimeout(() => {
      clock.value = now();
    }, RENEWAL_SHOWN_AFTER);
    return () => clearTimeout(timer);
  }, [renewing, state]);
}
