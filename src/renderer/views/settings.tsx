import { keptIn } from '../../shared/ui/kept-in.ts';
import { TEXTS } from '../../shared/ui/texts.ts';
import { Button } from '../parts/button.tsx';
import { Group, Row, SwitchRow } from '../parts/list.tsx';
import { View } from '../parts/view.tsx';
import { go } from '../router.ts';
import { app, call, words } from '../store.ts';
import type { ViewOf } from '../views.ts';
import { ToolSwitch } from './tool-switch.tsx';

const { settings: T } = TEXTS;

/** The person's switches, and help. */
export const SettingsView: ViewOf<'settings'> = () => (
  <View kind="list" title={T.heading} says={T.says}>
    <General />
    <Tools />
    <Help />
  </View>
);

function General() {
  const { openAtLogin, openAtLoginBlocked, notices, noticesBlocked } = app().settings;
  return (
    <Group label={T.general}>
      <SwitchRow
        name={T.openAtLogin(words())}
        on={openAtLogin}
        onChange={(on) => call('settings:change', { openAtLogin: on })}
        detail={openAtLoginBlocked && T.openAtLoginBlocked(words())}
      >
        {openAtLoginBlocked && <OpenSystem page="login-items" />}
      </SwitchRow>
      <SwitchRow
        name={T.notices}
        on={notices}
        onChange={(on) => call('settings:change', { notices: on })}
        detail={notices && noticesBlocked && T.noticesBlocked}
      >
        {notices && noticesBlocked && <OpenSystem page="notifications" />}
      </SwitchRow>
    </Group>
  );
}

/** Linux has no such page that an address leads to. */
function OpenSystem({ page }: { readonly page: 'login-items' | 'notifications' }) {
  if (app().system.os === 'linux') return null;
  return (
    <Button onPress={() => call('settings:open-system', { page })}>
      {T.openSettings(words())}
    </Button>
  );
}

function Tools() {
  const installed = app().tools.filter((tool) => tool.installed);
  return (
    <Group label={T.tools}>
      {installed.map((tool) => (
        <ToolSwitch key={tool.id} tool={tool} />
      ))}
      {installed.length === 0 && <Row name={T.noTools(words())} />}
    </Group>
  );
}

function Help() {
  const place = keptIn(app());
  return (
    <Group label={T.help}>
      {place && <Row name={T.keptIn} value={place} />}
      <Row name={T.saveReport} leads={false} onPress={() => go({ view: 'report' })} />
      <Row name={T.version} value={app().version} />
      <Row name={T.about} onPress={() => go({ view: 'about' })} />
      <Row name={T.engineers} onPress={() => go({ view: 'engineers' })} />
    </Group>
  );
}
