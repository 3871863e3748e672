import type Electron from 'electron';

/** The icon in the menu bar. */
export interface TrayState {
  /** Paths of the images that it was changed to, in order. The one that it was made with nobody can ask for. */
  readonly images: readonly string[];
  /** The last of them: what it shows, if it was ever changed. */
  readonly image: string | undefined;
  readonly toolTip: string;
}

/** A notification that was shown. */
export interface Notice {
  readonly id: string;
  readonly title: string;
  readonly body: string;
  readonly silent: boolean;
  /** The texts of its buttons. */
  readonly actions: readonly string[];
  /** Whether the app took it away again. */
  readonly removed: boolean;
}

/** An item of a native menu. */
export interface MenuOutline {
  readonly label: string;
  readonly type: string;
  readonly enabled: boolean;
  readonly checked: boolean;
  readonly submenu?: readonly MenuOutline[];
}

/** The popover. */
export interface WindowState {
  readonly visible: boolean;
  readonly focused: boolean;
  readonly bounds: Electron.Rectangle;
}

/** test/e2e/tap.cjs, as it stands in the app's process. */
interface Tap {
  readonly ready: Promise<void>;
  readonly opened: string[];
  readonly notices: { readonly notification: Electron.Notification; readonly removed: boolean }[];
  isOnline: boolean;
  jump(ms: number): void;
  pass(ms: number): Promise<void>;
  click(event: string): void;
  trayState(): TrayState;
  menuInSight(): Electron.Menu;
  choose(menu: Electron.Menu, path: readonly string[]): void;
  closeMenu(): void;
  outline(menu: Electron.Menu): MenuOutline[];
}

declare global {
  var authbarTap: Tap;
}
