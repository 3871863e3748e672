import type { IpcRenderer, IpcRendererEvent } from 'electron';
import { type Api, CALLS, EVENTS, type EventName } from '../shared/ipc-contract.ts';

/**
 * The contract as functions: one for each call, `on:…` for each event. There is no way to name a channel,
 * and a listener gets the data alone: the event would hand it the sender.
 */
export function createApi(ipc: Pick<IpcRenderer, 'invoke' | 'on' | 'off'>): Api {
  const calls = Object.keys(CALLS).map((name) => [
    name,
    (argument: unknown) => ipc.invoke(name, argument),
  ]);
  const events = EVENTS.map((name) => [`on:${name}`, subscriber(ipc, name)]);
  // The entries are the contract's own, which `fromEntries` cannot tell.
  return Object.freeze(Object.fromEntries([...calls, ...events])) as Api;
}

function subscriber(ipc: Pick<IpcRenderer, 'on' | 'off'>, name: EventName) {
  return (listener: (data: unknown) => void) => {
    const forward = (_event: IpcRendererEvent, data: unknown) => listener(data);
    ipc.on(name, forward);
    return () => {
      ipc.off(name, forward);
    };
  };
}
