import { TEXTS } from '../../../shared/ui/texts.ts';
import { call } from '../../store.ts';
import { Ending } from './ending.tsx';
import type { At } from './step.ts';

const { otherAccount, tryAgain } = TEXTS.signIn;

/** It became a login, of another person than the one who was to be signed in again. */
export function OtherPersonView({ provider, newAccount, oldAccount }: At<'other-account'>) {
  const close = () => void call('sign-in:close');
  return (
    <Ending
      provider={provider}
      heading={otherAccount.heading}
      sentence={otherAccount.sentence({ newAccount, oldAccount })}
      main={{ words: otherAccount.keepBoth, onPress: close }}
      second={{ words: tryAgain, onPress: () => call('sign-in:other-account-again') }}
      onNotNow={close}
    />
  );
}
