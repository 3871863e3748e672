import { describe, expect, test } from 'vitest';
import { Wakefulness } from '../../src/core/wakefulness.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

describe('a machine', () => {
  test('is awake and has somebody at it until it says otherwise', () => {
    const machine = new Wakefulness(1000);
    expect(machine.asleep).toBe(false);
    expect(machine.presence).toEqual({ unlocked: true, awakeSince: 1000 });
    machine.screen(false);
    expect(machine.presence.unlocked).toBe(false);
  });

  test('sleeps from the first word on, and tells how long it was', () => {
    const machine = new Wakefulness(0);
    machine.suspend(HOUR);
    machine.suspend(2 * HOUR);
    expect(machine.asleep).toBe(true);
    expect(machine.wake(9 * HOUR)).toBe(8 * HOUR);
    expect(machine.asleep).toBe(false);
    expect(machine.presence.awakeSince).toBe(9 * HOUR);
    expect(machine.wake(10 * HOUR)).toBe(0);
  });

  test('whose clock is set back meanwhile has not slept for less than nothing', () => {
    const machine = new Wakefulness(HOUR);
    machine.suspend(HOUR);
    expect(machine.wake(0)).toBe(0);
  });

  test('that runs for five minutes in one piece has missed its own wake', () => {
    const machine = new Wakefulness(0);
    machine.suspend(0);
    expect(machine.ran(4 * MINUTE, false)).toBe(false);
    expect(machine.ran(MINUTE, true)).toBe(false);
    expect(machine.ran(4 * MINUTE, false)).toBe(false);
    expect(machine.ran(MINUTE, false)).toBe(true);
    expect(machine.wake(HOUR)).toBe(HOUR - 5 * MINUTE);
  });
});
