import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { TEXTS } from '../../../shared/ui/texts.ts';
import { Field, type FieldNote } from '../../parts/field.tsx';
import { Form } from '../../parts/form.tsx';
import { View } from '../../parts/view.tsx';
import { say } from '../../says.ts';
import { app, ask, call, serviceName, serviceOf } from '../../store.ts';
import type { ViewOf } from '../../views.ts';

/** How long typing must have stopped before the text is looked at, ms. */
const PAUSE = 300;

const { code: CODE } = TEXTS.signIn;

/** The way in when the browser cannot come back by itself. What is typed lives as long as this view. */
export const EnterCodeView: ViewOf<'code'> = ({ text: pasted = '' }) => {
  const { text, note, type, paste, submit } = useCode(pasted);
  const provider = app().signIn?.provider ?? '';
  const shows = serviceOf(provider)?.pastes === 'code';
  return (
    <View title={CODE.heading} says={CODE.heading}>
      <Form words={CODE.signIn} onSubmit={submit}>
        <p class="quiet body">
          {shows ? CODE.bodyCode({ service: serviceName(provider) }) : CODE.bodyAddress}
        </p>
        <Field
          label={shows ? CODE.labelCode : CODE.labelAddress}
          value={text}
          note={note}
          onInput={type}
          onPaste={paste}
        />
      </Form>
    </View>
  );
};

/** The text, what is said of it, and what happens to it. */
function useCode(pasted: string) {
  const text = useSignal(pasted);
  const note = useSignal<FieldNote | null>(null);
  const timer = useRef(0);

  const tell = (told: FieldNote) => {
    note.value = told;
    say(told.text);
  };
  const check = async () => {
    const looked = text.value;
    if (!looked.trim()) return;
    const answer = await ask('sign-in:check-code', { text: looked });
    // Typed on meanwhile: there will be another answer.
    if (answer.ok && text.value === looked) tell(noteOf(answer.value.problem));
  };
  const checkAfter = (pause: number) => {
    clearTimeout(timer.current);
    timer.current = window.setTimeout(check, pause);
  };
  const type = (typed: string) => {
    if (typed === text.value) return;
    text.value = typed;
    note.value = null;
    checkAfter(PAUSE);
  };
  // The field has it only after the event.
  const paste = () => void setTimeout(() => checkAfter(0));
  const submit = async () => {
    clearTimeout(timer.current);
    if (!text.value.trim()) return tell({ good: false, text: CODE.empty });
    const answer = await call('sign-in:enter-code', { text: text.value });
    if (!answer.ok) return;
    if (answer.value.problem !== null) tell(noteOf(answer.value.problem));
  };

  // What was pasted on the way here is looked at once.
  useEffect(() => {
    if (pasted) void check();
    return () => clearTimeout(timer.current);
  }, []);
  return { text: text.value, note: note.value, type, paste, submit };
}

function noteOf(problem: string | null): FieldNote {
  return problem === null ? { good: true, text: CODE.looksRight } : { good: false, text: problem };
}
