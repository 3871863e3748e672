import { describe, expect, test } from 'vitest';
import type { AccountState } from '../../src/shared/account-view.ts';
import { ERROR_CODES, type ErrorCode } from '../../src/shared/errors.ts';
import type { HistoryItem } from '../../src/shared/history.ts';
import {
  byDay,
  type HistoryContext,
  sentenceOf,
  whySignedOut,
} from '../../src/shared/history-texts.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** Sunday. */
const NOW = Date.parse('2025-10-12T12:00:00Z');

const CONTEXT: HistoryContext = {
  service: 'Claude',
  tools: { codex: 'Codex', pi: 'Pi', opencode: 'opencode', keychain: 'Keychain' },
  platform: 'darwin',
  now: NOW,
  locale: 'en-GB',
  timeZone: 'UTC',
};

type Happened = HistoryItem extends infer T
  ? T extends HistoryItem
    ? Omit<T, 'at'>
    : never
  : never;

function item(happened: Happened, at = NOW): HistoryItem {
  return { ...happened, at };
}

function failure(code: ErrorCode, at = NOW): HistoryItem {
  return { event: 'renewal-failed', code, at };
}

describe('what happened is said in a few words', () => {
  test.each<[Happened, string]>([
    [{ event: 'renewed' }, 'Renewed by Authbar'],
    [{ event: 'adopted', target: 'codex' }, 'Renewed by Codex, and picked up here'],
    [{ event: 'signed-in' }, 'You signed in'],
    [{ event: 'recovered' }, 'Claude didn’t answer; tried again and it worked'],
    [{ event: 'renewal-failed', code: 'asked-to-wait' }, 'Claude asked to slow down'],
    [{ event: 'renewal-failed', code: 'login-ended' }, 'Claude ended the login'],
    [{ event: 'renewal-failed', code: 'login-used-up' }, 'Another program used the login up'],
    [
      { event: 'renewal-failed', code: 'login-lost-in-flight' },
      'The connection broke during a renewal',
    ],
    [{ event: 'renewal-failed', code: 'unexpected' }, 'It couldn’t be renewed'],
    [{ event: 'slept', ms: 9 * HOUR }, 'Your Mac was asleep for 9 hours'],
    [{ event: 'offline', ms: 40 * MINUTE }, 'You were offline for 40 min'],
    [{ event: 'keychain-locked' }, 'Keychain was locked'],
    [{ event: 'written', target: 'pi' }, 'Written to Pi'],
    [{ event: 'written', target: 'keychain' }, 'Written to your keychain'],
    [{ event: 'written-late', target: 'codex' }, 'Codex was busy; written a moment later'],
    [{ event: 'target-owed', target: 'codex', code: 'tool-busy' }, 'Couldn’t write to Codex'],
    [
      { event: 'target-owed', target: 'opencode', code: 'tool-other-account' },
      'opencode has another account',
    ],
    [{ event: 'taken', target: 'pi' }, 'You chose Pi to get this login'],
    [{ event: 'replaced', target: 'pi' }, 'Pi had an older login of yours'],
    [{ event: 'replaced', target: 'keychain' }, 'Your keychain had an older login of yours'],
    [{ event: 'written', target: 'of-tomorrow' }, 'Written to of-tomorrow'],
    [{ event: 'signed-out' }, 'You signed out'],
  ])('%j', (happened, sentence) => {
    expect(sentenceOf(item(happened), CONTEXT)).toBe(sentence);
  });

  test.each([
    ['win32', 'Your PC was asleep for 1 hour', 'Credential Manager was locked'],
    ['linux', 'Your computer was asleep for 1 hour', 'Keyring was locked'],
  ])('in the words of %s', (platform, asleep, locked) => {
    const context = { ...CONTEXT, platform };
    expect(sentenceOf(item({ event: 'slept', ms: HOUR }), context)).toBe(asleep);
    expect(sentenceOf(item({ event: 'keychain-locked' }), context)).toBe(locked);
  });

  test('and each failure in words that are short and name the service', () => {
    for (const code of ERROR_CODES) {
      const sentence = sentenceOf(failure(code), CONTEXT);
      expect(sentence).toMatch(/^[A-Z][^{}]{8,50}[^.]$/);
    }
  });
});

