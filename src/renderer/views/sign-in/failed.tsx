import type { ErrorDescription } from '../../../shared/error-texts.ts';
import type { ErrorCode } from '../../../shared/errors.ts';
import { TEXTS } from '../../../shared/ui/texts.ts';
import { type Act, wayOut } from '../../actions.ts';
import { signIn } from '../../flow.ts';
import { call, serviceName } from '../../store.ts';
import { Ending } from './ending.tsx';
import type { At } from './step.ts';

const { offline, serviceTrouble, startAgain, newCode, tryAgain } = TEXTS.signIn;

/** Beginning again is called differently after these. */
const AGAIN: { readonly [Code in ErrorCode]?: string } = {
  'sign-in-timeout': startAgain,
  'code-refused': newCode,
};

/** It did not come to a login, and nothing was changed. */
export function FailedView({ provider, account, error }: At<'failed'>) {
  const again: Act = {
    words: AGAIN[error.code] ?? tryAgain,
    onPress: () => signIn(provider, account),
  };
  return (
    <Ending
      provider={provider}
      {...wordsOf(error, serviceName(provider))}
      main={wayOut(error) ?? again}
      onNotNow={() => void call('sign-in:close')}
    />
  );
}

/** An end that means something else to a person who is just signing in than to a login that is renewed. */
function wordsOf({ code, title, sentence }: ErrorDescription, service: string) {
  if (code === 'offline') return offline;
  if (code === 'unreachable' || code === 'asked-to-wait') {
    return { ...serviceTrouble, heading: serviceTrouble.heading({ service }) };
  }
  return { heading: title, sentence };
}
