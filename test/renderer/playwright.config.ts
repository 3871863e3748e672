import { defineConfig } from '@playwright/test';
import { jsonReport } from '../reporters.ts';
import { findChromium } from '../standin/find-chromium.ts';

/** The window's page in Chromium, without the app: its bridge to the app is played by the specs. */
export default defineConfig({
  testDir: '.',
  outputDir: '../../test-results/renderer',
  globalSetup: './build.ts',
  reporter: [['list'], ...jsonReport('renderer')],
  fullyParallel: true,
  workers: 2,
  // A busy machine is no defect.
  timeout: 120_000,
  expect: { timeout: 30_000 },
  use: {
    viewport: { width: 360, height: 640 },
    // Emptied between two specs; a new one each time costs as much as all that most specs do in it.
    reuseContext: true,
    locale: 'en-GB',
    timezoneId: 'Europe/London',
    contextOptions: { reducedMotion: 'reduce' },
    launchOptions: {
      executablePath: await findChromium(process.env),
      args: ['--no-sandbox', '--force-color-profile=srgb'],
    },
  },
});
