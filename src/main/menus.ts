import { app, Menu, type MenuItemConstructorOptions, type Tray } from 'electron';
import type { Desktop } from '../core/app/desktop.ts';
import { appMenu } from './app-menu.ts';
import { type CardActions, cardMenu } from './card-menu.ts';
import { inForeground } from './ipc/foreground.ts';
import { type KeyActions, keyMenu } from './key-menu.ts';
import { platform } from './platform.ts';
import { type TrayActions, trayMenu } from './tray-menu.ts';
import type { Popover } from './window.ts';

/** The menus that the system draws. */
export interface Menus {
  /** Pops up the menu behind a card's dots. An account that is gone has none. */
  card(account: string): void;
  /** Pops up the menu behind the dots of a key's card. */
  key(service: string): void;
  /** What they show has changed. */
  update(): void;
}

/** Puts the menus where they belong. */
export function createMenus(tray: Tray, popover: Popover, desktop: Desktop): Menus {
  const actions = actionsOf(popover, desktop);
  const build = (template: MenuItemConstructorOptions[]) => {
    const menu = Menu.buildFromTemplate(template);
    menu.on('menu-will-show', () => popover.hold('menu', true));
    menu.on('menu-will-close', () => popover.hold('menu', false));
    return menu;
  };
  const trayTemplate = () => trayMenu(desktop.state(), Date.now(), actions);
  installAppMenu(popover, desktop);
  tray.on('right-click', () => tray.popUpContextMenu(build(trayTemplate())));
  return {
    card(account) {
      const { accounts } = desktop.state();
      const view = accounts.find(({ id }) => id === account);
      if (view) build(cardMenu(view, accounts, platform, actions)).popup();
    },
    key(service) {
      const view = desktop.state().keys.find((key) => key.service === service && key.stored);
      if (view) build(keyMenu(view, platform, keyActions(popover, desktop))).popup();
    },
    update() {
      // Linux draws the icon's menu by itself, and has to be given each new one.
      if (platform !== 'darwin' && platform !== 'win32') tray.setContextMenu(build(trayTemplate()));
    },
  };
}

/** Without one, ⌘V is dead in the code field. Other systems would draw theirs into the window. */
function installAppMenu(popover: Popover, desktop: Desktop): void {
  const template = appMenu({
    about: () => popover.show({ view: 'about' }),
    settings: () => popover.show({ view: 'settings' }),
    quit: () => popover.show({ view: 'quit' }),
    zoom: (step) => void desktop.zoom(step),
    close: () => popover.tell({ kind: 'dismiss' }),
  });
  Menu.setApplicationMenu(platform === 'darwin' ? Menu.buildFromTemplate(template) : null);
}

function actionsOf(popover: Popover, desktop: Desktop): TrayActions & CardActions {
  const { handlers } = desktop;
  return {
    open: () => popover.show(null),
    settings: () => popover.show({ view: 'settings' }),
    quit: () => app.quit(),
    signIn: (provider, account) => inForeground(() => desktop.signIn(provider, account)),
    // What comes of it shows on the card.
    check: (account) => {
      inForeground(() => handlers['account:check']({ account })).catch(() => {});
    },
    use: (account) => {
      inForeground(() => handlers['account:use']({ account })).catch(() => {});
    },
    move: (account, to) => {
      handlers['account:move']({ account, to }).catch(() => {});
    },
    rename: (account) => popover.show({ view: 'rename', account }),
    details: (account) => popover.show({ view: 'details', account }),
    signOut: (account) => popover.show({ view: 'sign-out', account }),
  };
}

function keyActions(popover: Popover, desktop: Desktop): KeyActions {
  return {
    // What comes of it shows on the card.
    check: (service) => {
      inForeground(() => desktop.handlers['key:check']({ service })).catch(() => {});
    },
    replace: (service) => popover.show({ view: 'key', service }),
    remove: (service) => popover.show({ view: 'remove-key', service }),
  };
}
