import { useEffect } from 'preact/hooks';
import type { AppState } from '../../../shared/app-state.ts';
import { runningSignIn } from '../../../shared/ui/situation.ts';
import { TEXTS } from '../../../shared/ui/texts.ts';
import { signIn } from '../../flow.ts';
import { Button, IconButton } from '../../parts/button.tsx';
import { ask, call } from '../../store.ts';

/** Below a single account: the other service, until it was signed in to once or is not wanted. */
export function Offer({ state }: { readonly state: AppState }) {
  const { accounts, services, settings } = state;
  const others = services.filter(({ id }) => accounts.every(({ provider }) => provider !== id));
  const isUsed = accounts.length > 0 && others.length === 0 && !settings.offerDismissed;
  useEffect(() => {
    if (isUsed) void ask('offer:dismiss');
  }, [isUsed]);
  const [other] = others;
  if (settings.offerDismissed || accounts.length !== 1 || !other || runningSignIn(state)) {
    return null;
  }
  return (
    <div class="offer">
      <Button kind="offer" large onPress={() => signIn(other.id)}>
        {TEXTS.accounts.offer({ service: other.name })}
      </Button>
      <IconButton
        icon="close"
        label={TEXTS.accounts.dismissOffer}
        onPress={() => call('offer:dismiss')}
      />
    </div>
  );
}
