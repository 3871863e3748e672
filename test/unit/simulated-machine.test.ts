import { setTimeout as wait } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { SimulatedMachine } from '../support/simulated-machine.ts';
import { TestClock } from '../support/test-clock.ts';

const SECOND = 1000;

test('time goes forward only, also where somebody who is at work waits for longer than another pauses', async () => {
  const machine = new SimulatedMachine(new TestClock());
  const [busy, resting] = [machine.scheduler(), machine.scheduler()];
  const start = machine.now();
  const seen: number[] = [];
  const pause = async () => {
    seen.push((machine.now() - start) / SECOND);
    await Promise.all([busy, resting].map((each) => each.sleep(60 * SECOND)));
  };
  void machine.sleep(10 * SECOND).then(pause);
  void resting.sleep(2 * SECOND).then(pause);
  await machine.run(20 * SECOND);
  expect(seen).toEqual([2, 10]);
});

test('what is done takes no time', async () => {
  const machine = new SimulatedMachine(new TestClock());
  const before = machine.now();
  await wait(20);
  expect(machine.now()).toBe(before);
});

test('a wait on a clock that stands lasts as long as ever, and moves it', async () => {
  const clock = new TestClock();
  clock.stand(SECOND);
  const before = clock.now();
  await clock.sleep(30);
  expect(clock.now()).toBe(before + 30);
  const long = clock.sleep(2 * SECOND);
  clock.advance(2 * SECOND);
  await long;
  expect(clock.now()).toBe(before + 30 + 2 * SECOND);
});
