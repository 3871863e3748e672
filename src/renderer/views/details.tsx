import type { AccountView } from '../../shared/account-view.ts';
import { type Card, cardOf, namesOf } from '../../shared/ui/card.ts';
import { TEXTS } from '../../shared/ui/texts.ts';
import { useAccount } from '../hooks.ts';
import { Button } from '../parts/button.tsx';
import { Shape } from '../parts/shape.tsx';
import { View } from '../parts/view.tsx';
import { Words } from '../parts/words.tsx';
import { app, clock } from '../store.ts';
import type { ViewOf } from '../views.ts';
import { act } from './accounts/act.ts';
import { Actions } from './details/actions.tsx';
import { Clocks } from './details/clocks.tsx';
import { Happened } from './details/happened.tsx';
import { PlanUse } from './details/plan-use.tsx';
import { UsedBy } from './details/used-by.tsx';

/** One account, all there is to know. */
export const DetailsView: ViewOf<'details'> = ({ account: id, part }) => {
  const account = useAccount(id, 'details', 'history');
  if (!account) return null;
  const card = cardOf(app(), account, clock.value);
  const { service, email } = card;
  const state = TEXTS.card.says({ lines: [card.line1] });
  return (
    <View kind="list" title={service} says={TEXTS.details.says({ service, email, state })}>
      <Standing account={account} card={card} />
      <Clocks account={account} service={service} />
      <PlanUse account={account} service={service} />
      <UsedBy account={account} service={service} />
      <Happened account={account} arrives={part === 'history'} />
      <Actions account={account} card={card} />
    </View>
  );
};

interface StandingProps {
  readonly account: AccountView;
  readonly card: Card;
}

/** Whose it is and how it is. What is wrong has its next step here, unless that stands below anyway. */
function Standing({ account, card }: StandingProps) {
  const { action, line2, tone } = card;
  const below = action?.kind === 'sign-in' || action?.kind === 'check';
  return (
    <div class="standing">
      <p class="small">
        <Words>{TEXTS.details.subtitle(namesOf(account))}</Words>
      </p>
      <p class={`card-state${card.state === 'sign-in-again' ? ' painted' : ''}`}>
        <Shape name={card.shape} tone={tone} />
        <span>{card.line1}</span>
      </p>
      {/* "Used by" has a section of its own. */}
      {line2 && card.usedBy !== line2 && <p class="small card-detail">{line2}</p>}
      {action && !below && (
        <div class="buttons">
          <Button onPress={() => act(card, action)}>{action.label}</Button>
        </div>
      )}
    </div>
  );
}
