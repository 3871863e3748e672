import { useEffect } from 'preact/hooks';
import { TEXTS } from '../../../shared/ui/texts.ts';
import { useForAWhile, usePassed } from '../../hooks.ts';
import { Button } from '../../parts/button.tsx';
import { Group, Row } from '../../parts/list.tsx';
import { Spinner } from '../../parts/shape.tsx';
import { View } from '../../parts/view.tsx';
import { go, home } from '../../router.ts';
import { say } from '../../says.ts';
import { call, serviceName } from '../../store.ts';
import type { At } from './step.ts';

/** After so long without an answer the window offers other ways, ms. */
const PATIENCE = 60_000;

const { waiting, notOpened, still, heading } = TEXTS.signIn;

/** The person is in the browser now. Nothing here is pressed unless something is wrong there. */
export function WaitingView({ provider, since, browserOpened, obstacle }: At<'waiting'>) {
  const late = usePassed(since + PATIENCE);
  const service = serviceName(provider);
  const told = obstacle ?? (browserOpened ? null : notOpenedTold);
  useEffect(() => {
    if (late) say(still.says);
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
        <OtherWays />
      ) : (
        <>
          <p class="quiet body">{told?.sentence ?? waiting.body({ service })}</p>
          <FirstWays copies={!browserOpened} pastes={obstacle !== null} />
        </>
      )}
    </View>
  );
}

/** For the blink until the browser opens. */
export function PreparingView({ provider }: At<'preparing'>) {
  return (
    <View
      title={heading({ service: serviceName(provider) })}
      heading={waiting.heading}
      mark={<Spinner />}
      onBack={home}
      steady
    >
      {null}
    </View>
  );
}

const notOpenedTold = { title: notOpened.heading, sentence: notOpened.body };

/** The next step is in the browser, so none of these is a main button, unless the browser cannot do it alone. */
function FirstWays({ copies, pastes }: { readonly copies: boolean; readonly pastes: boolean }) {
  const [copied, copy] = useCopying();
  const words = copied ? waiting.copied : waiting.copyLink;
  return (
    <>
      {copies && !pastes && (
        <Button kind="main" large onPress={copy}>
          {words}
        </Button>
      )}
      {pastes && (
        <Button kind="main" large onPress={enterCode}>
          {still.enterCode}
        </Button>
      )}
      <div class="halves">
        <Button onPress={openAgain}>{waiting.openAgain}</Button>
        {(!copies || pastes) && <Button onPress={copy}>{words}</Button>}
      </div>
      <div class="ends">
        {pastes ? (
          <span />
        ) : (
          <Button kind="text" onPress={enterCode}>
            {waiting.enterCode}
          </Button>
        )}
        <Cancel />
      </div>
    </>
  );
}

function OtherWays() {
  const [copied, copy] = useCopying();
  return (
    <>
      <p class="quiet body">{still.body}</p>
      <Group>
        <Row name={still.openAgain} onPress={openAgain} />
        <Row name={copied ? waiting.copied : still.copyLink} onPress={copy} />
        <Row name={still.enterCode} onPress={enterCode} />
      </Group>
      <div class="ends">
        <span />
        <Cancel />
      </div>
    </>
  );
}

function Cancel() {
  return (
    <Button kind="text" onPress={() => call('sign-in:cancel')}>
      {waiting.cancel}
    </Button>
  );
}

function useCopying(): readonly [boolean, () => Promise<void>] {
  const [copied, shine] = useForAWhile();
  const copy = async () => {
    const answer = await call('sign-in:copy-link');
    if (!answer.ok) return;
    say(waiting.saysCopied);
    shine();
  };
  return [copied, copy];
}

function openAgain(): unknown {
  return call('sign-in:open-again');
}

function enterCode(): void {
  go({ view: 'code' });
}
