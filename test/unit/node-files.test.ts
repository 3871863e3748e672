import { describe, expect, it } from 'vitest';
import { nodeClock } from '../../src/core/files/node-files.ts';

describe('sleep', () => {
  it('ends', async () => {
    await expect(nodeClock.sleep(1)).resolves.toBeUndefined();
    await expect(nodeClock.sleep(1, new AbortController().signal)).resolves.toBeUndefined();
  });

  it('is stopped with the very reason that was given, at any time', async () => {
    const reason = new Error('enough');
    await expect(nodeClock.sleep(60_000, AbortSignal.abort(reason))).rejects.toBe(reason);
    const controller = new AbortController();
    const sleeping = nodeClock.sleep(60_000, controller.signal);
    controller.abort(reason);
    await expect(sleeping).rejects.toBe(reason);
  });

  it('may be longer than the longest timer of Node, which would end at once', async () => {
    const controller = new AbortController();
    const sleeping = nodeClock.sleep(2 ** 33, controller.signal);
    await nodeClock.sleep(50);
    controller.abort('still asleep');
    await expect(sleeping).rejects.toBe('still asleep');
  });
});
