import { describe, expect, it } from 'vitest';
import { createProviders } from '../../src/core/providers/index.ts';
import { shortage, windowName } from '../../src/shared/ui/plan-use.ts';

const { anthropic, openai } = createProviders();

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const NOW = Date.UTC(2026, 10, 22, 14);

const at = (ms: number) => new Date(NOW + ms).toISOString();
const hours = (used: number, resetsAt: number | null) => ({ length: 5 * HOUR, used, resetsAt });
const week = (used: number, resetsAt: number | null) => ({ length: 7 * DAY, used, resetsAt });

describe('what Anthropic tells', () => {
  it.each<[string, unknown, unknown]>([
    [
      'both windows, among others',
      {
        five_hour: { utilization: 42, resets_at: at(2 * HOUR) },
        seven_day: { utilization: 18.4, resets_at: at(3 * DAY) },
        seven_day_oauth_apps: null,
        seven_day_opus: { utilization: 3, resets_at: null },
        extra_usage: { is_enabled: false, monthly_limit: null, utilization: null },
      },
      [hours(42, NOW + 2 * HOUR), week(18, NOW + 3 * DAY)],
    ],
    [
      'a window that has not begun',
      { five_hour: { utilization: 0, resets_at: null } },
      [hours(0, null)],
    ],
    [
      'a time with an offset',
      { five_hour: { utilization: 1, resets_at: '2026-11-22T17:00:00+01:00' } },
      [hours(1, NOW + 2 * HOUR)],
    ],
    ['no share', { five_hour: { utilization: null, resets_at: at(HOUR) }, seven_day: null }, []],
    ['nothing', {}, []],
    ['a list', [], []],
    ['less than nothing', { five_hour: { utilization: -1, resets_at: at(HOUR) } }, []],
    [
      'more than all',
      { five_hour: { utilization: 250, resets_at: at(HOUR) } },
      [hours(100, NOW + HOUR)],
    ],
    [
      'nearly all',
      { five_hour: { utilization: 99.7, resets_at: at(HOUR) } },
      [hours(99, NOW + HOUR)],
    ],
    ['text for a share', { five_hour: { utilization: '42', resets_at: at(HOUR) } }, []],
    ['text for a window', { five_hour: 'none', seven_day: { utilization: 1 } }, [week(1, null)]],
    [
      'the year 9999',
      { five_hour: { utilization: 1, resets_at: '9999-12-31T23:59:59Z' } },
      [hours(1, null)],
    ],
    ['yesterday', { five_hour: { utilization: 1, resets_at: at(-DAY) } }, [hours(1, null)]],
    ['no date', { five_hour: { utilization: 1, resets_at: 'soon' } }, [hours(1, null)]],
    ['a number for a date', { five_hour: { utilization: 1, resets_at: 1e99 } }, [hours(1, null)]],
    ['text', 'busy', null],
    ['null', null, null],
  ])('%s', (_, body, windows) => {
    expect(anthropic.usageFrom(body, NOW)).toEqual(windows);
  });
});

describe('what OpenAI tells', () => {
  const primary = {
    used_percent: 42,
    limit_window_seconds: 18_000,
    reset_after_seconds: 7200,
    reset_at: NOW / 1000 + 7200,
  };
  const weekly = { ...primary, used_percent: 18, limit_window_seconds: 604_800 };
  const limits = (primary_window: unknown, secondary_window: unknown = null) => ({
    plan_type: 'plus',
    rate_limit: { allowed: true, limit_reached: false, primary_window, secondary_window },
  });

  it.each<[string, unknown, unknown]>([
    [
      'both windows',
      limits(primary, weekly),
      [hours(42, NOW + 2 * HOUR), week(18, NOW + 2 * HOUR)],
    ],
    [
      'the week’s first',
      limits(weekly, primary),
      [hours(42, NOW + 2 * HOUR), week(18, NOW + 2 * HOUR)],
    ],
    ['the week’s alone', limits(weekly), [week(18, NOW + 2 * HOUR)]],
    [
      'another span',
      limits({ ...primary, limit_window_seconds: 2_592_000 }),
      [{ ...hours(42, NOW + 2 * HOUR), length: 30 * DAY }],
    ],
    [
      'a span in place of a date',
      limits({ ...primary, reset_at: 9e99 }),
      [hours(42, NOW + 2 * HOUR)],
    ],
    [
      'a date in place of a span',
      limits({ ...primary, reset_after_seconds: null }),
      [hours(42, NOW + 2 * HOUR)],
    ],
    ['neither', limits({ used_percent: 1, limit_window_seconds: 18_000 }), [hours(1, null)]],
    ['no length', limits({ ...primary, limit_window_seconds: null }), []],
    ['no length at all', limits({ ...primary, limit_window_seconds: 0 }), []],
    ['a length of ages', limits({ ...primary, limit_window_seconds: 1e12 }), []],
    ['less than nothing', limits({ ...primary, used_percent: -1 }), []],
    ['more than all', limits({ ...primary, used_percent: 250 }), [hours(100, NOW + 2 * HOUR)]],
    ['text for numbers', limits({ ...primary, used_percent: '42' }), []],
    [
      'the year 9999',
      limits({ ...primary, reset_after_seconds: 'x', reset_at: 253_402_300_799 }),
      [hours(42, null)],
    ],
    ['it was due already', limits({ ...primary, reset_after_seconds: -5 }), [hours(42, null)]],
    ['windows that are text', limits('none', 'none'), []],
    ['no limits', { plan_type: 'free', rate_limit: null }, []],
    ['nothing', {}, []],
    ['text', 'busy', null],
  ])('%s', (_, body, windows) => {
    expect(openai.usageFrom(body, NOW)).toEqual(windows);
  });
});

it('names a window by its length', () => {
  const named = [5 * HOUR, 7 * DAY, 7 * DAY + HOUR, DAY, 30 * DAY, 3 * HOUR].map((length) =>
    windowName({ ...hours(0, null), length }),
  );
  expect(named).toEqual(['5 hours', 'Week', 'Week', '24 hours', '30 days', '3 hours']);
});

it('says when there is not much left', () => {
  const said = [0, 89, 90, 99, 100].map((used) => shortage(hours(used, null)));
  expect(said).toEqual([null, null, 'Almost used up', 'Almost used up', 'Used up']);
});
