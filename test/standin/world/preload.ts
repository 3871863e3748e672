import { pack, unpack } from '../clone.ts';
import { simulate, strict } from '../surface.ts';
import { Bridge } from './bridge.ts';
import { BINDING, type MessageDown, type MessageUp, RECEIVER } from './messages.ts';

/** A preload script, wrapped as Node wraps a CommonJS module. */
export type PreloadScript = (
  require: (name: string) => unknown,
  module: { exports: unknown },
  process: object,
) => void;

type Listener = Parameters<Electron.IpcRenderer['on']>[1];
type World = typeof globalThis & Record<string, ((text: string) => void) | undefined>;

const waiting = new Map<number, { resolve(value: unknown): void; reject(reason: Error): void }>();
const listeners = new Map<string, Listener[]>();
let lastId = 0;

function tell(message: MessageUp): void {
  (globalThis as World)[BINDING]?.(JSON.stringify(message));
}

const ipcRenderer: Electron.IpcRenderer = simulate<Electron.IpcRenderer>('ipcRenderer', {
  send: (channel, ...args) => tell({ kind: 'send', channel, args: pack(args) }),
  invoke(channel, ...args) {
    lastId += 1;
    const id = lastId;
    tell({ kind: 'invoke', id, channel, args: pack(args) });
    return new Promise((resolve, reject) => waiting.set(id, { resolve, reject }));
  },
  on(channel: string, listener: Listener) {
    listeners.set(channel, [...(listeners.get(channel) ?? []), listener]);
    return ipcRenderer;
  },
  off: (channel: string, listener: Listener) => ipcRenderer.removeListener(channel, listener),
  removeListener(channel: string, listener: Listener) {
    const others = (listeners.get(channel) ?? []).filter((each) => each !== listener);
    listeners.set(channel, others);
    return ipcRenderer;
  },
});

function push(channel: string, args: unknown[]): void {
  const event = { sender: ipcRenderer, ports: [] } as unknown as Electron.IpcRendererEvent;
  for (const listener of listeners.get(channel) ?? []) listener(event, ...args);
}

function receive(text: string): void {
  const message: MessageDown = JSON.parse(text);
  if (message.kind === 'push') {
    push(message.channel, unpack(message.args) as unknown[]);
    return;
  }
  if (message.kind === 'clipboard') {
    fillClipboard(message.text);
    return;
  }
  const caller = waiting.get(message.id);
  waiting.delete(message.id);
  if (message.kind === 'answer') caller?.resolve(unpack(message.value));
  else caller?.reject(new Error(message.reason));
}

/** Puts a text into the clipboard that Chromium pastes from. The page itself hears nothing of it. */
function fillClipboard(text: string): void {
  const fill = (event: ClipboardEvent) => {
    event.stopImmediatePropagation();
    event.preventDefault();
    event.clipboardData?.setData('text/plain', text);
  };
  window.addEventListener('copy', fill, { once: true, capture: true });
  document.execCommand('copy');
}

function electronFor(bridge: Bridge): object {
  const contextBridge = simulate<Electron.ContextBridge>('contextBridge', {
    exposeInMainWorld: (name, api) => void bridge.call('expose', name, api),
  });
  return strict('renderer', { contextBridge, ipcRenderer });
}

/**
 * Runs the preload in the isolated world of a page. Like a sandboxed preload's, its `require` knows
 * nothing but `electron`.
 */
export function start(secret: string, processInfo: object, preload: PreloadScript): void {
  if (window !== window.top) return;
  const node = document.createElement('i');
  const bridge = new Bridge(node, 'preload', 'page');
  bridge.publish('open', (url, name) =>
    tell({ kind: 'open', url: String(url), name: String(name) }),
  );
  document.dispatchEvent(new MouseEvent(secret, { relatedTarget: node }));
  Object.defineProperty(globalThis, RECEIVER, { value: receive });

  const electron = electronFor(bridge);
  const require = (name: string) => {
    if (name === 'electron' || name === 'electron/renderer') return electron;
    throw new Error(`module not found: ${name}`);
  };
  try {
    preload(require, { exports: {} }, processInfo);
  } catch (error) {
    console.error('Unable to load preload script', error);
    tell({ kind: 'broken', reason: String(error) });
  }
}
