import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';
import { jsonReport } from '../reporters.ts';

/** The file with the longest test in it comes first: begun last, it would be waited for alone. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isLong = ({ moduleId }: TestSpecification) => moduleId.endsWith('background.test.ts');
    const sorted = await super.sort(files);
    return sorted.sort((one, other) => Number(isLong(other)) - Number(isLong(one)));
  }
}

/** Whole programs with real windows: one at a time for each core, and never asserted on how long. */
export default defineConfig({
  test: {
    root: fileURLToPath(new URL('../..', import.meta.url)),
    reporters: ['default', ...jsonReport('e2e')],
    include: ['test/standin/**/*.test.ts', 'test/e2e/**/*.test.ts'],
    globalSetup: 'test/e2e/setup.ts',
    sequence: { sequencer: LongestFirst },
    maxWorkers: 2,
    // What they share they only read; loading it for each file anew costs as much as starting the app.
    isolate: false,
    testTimeout: 120_000,
    hookTimeout: 60_000,
  },
});
