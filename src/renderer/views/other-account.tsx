import type { ToolEntry, ToolView } from '../../shared/app-state.ts';
import { namesOf } from '../../shared/ui/card.ts';
import { plain } from '../../shared/ui/names.ts';
import { TEXTS } from '../../shared/ui/texts.ts';
import { signIn } from '../flow.ts';
import { useHold, useLeaving } from '../hooks.ts';
import { Button } from '../parts/button.tsx';
import { View } from '../parts/view.tsx';
import { Words } from '../parts/words.tsx';
import { drop } from '../router.ts';
import { app, call, serviceName, words } from '../store.ts';
import type { ViewOf } from '../views.ts';

const { otherAccount: T } = TEXTS;

/** A tool is signed in as somebody else. Nothing was changed, and the safe answer has the focus. */
export const OtherAccountView: ViewOf<'other-account'> = ({ tool: id, provider }) => {
  const tool = app().tools.find((one) => one.id === id);
  const entry = tool?.entries.find((one) => one.provider === provider && isTaken(one));
  useLeaving(!entry, 'other-account');
  return tool && entry ? <Question tool={tool} entry={entry} /> : null;
};

interface QuestionProps {
  readonly tool: ToolView;
  readonly entry: ToolEntry;
}

function Question({ tool: { id, name: tool }, entry }: QuestionProps) {
  const { provider } = entry;
  const { computer } = words();
  const holder = entry.holder === null ? null : plain(entry.holder);
  // Named in full once: the workspace behind the address is left out from then on.
  const person = holder?.replace(/ \(.*\)$/, '');
  const email = emailOf(entry);
  const is = holder
    ? T.isSignedInAs({ tool, computer, holder })
    : T.isSomeoneElse({ tool, computer });
  const heading = T.heading({ tool });
  useHold();
  return (
    <View title={heading} says={[heading, is]}>
      <p class="whose-is-it">
        <Words>{`${is} ${T.youAre({ email, service: serviceName(provider) })}`}</Words>
      </p>
      <p class="quiet body">{T.unchanged({ tool })}</p>
      <Button kind="main" large start onPress={() => answer('tool:leave', id, provider)}>
        {T.leave({ tool })}
      </Button>
      <Button large onPress={() => answer('tool:take', id, provider)}>
        <Words>{T.take({ tool, email })}</Words>
      </Button>
      {person && (
        <p class="keep-both">
          <Button kind="text" onPress={() => signIn(provider)}>
            <Words>{T.keepBoth({ holder: person })}</Words>
          </Button>
        </p>
      )}
      <p class="small if-you-switch">
        <Words>
          {person
            ? T.ifYouSwitch({ tool, holder: person, computer })
            : T.ifYouSwitchUnknown({ tool, computer })}
        </Words>
      </p>
    </View>
  );
}

async function answer(
  name: 'tool:leave' | 'tool:take',
  tool: string,
  provider: string,
): Promise<void> {
  const answered = await call(name, { tool, provider });
  if (answered.ok) drop('other-account');
}

function isTaken({ state }: ToolEntry): boolean {
  return state === 'other-account' || state === 'api-key';
}

function emailOf({ account: id }: ToolEntry): string | null {
  const account = app().accounts.find((one) => one.id === id);
  return account ? namesOf(account).email : null;
}
