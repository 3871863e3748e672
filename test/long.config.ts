import { defineConfig } from 'vitest/config';

/** The suites whose numbers are small in `npm test`, at their full counts. */
export default defineConfig({
  test: {
    include: [
      'test/integration/kills.test.ts',
      'test/integration/lineage.property.test.ts',
      'test/integration/broker-load.test.ts',
    ],
    env: { AUTHBAR_LONG: '1' },
    testTimeout: 20 * 60_000,
    hookTimeout: 60_000,
  },
});
