import { useEffect, useLayoutEffect } from 'preact/hooks';
import type { AccountView } from '../../../shared/account-view.ts';
import { sentenceOf, whySignedOut } from '../../../shared/history-texts.ts';
import { dayInWords, timeOfDay } from '../../../shared/time-words.ts';
import { TEXTS } from '../../../shared/ui/texts.ts';
import { Group, Row } from '../../parts/list.tsx';
import { go } from '../../router.ts';
import { say } from '../../says.ts';
import { historyContext, useHistory } from './history.ts';

/** So many are shown before "Show all". */
const FEW = 3;

const { details: T } = TEXTS;

/** What the section is drawn from. */
export interface HappenedProps {
  readonly account: AccountView;
  /** The person has asked why: it is scrolled to, and the answer is said. */
  readonly arrives: boolean;
}

/** Why the login is as it is: the answer where there is one, and the last things that happened. */
export function Happened({ account, arrives }: HappenedProps) {
  const items = useHistory(account);
  const context = historyContext(account);
  const why = items && whySignedOut(items, account, context);
  const isRead = items !== null;
  useLayoutEffect(() => {
    if (arrives && isRead) document.getElementById('happened')?.scrollIntoView();
  }, [arrives, isRead]);
  useEffect(() => {
    if (arrives && why) say(why);
  }, [arrives, why]);
  if (!items || items.length === 0) return null;
  const today = dayInWords(context.now, context.now, context);
  return (
    <Group label={T.happened} id="happened">
      {why && <Row name={why} />}
      {items.slice(0, FEW).map((item) => {
        const name = sentenceOf(item, context);
        const day = dayInWords(item.at, context.now, context);
        const value = day === today ? timeOfDay(item.at, context) : day;
        return <Row key={`${item.at} ${name}`} name={name} value={value} />;
      })}
      {items.length > FEW && (
        <Row name={T.showAll} onPress={() => go({ view: 'history', account: account.id })} />
      )}
    </Group>
  );
}
