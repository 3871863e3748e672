import { defineConfig } from '@playwright/test';
import base from './playwright.config.ts';

/** Draws the pictures of the documentation: the same page, twice as sharp. */
export default defineConfig(base, {
  testMatch: 'screenshots.ts',
  reporter: 'line',
  // The overview is put together from the others.
  fullyParallel: false,
  workers: 1,
  use: { deviceScaleFactor: 2, contextOptions: { reducedMotion: 'no-preference' } },
});
