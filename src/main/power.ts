import type { Net } from 'electron';
import type { Power, PowerEvent } from '../core/ports.ts';

/** By what Electron calls it. */
const EVENTS = {
  suspend: 'suspend',
  resume: 'resume',
  'lock-screen': 'lock',
  'unlock-screen': 'unlock',
  'on-battery': 'battery',
  'on-ac': 'mains',
} as const satisfies Record<string, PowerEvent>;

/** How often the network is looked at, ms: Electron tells its changes to pages only. */
const NETWORK_LOOK = 5000;

/** What the system tells of its power, its screen and its network. */
export function createPower(monitor: NodeJS.EventEmitter, net: Pick<Net, 'isOnline'>): Power {
  return {
    subscribe(listener) {
      const stops = Object.entries(EVENTS).map(([name, event]) => {
        const told = () => listener(event);
        monitor.on(name, told);
        return () => monitor.off(name, told);
      });
      const unwatch = watchNetwork(net, listener);
      return () => {
        unwatch();
        for (const stop of stops) stop();
      };
    },
  };
}

function watchNetwork(
  net: Pick<Net, 'isOnline'>,
  listener: (event: 'online' | 'offline') => void,
): () => void {
  let online = net.isOnline();
  const timer = setInterval(() => {
    if (net.isOnline() === online) return;
    online = !online;
    listener(online ? 'online' : 'offline');
  }, NETWORK_LOOK);
  return () => clearInterval(timer);
}
