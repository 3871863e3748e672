import { TEXTS } from '../../shared/ui/texts.ts';
import { signIn } from '../flow.ts';
import { Group, Row } from '../parts/list.tsx';
import { View } from '../parts/view.tsx';
import { app } from '../store.ts';
import type { ViewOf } from '../views.ts';

/** The services that one can sign in to. */
export const AddView: ViewOf<'add'> = () => (
  <View kind="list" title={TEXTS.add.heading} says={TEXTS.add.heading}>
    <Group>
      {app().services.map(({ id, name }) => (
        <Row key={id} name={name} value={TEXTS.add.signIn} onPress={() => signIn(id)} />
      ))}
    </Group>
  </View>
);
