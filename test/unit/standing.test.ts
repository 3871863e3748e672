import { describe, expect, test } from 'vitest';
import type { AccountView } from '../../src/shared/account-view.ts';
import type { ToolEntryState } from '../../src/shared/app-state.ts';
import { type Standing, signedOutOf, standingOfEntry } from '../../src/shared/ui/standing.ts';
import { TEXTS } from '../../src/shared/ui/texts.ts';
import { anAccount, anAppState, aTool } from '../support/app-state.ts';

const ANNA = anAccount();

/** Codex, with an entry of Anna’s that is like this. */
function codex(state: ToolEntryState, restart = false) {
  return aTool('codex', 'Codex', [ANNA], { state, restart });
}

describe('how a tool stands to a login', () => {
  test.each<[ToolEntryState, Standing, string]>([
    ['in-step', 'ready', 'Ready'],
    ['changed', 'ready', 'Ready'],
    ['other-account', 'otherAccount', 'Has another account'],
    ['api-key', 'otherAccount', 'Has another account'],
    ['unreadable', 'unchangeable', 'Can’t be changed'],
    ['not-writable', 'unchangeable', 'Can’t be changed'],
    ['locked', 'soon', 'In a moment'],
    ['owed', 'soon', 'In a moment'],
    ['empty', 'signedOut', 'Signed out there'],
  ])('%s: %s', (state, standing, word) => {
    const [entry] = codex(state).entries;
    expect(standingOfEntry(entry)).toBe(standing);
    expect(TEXTS.details.tool[standing]).toBe(word);
  });

  test('only what is ready has to be restarted', () => {
    expect(standingOfEntry(codex('in-step', true).entries[0])).toBe('restart');
    expect(standingOfEntry(codex('empty', true).entries[0])).toBe('signedOut');
  });

  test('what was never written comes in a moment', () => {
    expect(standingOfEntry(undefined)).toBe('soon');
  });
});

describe('a login that was taken out of a tool', () => {
  test.each<[AccountView['state'], boolean]>([
    ['signed-in', true],
    ['late', true],
    ['sign-in-again', false],
    ['waiting', false],
    ['locked', false],
  ])('%s: it can be put back there: %s', (state, can) => {
    const found = signedOutOf(anAppState({ accounts: [{ ...ANNA, state }] }), codex('empty'));
    expect(found?.entry.account).toBe(can ? ANNA.id : undefined);
  });

  test('is not offered to a tool that is off, or that has it', () => {
    const state = anAppState({ accounts: [ANNA] });
    expect(signedOutOf(state, { ...codex('empty'), mode: 'off' })).toBeUndefined();
    expect(signedOutOf(state, codex('in-step'))).toBeUndefined();
    expect(signedOutOf(state, codex('owed'))).toBeUndefined();
  });
});
