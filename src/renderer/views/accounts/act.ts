import type { Card } from '../../../shared/ui/card.ts';
import type { CardAction } from '../../../shared/ui/look.ts';
import { signIn } from '../../flow.ts';
import { go } from '../../router.ts';
import { call } from '../../store.ts';

/** Does what a button of an account says. */
export function act({ account, provider }: Card, action: CardAction): unknown {
  switch (action.kind) {
    case 'sign-in':
      return signIn(provider, account);
    case 'show-sign-in':
      return go({ view: 'sign-in' });
    case 'tool':
      return go({ view: 'tool', tool: action.tool });
    case 'decide':
      return go({ view: 'other-account', tool: action.tool, provider });
  }
  // A sign-in that has no account yet has none of the others.
  if (account === null) return undefined;
  switch (action.kind) {
    case 'check':
      return call('account:check', { account });
    case 'open-service':
      return call('account:open-service', { account });
    case 'details':
      return go({ view: 'details', account, part: 'history' });
    case 'sign-out':
      return go({ view: 'sign-out', account });
  }
}
