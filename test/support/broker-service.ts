import type { BrokerService } from '../../src/core/broker/server.ts';
import type { Engine } from '../../src/core/engine.ts';

/** What the process that is the engine offers, and what it was asked. */
export interface CountedService extends BrokerService {
  /** Methods, in the order in which they were asked. */
  readonly asked: string[];
  /** What is done when somebody asks to make way. */
  onYield: () => void;
  /** How many listen for changes. */
  readonly listening: number;
  /** Tells all who listen. */
  change(): void;
}

/** `engine` as the process that is the engine offers it. */
export function serviceOf(engine: Engine): CountedService {
  const asked: string[] = [];
  const listeners = new Set<() => void>();
  const counted = <T>(method: string, result: T): T => {
    asked.push(method);
    return result;
  };
  const service: CountedService = {
    asked,
    onYield: () => {},
    get listening() {
      return listeners.size;
    },
    change: () => {
      for (const listener of listeners) listener();
    },
    token: (name, minLife) => counted('token', engine.token(name, minLife)),
    status: () => counted('status', engine.status()),
    refresh: (name, { force }) =>
      counted('refresh', engine.refresh(name, { force, byPerson: true })),
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    yield: () => counted('yield', service.onYield()),
  };
  return service;
}
