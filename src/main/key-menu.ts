import type { MenuItemConstructorOptions } from 'electron';
import type { KeyCardView } from '../shared/app-state.ts';
import { TEXTS } from '../shared/ui/texts.ts';
import { menuWordsFor } from './menu-words.ts';

/** What the items of a key's menu do. */
export interface KeyActions {
  readonly check: (service: string) => void;
  readonly replace: (service: string) => void;
  readonly remove: (service: string) => void;
}

/** The menu behind the dots of a key's card. `platform` as `process.platform` has it. */
export function keyMenu(
  { service }: Pick<KeyCardView, 'service'>,
  platform: string,
  actions: KeyActions,
): MenuItemConstructorOptions[] {
  const words = menuWordsFor(platform);
  const { menu, key } = TEXTS;
  return [
    { label: words(menu.checkNow), click: () => actions.check(service) },
    { type: 'separator' },
    { label: words(key.menu.replace), click: () => actions.replace(service) },
    { label: words(key.menu.remove), click: () => actions.remove(service) },
  ];
}
