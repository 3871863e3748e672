import { describe, expect, test } from 'vitest';
import { parseDuration } from '../../src/cli/duration.ts';
import { hasCode } from '../../src/shared/errors.ts';

describe('a length of time on the command line', () => {
  test.each([
    ['90s', 90_000],
    ['10m', 600_000],
    ['8h', 28_800_000],
    ['45', 45_000],
    ['0', 0],
    [' 5m ', 300_000],
  ])('%s', (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
  });

  test.each(['', '10x', '1.5h', '-5m', '5 m', '10min', 'm', '9999999999', '1e3', '٣m'])(
    'refuses %j with a sentence that shows the way',
    (text) => {
      try {
        parseDuration(text);
        expect.unreachable();
      } catch (error) {
        expect(hasCode(error, 'wrong-use') && error.details.hint).toContain('90s, 10m or 8h');
      }
    },
  );
});
