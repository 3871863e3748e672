import type { MenuItemConstructorOptions } from 'electron';
import type { AccountView } from '../shared/account-view.ts';
import { TEXTS } from '../shared/ui/texts.ts';
import { menuWordsFor } from './menu-words.ts';
import type { TrayActions } from './tray-menu.ts';

/** What the items of a card's menu do; the icon's has the same ones. */
export type CardActions = Pick<TrayActions, 'details' | 'check' | 'signIn' | 'signOut'>;

/** The menu behind a card's dots. `platform` as `process.platform` has it. */
export function cardMenu(
  { id, provider, state }: AccountView,
  platform: string,
  actions: CardActions,
): MenuItemConstructorOptions[] {
  const words = menuWordsFor(platform);
  const { menu } = TEXTS;
  const isTrying = state === 'late' || state === 'waiting';
  return [
    { label: words(menu.details), click: () => actions.details(id) },
    { label: words(isTrying ? menu.tryNow : menu.checkNow), click: () => actions.check(id) },
    { type: 'separator' },
    { label: words(menu.signInAgain), click: () => actions.signIn(provider, id) },
    { label: words(menu.signOut), click: () => actions.signOut(id) },
  ];
}
