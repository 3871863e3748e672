import { TEXTS } from '../../shared/ui/texts.ts';
import { Button } from '../parts/button.tsx';
import { View } from '../parts/view.tsx';
import { back, backFrom, visit } from '../router.ts';
import { call } from '../store.ts';
import type { ViewOf } from '../views.ts';

const { noKeyring: T } = TEXTS;

/** Where the system has no keyring: what is less safe is never chosen without the person. */
export const KeychainView: ViewOf<'keychain'> = () => {
  const here = visit.value;
  const useFile = async () => {
    const agreed = await call('keychain:use-file');
    if (agreed.ok) backFrom(here);
  };
  return (
    <View title={T.heading} says={[T.heading, T.body]} describedBy="less-safe">
      <p class="quiet body" id="less-safe">
        {T.body}
      </p>
      <Button kind="main" large onPress={useFile}>
        {T.useFile}
      </Button>
      <Button large onPress={back}>
        {T.notNow}
      </Button>
    </View>
  );
};
