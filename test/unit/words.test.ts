import { expect, test } from 'vitest';
import { wordsFor } from '../../src/shared/words.ts';

test.each([
  ['darwin', 'this Mac', 'your keychain', 'menu bar', 'Show in Finder'],
  ['win32', 'this PC', 'Credential Manager', 'taskbar corner', 'Show in File Explorer'],
  ['linux', 'this computer', 'your keyring', 'top bar', 'Show in folder'],
  ['freebsd', 'this computer', 'your keyring', 'top bar', 'Show in folder'],
])('%s speaks of %s', (platform, computer, keychain, place, finder) => {
  expect(wordsFor(platform)).toMatchObject({ computer, keychain, place, finder });
});
