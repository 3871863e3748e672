import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { inForeground, isForeground, mayAskDuring } from '../../src/main/ipc/foreground.ts';

describe('what a person has asked for', () => {
  test('is in the foreground, with all that follows from it', async () => {
    const later = inForeground(async () => {
      await sleep(1);
      return isForeground();
    });
    expect(isForeground()).toBe(false);
    expect(await later).toBe(true);
  });

  test('does not bring along what was under way before', async () => {
    let go = () => {};
    const started = new Promise<void>((resolve) => {
      go = resolve;
    });
    const background = started.then(() => isForeground());
    inForeground(() => go());
    expect(await background).toBe(false);
  });
});

test('nothing that only reads may make the system ask', () => {
  expect(mayAskDuring('keychain:unlock')).toBe(true);
  expect(mayAskDuring('sign-in:start')).toBe(true);
  expect(mayAskDuring('state')).toBe(false);
  expect(mayAskDuring('account:history')).toBe(false);
  expect(mayAskDuring('window:drawn')).toBe(false);
});
