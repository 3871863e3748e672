import { useEffect } from 'preact/hooks';
import { TEXTS } from '../../../shared/ui/texts.ts';
import { useForAWhile, usePassed } from '../../hooks.ts';
import { Button } from '../../parts/button.tsx';
import { Group, Row } from '../../parts/list.tsx';
import { Spinner } from '../../parts/shape.tsx';
import { View } from '../../parts/view.tsx';
import { go, home } from '../../router.ts';
import { say } from '../../says.ts';
import { call, serviceName, serviceOf } from '../../store.ts';
import type { At } from './step.ts';

/** After so long without an answer the window offers other ways, ms. */
const PATIENCE = 60_000;

const { waiting, notOpened, still, device: DEVICE, heading } = TEXTS.signIn;

/** The person is in the browser now. Nothing here is pressed unless something is wrong there. */
export function WaitingView({ provider, since, browserOpened, obstacle }: At<'waiting'>) {
  const service = serviceName(provider);
  const onDevice = serviceOf(provider)?.onDevice === true;
  const around = onDevice ? obstacle?.action : undefined;
  const patient = usePassed(since + PATIENCE);
  // Nobody waits for a browser that was not opened.
  const late = patient && (browserOpened || !around);
  const told = obstacle ?? (browserOpened ? null : notOpenedTold);
  useEffect(() => {
    if (late) say(onDevice ? still.saysFour : still.says);
  }, [late]);
  const title = late ? still.heading : (told?.title ?? waiting.heading);
  return (
    <View
      title={heading({ service })}
      heading={title}
      mark={!late && !told && <Spinner />}
      says={told ? [`${told.title}.`, told.sentence] : waiting.says}
      onBack={home}
      steady
    >
      {late ? (
        <OtherWays onDevice={onDevice} />
      ) : (
        <>
          <p class="quiet body">{told?.sentence ?? waiting.body({ service })}</p>
          <FirstWays
            browserOpened={browserOpened}
            pastes={obstacle !== null && !onDevice}
            around={around}
          />
        </>
      )}
    </View>
  );
}

/** For the blink until the browser opens. */
export function PreparingView({ provider, device }: At<'preparing'>) {
  return (
    <View
      title={heading({ service: serviceName(provider) })}
      heading={device ? DEVICE.preparing : waiting.heading}
      mark={<Spinner />}
      onBack={home}
      steady
    >
      {null}
    </View>
  );
}

const notOpenedTold = { title: notOpened.heading, sentence: notOpened.body };

interface FirstWaysProps {
  readonly browserOpened: boolean;
  /** The browser cannot come back by itself: what it ends on has to be pasted, */
  readonly pastes: boolean;
  /** or another device, which is called so, is the better way. */
  readonly around: string | undefined;
}

/** The next step is in the browser, so none of these is a main button, unless the browser cannot do it alone. */
function FirstWays({ browserOpened, pastes, around }: FirstWaysProps) {
  const [copied, copy] = useCopying();
  const words = copied ? waiting.copied : waiting.copyLink;
  const copies = !browserOpened && !pastes && !around;
  const main = around ?? (pastes ? still.enterCode : copies && words);
  return (
    <>
      {main && (
        <Button kind="main" large onPress={around ? toDevice : pastes ? enterCode : copy}>
          {main}
        </Button>
      )}
      <div class="halves">
        <Button onPress={openAgain}>
          {around && !browserOpened ? waiting.open : waiting.openAgain}
        </Button>
        {!copies && <Button onPress={copy}>{words}</Button>}
      </div>
      <Ends pastes={!pastes} />
    </>
  );
}

function OtherWays({ onDevice }: { readonly onDevice: boolean }) {
  const [copied, copy] = useCopying();
  return (
    <>
      <p class="quiet body">{still.body}</p>
      <Group>
        <Row name={still.openAgain} onPress={openAgain} />
        <Row name={copied ? waiting.copied : still.copyLink} onPress={copy} />
        <Row name={still.enterCode} onPress={enterCode} />
        {onDevice && <Row name={DEVICE.heading} onPress={toDevice} />}
      </Group>
      <Ends />
    </>
  );
}

function Ends({ pastes = false }) {
  return (
    <div class="ends">
      {pastes ? (
        <Button kind="text" onPress={enterCode}>
          {waiting.enterCode}
        </Button>
      ) : (
        <span />
      )}
      <Cancel />
    </div>
  );
}

/** Stops the sign-in. */
export function Cancel() {
  return (
    <Button kind="text" onPress={() => call('sign-in:cancel')}>
      {waiting.cancel}
    </Button>
  );
}

/** Copies the link, or something else: whether that is shown just now, and what does it. */
export function useCopying(
  name: 'sign-in:copy-link' | 'sign-in:copy-code' = 'sign-in:copy-link',
  says: string = waiting.saysCopied,
): readonly [boolean, () => Promise<void>] {
  const [copied, shine] = useForAWhile();
  const copy = async () => {
    const answer = await call(name);
    if (!answer.ok) return;
    say(says);
    shine();
  };
  return [copied, copy];
}

/** Opens the page of this step in the browser, once more. */
export function openAgain(): unknown {
  return call('sign-in:open-again');
}

function enterCode(): void {
  go({ view: 'code' });
}

function toDevice(): unknown {
  return call('sign-in:use-device');
}
