import type { MenuItemConstructorOptions } from 'electron';
import { TEXTS } from '../shared/ui/texts.ts';
import { menuWordsFor } from './menu-words.ts';

/** What the items of the application's menu do. */
export interface AppMenuActions {
  readonly about: () => void;
  readonly settings: () => void;
  /** Asks first: ⌘Q is a habit, and it would switch the renewals off. */
  readonly quit: () => void;
  readonly zoom: (step: 'bigger' | 'smaller' | 'actual') => void;
  /** Hides the window. */
  readonly close: () => void;
}

const SEPARATOR: MenuItemConstructorOptions = { type: 'separator' };

/**
 * The menu of the application, which is never seen. Without it ⌘C, ⌘V, ⌘X, ⌘A and ⌘Z do nothing on a
 * Mac (https://www.electronjs.org/docs/latest/tutorial/keyboard-shortcuts). No reload, no developer tools.
 */
export function appMenu(actions: AppMenuActions): MenuItemConstructorOptions[] {
  const words = menuWordsFor('darwin');
  const { menu } = TEXTS;
  const item = (text: string, accelerator: string, click: () => void) => ({
    label: words(text),
    accelerator,
    click,
  });
  return [
    {
      label: TEXTS.common.app,
      submenu: [
        { label: words(menu.about), click: actions.about },
        SEPARATOR,
        item(menu.settings, 'Command+,', actions.settings),
        SEPARATOR,
        { label: words(menu.hide), role: 'hide' },
        SEPARATOR,
        item(menu.quit, 'Command+Q', actions.quit),
      ],
    },
    {
      label: words(menu.edit),
      submenu: [
        { role: 'undo' },
        { role: 'redo' },
        SEPARATOR,
        { role: 'cut' },
        { role: 'copy' },
        { role: 'paste' },
        { role: 'selectAll' },
      ],
    },
    {
      label: words(menu.view),
      submenu: [
        item(menu.bigger, 'Command+Plus', () => actions.zoom('bigger')),
        item(menu.smaller, 'Command+-', () => actions.zoom('smaller')),
        item(menu.actualSize, 'Command+0', () => actions.zoom('actual')),
      ],
    },
    {
      label: words(menu.window),
      submenu: [item(menu.close, 'Command+W', actions.close)],
    },
  ];
}
