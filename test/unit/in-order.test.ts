import { describe, expect, it } from 'vitest';
import type { Hold } from '../../src/core/files/hold.ts';
import { nodeClock } from '../../src/core/files/node-files.ts';
import type { Clock } from '../../src/core/ports.ts';
import { inOrder } from '../../src/core/targets/locks.ts';

describe('several locks in order', () => {
  const taking =
    (name: string, log: string[], deadlines: number[] = []) =>
    async (deadline: number): Promise<Hold & { lose(): void }> => {
      log.push(`take ${name}`);
      deadlines.push(deadline);
      let intact = true;
      const end = () => {
        intact = false;
      };
      return {
        get intact() {
          return intact;
        },
        lose: end,
        release: async () => {
          end();
          log.push(`release ${name}`);
        },
      };
    };

  it('are taken one by one, released in reverse, and intact only together', async () => {
    const log: string[] = [];
    const second = await taking('b', [])(0);
    const hold = await inOrder([taking('a', log), async () => second], nodeClock)(0);
    expect(hold.intact).toBe(true);
    second.lose();
    expect(hold.intact).toBe(false);
    await hold.release();
    const both = await inOrder([taking('c', log), taking('d', log)], nodeClock)(0);
    await both.release();
    expect(log).toEqual(['take a', 'release a', 'take c', 'take d', 'release d', 'release c']);
  });

  it('are all given back when one cannot be had', async () => {
    const log: string[] = [];
    const failure = new Error('no');
    const all = inOrder(
      [taking('a', log), taking('b', log), () => Promise.reject(failure), taking('d', log)],
      nodeClock,
    );
    await expect(all(0)).rejects.toBe(failure);
    expect(log).toEqual(['take a', 'take b', 'release b', 'release a']);
  });

  it('share one deadline', async () => {
    const deadlines: number[] = [];
    let now = 0;
    const clock: Clock = { now: () => now, sleep: async () => {} };
    const slow = (ms: number) => async (deadline: number) => {
      now += ms;
      return taking('', [], deadlines)(deadline);
    };
    await inOrder([slow(60), slow(60), slow(60)], clock)(100);
    expect(deadlines).toEqual([100, 40, 0]);
  });
});
