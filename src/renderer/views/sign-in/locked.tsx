import type { ErrorDescription } from '../../../shared/error-texts.ts';
import { TEXTS } from '../../../shared/ui/texts.ts';
import { home } from '../../router.ts';
import { call, serviceName, words } from '../../store.ts';
import { Ending } from './ending.tsx';
import type { At } from './step.ts';

const { locked } = TEXTS.signIn;

/** The service said yes and there is no place for the login: only the code waits, nothing was sent. */
export function LockedView({ provider, error }: At<'locked'>) {
  const open = error.code === 'keyring-missing' ? 'keychain:use-file' : 'keychain:unlock';
  const goOn = async () => {
    const opened = await call(open);
    if (opened.ok) await call('sign-in:retry');
  };
  const { heading, sentence, action } = wordsOf(error, serviceName(provider));
  return (
    <Ending
      provider={provider}
      heading={heading}
      sentence={sentence}
      main={{ words: action, onPress: goOn }}
      onNotNow={() => void call('sign-in:cancel')}
      onBack={home}
    />
  );
}

/** Locked is the usual reason, and has words for this moment. */
function wordsOf({ code, title, sentence, action }: ErrorDescription, service: string) {
  if (code !== 'keychain-locked') return { heading: title, sentence, action };
  return {
    heading: locked.heading,
    sentence: locked.sentence({ ...words(), service }),
    action: locked.unlock,
  };
}
