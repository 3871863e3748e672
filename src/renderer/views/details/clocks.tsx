import { useSignal } from '@preact/signals';
import type { AccountView } from '../../../shared/account-view.ts';
import { agoInWords, dateInWords, whenInWords } from '../../../shared/time-words.ts';
import { TEXTS } from '../../../shared/ui/texts.ts';
import { Group, Row } from '../../parts/list.tsx';
import { clock, timeStyle } from '../../store.ts';

const { details: T } = TEXTS;

/** What the clocks are drawn from. */
export interface ClocksProps {
  readonly account: AccountView;
  readonly service: string;
}

/** When it was renewed, when it will be, and the day that no renewal can put off. */
export function Clocks({ account, service }: ClocksProps) {
  const { renewedAt, renewsAt, signInBy } = account;
  const explained = useSignal(false);
  const now = clock.value;
  const style = timeStyle();
  const explain = () => {
    explained.value = !explained.value;
  };
  return (
    <Group>
      <Row
        name={T.renewed}
        value={renewedAt === null ? T.notKnown : agoInWords(renewedAt, now, style)}
      />
      <Row
        name={T.renewsAgain}
        value={renewsAt === null ? T.notPlanned : whenInWords(renewsAt, now, style)}
      />
      <Row
        name={T.signInBy}
        value={signInBy === null ? T.notKnown : dateInWords(signInBy, style)}
        detail={explained.value && T.signInByHelp({ service })}
        id="sign-in-by"
        leads={false}
        expanded={explained.value}
        onPress={explain}
      />
    </Group>
  );
}
