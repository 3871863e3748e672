import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { app } from 'electron';
import { defaultHome } from '../core/paths.ts';
import { registerScheme } from './app-protocol.ts';

/** As the installer registers it: Windows shows no notification of a program that it does not know. */
const APP_ID = 'app.authbar';

/**
 * What has to be said before Electron is ready, and before anything else.
 * @returns whether the app was never started before.
 */
export function prepareApp(): { readonly firstLaunch: boolean } {
  app.enableSandbox();
  // We keep nothing in Chromium's own store, whose key would be one more question from the keychain.
  app.commandLine.appendSwitch('disable-features', 'UseKeychainKeyProvider');
  app.setAppUserModelId(APP_ID);
  registerScheme();
  return { firstLaunch: settle(process.env.AUTHBAR_HOME) };
}

/** Each state folder has a browser profile, and so a single instance, of its own. */
function settle(chosen: string | undefined): boolean {
  const home = chosen || defaultHome(process.env, process.platform);
  const profile = join(home, 'electron');
  const created = mkdirSync(profile, { recursive: true, mode: 0o700 });
  app.setPath('userData', profile);
  if (chosen) app.setAppLogsPath(join(profile, 'logs'));
  return created !== undefined;
}
