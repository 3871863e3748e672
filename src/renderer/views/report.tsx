import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { TEXTS } from '../../shared/ui/texts.ts';
import { useForAWhile } from '../hooks.ts';
import { Button } from '../parts/button.tsx';
import { View } from '../parts/view.tsx';
import { say } from '../says.ts';
import { call } from '../store.ts';
import type { ViewOf } from '../views.ts';

const { report: T } = TEXTS;

/** The report, before it leaves the window. */
export const ReportView: ViewOf<'report'> = () => (
  <View title={T.heading} says={T.heading} describedBy="report-holds">
    <ReportText />
    <p class="quiet body" id="report-holds">
      {T.body}
    </p>
    <div class="halves">
      <SaveButton />
      <CopyButton />
    </div>
  </View>
);

/** It scrolls by itself, so it can have the focus. */
function ReportText() {
  const text = useSignal<string | null>(null);
  useEffect(() => {
    void call('report:read').then((read) => {
      if (read.ok) text.value = read.value.text;
    });
  }, [text]);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: without it a keyboard could not scroll it
    <section class="report selectable" aria-label={T.heading} aria-busy={!text.value} tabIndex={0}>
      <pre>{text}</pre>
    </section>
  );
}

function SaveButton() {
  const [saved, shine] = useForAWhile();
  const save = async () => {
    const answer = await call('report:save');
    if (!answer.ok || !answer.value.saved) return;
    say(T.saysSaved);
    shine();
  };
  return (
    <Button kind="main" onPress={save}>
      {saved ? T.saved : T.save}
    </Button>
  );
}

function CopyButton() {
  const [copied, shine] = useForAWhile();
  const copy = async () => {
    const answer = await call('report:copy');
    if (!answer.ok) return;
    say(T.saysCopied);
    shine();
  };
  return <Button onPress={copy}>{copied ? T.copied : T.copy}</Button>;
}
