import { quitWarning } from '../../shared/ui/quit.ts';
import { TEXTS } from '../../shared/ui/texts.ts';
import { useHold } from '../hooks.ts';
import { Button } from '../parts/button.tsx';
import { View } from '../parts/view.tsx';
import { back } from '../router.ts';
import { app, call, clock } from '../store.ts';
import type { ViewOf } from '../views.ts';

const { quit: T } = TEXTS;

/** A habit must not switch the renewals off. */
export const QuitView: ViewOf<'quit'> = () => {
  useHold();
  const warning = quitWarning(app(), clock.value);
  return (
    <View title={T.heading} says={[T.heading, ...(warning ? [warning] : [])]}>
      {warning && <p class="quiet body">{warning}</p>}
      <Button kind="main" large start onPress={back}>
        {T.keepRunning}
      </Button>
      <Button large onPress={() => call('app:quit')}>
        {T.quit}
      </Button>
    </View>
  );
};
