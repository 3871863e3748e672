import type { ToolView as Tool, ToolEntry } from '../../shared/app-state.ts';
import { described } from '../../shared/ui/situation.ts';
import { signedOutOf } from '../../shared/ui/standing.ts';
import { TEXTS } from '../../shared/ui/texts.ts';
import { type Act, wayOut } from '../actions.ts';
import { useLeaving } from '../hooks.ts';
import { Banner } from '../parts/banner.tsx';
import { Button } from '../parts/button.tsx';
import { ChoiceRow } from '../parts/choice.tsx';
import { Group, Row } from '../parts/list.tsx';
import { View } from '../parts/view.tsx';
import { app, call, clock, serviceName, words } from '../store.ts';
import type { ViewOf } from '../views.ts';
import { ToolSwitch } from './tool-switch.tsx';

const { tool: T } = TEXTS;

/** One tool: whether it gets the logins, who may renew them, and where they are. */
export const ToolView: ViewOf<'tool'> = ({ tool: id }) => {
  const tool = app().tools.find((one) => one.id === id);
  useLeaving(!tool, 'tool');
  if (!tool) return null;
  const problem = problemOf(tool);
  const gone = signedOutOf(app(), tool)?.entry;
  return (
    <View kind="list" title={tool.name} says={tool.name}>
      {problem && <Problem tool={tool} entry={problem} />}
      {!problem && gone && <SignedOut tool={tool} entry={gone} />}
      <Group>
        <ToolSwitch tool={tool} name={T.give({ tool: tool.name })} />
      </Group>
      {tool.mode !== 'off' && <Renewing tool={tool} />}
      {tool.path !== null && (
        <Group label={T.where}>
          <Row name={<span class="path selectable">{tool.path}</span>}>
            <Button onPress={() => showFile(tool)}>{words().finder}</Button>
          </Row>
        </Group>
      )}
    </View>
  );
};

function Renewing({ tool: { id, name: tool, mode } }: { readonly tool: Tool }) {
  const choose = (mode: Tool['mode']) => call('tool:mode', { tool: id, mode });
  return (
    <Group label={T.whoRenews}>
      <ChoiceRow
        group="who-renews"
        name={T.both({ tool })}
        detail={T.bothHelp({ tool })}
        chosen={mode === 'shared'}
        onChoose={() => choose('shared')}
      />
      <ChoiceRow
        group="who-renews"
        name={T.onlyAuthbar}
        detail={T.onlyAuthbarHelp({ tool })}
        chosen={mode === 'access-only'}
        onChoose={() => choose('access-only')}
      />
    </Group>
  );
}

interface ProblemProps {
  readonly tool: Tool;
  readonly entry: ToolEntry;
}

/** Why a login is not in the tool. Where its file has to be looked at, the button for that stands below. */
function Problem({ tool, entry: { code, provider } }: ProblemProps) {
  if (code === null) return null;
  const names = { tool: tool.name, service: serviceName(provider) };
  const error = described({ state: app(), now: clock.value }, code, names);
  const { title, sentence } = error;
  const button: Act | undefined = wayOut(error);
  return <Banner tone="warn" shape="warn" title={title} sentence={sentence} button={button} />;
}

/** Who signs out in a tool means it: the login comes back when they say so here. */
function SignedOut({ tool, entry: { provider } }: ProblemProps) {
  const { title, sentence, putBack } = T.signedOut;
  return (
    <Banner
      tone="accent"
      shape="ask"
      title={title({ service: serviceName(provider) })}
      sentence={sentence({ tool: tool.name })}
      button={{
        words: putBack,
        onPress: () => call('tool:mode', { tool: tool.id, mode: 'on' }),
      }}
    />
  );
}

/** Somebody else's login there is a question, which has a view of its own. */
function problemOf({ mode, entries }: Tool): ToolEntry | undefined {
  if (mode === 'off') return undefined;
  return entries.find(
    ({ code, state }) => code !== null && code !== 'tool-other-account' && state !== 'empty',
  );
}

function showFile({ id }: Tool): void {
  void call('tool:show-file', { tool: id });
}
