import { signal, useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { AccountView } from '../shared/account-view.ts';
import { drop, type ViewName } from './router.ts';
import { app, ask, now } from './store.ts';

/** How often the window was shown. Who reads it does its part again when the window is opened again. */
export const opened = signal(0);

/** Whether a moment of the engine's time has passed, epoch ms; draws again when it does. */
export function usePassed(at: number): boolean {
  const passed = useSignal(now() >= at);
  useEffect(() => {
    passed.value = now() >= at;
    const timer = setTimeout(() => {
      passed.value = true;
    }, at - now());
    return () => clearTimeout(timer);
  }, [at, passed]);
  return passed.value;
}

/** True for a while after it was set off, as "Copied" is shown. `span` in ms. */
export function useForAWhile(span = 2_000): readonly [boolean, () => void] {
  const on = useSignal(0);
  useEffect(() => {
    if (!on.value) return;
    const timer = setTimeout(() => {
      on.value = 0;
    }, span);
    return () => clearTimeout(timer);
  }, [on.value, on, span]);
  const setOff = () => {
    on.value += 1;
  };
  return [on.value > 0, setOff];
}

/** While a view asks a question, the window does not hide by itself. */
export function useHold(): void {
  useEffect(() => {
    void ask('window:hold', { held: true });
    return () => void ask('window:hold', { held: false });
  }, []);
}

/** An account by its id. Once it is gone, these views have nothing to show and are left. */
export function useAccount(id: string, ...views: readonly ViewName[]): AccountView | undefined {
  const account = app().accounts.find((one) => one.id === id);
  useLeaving(account === undefined, ...views);
  return account;
}

/** Leaves views once there is nothing that they are about. */
export function useLeaving(gone: boolean, ...views: readonly ViewName[]): void {
  useEffect(() => {
    if (gone) drop(...views);
  }, [gone]);
}
