import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { AccountView } from '../../src/shared/account-view.ts';
import { keptIn } from '../../src/shared/ui/kept-in.ts';
import { quitWarning } from '../../src/shared/ui/quit.ts';
import { anAccount, anAppState, aTool, HOUR, MINUTE, NOW } from '../support/app-state.ts';

beforeEach(() => vi.stubEnv('TZ', 'UTC'));
afterEach(() => vi.unstubAllEnvs());

const GENERAL = 'Your logins stop renewing. Some tools may stop working.';

function endsAt(expiresAt: number | null, id = 'a'): AccountView {
  return anAccount({ id, expiresAt });
}

describe('what quitting does is told with the first moment at which a tool may stop', () => {
  const soon = endsAt(NOW + 125 * MINUTE);
  const later = endsAt(NOW + 6 * HOUR, 'b');
  const over = endsAt(NOW - MINUTE, 'c');
  const until = (time: string) => GENERAL.replace(/\.$/, ` after ${time}.`);

  test.each([
    ['the earliest of all', [later, soon], [later, soon], until('14:05')],
    ['one that no tool has does not count', [later, soon], [later], until('18:00')],
    ['nor does one that has ended already', [over, later], [over, later], until('18:00')],
    ['tomorrow', [endsAt(NOW + 20 * HOUR)], [anAccount()], until('tomorrow at 08:00')],
    ['nobody knows when', [endsAt(null)], [anAccount()], GENERAL],
    ['no tool has any', [soon], [], GENERAL],
  ])('%s', (_, accounts, given, warning) => {
    const state = anAppState({ accounts, tools: [aTool('pi', 'Pi', given)] });
    expect(quitWarning(state, NOW)).toBe(warning);
  });

  test('a tool that is off, or cannot use what it was given, does not count', () => {
    const off = { ...aTool('codex', 'Codex', [soon]), mode: 'off' } as const;
    const refused = aTool('peekaboo', 'Peekaboo', [soon], { works: false });
    const tools = [off, refused, aTool('pi', 'Pi', [later])];
    expect(quitWarning(anAppState({ accounts: [soon, later], tools }), NOW)).toBe(until('18:00'));
  });

  test('without a login there is nothing to tell', () => {
    expect(quitWarning(anAppState(), NOW)).toBeNull();
  });
});

test.each([
  ['keychain', 'darwin', 'Your Mac’s keychain'],
  ['keychain', 'win32', 'Credential Manager'],
  ['keychain', 'linux', 'Your keyring'],
  ['file', 'linux', 'A file that only you can read'],
  [null, 'darwin', null],
] as const)('logins kept in %s on %s: %s', (kind, platform, words) => {
  const { system } = anAppState();
  const state = { vault: { kind, state: 'open' as const }, system: { ...system, platform } };
  expect(keptIn(state)).toBe(words);
});
