import type { LoginItemSettings } from 'electron';

/** Whether the app opens at login, and whether the system waits for the person's approval. */
export interface LoginItem {
  readonly on: boolean;
  readonly blocked: boolean;
}

type Told = Pick<LoginItemSettings, 'openAtLogin' | 'status' | 'executableWillLaunchAtLogin'>;

/** What the system says about it, on macOS and Windows. */
export function loginItem(
  { openAtLogin, status, executableWillLaunchAtLogin }: Told,
  platform: string,
): LoginItem {
  // Windows keeps the entry of a program that the person has switched off in its own settings.
  if (platform === 'win32')
    return { on: openAtLogin && executableWillLaunchAtLogin, blocked: false };
  const blocked = status === 'requires-approval';
  return { on: openAtLogin || blocked, blocked };
}
