import { EventEmitter } from 'node:events';
import { host } from './host.ts';
import { Simulated } from './simulated.ts';
import { type Surface, simulate, strict } from './surface.ts';

type ThemePromised = Surface<
  Electron.NativeTheme,
  'shouldUseDarkColors' | 'shouldUseDarkColorsForSystemIntegratedUI' | 'themeSource'
>;

/** `nativeTheme`. The system itself is light. */
class NativeTheme extends Simulated implements ThemePromised {
  #source: Electron.NativeTheme['themeSource'] = 'system';

  get themeSource(): Electron.NativeTheme['themeSource'] {
    return this.#source;
  }

  set themeSource(source: Electron.NativeTheme['themeSource']) {
    const wasDark = this.shouldUseDarkColors;
    this.#source = source;
    if (this.shouldUseDarkColors !== wasDark) this.emit('updated');
  }

  get shouldUseDarkColors(): boolean {
    return this.#source === 'dark';
  }

  get shouldUseDarkColorsForSystemIntegratedUI(): boolean {
    return this.shouldUseDarkColors;
  }
}

export const nativeTheme = new NativeTheme();

/** `powerMonitor`. A test emits its events. */
class PowerMonitor
  extends Simulated
  implements Surface<Electron.PowerMonitor, 'getSystemIdleState' | 'isOnBatteryPower'>
{
  getSystemIdleState(): ReturnType<Electron.PowerMonitor['getSystemIdleState']> {
    return 'active';
  }

  isOnBatteryPower(): boolean {
    return false;
  }
}

export const powerMonitor = new PowerMonitor();

const SIZE = { width: 1440, height: 900 };
const ICON = 24;

/** How high the bar with the icon is; that of Windows lies at the bottom. */
const BAR = host.platform === 'win32' ? 48 : 25;

/** Where the icon is. Linux tells nobody. */
export function trayBounds(): Electron.Rectangle {
  if (host.platform === 'linux') return { x: 0, y: 0, width: 0, height: 0 };
  const top = host.platform === 'win32' ? SIZE.height - BAR : 0;
  return { x: 1200, y: top, width: ICON, height: BAR };
}

/** A fresh copy each time: what asks for it may change it. */
function display(): Electron.Display {
  const workAreaSize = { ...SIZE, height: SIZE.height - BAR };
  const top = host.platform === 'win32' ? 0 : BAR;
  return simulate<Electron.Display>('display', {
    id: 1,
    label: '',
    scaleFactor: 2,
    rotation: 0,
    internal: true,
    size: { ...SIZE },
    bounds: { x: 0, y: 0, ...SIZE },
    workAreaSize,
    workArea: { x: 0, y: top, ...workAreaSize },
  });
}

type ScreenPromised = Surface<
  Electron.Screen,
  | 'getAllDisplays'
  | 'getCursorScreenPoint'
  | 'getDisplayMatching'
  | 'getDisplayNearestPoint'
  | 'getPrimaryDisplay'
>;

/** `screen`: one display. */
class Screen extends Simulated implements ScreenPromised {
  getPrimaryDisplay(): Electron.Display {
    return display();
  }

  getAllDisplays(): Electron.Display[] {
    return [display()];
  }

  getDisplayMatching(): Electron.Display {
    return display();
  }

  getDisplayNearestPoint(): Electron.Display {
    return display();
  }

  getCursorScreenPoint(): Electron.Point {
    return { x: SIZE.width / 2, y: SIZE.height / 2 };
  }
}

export const screen = new Screen();

/** `shell`. The tests' tap notes what is opened. */
export const shell = strict('shell', {
  openExternal: async (_url: string): Promise<void> => undefined,
  openPath: async (_path: string): Promise<string> => '',
  showItemInFolder: (_path: string): void => undefined,
}) satisfies Pick<Electron.Shell, 'openExternal' | 'openPath' | 'showItemInFolder'>;

/** What `clipboard` holds, for whoever has to follow it. */
class ClipboardText extends EventEmitter<{ changed: [string] }> {
  #value = '';

  get value(): string {
    return this.#value;
  }

  set value(text: string) {
    this.#value = text;
    this.emit('changed', text);
  }
}

export const clipboardText = new ClipboardText();

/** `clipboard`, of this process alone. What a page copies does not get here. */
export const clipboard = strict('clipboard', {
  readText: async (): Promise<string> => clipboardText.value,
  writeText: async (text: string): Promise<void> => {
    clipboardText.value = text;
  },
  clear: (): void => {
    clipboardText.value = '';
  },
}) satisfies Pick<Electron.Clipboard, 'readText' | 'writeText' | 'clear'>;

/** `dialog`: the person cancels. */
export const dialog = strict('dialog', {
  showMessageBox: async (
    ...given: [Electron.BaseWindow, Electron.MessageBoxOptions] | [Electron.MessageBoxOptions]
  ): Promise<Electron.MessageBoxReturnValue> => {
    const { cancelId = 0 } = given.at(-1) as Electron.MessageBoxOptions;
    return { response: cancelId, checkboxChecked: false };
  },
  showSaveDialog: async (): Promise<Electron.SaveDialogReturnValue> => ({
    canceled: true,
    filePath: '',
  }),
  showErrorBox: (title: string, content: string): void => console.error(title, content),
}) satisfies Pick<Electron.Dialog, 'showMessageBox' | 'showSaveDialog' | 'showErrorBox'>;

/** `net`. A test replaces `isOnline`. */
export const net = strict('net', {
  isOnline: (): boolean => true,
  get online(): boolean {
    return net.isOnline();
  },
}) satisfies Pick<Electron.Net, 'isOnline' | 'online'>;
