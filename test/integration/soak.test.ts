import { expect, test } from 'vitest';
import { simulate } from '../soak/simulation.ts';
import { tempFolder } from '../support/temp-folder.ts';

test('a simulated day loses no login but those whose answer was swallowed', async () => {
  const home = await tempFolder();
  const outcome = await simulate({ days: 1, people: 2, seed: 3, home });
  expect(outcome.violations).toEqual([]);
  expect(outcome.looks.get('renewed')).toBeGreaterThan(0);
  expect(outcome.sleeps).toHaveLength(4);
});
