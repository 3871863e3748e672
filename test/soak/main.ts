/** A month of a machine in minutes: `npm run test:soak`. AUTHBAR_SEED chooses another month. */
import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { printText } from '../../src/cli/output.ts';
import { simulate } from './simulation.ts';
import { sheetOf } from './table.ts';

const { values } = parseArgs({
  options: {
    days: { type: 'string', default: '30' },
    people: { type: 'string', default: '10' },
  },
});
const home = await mkdtemp(join(await realpath(tmpdir()), 'authbar-soak-'));
try {
  const plan = {
    days: Number(values.days),
    people: Number(values.people),
    seed: Number(process.env.AUTHBAR_SEED ?? 1),
    home,
  };
  const { lines, violations } = sheetOf(plan, await simulate(plan));
  const wrong = violations.map((violation) => `WRONG: ${violation}`);
  printText(`${[...lines, '', ...wrong].join('\n')}\n`);
  process.exitCode = violations.length > 0 ? 1 : 0;
} finally {
  await rm(home, { recursive: true, force: true });
}
