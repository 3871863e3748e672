import { computed, effect, untracked } from '@preact/signals';
import type { SignInView } from '../shared/app-state.ts';
import { TEXTS } from '../shared/ui/texts.ts';
import { drop, go, goInstead, home, visit } from './router.ts';
import { say } from './says.ts';
import { app, ask, call, serviceName, serviceOf } from './store.ts';

/** How the person goes to the sign-in that is just being begun. */
let wayToSignIn: typeof go | null = null;

/** Begins to sign in to a service: at what has to be read first, where there is something. */
export function signIn(provider: string, account: string | null = null, to = go): void {
  if (serviceOf(provider)?.terms) to({ view: 'terms', provider, account });
  else void start(provider, account, to);
}

/** The person has read the terms and goes on. */
export async function acceptTerms(provider: string, account: string | null): Promise<void> {
  const accepted = await call('terms:accept', { provider });
  if (accepted.ok) await start(provider, account, goInstead);
}

/** A sign-in whose end has to be read, or answered: it comes before the accounts. */
export function hasEnded(signIn: SignInView | null): boolean {
  return (
    signIn?.step === 'failed' ||
    signIn?.step === 'other-account' ||
    (signIn?.step === 'signed-in' && signIn.first)
  );
}

/** Leaves the views of a sign-in as it goes on by itself, and tells its end. */
export function followSignIn(): void {
  const stage = computed(() => {
    const { signIn } = app();
    return signIn?.step === 'signed-in' && !signIn.first ? 'done' : signIn?.step;
  });
  let before: Stage;
  effect(() => {
    const now = stage.value;
    untracked(() => leaveBehind(now, before));
    before = now;
  });
}

type Stage = SignInView['step'] | 'done' | undefined;

/** With the state, not with the answer to a call, which may come when the person is elsewhere by then. */
function leaveBehind(stage: Stage, before: Stage): void {
  if (stage) arriveAtSignIn();
  if (stage === 'done') tellEnd();
  const succeeded = stage === 'done' || (stage === undefined && before === 'signed-in');
  if (succeeded && visit.value.route.view === 'sign-in') home();
  if (stage === undefined || stage === 'done') drop('sign-in', 'code');
  else if (stage !== 'waiting') drop('code');
}

/** The accounts show the rest. */
function tellEnd(): void {
  const { signIn, accounts } = app();
  if (signIn?.step !== 'signed-in') return;
  const email = accounts.find(({ id }) => id === signIn.accountId)?.email ?? null;
  say(TEXTS.signIn.signedIn.saysLater({ service: serviceName(signIn.provider), email }));
  void ask('sign-in:close');
}

/** The state has the sign-in before the call that began it has returned: the view goes with the state. */
async function start(provider: string, account: string | null, to = go): Promise<void> {
  wayToSignIn = to;
  const started = await call('sign-in:start', { provider, account });
  if (started.ok) arriveAtSignIn();
  wayToSignIn = null;
}

function arriveAtSignIn(): void {
  wayToSignIn?.({ view: 'sign-in' });
  wayToSignIn = null;
}
