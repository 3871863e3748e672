import type { AccountView } from '../../shared/account-view.ts';
import { byDay, sentenceOf } from '../../shared/history-texts.ts';
import { timeOfDay } from '../../shared/time-words.ts';
import { TEXTS } from '../../shared/ui/texts.ts';
import { useAccount } from '../hooks.ts';
import { Group, Row } from '../parts/list.tsx';
import { View } from '../parts/view.tsx';
import type { ViewOf } from '../views.ts';
import { historyContext, useHistory } from './details/history.ts';

/** All that happened to an account, by days. */
export const HistoryView: ViewOf<'history'> = ({ account: id }) => {
  const account = useAccount(id, 'details', 'history');
  if (!account) return null;
  return (
    <View kind="list" title={TEXTS.details.happened} says={TEXTS.details.happened} onlyRead>
      <Days account={account} />
    </View>
  );
};

function Days({ account }: { readonly account: AccountView }) {
  const items = useHistory(account) ?? [];
  const context = historyContext(account);
  return byDay(items, context).map(({ day, items: those }) => (
    <Group key={day} label={day}>
      {those.map((item) => {
        const name = sentenceOf(item, context);
        return <Row key={`${item.at} ${name}`} name={name} value={timeOfDay(item.at, context)} />;
      })}
    </Group>
  ));
}
