import { writeFile } from 'node:fs/promises';
import { app, clipboard, dialog, shell } from 'electron';
import { systemAddress } from '../core/app/links.ts';
import type { Shell } from '../core/app/ports.ts';
import type { Context } from '../core/context.ts';
import { openAtLogin } from './autostart.ts';
import { os, platform } from './platform.ts';
import { openExternal } from './security/external-links.ts';
import type { Popover } from './window.ts';

/** The parts of the app that the engine’s side reaches. */
export interface ShellParts extends Pick<Shell, 'logTail' | 'isOnline'> {
  readonly popover: Popover;
  /** Sends the first notification. */
  readonly greet: () => void;
}

/** What the system does for the engine’s side of the app. */
export function createShell(context: Context, { popover, greet, ...rest }: ShellParts): Shell {
  const here = { ...context, platform };
  return {
    ...rest,
    facts: () => ({ os, platform, locale: app.getSystemLocale(), closable: popover.isAdrift }),
    version: app.getVersion(),
    openExternal: (url) => openExternal(url, here),
    async openSystemPage(page) {
      const address = systemAddress(page, platform);
      if (address) await openExternal(address, here);
    },
    copy: (text) => clipboard.writeText(text),
    showFile: (path) => shell.showItemInFolder(path),
    saveText,
    openAtLogin,
    welcomeNotice: greet,
    isIconHidden: () => popover.isIconHidden,
    show: (place) => popover.show(place),
  };
}

async function saveText(name: string, text: string): Promise<boolean> {
  const { canceled, filePath } = await dialog.showSaveDialog({ defaultPath: name });
  if (canceled) return false;
  await writeFile(filePath, text, { mode: 0o600 });
  return true;
}
