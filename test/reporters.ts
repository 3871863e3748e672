import { join } from 'node:path';

/** The results as JSON, for whoever counts them, where the environment has a folder for that. */
export function jsonReport(suite: string): ['json', { outputFile: string }][] {
  const folder = process.env.AUTHBAR_TEST_REPORTS;
  return folder ? [['json', { outputFile: join(folder, `${suite}.json`) }]] : [];
}
