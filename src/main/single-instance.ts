import { app } from 'electron';

/**
 * One app for each state folder. A second one tells the first, which shows itself, and ends.
 * @returns whether this is the first.
 */
export function isFirstInstance(): boolean {
  return app.requestSingleInstanceLock();
}

/** The ways to the app that need no icon: systems hide it, and some have none. */
export function onReopen(show: () => void): void {
  app.on('second-instance', show);
  app.on('activate', show);
}
