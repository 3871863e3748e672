import { TEXTS } from '../../shared/ui/texts.ts';
import { Group, Row } from '../parts/list.tsx';
import { View } from '../parts/view.tsx';
import { app, call, words } from '../store.ts';
import type { ViewOf } from '../views.ts';

const { engineers: T } = TEXTS;

/** For those who want to know. Nowhere else are so many paths. */
export const EngineersView: ViewOf<'engineers'> = () => (
  <View kind="list" title={T.heading} says={T.heading}>
    <Group>
      <Row
        name={T.folder}
        value={words().finder}
        leads={false}
        onPress={() => call('settings:show-folder')}
      />
    </Group>
    <Written />
  </View>
);

function Written() {
  const places = app().tools.filter(({ installed, path }) => installed && path !== null);
  if (places.length === 0) return null;
  return (
    <Group label={T.written}>
      {places.map(({ id, name, path }) => (
        <Row key={id} name={name} detail={<code class="selectable">{path}</code>} />
      ))}
    </Group>
  );
}
