import { signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { AccountView } from '../../../shared/account-view.ts';
import type { HistoryItem } from '../../../shared/history.ts';
import type { HistoryContext } from '../../../shared/history-texts.ts';
import { app, ask, clock, serviceName, timeStyle } from '../../store.ts';

/** What was read last, so that coming back to it finds it as it was left. */
const last = signal<{
  readonly account: string;
  readonly items: readonly HistoryItem[];
} | null>(null);

/** What happened to an account, the newest first; `null`: it was not read yet. It is read again with each new state. */
export function useHistory({ id }: AccountView): readonly HistoryItem[] | null {
  const state = app();
  useEffect(() => {
    let wanted = true;
    void ask('account:history', { account: id }).then((answer) => {
      if (wanted && answer.ok) last.value = { account: id, items: answer.value };
    });
    return () => {
      wanted = false;
    };
  }, [id, state]);
  return last.value?.account === id ? last.value.items : null;
}

/** What its sentences are filled with. */
export function historyContext({ provider }: AccountView): HistoryContext {
  const { tools, system } = app();
  return {
    ...timeStyle(),
    service: serviceName(provider),
    tools: Object.fromEntries(tools.map(({ id, name }) => [id, name])),
    platform: system.platform,
    now: clock.value,
  };
}
