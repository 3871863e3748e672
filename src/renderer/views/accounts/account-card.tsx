import type { Card as CardLook } from '../../../shared/ui/card.ts';
import type { CardAction } from '../../../shared/ui/look.ts';
import { TEXTS } from '../../../shared/ui/texts.ts';
import { Button } from '../../parts/button.tsx';
import { Card } from '../../parts/card.tsx';
import { Words } from '../../parts/words.tsx';
import { go } from '../../router.ts';
import { call } from '../../store.ts';
import { act } from './act.ts';

/** How many characters of an address there is room for beside a name and a plan. */
const FITS_BESIDE_NAME = 24;

/** What the card of an account is drawn with. */
export interface AccountCardProps {
  readonly card: CardLook;
  /** The focus starts on it. */
  readonly start: boolean;
}

/** One account, or a sign-in of which nobody knows yet whose it will be. */
export function AccountCard({ card, start }: AccountCardProps) {
  const { account, action, second } = card;
  const open = () => go(account === null ? { view: 'sign-in' } : { view: 'details', account });
  return (
    <Card
      id={account}
      label={card.name}
      name={card.service}
      tag={card.tag}
      subtitle={card.subtitle && <Subtitle card={card} />}
      shape={card.shape}
      tone={card.tone}
      state={card.line1}
      painted={card.state === 'sign-in-again'}
      detail={card.line2}
      compact={card.compact}
      start={start}
      onPress={open}
      {...(account !== null && { menu: menuOf(card, account) })}
    >
      {(action ?? second) && (
        <>
          {action && <ActionButton card={card} action={action} main={card.main} />}
          {second && <ActionButton card={card} action={second} main={false} />}
        </>
      )}
    </Card>
  );
}

/** A small card has it on the line of the name. */
function Subtitle({ card: { subtitle, compact } }: { readonly card: CardLook }) {
  return <Words {...(compact && { fits: FITS_BESIDE_NAME })}>{subtitle}</Words>;
}

interface ActionButtonProps {
  readonly card: CardLook;
  readonly action: CardAction;
  readonly main: boolean;
}

function ActionButton({ card, action, main }: ActionButtonProps) {
  return (
    <Button
      kind={main ? 'main' : 'plain'}
      id={`${action.kind}-${card.account ?? 'new'}`}
      onPress={() => act(card, action)}
    >
      {action.label}
    </Button>
  );
}

function menuOf({ service, email }: CardLook, account: string) {
  return {
    label: TEXTS.card.moreFor({ service, email }),
    onPress: () => call('account:menu', { account }),
  };
}
