import { app } from 'electron';

/** How long what is under way may take when the app is to end, ms. */
const PATIENCE = 2000;

/**
 * Ends the app in good order, whoever asks for it: `finish` lets what is under way come to its end, then
 * the process goes.
 */
export function endOrderly(finish: () => Promise<void>): void {
  let ending = false;
  app.on('before-quit', (event) => {
    event.preventDefault();
    if (ending) return;
    ending = true;
    const late = setTimeout(() => app.exit(0), PATIENCE);
    void finish().finally(() => {
      clearTimeout(late);
      app.exit(0);
    });
  });
  // The engine goes on without a window.
  app.on('window-all-closed', () => {});
}
