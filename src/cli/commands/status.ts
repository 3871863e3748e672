import { askEngine } from '../../core/broker/ask.ts';
import { type RunningEngine, runningEngine } from '../../core/engine-lock.ts';
import { type OwnChoice, ownChoices } from '../../core/several.ts';
import type { Status } from '../../core/survey.ts';
import type { AccountView } from '../../shared/account-view.ts';
import { AppError } from '../../shared/errors.ts';
import { inWords } from '../../shared/time-words.ts';
import { inSentence } from '../../shared/ui/names.ts';
import { wordsFor } from '../../shared/words.ts';
import type { Tools } from '../command.ts';
import { nextStep, tell } from '../failure.ts';
import { type Look, paint, print, printJson, tilde } from '../output.ts';
import { headingOf, serviceOf } from '../words.ts';

/** Who is signed in, how they are, and where the logins are kept. */
export async function status({ engine, context }: Tools, json: boolean): Promise<number> {
  const running = await runningEngine(context);
  const { vault, accounts } = await askEngine(
    context,
    (other) => other.status(),
    () => engine.status(),
  );
  if (json) {
    printJson({ engine: running, vault, accounts });
    return 0;
  }
  if (accounts.length === 0) {
    print('Nobody is signed in yet.');
    print('  → Run `authbar login claude` or `authbar login chatgpt`.');
  }
  const choices = await ownChoices(context);
  const about = { all: accounts, choices };
  for (const view of accounts) showAccount({ engine, context }, view, about, running);
  for (const line of footnotes(vault, context.paths.home, accounts, running)) print(line);
  return 0;
}

function showAccount(
  { context }: Tools,
  view: AccountView,
  {
    all,
    choices,
  }: { readonly all: readonly AccountView[]; readonly choices: readonly OwnChoice[] },
  running: RunningEngine | null,
): void {
  const siblings = all.filter(({ provider }) => provider === view.provider).length > 1;
  print(paint(process.stdout, 'bold', headingOf(context, view, all)));
  const [look, ...lines] = linesOf(
    serviceOf(context, view),
    view,
    running !== null && !running.hung,
    context.paths.key,
  );
  const [first = '', ...more] = lines;
  print(`  ${paint(process.stdout, look, first)}`);
  for (const line of more) print(`  ${line}`);
  if (siblings) print(`  ${useOf(view, all, choices)}`);
  print();
}

/** Which tools get one of several logins of a service. */
function useOf(
  { id, provider, inUse }: AccountView,
  all: readonly AccountView[],
  choices: readonly OwnChoice[],
): string {
  const there = choices.filter((own) => all.some((view) => view.id === own.account));
  const others = there.filter((own) => own.provider === provider && own.account !== id);
  const own = there.filter(({ account }) => account === id);
  const names = (some: readonly OwnChoice[]) => inSentence(some.map(({ tool }) => tool));
  if (inUse)
    return `In use: the tools get it${others.length > 0 ? `, but not ${names(others)}` : ''}`;
  return own.length > 0
    ? `On standby: ${names(own)} ${own.length > 1 ? 'alone get it' : 'alone gets it'}`
    : 'On standby: no tool gets it';
}

/** A look, what state it is in, and what follows from that. */
function linesOf(
  service: string,
  view: AccountView,
  kept: boolean,
  keyFile: string,
): [Look, ...string[]] {
  const now = Date.now();
  const when = view.renewsAt === null ? null : inWords(view.renewsAt, now);
  if (view.state === 'signed-in' && view.signInBy !== null) {
    const end = inWords(view.signInBy, now);
    return ['green', `Signed in · ends ${end}, and can’t be renewed`];
  }
  if (view.state === 'signed-in') {
    if (when === null) return ['green', 'Signed in'];
    return [
      'green',
      `Signed in · ${kept ? `renews itself, next ${when}` : `to be renewed ${when}`}`,
    ];
  }
  if (view.state === 'late' && view.code === null) {
    return ['green', 'Signed in · its renewal isn’t finished yet'];
  }
  if (view.state === 'late' && when !== null) {
    const again = kept ? `Trying again ${when}. ` : '';
    const step = `→ Run \`authbar refresh\` to try now.   [${view.code}]`;
    return ['green', 'Signed in · renewal is late', `${again}Nothing has stopped.`, step];
  }
  if (view.code === 'sign-out-unfinished') {
    return ['yellow', 'Signed out, but not everywhere yet', '→ Run `authbar refresh` to finish.'];
  }
  if (view.code === null) {
    return ['yellow', 'Waiting to be renewed', '→ Run `authbar refresh`.'];
  }
  const retryAt = view.renewsAt === null ? {} : { retryAt: view.renewsAt };
  const path = view.code === 'list-damaged' ? { path: keyFile } : {};
  const told = tell(new AppError(view.code, { service, ...retryAt, ...path }), kept);
  return [view.state === 'sign-in-again' ? 'red' : 'yellow', told.message, nextStep(told)];
}

function footnotes(
  { kind }: Status['vault'],
  home: string,
  accounts: readonly AccountView[],
  running: RunningEngine | null,
): string[] {
  const { keychain } = wordsFor(process.platform);
  const notes: string[] = [];
  if (kind === 'keychain' && accounts.length > 0)
    notes.push(`The key to these logins is in ${keychain}.`);
  if (kind === 'file' && accounts.length > 0) {
    notes.push(`Logins and their key are in files that only you can read, in ${tilde(home)}.`);
    notes.push(`That’s less safe than ${keychain}.`);
  }
  if (running?.hung) {
    const { pid } = running;
    notes.push(`Process ${pid} should keep them fresh, and shows no life. → Stop it: kill ${pid}`);
  } else if (running) notes.push(`Process ${running.pid} keeps them fresh.`);
  else if (accounts.length > 0) {
    notes.push('Nothing renews them in the background now. → Run `authbar run` for that.');
  }
  return notes;
}
