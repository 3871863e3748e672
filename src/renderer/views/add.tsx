import { isCustomId } from '../../shared/custom-id.ts';
import { TEXTS } from '../../shared/ui/texts.ts';
import { signIn } from '../flow.ts';
import { Button } from '../parts/button.tsx';
import { Group, Row } from '../parts/list.tsx';
import { View } from '../parts/view.tsx';
import { go } from '../router.ts';
import { say } from '../says.ts';
import { app, call } from '../store.ts';
import type { ViewOf } from '../views.ts';

const { add: T, key: KEY } = TEXTS;

/** The services that one can sign in to, and those that give out keys. */
export const AddView: ViewOf<'add'> = () => {
  const { services, keys, accounts } = app();
  const remove = async (provider: string, service: string) => {
    if ((await call('address:remove', { provider })).ok) say(T.removed({ service }));
  };
  return (
    <View kind="list" title={T.heading} says={T.heading}>
      <Group>
        {services.map(({ id, name }) => (
          <Row key={id} name={name} value={T.signIn} onPress={() => signIn(id)}>
            {isCustomId(id) && accounts.every(({ provider }) => provider !== id) && (
              <Button
                kind="text"
                label={T.removeService({ service: name })}
                onPress={() => remove(id, name)}
              >
                {T.remove}
              </Button>
            )}
          </Row>
        ))}
        {keys.map(({ service, name, stored }) => (
          <Row
            key={service}
            name={name}
            value={stored ? KEY.replace : KEY.paste}
            onPress={() => go({ view: 'key', service })}
          />
        ))}
      </Group>
      <Button kind="text" onPress={() => go({ view: 'address' })}>
        {T.byAddress}
      </Button>
    </View>
  );
};
