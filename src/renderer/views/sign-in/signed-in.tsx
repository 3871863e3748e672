import { useSignal } from '@preact/signals';
import { namesOf } from '../../../shared/ui/card.ts';
import { isServed } from '../../../shared/ui/situation.ts';
import type { Standing } from '../../../shared/ui/standing.ts';
import { TEXTS } from '../../../shared/ui/texts.ts';
import { Button } from '../../parts/button.tsx';
import { Group, Row, SwitchRow } from '../../parts/list.tsx';
import { Shape } from '../../parts/shape.tsx';
import { View } from '../../parts/view.tsx';
import { Words } from '../../parts/words.tsx';
import { go } from '../../router.ts';
import { app, ask, call, serviceName, words } from '../../store.ts';
import { standingOf, type ToolWithLogin, toolsFor, wayTo } from '../../tools.ts';
import type { At } from './step.ts';

const { signedIn, tool: TOOL } = TEXTS.signIn;

const READY: readonly Standing[] = ['ready', 'restart'];

/** The first login ever: where it went, and two switches that take effect at Done. */
export function SignedInView({ provider, accountId }: At<'signed-in'>) {
  const openAtLogin = useSignal(true);
  const notices = useSignal(true);
  const service = serviceName(provider);
  const rows = toolsFor(provider, accountId);
  const ready = rows.filter((row) => READY.includes(standingOf(row))).map(({ tool }) => tool.name);
  const done = async () => {
    const changed = await call('settings:change', {
      openAtLogin: openAtLogin.value,
      notices: notices.value,
    });
    // The view goes with the sign-in.
    if (changed.ok) await call('sign-in:close');
  };
  return (
    <View
      heading={signedIn.heading({ service })}
      mark={<Shape name="ok" tone="good" large />}
      says={signedIn.says({ service, tools: ready })}
      onBack={() => void ask('window:hide')}
      steady
    >
      <Whose account={accountId} />
      {rows.length > 0 ? (
        <Group>
          {rows.map((row) => (
            <ToolRow key={row.tool.id} {...row} />
          ))}
        </Group>
      ) : (
        <p class="quiet">
          {isServed(app(), { provider }) ? signedIn.noTools(words()) : TEXTS.card.standbyTools}
        </p>
      )}
      <Group>
        <SwitchRow
          name={TEXTS.settings.openAtLogin(words())}
          on={openAtLogin.value}
          onChange={(on) => {
            openAtLogin.value = on;
          }}
        />
        <SwitchRow
          name={TEXTS.settings.notices}
          on={notices.value}
          onChange={(on) => {
            notices.value = on;
          }}
        />
      </Group>
      <Button kind="main" large onPress={done}>
        {signedIn.done}
      </Button>
    </View>
  );
}

function ToolRow(row: ToolWithLogin) {
  const standing = standingOf(row);
  const way = wayTo(standing, row);
  const value = standing === 'soon' ? TEXTS.details.tool.soon : TOOL[standing];
  return <Row name={row.tool.name} value={value} {...(way && { onPress: () => go(way) })} />;
}

function Whose({ account: id }: { readonly account: string }) {
  const account = app().accounts.find((one) => one.id === id);
  if (!account) return null;
  const names = namesOf(account);
  return (
    <p class="quiet whose">
      <Words>{TEXTS.details.subtitle({ ...names, workspace: null })}</Words>
    </p>
  );
}
