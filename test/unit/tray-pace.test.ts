import { expect, test } from 'vitest';
import { changeAt } from '../../src/shared/ui/tray-pace.ts';

const LONG_AGO = { state: 'normal', since: Number.NEGATIVE_INFINITY } as const;

test('attention is shown at once', () => {
  expect(changeAt(LONG_AGO, { state: 'attention', since: 5000 })).toBe(5000);
});

test('work is shown after 300 ms, so that what is quick shows nothing', () => {
  expect(changeAt(LONG_AGO, { state: 'working', since: 5000 })).toBe(5300);
});

test('between two changes lies at least a second', () => {
  const shown = { state: 'working', since: 5000 } as const;
  expect(changeAt(shown, { state: 'normal', since: 5100 })).toBe(6000);
  expect(changeAt(shown, { state: 'attention', since: 7000 })).toBe(7000);
});
