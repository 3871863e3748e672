import type { ErrorDescription } from '../shared/error-texts.ts';
import type { ErrorCode } from '../shared/errors.ts';
import { go } from './router.ts';
import { call } from './store.ts';

/** What a button says and does. */
export interface Act {
  readonly words: string;
  readonly onPress: () => unknown;
}

const showFolder = () => call('settings:show-folder');

/** What an error's own button does, wherever the error was met. Of the others only the place knows. */
const WAYS_OUT: { readonly [Code in ErrorCode]?: () => unknown } = {
  'clock-wrong': () => call('settings:open-system', { page: 'date-time' }),
  'folder-protected': showFolder,
  'keychain-locked': () => call('keychain:unlock'),
  'keychain-refused': () => call('keychain:unlock'),
  'keyring-missing': () => go({ view: 'keychain' }),
  'login-item-blocked': () => call('settings:open-system', { page: 'login-items' }),
  'notifications-off': () => call('settings:open-system', { page: 'notifications' }),
  'providers-damaged': showFolder,
  unexpected: () => go({ view: 'report' }),
};

/** The next step out of an error, where it is the same everywhere. */
export function wayOut({ code, action }: ErrorDescription): Act | undefined {
  const onPress = WAYS_OUT[code];
  return onPress && { words: action, onPress };
}
