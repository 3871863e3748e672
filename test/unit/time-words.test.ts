import { describe, expect, test } from 'vitest';
import {
  agoInWords,
  dateInWords,
  inWords,
  momentInWords,
  spanInWords,
  whenInWords,
} from '../../src/shared/time-words.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const BRITISH = { locale: 'en-GB', timeZone: 'UTC' };

/** Sunday, 12 October 2025, 10:00 in London. */
const NOW = Date.parse('2025-10-12T09:00:00Z');
const LONDON = { locale: 'en-GB', timeZone: 'Europe/London' };

test('a time beyond all days is still a word', () => {
  for (const at of [1e300, -1e300, Number.NaN, Number.POSITIVE_INFINITY]) {
    expect(inWords(at, 0)).toMatch(/^(in|at|on|tomorrow) /);
    expect(agoInWords(at, 0)).toMatch(/\w/);
  }
});

describe('what is to come, where no "in" or "at" goes before it', () => {
  test.each([
    ['an hour ago', '2025-10-12T08:00:00Z', 'in a moment', '09:00'],
    ['four minutes', '2025-10-12T09:04:00Z', 'in 4 min', '10:04'],
    ['an hour', '2025-10-12T10:00:00Z', 'today at 11:00', '11:00'],
    ['tomorrow', '2025-10-13T08:10:00Z', 'tomorrow at 09:10', 'tomorrow at 09:10'],
    ['in six days', '2025-10-18T08:10:00Z', 'on Saturday at 09:10', 'Saturday at 09:10'],
    ['in a week', '2025-10-19T08:10:00Z', 'on 19 October', '19 October'],
  ])('%s', (_, at, row, until) => {
    expect(whenInWords(Date.parse(at), NOW, LONDON)).toBe(row);
    expect(momentInWords(Date.parse(at), NOW, LONDON)).toBe(until);
  });

  test('a date is in the order that the person reads', () => {
    expect(dateInWords(NOW, LONDON)).toBe('12 October');
    expect(dateInWords(NOW, { locale: 'en-US', timeZone: 'UTC' })).toBe('October 12');
  });
});

describe('what is to come', () => {
  test.each([
    ['a time that has passed', '2025-10-12T08:00:00Z', 'in a moment'],
    ['now', '2025-10-12T09:00:00Z', 'in a moment'],
    ['59 s', '2025-10-12T09:00:59Z', 'in a moment'],
    ['a minute', '2025-10-12T09:01:00Z', 'in 1 min'],
    ['just over three minutes', '2025-10-12T09:03:01Z', 'in 4 min'],
    ['four minutes', '2025-10-12T09:04:00Z', 'in 4 min'],
    ['an hour', '2025-10-12T10:00:00Z', 'at 11:00'],
    ['the last minute of the day', '2025-10-12T22:59:00Z', 'at 23:59'],
    ['the first minute of tomorrow', '2025-10-12T23:00:00Z', 'tomorrow at 00:00'],
    ['tomorrow', '2025-10-13T08:10:00Z', 'tomorrow at 09:10'],
    ['in two days', '2025-10-14T08:10:00Z', 'on Tuesday at 09:10'],
    ['in six days', '2025-10-18T08:10:00Z', 'on Saturday at 09:10'],
    ['in a week', '2025-10-19T08:10:00Z', 'on 19 October'],
  ])('%s', (_, at, words) => {
    expect(inWords(Date.parse(at), NOW, LONDON)).toBe(words);
  });

  test('a day is a calendar day where the person is, also when the clocks change', () => {
    const before = Date.parse('2025-10-25T12:00:00+01:00');
    const after = Date.parse('2025-10-26T23:30:00+00:00');
    expect(inWords(after, before, LONDON)).toBe('tomorrow at 23:30');
    expect(inWords(NOW + 14 * HOUR, NOW, { locale: 'en-GB', timeZone: 'Asia/Tokyo' })).toBe(
      'tomorrow at 08:00',
    );
  });

  test('an American reads the 12 hour clock and the month first', () => {
    const style = { locale: 'en-US', timeZone: 'UTC' };
    expect(inWords(NOW + 5 * HOUR, NOW, style)).toMatch(/^at 2:00\sPM$/);
    expect(inWords(NOW + 240 * HOUR, NOW, style)).toBe('on October 22');
  });

  test('someone who reads another language gets English words with the clock of their own', () => {
    const german = { locale: 'de-DE', timeZone: 'UTC' };
    expect(inWords(NOW + 50 * HOUR, NOW, german)).toBe('on Tuesday at 11:00');
    const hindi = { locale: 'hi-IN', timeZone: 'UTC' };
    expect(inWords(NOW + 5 * HOUR, NOW, hindi)).toMatch(/^at 2:00\spm$/);
  });

  test('without a style the system decides', () => {
    expect(inWords(NOW + 2 * HOUR, NOW)).toMatch(/^(at|tomorrow at) \d/);
  });
});

describe('what is past', () => {
  test.each([
    ['a time that is still to come', -HOUR, 'just now'],
    ['59 s', 59 * SECOND, 'just now'],
    ['almost five minutes', 5 * MINUTE - 1, '4 min ago'],
    ['almost an hour', HOUR - 1, '59 min ago'],
    ['today', 2 * HOUR, 'today at 07:00'],
    ['yesterday', 15 * HOUR, 'yesterday at 18:00'],
    ['two days', 48 * HOUR, 'on 10 October'],
    ['some days', 216 * HOUR, 'on 3 October'],
  ])('%s', (_, past, words) => {
    expect(agoInWords(NOW - past, NOW, BRITISH)).toBe(words);
  });

  test('without a style the system decides', () => {
    expect(agoInWords(NOW - 2 * HOUR, NOW)).toMatch(/^(today|yesterday) at \d/);
  });
});

test.each([
  [0, '1 min'],
  [9 * MINUTE, '9 min'],
  [-9 * MINUTE, '9 min'],
  [59.6 * MINUTE, '1 hour'],
  [8 * HOUR, '8 hours'],
  [72 * HOUR, '3 days'],
])('a span of %i ms is %s', (ms, words) => {
  expect(spanInWords(ms)).toBe(words);
});
