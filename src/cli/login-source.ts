import { askEngine } from '../core/broker/ask.ts';
import { type LoginSource, sourceOf } from '../core/login-check.ts';
import type { Tools } from './command.ts';

/** The logins as the engine that runs has them, else as this process has. */
export function loginSource({ engine, context }: Tools): LoginSource {
  const own = sourceOf(engine);
  return {
    token: (id, minLife) =>
      askEngine(
        context,
        (running) => running.token(id, minLife),
        () => own.token(id, minLife),
      ),
    look: (id, force) =>
      askEngine(
        context,
        (running) => running.refresh(id, { force }),
        () => own.look(id, force),
      ),
  };
}
