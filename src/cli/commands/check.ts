import { askEngine } from '../../core/broker/ask.ts';
import { CHECK_TIMEOUT, type Check, type Checkable, checkAll } from '../../core/check.ts';
import { accountsNamed } from '../../core/choose.ts';
import { loginCheckable } from '../../core/login-check.ts';
import { findProvider } from '../../core/providers/index.ts';
import type { Provider } from '../../core/providers/provider.ts';
import type { AccountView } from '../../shared/account-view.ts';
import { commandLineAction } from '../../shared/error-texts.ts';
import { AppError, hasCode } from '../../shared/errors.ts';
import type { Tools } from '../command.ts';
import { gravestOf } from '../exit-codes.ts';
import { nextStep, type Told, tell } from '../failure.ts';
import { loginSource } from '../login-source.ts';
import { type Look, paint, print, printJson, say } from '../output.ts';
import { nameOf, ownerOf, serviceOf } from '../words.ts';

/** How `authbar check` was asked. */
export interface CheckCommandOptions {
  /** How long a service may take to answer, ms; `undefined`: the usual. */
  readonly timeout: number | undefined;
  /** Who was asked, and how that went. */
  readonly verbose: boolean;
  readonly json: boolean;
}

/** What is checked, and how it is named. A login is one kind of it. */
interface CheckItem extends Checkable {
  /** While the person waits: `Claude · anna@example.com`. */
  readonly name: string;
  /** In the report: `oauth Claude anna@example.com`. */
  readonly source: string;
  /** What a program is told of it. */
  readonly document: {
    readonly kind: 'login';
    readonly account: string;
    readonly provider: string;
    readonly email: string | null;
  };
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
    for (const provider of missing) showMissing(provider);
  }
  const codes = checks.flatMap(({ error }) => (error ? [error.code] : []));
  // A service that nobody wants is no failure.
  const lacking = missing.length > 0 && (name !== null || items.length === 0);
  return gravestOf(lacking ? [...codes, 'no-such-login'] : codes);
}

const NOT_ASKED: Check = { result: 'unasked', error: null, asked: null };

interface Chosen {
  readonly items: readonly CheckItem[];
  /** The services for which nothing is kept. */
  readonly missing: readonly Provider[];
}

/** Everything that a name means, or everything there is. @throws AppError as `accountsNamed`. */
async function chosen(tools: Tools, name: string | null): Promise<Chosen> {
  const { engine, context } = tools;
  const { accounts } = await askEngine(
    context,
    (running) => running.status(),
    () => engine.status(),
  );
  const here = accounts.filter(({ code }) => code !== 'sign-out-unfinished');
  const views = name === null ? here : named(tools, here, name);
  const wanted = name === null ? Object.values(context.providers) : providersOf(tools, name, views);
  const items = views.map((view) => loginItem(tools, view));
  const missing = wanted.filter(({ id }) => !views.some(({ provider }) => provider === id));
  return { items, missing };
}

/** A service by its name alone may have nobody who is signed in. */
function named(
  { context: { providers } }: Tools,
  accounts: readonly AccountView[],
  name: string,
): AccountView[] {
  try {
    return accountsNamed(accounts, name, providers);
  } catch (error) {
    if (hasCode(error, 'no-such-login') && !name.includes(':')) return [];
    throw error;
  }
}

function providersOf({ context }: Tools, name: string, views: readonly AccountView[]): Provider[] {
  return views.length > 0 ? [] : [findProvider(context.providers, name)];
}

function loginItem(tools: Tools, view: AccountView): CheckItem {
  const { id, provider, email } = view;
  const login = loginCheckable(tools.context, loginSource(tools), view);
  return {
    name: nameOf(tools.context, view),
    source: `oauth ${serviceOf(tools.context, view)} ${ownerOf(view)}`,
    document: { kind: 'login', account: id, provider, email },
    check: (timeout) => login.check(timeout),
  };
}

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

function showMissing(provider: Provider): void {
  print(missingText(provider));
  print(`  → Run \`authbar login ${provider.service.toLowerCase()}\` to sign in.`);
}

function missingText({ service }: Provider): string {
  return `missing (${service})`;
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

function missingDocument(provider: Provider): object {
  return {
    kind: 'login',
    account: null,
    provider: provider.id,
    email: null,
    status: 'missing',
    validated: false,
    text: missingText(provider),
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
