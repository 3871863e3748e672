import { useSignal } from '@preact/signals';
import { useState } from 'preact/hooks';
import type { SignOutView as Outcome } from '../../shared/app-state.ts';
import { useLeaving } from '../hooks.ts';
import { app, call } from '../store.ts';
import type { ViewOf } from '../views.ts';
import { SignedOut } from './sign-out/done.tsx';
import { Question } from './sign-out/question.tsx';

/** Taking a login away again: the question, and what came of it. */
export const SignOutView: ViewOf<'sign-out'> = ({ account: id }) => {
  // It is gone from the state before its end is told.
  const [account] = useState(() => app().accounts.find((one) => one.id === id));
  const outcome = useSignal<Outcome | null>(null);
  const isGone = !app().accounts.some((one) => one.id === id);
  const busy = useSignal(false);
  useLeaving(isGone && !busy.value && outcome.value === null, 'sign-out');
  const signOut = async () => {
    if (busy.value) return;
    busy.value = true;
    const answer = await call('account:sign-out', { account: id });
    if (answer.ok) outcome.value = answer.value;
    busy.value = false;
  };
  if (!account) return null;
  if (outcome.value) return <SignedOut provider={account.provider} outcome={outcome.value} />;
  return <Question account={account} busy={busy.value} onSignOut={signOut} />;
};
