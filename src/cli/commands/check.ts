import { CHECK_TIMEOUT, type Check, checkAll } from '../../core/check.ts';
import { commandLineAction } from '../../shared/error-texts.ts';
import { AppError } from '../../shared/errors.ts';
import { type CheckItem, chosen, type Missing } from '../check-items.ts';
import type { Tools } from '../command.ts';
import { gravestOf } from '../exit-codes.ts';
import { nextStep, type Told, tell } from '../failure.ts';
import { type Look, paint, print, printJson, say } from '../output.ts';

/** How `authbar check` was asked. */
export interface CheckCommandOptions {
  /** How long a service may take to answer, ms; `undefined`: the usual. */
  readonly timeout: number | undefined;
  /** Who was asked, and how that went. */
  readonly verbose: boolean;
  readonly json: boolean;
}

/** Asks the services about what is kept for them. */
export async function check(
  tools: Tools,
  name: string | null,
  { timeout: asked = CHECK_TIMEOUT, verbose, json }: CheckCommandOptions,
): Promise<number> {
  const timeout = sensible(asked);
  const { items, missing } = await chosen(tools, name);
  let ended = 0;
  const checks = await checkAll(items, timeout, (item) => {
    ended += 1;
    if (!json) say(`Checked ${ended} of ${items.length}: ${item.name}`);
  });
  const reports = items.map((item, at) => reportOf(item, checks[at] ?? NOT_ASKED, timeout));
  if (json) {
    printJson({ checks: [...reports.map(documentOf), ...missing.map(missingDocument)] });
  } else {
    for (const report of reports) show(report, verbose);
    for (const service of missing) showMissing(service);
  }
  const codes = checks.flatMap(({ error }) => (error ? [error.code] : []));
  // A service that nobody wants is no failure.
  const lacking = missing.length > 0 && (name !== null || items.length === 0);
  return gravestOf(lacking ? [...codes, 'no-such-login'] : codes);
}

const NOT_ASKED: Check = { result: 'unasked', error: null, asked: null };

/** What is told of one. */
interface Report {
  readonly item: CheckItem;
  readonly check: Check;
  readonly status: 'ready' | 'stored';
  /** `ready (oauth Claude anna@example.com, validated)`. */
  readonly text: string;
}

function reportOf(item: CheckItem, check: Check, timeout: number): Report {
  const status = check.result === 'works' ? 'ready' : 'stored';
  return { item, check, status, text: `${status} (${item.source}, ${validation(check, timeout)})` };
}

function validation({ result, error, asked }: Check, timeout: number): string {
  if (result === 'unasked' && !error) return 'not validated: there is nobody to ask';
  if (result === 'works') return 'validated';
  if (result === 'timed-out') return `validation timed out after ${timeout / 1000}s`;
  const status = asked?.status ?? null;
  const refused = status !== null && (status < 200 || status > 299);
  return `validation failed: ${refused ? `status ${status}` : (error?.code ?? 'unexpected')}`;
}

const LOOKS: Readonly<Record<Check['result'], Look>> = {
  works: 'green',
  refused: 'red',
  unreachable: 'yellow',
  'timed-out': 'yellow',
  unasked: 'yellow',
};

function show({ check: { result, error, asked }, text }: Report, verbose: boolean): void {
  print(paint(process.stdout, LOOKS[result], text));
  if (verbose) print(`  ${asked ? askedInWords(asked) : 'Nobody was asked.'}`);
  if (!error) return;
  const told = toldOf(error);
  // Of the others the line above has said it all.
  if (result === 'refused' || result === 'unasked') print(`  ${told.message}`);
  print(`  ${nextStep(told)}`);
}

/** Nothing tries a check again by itself; and there is nothing to renew. */
function toldOf(error: AppError): Told {
  return { ...tell(error), action: commandLineAction(error) };
}

function askedInWords({ host, status, ms }: NonNullable<Check['asked']>): string {
  return `${host} · ${status === null ? 'no answer' : `status ${status}`} · ${ms} ms`;
}

function showMissing(service: Missing): void {
  print(missingText(service));
  print(`  → ${service.step}`);
}

function missingText({ name }: Missing): string {
  return `missing (${name})`;
}

function documentOf({ item, check, status, text }: Report): object {
  const { result, error, asked } = check;
  return {
    ...item.document,
    status,
    validated: result === 'works',
    text,
    result,
    host: asked?.host ?? null,
    httpStatus: asked?.status ?? null,
    ms: asked?.ms ?? null,
    error: error && toldOf(error),
  };
}

function missingDocument(service: Missing): object {
  return {
    ...service.document,
    status: 'missing',
    validated: false,
    text: missingText(service),
    result: null,
    host: null,
    httpStatus: null,
    ms: null,
    error: null,
  };
}

/** The shortest and the longest that a person may wait, ms. */
const TIMEOUTS = [1000, 10 * 60_000] as const;

/** A timeout that makes sense. @throws AppError `wrong-use`. */
function sensible(ms: number): number {
  const [least, most] = TIMEOUTS;
  if (ms >= least && ms <= most) return ms;
  throw new AppError('wrong-use', { hint: '--timeout is from 1s to 10m' });
}
