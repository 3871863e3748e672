// Prints how many tests passed and failed: `node count.mjs FOLDER SUITE…`, from the JSON that each suite's
// runner left in the folder. What was skipped counts as failed, and so does a suite that left nothing.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const [folder, ...suites] = process.argv.slice(2);

/** Every test of a Playwright report, however deep its suites lie. */
function* specsOf({ suites = [], specs = [] }) {
  yield* specs;
  for (const suite of suites) yield* specsOf(suite);
}

/** @returns each test's name and how it ended: `passed`, `failed` or `skipped`. */
function resultsIn(report) {
  if (report.testResults) {
    return report.testResults.flatMap(({ name, status, assertionResults }) => {
      const tests = assertionResults.map(({ fullName, status: end }) => [fullName, end]);
      // A file that could not be loaded has no tests.
      return status === 'failed' && tests.length === 0 ? [[name, 'failed']] : tests;
    });
  }
  return [...specsOf(report)].flatMap(({ title, tests }) =>
    tests.map(({ status }) => [title, status === 'expected' ? 'passed' : status]),
  );
}

let passed = 0;
let failed = 0;
for (const suite of suites) {
  let results = [[suite, 'left no results']];
  try {
    results = resultsIn(JSON.parse(readFileSync(join(folder, `${suite}.json`), 'utf8')));
  } catch (error) {
    console.error(`${suite}: ${error.message}`);
  }
  for (const [name, end] of results) {
    if (end === 'passed') passed += 1;
    else {
      failed += 1;
      console.error(`${suite}: ${end}: ${name}`);
    }
  }
}
console.log(passed, failed);
