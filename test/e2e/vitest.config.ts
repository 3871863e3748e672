import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { jsonReport } from '../reporters.ts';

/** Whole programs with real windows: one at a time for each core, and never asserted on how long. */
export default defineConfig({
  test: {
    root: fileURLToPath(new URL('../..', import.meta.url)),
    reporters: ['default', ...jsonReport('e2e')],
    include: ['test/standin/**/*.test.ts', 'test/e2e/**/*.test.ts'],
    globalSetup: 'test/e2e/setup.ts',
    maxWorkers: 2,
    testTimeout: 120_000,
    hookTimeout: 60_000,
  },
});
