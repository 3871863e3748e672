import { TEXTS } from '../../shared/ui/texts.ts';
import { Button } from '../parts/button.tsx';
import { View } from '../parts/view.tsx';
import { back, backFrom, visit } from '../router.ts';
import { app, call, words } from '../store.ts';
import { notAllowed } from '../tools.ts';
import type { ViewOf } from '../views.ts';

const { consent: T } = TEXTS;

/** The tools about which the system asks the person right now. */
const asking = new Set<string>();

/** Shown before the system asks whether Authbar may change what a tool keeps in the keychain: never a surprise. */
export const ConsentView: ViewOf<'consent'> = ({ tool: id }) => {
  const here = visit.value;
  const tool = app().tools.find((one) => one.id === id)?.name ?? id;
  const heading = T.heading(words());
  const body = T.body({ ...words(), tool });
  const goOn = async () => {
    const answered = await askFor(id);
    if (answered) backFrom(here);
  };
  return (
    <View title={tool} heading={heading} says={[heading, body]} describedBy="consent">
      <p class="quiet body" id="consent">
        {body}
      </p>
      <Button kind="main" large onPress={goOn}>
        {T.continue}
      </Button>
      <Button large onPress={back}>
        {T.notNow}
      </Button>
    </View>
  );
};

/** One question at a time. @returns whether there was an answer to it. */
async function askFor(tool: string): Promise<boolean> {
  if (asking.has(tool)) return false;
  asking.add(tool);
  const answer = await call('tool:ask-consent', { tool });
  asking.delete(tool);
  if (answer.ok) remember(tool, answer.value.granted);
  return answer.ok;
}

/** Its row says "Not allowed yet" from now on, or no longer. */
function remember(tool: string, granted: boolean): void {
  const others = [...notAllowed.value].filter((one) => one !== tool);
  notAllowed.value = new Set(granted ? others : [...others, tool]);
}
