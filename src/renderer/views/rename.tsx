import { useSignal } from '@preact/signals';
import { cardOf } from '../../shared/ui/card.ts';
import { TEXTS } from '../../shared/ui/texts.ts';
import { useAccount } from '../hooks.ts';
import { Field } from '../parts/field.tsx';
import { Form } from '../parts/form.tsx';
import { View } from '../parts/view.tsx';
import { drop } from '../router.ts';
import { app, call, clock } from '../store.ts';
import type { ViewOf } from '../views.ts';

const { rename: T } = TEXTS;

/** A name of the person's own for an account, to tell it from others. */
export const RenameView: ViewOf<'rename'> = ({ account: id }) => {
  const account = useAccount(id, 'rename');
  const name = useSignal(account?.name ?? '');
  if (!account) return null;
  const title = T.heading(cardOf(app(), account, clock.value));
  const save = async () => {
    const answer = await call('account:rename', { account: id, name: name.value });
    if (answer.ok) drop('rename');
  };
  return (
    <View title={title} says={title}>
      <Form words={T.save} onSubmit={save}>
        <p class="quiet body">{T.body}</p>
        <Field
          label={T.label}
          value={name.value}
          note={null}
          onInput={(text) => {
            name.value = text;
          }}
          onPaste={() => {}}
        />
      </Form>
    </View>
  );
};
