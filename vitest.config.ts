import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { jsonReport } from './test/reporters.ts';

export default defineConfig({
  test: {
    include: ['test/unit/**/*.test.ts', 'test/integration/**/*.test.ts'],
    reporters: ['default', ...jsonReport('core')],
    globalSetup: 'test/before-all.ts',
    // Much of a test's time is a wait for a disk, a socket or a process.
    maxWorkers: availableParallelism() + 1,
    // Real sockets, locks and child processes on two slow cores: generous, and never asserted on.
    testTimeout: 180_000,
    hookTimeout: 120_000,
    coverage: {
      // A tenth of the time goes into it: it is looked at where the results are counted, or with `--coverage`.
      enabled: process.env.AUTHBAR_TEST_REPORTS !== undefined,
      provider: 'v8',
      include: ['src/core/**/*.ts'],
      reporter: ['text-summary', 'json-summary'],
      thresholds: { lines: 90, branches: 85 },
    },
  },
});
