import type { SignOutView } from '../../../shared/app-state.ts';
import { TEXTS } from '../../../shared/ui/texts.ts';
import { Button } from '../../parts/button.tsx';
import { Group, Row } from '../../parts/list.tsx';
import { Shape } from '../../parts/shape.tsx';
import { View } from '../../parts/view.tsx';
import { home } from '../../router.ts';
import { call, serviceName, words } from '../../store.ts';

const { done: T } = TEXTS.signOut;

const GOOD = <Shape name="ok" tone="good" />;
const WARN = <Shape name="warn" tone="warn" />;

/** What the end is drawn from. */
export interface SignedOutProps {
  readonly provider: string;
  readonly outcome: SignOutView;
}

/** Where the login was taken away, and where it could not be. */
export function SignedOut({ provider, outcome }: SignedOutProps) {
  const { removed, kept, ended } = outcome;
  const service = serviceName(provider);
  return (
    <View
      title={T.heading({ service })}
      says={T.says({ service, count: removed.length })}
      onBack={home}
    >
      <Group>
        {removed.map((tool) => (
          <Row key={tool} mark={GOOD} name={T.removed({ tool })} />
        ))}
        {kept.map(({ tool, name }) => (
          <Row key={tool} mark={WARN} name={T.kept({ tool: name })}>
            <Button onPress={() => call('tool:show-file', { tool })}>{words().finder}</Button>
          </Row>
        ))}
        {ended === true && <Row mark={GOOD} name={T.ended({ service })} />}
        {ended === false && <Row mark={WARN} name={T.notEnded({ ...words(), service })} />}
      </Group>
      <Button kind="main" large onPress={home}>
        {T.done}
      </Button>
    </View>
  );
}
