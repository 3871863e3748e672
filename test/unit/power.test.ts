import { EventEmitter } from 'node:events';
import { afterEach, expect, test, vi } from 'vitest';
import type { PowerEvent } from '../../src/core/ports.ts';
import { createPower } from '../../src/main/power.ts';

afterEach(() => {
  vi.useRealTimers();
});

test('tells what the system tells, in the engine’s words, until it is stopped', () => {
  const monitor = new EventEmitter();
  const heard: PowerEvent[] = [];
  const power = createPower(monitor, { isOnline: () => true });
  const stop = power.subscribe((event) => heard.push(event));
  const names = ['suspend', 'resume', 'lock-screen', 'unlock-screen', 'on-battery', 'on-ac'];
  for (const name of names) monitor.emit(name);
  stop();
  for (const name of names) monitor.emit(name);
  expect(heard).toEqual(['suspend', 'resume', 'lock', 'unlock', 'battery', 'mains']);
});

test('notices when the network goes and comes, once each', () => {
  vi.useFakeTimers();
  let online = true;
  const heard: PowerEvent[] = [];
  const stop = createPower(new EventEmitter(), { isOnline: () => online }).subscribe((event) =>
    heard.push(event),
  );
  for (const next of [true, false, false, true, true]) {
    online = next;
    vi.advanceTimersByTime(5000);
  }
  stop();
  online = false;
  vi.advanceTimersByTime(60_000);
  expect(heard).toEqual(['offline', 'online']);
});

test('tells everybody what only one has asked about', () => {
  let online = true;
  const heard: PowerEvent[] = [];
  const power = createPower(new EventEmitter(), { isOnline: () => online });
  const stops = [1, 2].map(() => power.subscribe((event) => heard.push(event)));
  online = false;
  expect(power.isOnline()).toBe(false);
  online = true;
  expect([power.isOnline(), power.isOnline()]).toEqual([true, true]);
  expect(heard).toEqual(['offline', 'offline', 'online', 'online']);
  for (const stop of stops) stop();
});
