import { useRef } from 'preact/hooks';
import { cardsOf } from '../../shared/ui/card.ts';
import { headingOf, saysOnOpen } from '../../shared/ui/heading.ts';
import { TEXTS } from '../../shared/ui/texts.ts';
import { IconButton } from '../parts/button.tsx';
import { View } from '../parts/view.tsx';
import { go } from '../router.ts';
import { clock, words } from '../store.ts';
import type { ViewOf } from '../views.ts';
import { AccountCard } from './accounts/account-card.tsx';
import { useChangesSaid } from './accounts/changes.ts';
import { KeyCards } from './accounts/key-cards.tsx';
import { Offer } from './accounts/offer.tsx';
import { useSettled } from './accounts/settled.ts';
import { TopBanner } from './accounts/top-banner.tsx';

const { accounts: T } = TEXTS;

/** Every login and how it is: whether the tools work right now, and whether there is something to do. */
export const AccountsView: ViewOf<'accounts'> = ({ focus }) => {
  const state = useSettled();
  const now = clock.value;
  const cards = cardsOf(state, now);
  const list = useRef<HTMLUListElement>(null);
  const isLocked = state.vault.state === 'locked' && state.accounts.length > 0;
  useChangesSaid(state, cards);
  return (
    <View
      kind="list"
      title={headingOf(state, now)}
      buttons={<HeaderButtons />}
      says={isLocked ? T.saysLocked(words()) : saysOnOpen(state, now)}
      urgency={isLocked ? 'alert' : 'status'}
      footer={state.online ? null : <p class="fill">{T.offline}</p>}
    >
      <TopBanner state={state} cards={cards} list={list} />
      <ul ref={list}>
        {cards.map((card) => (
          <AccountCard key={card.account} card={card} start={focus === card.account} />
        ))}
        <KeyCards />
      </ul>
      <Offer state={state} />
    </View>
  );
};

function HeaderButtons() {
  return (
    <>
      <IconButton icon="add" label={T.add} onPress={() => go({ view: 'add' })} />
      <IconButton icon="settings" label={T.settings} onPress={() => go({ view: 'settings' })} />
    </>
  );
}
