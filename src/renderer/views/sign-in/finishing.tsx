import { useEffect } from 'preact/hooks';
import { TEXTS } from '../../../shared/ui/texts.ts';
import { usePassed } from '../../hooks.ts';
import { Spinner } from '../../parts/shape.tsx';
import { View } from '../../parts/view.tsx';
import { home } from '../../router.ts';
import { say } from '../../says.ts';
import { serviceName } from '../../store.ts';
import type { At } from './step.ts';

/** After so long the person is told that they may do something else, ms. */
const PATIENCE = 8_000;

const { finishing, heading } = TEXTS.signIn;

/** The code is being exchanged and stored. There is no Cancel: stopping here could waste the sign-in. */
export function FinishingView({ provider, since }: At<'finishing'>) {
  const slow = usePassed(since + PATIENCE);
  useEffect(() => {
    if (slow) say(finishing.saysSlow);
  }, [slow]);
  return (
    <View
      title={heading({ service: serviceName(provider) })}
      heading={finishing.heading}
      mark={<Spinner />}
      says={finishing.says}
      onBack={home}
      steady
    >
      <p class="quiet body">{slow ? finishing.slow : finishing.body}</p>
    </View>
  );
}
