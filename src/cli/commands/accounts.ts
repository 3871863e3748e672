import type { Context } from '../../core/context.ts';
import type { Move } from '../../core/several.ts';
import type { TargetEntry, TargetView } from '../../core/targets/report.ts';
import type { AccountView } from '../../shared/account-view.ts';
import { AppError } from '../../shared/errors.ts';
import { inSentence } from '../../shared/ui/names.ts';
import { wordsFor } from '../../shared/words.ts';
import type { Tools } from '../command.ts';
import { OWED } from '../exit-codes.ts';
import { nextStep, tell } from '../failure.ts';
import { print, printJson } from '../output.ts';
import { linesOfEntry } from '../target-words.ts';
import { nameOf } from '../words.ts';
import { targetNamed } from './targets.ts';

const MOVES: readonly Move[] = ['first', 'last', 'up', 'down'];

/** What one tool has for the service of an account. */
interface InTool {
  readonly view: TargetView;
  readonly entry: TargetEntry;
}

/** How everything is after a choice. */
interface Chosen {
  readonly account: AccountView;
  /** All of them. */
  readonly accounts: readonly AccountView[];
  /** The one tool that it was about; `null`: all. */
  readonly tool: TargetView | null;
  /** What the tools have for this service. */
  readonly all: readonly InTool[];
  /** This account in the tools that it was about. */
  readonly concerned: readonly InTool[];
  /** Whether it was not so before. */
  readonly isNews: boolean;
}

/** Has the tools, or one of them, get an account's login. */
export async function use(
  { engine, context }: Tools,
  name: string,
  ask: { readonly tool: string | null; readonly json: boolean },
): Promise<number> {
  const id = ask.tool === null ? null : targetNamed(ask.tool);
  const before = (await engine.status()).accounts;
  const had = id === null ? [] : await engine.targets({ quiet: true });
  const { account, error } = await engine.use(name, id);
  const { accounts } = await engine.status();
  const views = await engine.targets({ quiet: true });
  const all = inTools(views, account.provider);
  const chosen: Chosen = {
    account,
    accounts,
    tool: views.find(({ target }) => target === id) ?? null,
    all,
    concerned: all
      .filter(({ entry }) => entry.account === account.id)
      .filter(({ view }) => id === null || view.target === id),
    isNews:
      id === null
        ? !before.some((view) => view.id === account.id && view.inUse)
        : !inTools(had, account.provider).some(
            ({ view, entry }) => view.target === id && entry.account === account.id,
          ),
  };
  if (ask.json) printJson(documentOf(chosen, error));
  else tellUse(context, chosen, error);
  return owedOf(chosen).length > 0 || error ? OWED : 0;
}

function documentOf({ account, tool, concerned }: Chosen, error: AppError | null): object {
  return {
    account: account.id,
    provider: account.provider,
    email: account.email,
    tool: tool?.target ?? null,
    inUse: account.inUse,
    targets: concerned.map(({ view, entry }) => ({
      target: view.target,
      state: entry.state,
      code: entry.code,
    })),
    error: error && tell(error),
  };
}

function tellUse(context: Context, chosen: Chosen, error: AppError | null): void {
  const { account, tool, isNews } = chosen;
  const label = nameOf(context, account, chosen.accounts);
  print(
    tool
      ? `${tool.name} gets ${label} ${isNews ? 'now' : 'already'}.`
      : `${label} is in use ${isNews ? 'now' : 'already'}.`,
  );
  if (tool && !tool.installed) {
    const { computer } = wordsFor(process.platform);
    print(`  ${tool.name} is not on ${computer} yet. It’s noted for when it is.`);
  }
  tellWhere(context, chosen);
  if (!tool) tellOthers(context, chosen);
  if (!error) return;
  const told = tell(error);
  print(`  ${told.message}`);
  print(`    ${nextStep(told)}`);
}

function owedOf({ concerned }: Chosen): InTool[] {
  return concerned.filter(({ entry }) => entry.state !== 'in-step');
}

/** Gives an account a name of the person's own, or takes it away. */
export async function rename(
  { engine, context }: Tools,
  login: string,
  { name, none, json }: { name: string; none: boolean; json: boolean },
): Promise<number> {
  const named = name.trim() !== '';
  if (named && none)
    throw new AppError('wrong-use', { hint: 'Either a name or --none, not both.' });
  if (!named && !none) {
    throw new AppError('wrong-use', { hint: 'Give it a name, or `--none` to take its name away.' });
  }
  const account = await engine.rename(login, none ? null : name);
  if (json) printJson({ account: account.id, name: account.name });
  else {
    const label = nameOf(context, account, (await engine.status()).accounts);
    print(none ? `${label} has no name of its own any more.` : `It’s ${label} now.`);
  }
  return 0;
}

/** Puts an account elsewhere among the others. */
export async function move(
  { engine, context }: Tools,
  login: string,
  { to, json }: { readonly to: string; readonly json: boolean },
): Promise<number> {
  const where = MOVES.find((each) => each === to.toLowerCase());
  if (!where) throw new AppError('wrong-use', { hint: 'It moves first, last, up or down.' });
  const accounts = await engine.move(login, where);
  if (json) {
    printJson({ accounts: accounts.map(({ id }) => id) });
    return 0;
  }
  print('Their order now:');
  for (const account of accounts) print(`  ${nameOf(context, account, accounts)}`);
  return 0;
}

/** Our own keychain items are no matter of choice. */
function inTools(views: readonly TargetView[], provider: string): InTool[] {
  return views
    .filter(({ target, mode }) => target !== 'keychain' && mode !== 'off')
    .flatMap((view) => view.entries.map((entry) => ({ view, entry })))
    .filter(({ entry }) => entry.provider === provider);
}

/** Which tools have it, and which have to wait for it. */
function tellWhere(context: Context, chosen: Chosen): void {
  const { concerned, accounts, isNews } = chosen;
  const have = concerned
    .filter(({ view, entry }) => view.present && entry.state === 'in-step')
    .map(({ view }) => view.name);
  if (have.length > 0) {
    print(`  ${inSentence(have, 6, 6)} ${have.length > 1 ? 'have' : 'has'} it.`);
    if (isNews) print('  One that is running now may have to be started again.');
  }
  for (const { view, entry } of owedOf(chosen)) {
    const [state = '', ...steps] = linesOfEntry(context, view, entry, accounts);
    print(`  ${view.name}: ${state}`);
    for (const line of steps) print(`  ${line}`);
  }
}

/** The tools that were given another account by themselves. */
function tellOthers(context: Context, { account, all, accounts }: Chosen): void {
  for (const { view, entry } of all) {
    const other = accounts.find(({ id }) => id === entry.account);
    if (other && other.id !== account.id) {
      print(`  ${view.name} keeps ${nameOf(context, other, accounts)}, which you chose for it.`);
    }
  }
}