test('days are those of the person', () => {
  const items = [
    item({ event: 'renewed' }, NOW),
    item({ event: 'renewed' }, Date.parse('2025-10-12T00:00:00Z')),
    item({ event: 'renewed' }, Date.parse('2025-10-11T23:59:00Z')),
    item({ event: 'renewed' }, Date.parse('2025-10-03T10:00:00Z')),
  ];
  const days = (context: HistoryContext) =>
    byDay(items, context).map(({ day, items: those }) => [day, those.length]);
  expect(days(CONTEXT)).toEqual([
    ['Today', 2],
    ['Yesterday', 1],
    ['3 October', 1],
  ]);
  expect(days({ ...CONTEXT, timeZone: 'Asia/Tokyo' })).toEqual([
    ['Today', 3],
    ['3 October', 1],
  ]);
});

describe('why a person has to sign in again', () => {
  const renewed = item({ event: 'renewed' }, NOW - 8 * HOUR);
  const why = (
    code: ErrorCode | null,
    items: readonly HistoryItem[],
    state: AccountState = 'sign-in-again',
  ) => whySignedOut(items, { state, code }, CONTEXT);

  test.each<[string, ErrorCode, readonly HistoryItem[], string]>([
    [
      'the service ended it',
      'login-ended',
      [failure('login-ended', NOW - 2 * HOUR), renewed],
      'Claude ended this login today at 10:00, as it does after a password change. Authbar had renewed it today at 04:00.',
    ],
    [
      'a tool spent it',
      'login-used-up',
      [failure('login-used-up'), item({ event: 'adopted', target: 'codex' }, NOW - HOUR)],
      'Another program renewed this login and kept the result to itself; it showed just now. Codex had renewed it today at 11:00.',
    ],
    [
      'it was lost in flight',
      'login-lost-in-flight',
      [failure('login-lost-in-flight'), item({ event: 'signed-in' }, NOW - 20 * HOUR)],
      'The connection broke while this login was being renewed, just now. You had signed in yesterday at 16:00.',
    ],
    [
      'it was lost in a sleep',
      'login-lost-in-flight',
      [
        item({ event: 'slept', ms: 9 * HOUR }, NOW - 4 * MINUTE),
        failure('login-lost-in-flight', NOW - 5 * MINUTE),
        renewed,
      ],
      'The connection broke while this login was being renewed, 5 min ago. Your Mac was asleep for 9 hours at that time.',
    ],
    [
      'nothing before it is known',
      'login-ended',
      [failure('login-ended', NOW - 2 * HOUR)],
      'Claude ended this login today at 10:00, as it does after a password change.',
    ],
    [
      'nothing at all is known',
      'login-used-up',
      [],
      'Sign in to Claude again. Another program renewed this login and kept the result to itself.',
    ],
    [
      'the file is damaged',
      'login-damaged',
      [renewed],
      'Sign in to Claude again. This login couldn’t be opened and was set aside.',
    ],
  ])('%s', (_, code, items, sentences) => {
    expect(why(code, items)).toBe(sentences);
  });

  test('the folder was copied here', () => {
    expect(why('other-computer', [renewed], 'other-computer')).toBe(
      'Sign in again on this Mac. These logins came from another computer and can’t be shared.',
    );
  });

  test('is not asked where they need not', () => {
    expect(why(null, [renewed], 'signed-in')).toBeNull();
    expect(why('unreachable', [failure('unreachable')], 'waiting')).toBeNull();
    expect(why('login-lost-in-flight', [failure('login-lost-in-flight')], 'late')).toBeNull();
  });
});
