import type { AccountView } from '../../../shared/account-view.ts';
import { isCustomId } from '../../../shared/custom-id.ts';
import { namesOf } from '../../../shared/ui/card.ts';
import { keptIn } from '../../../shared/ui/kept-in.ts';
import { capitalised } from '../../../shared/ui/names.ts';
import { TEXTS } from '../../../shared/ui/texts.ts';
import { useHold } from '../../hooks.ts';
import { Button } from '../../parts/button.tsx';
import { Group, Row } from '../../parts/list.tsx';
import { Spinner } from '../../parts/shape.tsx';
import { View } from '../../parts/view.tsx';
import { Words } from '../../parts/words.tsx';
import { back } from '../../router.ts';
import { app, serviceName, words } from '../../store.ts';
import { holdsOurs } from '../../tools.ts';

const { signOut: T } = TEXTS;

/** What the question is drawn from. */
export interface QuestionProps {
  readonly account: AccountView;
  /** It was agreed to, and goes on. */
  readonly busy: boolean;
  readonly onSignOut: () => unknown;
}

/** What is taken away, and what that means. The safe answer has the focus. */
export function Question({ account, busy, onSignOut }: QuestionProps) {
  const service = serviceName(account.provider);
  const { email } = namesOf(account);
  const tools = toolsWith(account);
  // No keychain item has a login that is for no tool.
  const here = isCustomId(account.provider) ? words().computer : null;
  const place = here ? capitalised(here) : keptIn(app());
  const heading = T.heading({ service });
  useHold();
  return (
    <View title={heading} says={[heading, saysPlaces(tools, here)]}>
      <p class="asked">
        <Words>{T.removes({ email, service })}</Words>
      </p>
      <Group>{[...tools, place].map((name) => name && <Row key={name} name={name} />)}</Group>
      <p class="quiet answered">{T.stops({ tools, service })}</p>
      <div class="buttons answers">
        {busy && <Spinner />}
        <Button start onPress={back}>
          {T.cancel}
        </Button>
        <Button kind="bad" onPress={onSignOut}>
          {T.signOut}
        </Button>
      </div>
    </View>
  );
}

function saysPlaces(tools: readonly string[], here: string | null): string {
  if (here) return T.says({ tools, keychain: here });
  if (app().vault.kind === 'file') return T.saysFile({ tools });
  return T.says({ ...words(), tools });
}

function toolsWith({ id }: AccountView): string[] {
  return app()
    .tools.filter(({ entries }) =>
      entries.some((entry) => entry.account === id && holdsOurs(entry)),
    )
    .map(({ name }) => name);
}
