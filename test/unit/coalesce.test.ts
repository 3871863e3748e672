import { expect, test } from 'vitest';
import { coalesced } from '../../src/core/files/coalesce.ts';

/** Work whose runs are ended by hand, in the order in which they began. */
function byHand() {
  const runs: PromiseWithResolvers<number>[] = [];
  const shared = coalesced(() => {
    const run = withResolvers<number>();
    runs.push(run);
    return run.promise;
  });
  return { runs, shared };
}

interface PromiseWithResolvers<T> {
  readonly promise: Promise<T>;
  readonly resolve: (value: T) => void;
  readonly reject: (error: Error) => void;
}

function withResolvers<T>(): PromiseWithResolvers<T> {
  let resolve: (value: T) => void = () => {};
  let reject: (error: Error) => void = () => {};
  const promise = new Promise<T>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}

/** Until what has just been settled was passed on. */
async function passedOn(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

test('a crowd that comes while it runs shares the next run, and gets what was found after it asked', async () => {
  const { runs, shared } = byHand();
  const first = shared();
  const crowd = [shared(), shared(), shared()];
  expect(runs).toHaveLength(1);
  runs[0]?.resolve(1);
  expect(await first).toBe(1);
  await passedOn();
  expect(runs).toHaveLength(2);
  const late = shared();
  runs[1]?.resolve(2);
  expect(await Promise.all(crowd)).toEqual([2, 2, 2]);
  await passedOn();
  runs[2]?.resolve(3);
  expect(await late).toBe(3);
});

test('one that comes after another starts at once', async () => {
  const { runs, shared } = byHand();
  const first = shared();
  runs[0]?.resolve(1);
  await first;
  const second = shared();
  expect(runs).toHaveLength(2);
  runs[1]?.resolve(2);
  expect(await second).toBe(2);
});

test('a run that fails is told to those who wanted that one, and the next begins all the same', async () => {
  const { runs, shared } = byHand();
  const first = shared();
  const second = shared();
  runs[0]?.reject(new Error('no'));
  await expect(first).rejects.toThrow('no');
  await passedOn();
  runs[1]?.resolve(2);
  expect(await second).toBe(2);
});

test('whoever asks never gets what began before', async () => {
  let clock = 0;
  const shared = coalesced(async () => {
    const began = ++clock;
    await passedOn();
    return began;
  });
  const asks = Array.from({ length: 200 }, async (_, n) => {
    for (let turn = 0; turn < n % 7; turn += 1) await passedOn();
    const asked = clock;
    return (await shared()) > asked;
  });
  expect(new Set(await Promise.all(asks))).toEqual(new Set([true]));
  expect(clock).toBeLessThan(30);
});
