import { useSignal } from '@preact/signals';
import type { KeyCardState } from '../../shared/app-state.ts';
import { TEXTS } from '../../shared/ui/texts.ts';
import { useHold } from '../hooks.ts';
import { Button } from '../parts/button.tsx';
import { Field, type FieldNote } from '../parts/field.tsx';
import { Form } from '../parts/form.tsx';
import { Shape } from '../parts/shape.tsx';
import { View } from '../parts/view.tsx';
import { back, home, visit } from '../router.ts';
import { say } from '../says.ts';
import { app, call } from '../store.ts';
import type { ViewOf } from '../views.ts';
import { KEY_LOOKS } from './accounts/key-cards.tsx';

const { key: T } = TEXTS;

/** Where a key is pasted. It lives in the field until it is saved, and comes back in nothing. */
export const KeyView: ViewOf<'key'> = ({ service }) => {
  const name = keyName(service);
  const text = useSignal('');
  const note = useSignal<FieldNote | null>(null);
  const shown = useSignal(false);
  const result = useSignal<KeyCardState | null>(null);
  const stop = visit.value.id;
  const save = async () => {
    const answer = await call('key:add', { service, key: text.value });
    if (!answer.ok) return;
    const { problem, state } = answer.value;
    if (problem !== null) {
      note.value = { good: false, text: problem };
      say(problem);
    } else if (state) {
      text.value = '';
      result.value = state;
      // Whoever went on meanwhile is told as well.
      if (visit.value.id !== stop) say(resultOf(state, name));
    }
  };
  if (result.value) return <Result name={name} state={result.value} />;
  return (
    <View title={T.heading({ service: name })} says={T.heading({ service: name })}>
      <Form words={T.save} busy={T.checking} onSubmit={save}>
        <Field
          label={T.label}
          secret={!shown.value}
          value={text.value}
          note={note.value}
          onInput={(typed) => {
            text.value = typed;
            note.value = null;
          }}
        >
          <Button onPress={() => (shown.value = !shown.value)}>
            {shown.value ? T.hide : T.show}
          </Button>
        </Field>
      </Form>
    </View>
  );
};

interface ResultProps {
  readonly name: string;
  readonly state: KeyCardState;
}

function Result({ name, state }: ResultProps) {
  const text = resultOf(state, name);
  const [shape, tone] = KEY_LOOKS[state];
  return (
    <View
      title={name}
      heading={text}
      mark={<Shape name={shape} tone={tone} large />}
      says={text}
      urgency={state === 'refused' ? 'alert' : 'status'}
      onBack={home}
    >
      <Button kind="main" large start onPress={home}>
        {T.done}
      </Button>
    </View>
  );
}

function resultOf(state: KeyCardState, service: string): string {
  return state === 'works' ? T.works : T[state]({ service });
}

/** A key that goes is asked about once. */
export const RemoveKeyView: ViewOf<'remove-key'> = ({ service }) => {
  useHold();
  const slots = { service: keyName(service) };
  const heading = T.remove.heading(slots);
  const body = T.remove.body(slots);
  const stop = visit.value.id;
  const remove = async () => {
    if ((await call('key:remove', { service })).ok && visit.value.id === stop) home();
  };
  return (
    <View title={heading} says={[heading, body]}>
      <p class="quiet body">{body}</p>
      <div class="buttons answers">
        <Button start onPress={back}>
          {T.remove.keep}
        </Button>
        <Button kind="bad" onPress={remove}>
          {T.remove.remove}
        </Button>
      </div>
    </View>
  );
};

function keyName(service: string): string {
  return app().keys.find((key) => key.service === service)?.name ?? service;
}
