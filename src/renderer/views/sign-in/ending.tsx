import { TEXTS } from '../../../shared/ui/texts.ts';
import type { Act } from '../../actions.ts';
import { Button } from '../../parts/button.tsx';
import { View } from '../../parts/view.tsx';
import { Words } from '../../parts/words.tsx';
import { serviceName } from '../../store.ts';

/** What an end that is not a login is drawn with. */
export interface EndingProps {
  readonly provider: string;
  readonly heading: string;
  readonly sentence: string;
  /** It starts with the focus, so that Return goes on. */
  readonly main: Act;
  readonly second?: Act;
  readonly onNotNow: () => void;
  /** Where Back is another thing than "Not now". */
  readonly onBack?: () => void;
}

/** Heading, sentence, one thing to press, and a way to leave it. */
export function Ending(props: EndingProps) {
  const { provider, heading, sentence, main, second, onNotNow, onBack = onNotNow } = props;
  return (
    <View
      title={TEXTS.signIn.heading({ service: serviceName(provider) })}
      heading={heading}
      says={[`${heading}.`, sentence]}
      urgency="alert"
      onBack={onBack}
      steady
    >
      <p class="quiet body">
        <Words>{sentence}</Words>
      </p>
      <Button kind="main" large start onPress={main.onPress}>
        {main.words}
      </Button>
      {second && (
        <Button large onPress={second.onPress}>
          {second.words}
        </Button>
      )}
      <Button large onPress={onNotNow}>
        {TEXTS.signIn.notNow}
      </Button>
    </View>
  );
}
