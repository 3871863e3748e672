import { EventEmitter } from 'node:events';
import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { endOrderly } from '../../src/main/quit.ts';

/** An app that `quit` asks to end, as Electron does, and that would not wait for anybody by itself. */
class FakeApp extends EventEmitter {
  readonly codes: number[] = [];

  exit(code: number): void {
    this.codes.push(code);
  }

  /** @returns whether it was kept from ending at once. */
  quit(): boolean {
    let prevented = false;
    this.emit('before-quit', {
      preventDefault: () => {
        prevented = true;
      },
    });
    return prevented;
  }
}

/** Something that comes when the test says so. */
class Deferred {
  resolve: () => void = () => {};
  reject: (error: Error) => void = () => {};
  readonly promise = new Promise<void>((resolve, reject) => {
    this.resolve = resolve;
    this.reject = reject;
  });
}

/** An app with work under way, and a clock that goes when the test says so. */
function busyApp() {
  const app = new FakeApp();
  const [work, rest] = [new Deferred(), new Deferred()];
  const rests: number[] = [];
  const clock = {
    sleep: (ms: number) => {
      rests.push(ms);
      return rest.promise;
    },
  };
  let asked = 0;
  endOrderly(app, clock, () => {
    asked += 1;
    return work.promise;
  });
  return { app, work, rest, rests, asked: () => asked };
}

describe('an app that is to end', () => {
  test('goes when what is under way is finished', async () => {
    const { app, work } = busyApp();
    expect(app.quit()).toBe(true);
    await turn();
    expect(app.codes).toEqual([]);
    work.resolve();
    await turn();
    expect(app.codes).toEqual([0]);
  });

  test('waits for two seconds, and goes then whatever is still under way', async () => {
    const { app, rest, rests } = busyApp();
    app.quit();
    await turn();
    expect(app.codes).toEqual([]);
    expect(rests).toEqual([2000]);
    rest.resolve();
    await turn();
    expect(app.codes).toEqual([0]);
  });

  test('goes although its work failed', async () => {
    const { app, work } = busyApp();
    app.quit();
    work.reject(new Error('the disk is full'));
    await turn();
    expect(app.codes).toEqual([0]);
  });

  test('is asked twice and finishes once', async () => {
    const { app, work, asked } = busyApp();
    expect([app.quit(), app.quit()]).toEqual([true, true]);
    expect(asked()).toBe(1);
    work.resolve();
    await turn();
    expect(app.codes).toEqual([0]);
  });

  test('is not one whose last window was closed', () => {
    const { app, asked } = busyApp();
    // Electron ends an app by itself unless somebody listens.
    expect(app.emit('window-all-closed')).toBe(true);
    expect(asked()).toBe(0);
    expect(app.codes).toEqual([]);
  });
});
