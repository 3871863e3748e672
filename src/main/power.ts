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

/** How often the network is looked at, ms. */
const NETWORK_LOOK = 5000;

/** The machine, as it tells of itself. */
export interface Machine extends Power {
  /** Whether there is a network. */
  isOnline(): boolean;
}

/** What the system tells of its power, its screen and its network. */
export function createPower(monitor: NodeJS.EventEmitter, net: Pick<Net, 'isOnline'>): Machine {
  const network = new Network(net);
  return {
    isOnline: () => network.look(),
    subscribe(listener) {
      const stops = Object.entries(EVENTS).map(([name, event]) => {
        const told = () => listener(event);
        monitor.on(name, told);
        return () => monitor.off(name, told);
      });
      const unwatch = network.subscribe(listener);
      return () => {
        unwatch();
        for (const stop of stops) stop();
      };
    },
  };
}

type NetworkListener = (event: 'online' | 'offline') => void;

/**
 * Electron tells changes of the network to pages only, so it is looked at now and then. Whoever asks in
 * between finds out for all: else one would know of a gap that the others never hear the end of.
 */
class Network {
  readonly #net: Pick<Net, 'isOnline'>;
  readonly #listeners = new Set<NetworkListener>();
  #online: boolean;
  #timer: NodeJS.Timeout | undefined;

  constructor(net: Pick<Net, 'isOnline'>) {
    this.#net = net;
    this.#online = net.isOnline();
  }

  look(): boolean {
    const online = this.#net.isOnline();
    if (online === this.#online) return online;
    this.#online = online;
    for (const listener of this.#listeners) listener(online ? 'online' : 'offline');
    return online;
  }

  subscribe(listener: NetworkListener): () => void {
    this.#listeners.add(listener);
    this.#timer ??= setInterval(() => this.look(), NETWORK_LOOK);
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size > 0) return;
      clearInterval(this.#timer);
      this.#timer = undefined;
    };
  }
}
