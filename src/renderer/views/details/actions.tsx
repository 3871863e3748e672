import { useSignal } from '@preact/signals';
import type { AccountView } from '../../../shared/account-view.ts';
import type { CheckReport } from '../../../shared/app-state.ts';
import type { Card } from '../../../shared/ui/card.ts';
import { TEXTS } from '../../../shared/ui/texts.ts';
import { signIn } from '../../flow.ts';
import { Button } from '../../parts/button.tsx';
import { go } from '../../router.ts';
import { say } from '../../says.ts';
import { app, call } from '../../store.ts';

const { details: T } = TEXTS;

/** What the buttons are drawn from. */
export interface ActionsProps {
  readonly account: AccountView;
  readonly card: Card;
}

/** What can be done with an account at any time. Signing in is the main one where it is the next step. */
export function Actions({ account, card }: ActionsProps) {
  const { id, provider } = account;
  const [outcome, check] = useCheck(id, card.service);
  return (
    <div class="account-actions">
      {outcome && <p class="small">{outcome}</p>}
      <div class="buttons">
        <Button id="check" onPress={check}>
          {app().checking.includes(id) ? T.checking : T.checkNow}
        </Button>
        <Button
          kind={card.action?.kind === 'sign-in' ? 'main' : 'plain'}
          onPress={() => signIn(provider, id)}
        >
          {T.signInAgain}
        </Button>
        <span class="takes-away">
          <Button onPress={() => go({ view: 'sign-out', account: id })}>{T.signOut}</Button>
        </span>
      </div>
    </div>
  );
}

/** Asks the service, and has its answer shown and said. */
function useCheck(account: string, service: string): readonly [string, () => Promise<void>] {
  const outcome = useSignal('');
  const check = async () => {
    if (app().checking.includes(account)) return;
    outcome.value = '';
    say(T.checking);
    const answer = await call('account:check', { account });
    const report = answer.ok && answer.value.find((one) => one.account === account);
    if (!report) return;
    outcome.value = wordsFor(report, service);
    say(outcome.value);
  };
  return [outcome.value, check];
}

function wordsFor({ result }: CheckReport, service: string): string {
  const words = T[result];
  return typeof words === 'string' ? words : words({ service });
}
