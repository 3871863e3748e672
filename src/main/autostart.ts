import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { app } from 'electron';
import type { Shell } from '../core/app/ports.ts';
import { loginItem } from './login-item.ts';
import { platform } from './platform.ts';
import { isStartedBySession, sessionEntry } from './session-entry.ts';

/** Says that nobody is looking: the session started the app. macOS passes no arguments on. */
const FLAG = '--autostart';

/** Whether the app was started with the session, so that no window opens. */
export function wasStartedAtLogin(): boolean {
  if (platform === 'darwin') return app.getLoginItemSettings().wasOpenedAtLogin;
  return process.argv.includes(FLAG);
}

/** The system's own switch, read and written where the system keeps it. */
export const openAtLogin: Shell['openAtLogin'] =
  platform === 'linux' ? withSessionEntry(entryPath()) : withLoginItem();

function withLoginItem(): Shell['openAtLogin'] {
  // Windows compares the whole command.
  const item = platform === 'win32' ? { path: process.execPath, args: [FLAG] } : {};
  return {
    read: () => loginItem(app.getLoginItemSettings(item), platform),
    write: (on) => app.setLoginItemSettings({ ...item, openAtLogin: on }),
  };
}

/** Electron has no such switch for Linux. https://specifications.freedesktop.org/autostart-spec/latest/ */
function withSessionEntry(path: string): Shell['openAtLogin'] {
  return {
    read: () => ({
      on: existsSync(path) && isStartedBySession(readFileSync(path, 'utf8')),
      blocked: false,
    }),
    write(on) {
      if (!on) return rmSync(path, { force: true });
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, sessionEntry([...program(), FLAG]));
    },
  };
}

function entryPath(): string {
  const { XDG_CONFIG_HOME } = process.env;
  const config = XDG_CONFIG_HOME?.startsWith('/') ? XDG_CONFIG_HOME : join(homedir(), '.config');
  return join(config, 'autostart', 'authbar.desktop');
}

/** An AppImage runs from a folder that is gone when it ends. */
function program(): string[] {
  if (process.env.APPIMAGE) return [process.env.APPIMAGE];
  return app.isPackaged ? [process.execPath] : [process.execPath, app.getAppPath()];
}
