import type { Clock } from '../core/ports.ts';

/** How long what is under way may take when the app is to end, ms. */
const PATIENCE = 2000;

/** What tells of the end, and makes it: Electron's `app`. */
export interface EndingApp {
  on(event: 'before-quit', listener: (event: { preventDefault(): void }) => void): unknown;
  on(event: 'window-all-closed', listener: () => void): unknown;
  exit(code: number): void;
}

/**
 * Ends the app in good order, whoever asks for it: `finish` lets what is under way come to its end, then
 * the process goes.
 */
export function endOrderly(
  app: EndingApp,
  clock: Pick<Clock, 'sleep'>,
  finish: () => Promise<void>,
): void {
  let ending = false;
  app.on('before-quit', (event) => {
    event.preventDefault();
    if (ending) return;
    ending = true;
    const finished = finish().catch(() => undefined);
    void Promise.race([finished, clock.sleep(PATIENCE)]).finally(() => app.exit(0));
  });
  // The engine goes on without a window.
  app.on('window-all-closed', () => {});
}
