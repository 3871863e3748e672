import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { jsonReport } from './reporters.ts';

/** The suites whose numbers are small in `npm test`, at their full counts. */
export default defineConfig({
  test: {
    include: [
      'test/integration/owners-of-claude.test.ts',
      'test/integration/owners-of-chatgpt.test.ts',
      'test/integration/kills.test.ts',
      'test/integration/engine-kills.test.ts',
      'test/integration/lineage.property.test.ts',
      'test/integration/broker-load.test.ts',
      'test/integration/races.test.ts',
      'test/integration/disk.test.ts',
      'test/integration/failure-matrix.test.ts',
      'test/integration/bad-places.test.ts',
      'test/integration/bad-moments.test.ts',
      'test/integration/adoption.test.ts',
      'test/integration/several.test.ts',
    ],
    reporters: ['default', ...jsonReport('counts')],
    globalSetup: 'test/before-all.ts',
    env: { AUTHBAR_LONG: '1' },
    // Much of a test's time is a wait for a disk, a lock or a process.
    maxWorkers: availableParallelism() + 2,
    testTimeout: 30 * 60_000,
    hookTimeout: 60_000,
  },
});
