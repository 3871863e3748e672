import type { IpcRenderer, IpcRendererEvent } from 'electron';
import { describe, expect, test } from 'vitest';
import { createApi } from '../../src/preload/api.ts';
import { CALLS, EVENTS } from '../../src/shared/ipc-contract.ts';

type Listener = Parameters<IpcRenderer['on']>[1];

/** What the preload script may use of ipcRenderer. */
class FakeIpcRenderer implements Pick<IpcRenderer, 'invoke' | 'on' | 'off'> {
  readonly invoked: unknown[][] = [];
  readonly #listeners = new Map<string, Set<Listener>>();

  async invoke(channel: string, ...args: unknown[]): Promise<unknown> {
    this.invoked.push([channel, ...args]);
    return { ok: true, value: null };
  }

  on(channel: string, listener: Listener): never {
    const listeners = this.#listeners.get(channel) ?? new Set();
    this.#listeners.set(channel, listeners.add(listener));
    return this as never;
  }

  off(channel: string, listener: Listener): never {
    this.#listeners.get(channel)?.delete(listener);
    return this as never;
  }

  /** As main does. */
  send(channel: string, ...args: unknown[]): void {
    const event = { sender: this } as unknown as IpcRendererEvent;
    for (const listener of this.#listeners.get(channel) ?? []) listener(event, ...args);
  }
}

const ipc = new FakeIpcRenderer();
const api = createApi(ipc);

test('has exactly the contract’s functions', () => {
  const names = [...Object.keys(CALLS), ...EVENTS.map((name) => `on:${name}`)];
  expect(Object.keys(api).sort()).toEqual(names.sort());
  expect(Object.values(api).every((each) => typeof each === 'function')).toBe(true);
});

test('is frozen', () => {
  expect(Object.isFrozen(api)).toBe(true);
});

test('each call goes out on the channel of its own name, with one argument', async () => {
  await api['account:history']({ account: 'a1' });
  const more = api['account:history'] as (...args: unknown[]) => Promise<unknown>;
  await more({ account: 'a2' }, 'another', 'state');
  expect(ipc.invoked).toEqual([
    ['account:history', { account: 'a1' }],
    ['account:history', { account: 'a2' }],
  ]);
});

describe('a listener', () => {
  test('gets the data alone, never the event', () => {
    const heard: unknown[][] = [];
    api['on:go']((...args: unknown[]) => heard.push(args));
    ipc.send('go', { view: 'settings' }, 'more');
    expect(heard).toEqual([[{ view: 'settings' }]]);
  });

  test('hears nothing more once it has unsubscribed, and others still do', () => {
    const heard: string[] = [];
    const listener = () => heard.push('first');
    const stop = api['on:hidden'](listener);
    api['on:hidden'](() => heard.push('second'));
    api['on:hidden'](listener);
    expect(stop()).toBeUndefined();
    ipc.send('hidden');
    expect(heard).toEqual(['second', 'first']);
  });
});
