import { TEXTS } from '../../shared/ui/texts.ts';
import { signIn } from '../flow.ts';
import { Group, Row } from '../parts/list.tsx';
import { View } from '../parts/view.tsx';
import { go } from '../router.ts';
import { app } from '../store.ts';
import type { ViewOf } from '../views.ts';

/** The services that one can sign in to, and those that give out keys. */
export const AddView: ViewOf<'add'> = () => (
  <View kind="list" title={TEXTS.add.heading} says={TEXTS.add.heading}>
    <Group>
      {app().services.map(({ id, name }) => (
        <Row key={id} name={name} value={TEXTS.add.signIn} onPress={() => signIn(id)} />
      ))}
      {app().keys.map(({ service, name, stored }) => (
        <Row
          key={service}
          name={name}
          value={stored ? TEXTS.key.replace : TEXTS.key.paste}
          onPress={() => go({ view: 'key', service })}
        />
      ))}
    </Group>
  </View>
);
