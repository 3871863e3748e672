import { app } from './app.ts';
import type { EditCommand } from './page.ts';
import { Simulated } from './simulated.ts';
import { pose, type Surface } from './surface.ts';

type Role = NonNullable<Electron.MenuItem['role']>;

interface RoleManner {
  readonly label: string;
  readonly act: (window?: Electron.BaseWindow, contents?: Electron.WebContents) => void;
}

function edit(label: string, command: EditCommand): RoleManner {
  return { label, act: (_window, contents) => contents?.[command]() };
}

/** What an item with a role is called and does. */
const ROLES: Partial<Record<Role, RoleManner>> = {
  about: { label: 'About', act: () => app.showAboutPanel() },
  close: { label: 'Close Window', act: (window) => window?.close() },
  copy: edit('Copy', 'copy'),
  cut: edit('Cut', 'cut'),
  hide: { label: 'Hide', act: () => app.hide() },
  paste: edit('Paste', 'paste'),
  quit: { label: 'Quit', act: () => app.quit() },
  redo: edit('Redo', 'redo'),
  selectAll: edit('Select All', 'selectAll'),
  undo: edit('Undo', 'undo'),
};

type ItemPromised = Surface<
  Electron.MenuItem,
  'checked' | 'click' | 'enabled' | 'id' | 'label' | 'sublabel' | 'toolTip' | 'type' | 'visible'
> &
  Partial<Pick<Electron.MenuItem, 'accelerator' | 'icon' | 'role' | 'submenu'>>;

/** An item of a menu. */
export class MenuItem implements ItemPromised {
  accelerator: Electron.Accelerator | null;
  checked: boolean;
  enabled: boolean;
  id: string;
  label: string;
  sublabel: string;
  toolTip: string;
  type: Electron.MenuItem['type'];
  visible: boolean;
  click: ItemPromised['click'];
  declare icon?: Electron.NativeImage | string;
  declare role?: Role;
  declare submenu?: Electron.Menu;

  constructor(options: Electron.MenuItemConstructorOptions) {
    const { submenu } = options;
    const role = options.role as Role | undefined;
    this.accelerator = options.accelerator ?? null;
    this.checked = options.checked ?? false;
    this.enabled = options.enabled ?? true;
    this.id = options.id ?? '';
    this.label = options.label ?? (role ? ROLES[role]?.label : undefined) ?? '';
    this.sublabel = options.sublabel ?? '';
    this.toolTip = options.toolTip ?? '';
    this.type = options.type ?? (submenu ? 'submenu' : 'normal');
    this.visible = options.visible ?? true;
    if (options.icon) this.icon = options.icon;
    if (role) this.role = role;
    if (submenu) this.submenu = Array.isArray(submenu) ? Menu.buildFromTemplate(submenu) : submenu;
    // Given away to be called with an event, a window and its contents, as Electron's own is.
    this.click = (
      event: Electron.KeyboardEvent,
      window?: Electron.BaseWindow,
      contents?: Electron.WebContents,
    ) => this.#choose(options.click, event, window, contents);
  }

  #choose(
    click: Electron.MenuItemConstructorOptions['click'],
    event: Electron.KeyboardEvent,
    window?: Electron.BaseWindow,
    contents?: Electron.WebContents,
  ): void {
    if (this.type === 'checkbox') this.checked = !this.checked;
    if (!this.role) {
      click?.(pose<Electron.MenuItem>(this), window, event);
      return;
    }
    const manner = ROLES[this.role];
    if (!manner) throw new Error(`stand-in: the menu role ${this.role} is not simulated`);
    manner.act(window, contents);
  }
}

let applicationMenu: Electron.Menu | null = null;

/** A menu. It is never drawn: the tests' tap opens it and chooses in it. */
export class Menu
  extends Simulated
  implements Surface<Electron.Menu, 'append' | 'closePopup' | 'getMenuItemById' | 'items' | 'popup'>
{
  readonly items: Electron.MenuItem[] = [];

  static buildFromTemplate(
    template: (Electron.MenuItemConstructorOptions | Electron.MenuItem)[],
  ): Electron.Menu {
    const menu = new Menu();
    for (const each of template) {
      const item =
        each instanceof MenuItem ? each : new MenuItem(each as Electron.MenuItemConstructorOptions);
      menu.append(pose<Electron.MenuItem>(item));
    }
    return pose<Electron.Menu>(menu);
  }

  static setApplicationMenu(menu: Electron.Menu | null): void {
    applicationMenu = menu;
  }

  static getApplicationMenu(): Electron.Menu | null {
    return applicationMenu;
  }

  append(item: Electron.MenuItem): void {
    this.items.push(item);
  }

  getMenuItemById(id: string): Electron.MenuItem | null {
    for (const item of this.items) {
      const found = item.id === id ? item : item.submenu?.getMenuItemById(id);
      if (found) return found;
    }
    return null;
  }

  popup(): void {
    this.emit('menu-will-show');
  }

  closePopup(): void {
    this.emit('menu-will-close');
  }
}
