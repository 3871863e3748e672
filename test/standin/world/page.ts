import { Bridge } from './bridge.ts';

function frozen(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  Object.values(value).forEach(frozen);
  return Object.freeze(value);
}

function expose(name: string, api: unknown): void {
  if (Object.hasOwn(window, name)) {
    throw new Error('Cannot bind an API on top of an existing property on the window object');
  }
  const fixed = { enumerable: true, writable: false, configurable: false };
  Object.defineProperty(window, name, { value: frozen(api), ...fixed });
}

/**
 * Runs in the page's own world before its first script, and waits there for the preload's world to hand
 * over the element that both share. `secret` is the name of that one event.
 */
export function start(secret: string): void {
  if (window !== window.top) return;
  const meet = (event: Event) => {
    const bridge = new Bridge((event as MouseEvent).relatedTarget as Element, 'page', 'preload');
    bridge.publish('expose', (name, api) => expose(String(name), api));
    // A denied window is `null`. Opening it and closing it again would hang a page that a debugger holds.
    window.open = (url = '', name = '') => {
      bridge.call('open', new URL(url, document.baseURI).href, name);
      return null;
    };
  };
  document.addEventListener(secret, meet, { once: true });
}
