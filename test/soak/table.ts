import { SLEEP_KINDS } from './calendar.ts';
import type { Outcome, Plan } from './simulation.ts';
import { KINDS, RATE } from './trouble.ts';

/** How far from the minimum the renewals may be. */
const TOLERANCE = 0.1;

/** What came of a plan, judged. */
export interface Sheet {
  readonly lines: readonly string[];
  /** What must not be; nothing, if all is well. */
  readonly violations: readonly string[];
}

const CAPTION = `
Minimum: each login renewed as soon as the due rule says so, or at the next wake,
where nothing goes wrong and nobody else renews. Fresh logins: what took the
place of a login that was due, whoever got it: renewals of ours, those of a tool
that we adopted, sign-ins after a loss; not those that a tool did before they
were due. A request that failed is no renewal. Lost in flight: the service had
renewed and the network swallowed its answer; nothing can save such a login.
Collisions: a tool without a lock had spent the token that we sent.
The seed decides sleeps, faults, tools and person; what happens at one and the
same moment happens in the order in which this machine gets to it.`;

/** The table, and whether everything in it is as it must be. */
export function sheetOf({ days, seed }: Plan, outcome: Outcome): Sheet {
  const { accounts, looks, rivals, minimum, lost, signIns, notices, faults } = outcome;
  const renewed = looks.get('renewed') ?? 0;
  const adopted = looks.get('adopted') ?? 0;
  const fresh = renewed + adopted - total(rivals.map(({ needless }) => needless)) + signIns;
  const perDay = (count: number) => (count / accounts / days).toFixed(3);
  const ratio = fresh / minimum;
  const rows: [string, string | number][] = [
    ['days', days],
    ['accounts', accounts],
    ['seed', seed],
    ['sleeps', outcome.sleeps.length],
    ...byKind(outcome.sleeps),
    ['requests for a renewal', outcome.requests],
    ...KINDS.map(({ name }): [string, number] => [`  met by: ${name}`, faults.get(name) ?? 0]),
    ['renewals', renewed],
    ['  per account-day', perDay(renewed)],
    ['fresh logins per account-day', perDay(fresh)],
    ['  at least', perDay(minimum)],
    ['  of that', `${(ratio * 100).toFixed(1)} %`],
    ...rivals.flatMap(({ tool, worked, needless, refused }): [string, string | number][] => [
      [`renewals by ${tool}`, worked],
      ['  not due yet', needless],
      ['  refused', refused],
    ]),
    ['  adopted by us', adopted],
    ['collisions', outcome.collisions],
    ['lost in flight', lost.told + lost.untold],
    ['  told', lost.told],
    ['  still working', lost.untold],
    ['sign-ins after a notice', signIns],
    ['notices', total([...notices.values()])],
    ...[...notices].map(([kind, shown]): [string, number] => [`  ${kind}`, shown]),
  ];
  const offBy =
    Math.abs(ratio - 1) > TOLERANCE ? ['the renewals are not what the schedule asks for'] : [];
  const lines = rows.map(([name, value]) => `${name.padEnd(44)}${String(value).padStart(10)}`);
  const header = `${RATE * 100} % of each kind of fault, two tools that renew by themselves`;
  return { lines: [header, '', ...lines, CAPTION], violations: [...outcome.violations, ...offBy] };
}

function byKind(spells: Outcome['sleeps']): [string, number][] {
  const count = (wanted: string) => spells.filter(({ kind }) => kind === wanted).length;
  return SLEEP_KINDS.map((kind) => [`  ${kind}`, count(kind)]);
}

function total(numbers: readonly number[]): number {
  return numbers.reduce((sum, each) => sum + each, 0);
}
