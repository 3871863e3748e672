/**
 * The module `electron`, for what `src/main` and `menubar` use of it. Anything else throws and says its
 * name; what is here has the types of electron.d.ts, so it cannot drift from the real one.
 */
import { app } from './app.ts';
import { webContents } from './contents.ts';
import { ipcMain } from './ipc.ts';
import { Menu, MenuItem } from './menu.ts';
import { Notification } from './notification.ts';
import { protocol, session } from './session.ts';
import { simulate } from './surface.ts';
import { clipboard, dialog, nativeTheme, net, powerMonitor, screen, shell } from './system.ts';
import { nativeImage, Tray } from './tray.ts';
import { BrowserWindow } from './window.ts';

type Exports = Partial<Record<keyof typeof Electron.CrossProcessExports, unknown>>;

const electron = simulate<Exports>('module', {
  app,
  BrowserWindow,
  clipboard,
  dialog,
  ipcMain,
  Menu,
  MenuItem,
  nativeImage,
  nativeTheme,
  net,
  Notification,
  powerMonitor,
  protocol,
  screen,
  session,
  shell,
  Tray,
  webContents,
});

// The static sides, which `implements` does not look at.
BrowserWindow satisfies Pick<
  typeof Electron.BrowserWindow,
  'fromWebContents' | 'getAllWindows' | 'getFocusedWindow'
>;
Menu satisfies Pick<
  typeof Electron.Menu,
  'buildFromTemplate' | 'getApplicationMenu' | 'setApplicationMenu'
>;
Notification satisfies Pick<
  typeof Electron.Notification,
  'getHistory' | 'handleActivation' | 'isSupported' | 'remove' | 'removeAll' | 'removeGroup'
>;

export {
  app,
  BrowserWindow,
  clipboard,
  dialog,
  ipcMain,
  Menu,
  MenuItem,
  Notification,
  nativeImage,
  nativeTheme,
  net,
  powerMonitor,
  protocol,
  screen,
  session,
  shell,
  Tray,
  webContents,
};
export default electron;
