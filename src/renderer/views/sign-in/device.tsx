import { TEXTS } from '../../../shared/ui/texts.ts';
import { Button } from '../../parts/button.tsx';
import { View } from '../../parts/view.tsx';
import { home } from '../../router.ts';
import { clock, serviceName } from '../../store.ts';
import type { At } from './step.ts';
import { Cancel, openAgain, useCopying } from './waiting.tsx';

const { device: DEVICE, waiting, heading } = TEXTS.signIn;
const MINUTE = 60_000;

/** The person enters this code elsewhere; nothing here has to be pressed. */
export function DeviceView({ provider, code, address, endsAt }: At<'device'>) {
  const [codeCopied, copyCode] = useCopying('sign-in:copy-code', DEVICE.saysCopied);
  const [linkCopied, copyLink] = useCopying();
  const count = Math.max(1, Math.ceil((endsAt - clock.value) / MINUTE));
  const spelt = DEVICE.spelt({ code });
  return (
    <View
      title={heading({ service: serviceName(provider) })}
      heading={DEVICE.heading}
      says={DEVICE.says({ address, code: spelt })}
      onBack={home}
      steady
    >
      <p class="quiet">{DEVICE.open}</p>
      <p class="address">{address}</p>
      <p class="quiet">{DEVICE.enter}</p>
      <p class="code" role="img" aria-label={spelt}>
        {code}
      </p>
      <div class="halves">
        <Button onPress={copyCode}>{codeCopied ? waiting.copied : DEVICE.copyCode}</Button>
        <Button onPress={copyLink}>{linkCopied ? waiting.copied : waiting.copyLink}</Button>
      </div>
      <p class="small left">
        {DEVICE.left({ count })} {DEVICE.warning}
      </p>
      <div class="ends">
        <Button kind="text" onPress={openAgain}>
          {DEVICE.openPage}
        </Button>
        <Cancel />
      </div>
    </View>
  );
}
