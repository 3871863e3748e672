import { useSignal } from '@preact/signals';
import type { AddressNote } from '../../shared/address-problems.ts';
import { TEXTS } from '../../shared/ui/texts.ts';
import { signIn } from '../flow.ts';
import { Field } from '../parts/field.tsx';
import { Form } from '../parts/form.tsx';
import { View } from '../parts/view.tsx';
import { goInstead, visit } from '../router.ts';
import { say } from '../says.ts';
import { call } from '../store.ts';
import type { ViewOf } from '../views.ts';

const { address: T } = TEXTS;

const FIELDS = ['address', 'clientId'] as const;

/** Where a service is added that Authbar knows nothing of. What follows is the sign-in. */
export const AddressView: ViewOf<'address'> = () => {
  const typed = useSignal({ address: '', clientId: '' });
  const problem = useSignal<AddressNote | null>(null);
  const stop = visit.value.id;
  const add = async () => {
    say(T.asking);
    const answer = await call('address:add', typed.value);
    if (!answer.ok) return;
    const { provider } = answer.value;
    problem.value = answer.value.problem;
    if (problem.value) say(problem.value.text);
    // Whoever went on meanwhile finds it in the list.
    else if (provider && visit.value.id === stop) signIn(provider, null, goInstead);
  };
  return (
    <View title={T.heading} says={T.heading}>
      <Form words={T.add} busy={T.asking} onSubmit={add}>
        <p class="quiet body selectable">{T.body}</p>
        {FIELDS.map((field) => (
          <Field
            key={field}
            label={T[field]}
            value={typed.value[field]}
            note={problem.value?.field === field ? { good: false, text: problem.value.text } : null}
            onInput={(text) => {
              typed.value = { ...typed.value, [field]: text };
              problem.value = null;
            }}
          />
        ))}
      </Form>
    </View>
  );
};
