import { defineConfig } from 'vitest/config';
import { jsonReport } from '../reporters.ts';

export default defineConfig({
  test: {
    reporters: ['default', ...jsonReport('interop')],
    include: ['test/interop/*.test.ts'],
    // The programs are big and the rounds many: one file at a time, and never asserted on.
    fileParallelism: false,
    testTimeout: 15 * 60_000,
    hookTimeout: 60_000,
  },
});
