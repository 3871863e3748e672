import type { KeyCardState } from '../../../shared/app-state.ts';
import { TEXTS } from '../../../shared/ui/texts.ts';
import { Card } from '../../parts/card.tsx';
import type { ShapeName, Tone } from '../../parts/shape.tsx';
import { go } from '../../router.ts';
import { app, call } from '../../store.ts';

const { key: T } = TEXTS;

/** How a key is, without words. */
export const KEY_LOOKS: Readonly<Record<KeyCardState, readonly [ShapeName, Tone]>> = {
  works: ['ok', 'good'],
  refused: ['stop', 'bad'],
  unchecked: ['warn', 'warn'],
};

/** The keys, below the logins. */
export function KeyCards() {
  return app().keys.map(({ service, name, stored, ending, state }) => {
    if (!stored) return null;
    const [shape, tone] = KEY_LOOKS[state];
    const words = stateOf(state, name);
    return (
      <Card
        key={service}
        id={`key-${service}`}
        isKey
        label={T.cardName({ service: name, state: words })}
        name={name}
        tag={T.tag}
        subtitle={ending && T.endsIn({ label: ending })}
        shape={shape}
        tone={tone}
        state={words}
        onPress={() => go({ view: 'key', service })}
        menu={{
          label: T.moreFor({ service: name }),
          onPress: () => call('key:menu', { service }),
        }}
      />
    );
  });
}

function stateOf(state: KeyCardState, service: string): string {
  if (state === 'works') return T.works;
  return state === 'refused' ? T.notAccepted({ service }) : T.notChecked;
}
