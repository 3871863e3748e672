import type { MenuItemConstructorOptions } from 'electron';
import type { AccountView } from '../shared/account-view.ts';
import { canBeUsed, waysToMove } from '../shared/ui/several.ts';
import { TEXTS } from '../shared/ui/texts.ts';
import { menuWordsFor } from './menu-words.ts';
import type { TrayActions } from './tray-menu.ts';

/** What the items of a card's menu do; the icon's has the same ones. */
export interface CardActions
  extends Pick<TrayActions, 'details' | 'check' | 'use' | 'signIn' | 'signOut'> {
  readonly rename: (account: string) => void;
  readonly move: (account: string, to: 'up' | 'down') => void;
}

/**
 * The menu behind a card's dots. `platform` as `process.platform` has it.
 * @param all Every account, in the order of their cards.
 */
export function cardMenu(
  account: AccountView,
  all: readonly AccountView[],
  platform: string,
  actions: CardActions,
): MenuItemConstructorOptions[] {
  const { id, provider, state } = account;
  const words = menuWordsFor(platform);
  const { up, down } = waysToMove(all, id);
  const { menu } = TEXTS;
  const isTrying = state === 'late' || state === 'waiting';
  return [
    { label: words(menu.details), click: () => actions.details(id) },
    { label: words(isTrying ? menu.tryNow : menu.checkNow), click: () => actions.check(id) },
    ...(canBeUsed(account) ? [{ label: words(menu.useThis), click: () => actions.use(id) }] : []),
    { label: words(menu.rename), click: () => actions.rename(id) },
    ...(up ? [{ label: words(menu.moveUp), click: () => actions.move(id, 'up') }] : []),
    ...(down ? [{ label: words(menu.moveDown), click: () => actions.move(id, 'down') }] : []),
    { type: 'separator' },
    { label: words(menu.signInAgain), click: () => actions.signIn(provider, id) },
    { label: words(menu.signOut), click: () => actions.signOut(id) },
  ];
}
