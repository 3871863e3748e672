import { askEngine } from '../../core/broker/ask.ts';
import { accountsNamed } from '../../core/choose.ts';
import type { Context } from '../../core/context.ts';
import { ENOUGH_LIFE } from '../../core/login-check.ts';
import { type Usage, usageOf } from '../../core/usage.ts';
import type { AccountView } from '../../shared/account-view.ts';
import { commandLineAction, describeError } from '../../shared/error-texts.ts';
import type { AppError } from '../../shared/errors.ts';
import { inWords } from '../../shared/time-words.ts';
import { shortage, windowName } from '../../shared/ui/plan-use.ts';
import { TEXTS } from '../../shared/ui/texts.ts';
import type { UsageWindow } from '../../shared/usage.ts';
import type { Tools } from '../command.ts';
import { gravestOf } from '../exit-codes.ts';
import { nextStep, tell } from '../failure.ts';
import { loginSource } from '../login-source.ts';
import { paint, print, printJson } from '../output.ts';
import { headingOf, serviceOf } from '../words.ts';

/** Characters of a whole bar. */
const BAR = 20;

/** One login, and how much of its plan is used. */
interface Told {
  readonly view: AccountView;
  readonly usage: Usage;
}

/** How much of each plan is used, as far as the services tell. */
export async function usage(tools: Tools, name: string | null, json: boolean): Promise<number> {
  const { engine, context } = tools;
  const { accounts } = await askEngine(
    context,
    (running) => running.status(),
    () => engine.status(),
  );
  const chosen = name ? accountsNamed(accounts, name, context.providers) : accounts;
  const source = loginSource(tools);
  const told = await Promise.all(
    chosen.map(async (view) => ({
      view,
      usage: await usageOf(context, source, view, ENOUGH_LIFE),
    })),
  );
  if (json) {
    printJson({ accounts: told.map(documentOf) });
  } else if (told.length === 0) {
    print('Nobody is signed in. There is no plan to look at.');
  } else {
    told.forEach((each, at) => {
      if (at > 0) print();
      show(context, each, accounts);
    });
  }
  return gravestOf(
    told.flatMap((each) => (each.usage.kind === 'unknown' ? [each.usage.error.code] : [])),
  );
}

function show(context: Context, { view, usage }: Told, all: readonly AccountView[]): void {
  print(paint(process.stdout, 'bold', headingOf(context, view, all)));
  if (usage.kind === 'unknown') {
    showUnknown(usage.error);
    return;
  }
  const windows = usage.kind === 'told' ? usage.windows : [];
  if (windows.length === 0) {
    print(`  ${TEXTS.details.useUntold({ service: serviceOf(context, view) })}`);
  }
  const width = Math.max(...windows.map((window) => windowName(window).length));
  for (const window of windows) print(`  ${lineOf(window, width, context.clock.now())}`);
}

/** Nothing tries it again by itself, which the whole sentence of some errors would say. */
function showUnknown(error: AppError): void {
  const { title } = describeError(error, { platform: process.platform, now: Date.now() });
  print(`  ${title}.`);
  print(`  ${nextStep({ ...tell(error), action: commandLineAction(error) })}`);
}

function lineOf(window: UsageWindow, width: number, now: number): string {
  const { used, resetsAt } = window;
  const full = used === 0 ? 0 : Math.max(1, Math.round((used / 100) * BAR));
  const bar = `${'█'.repeat(full)}${'░'.repeat(BAR - full)}`;
  const short = shortage(window);
  const words = [
    `${String(used).padStart(3)} %`,
    ...(resetsAt === null ? [] : [`new ${inWords(resetsAt, now)}`]),
    ...(short === null ? [] : [paint(process.stdout, 'yellow', inSentence(short))]),
  ];
  return `${windowName(window).padEnd(width)}  ${bar}  ${words.join(', ')}`;
}

function inSentence(words: string): string {
  return words.charAt(0).toLowerCase() + words.slice(1);
}

function documentOf({ view: { id, provider, email }, usage }: Told): object {
  const { kind } = usage;
  return {
    account: id,
    provider,
    email,
    result: kind,
    readAt: 'readAt' in usage ? usage.readAt : null,
    windows: kind === 'told' ? usage.windows.map(windowDocument) : [],
    error: kind === 'unknown' ? tell(usage.error) : null,
  };
}

function windowDocument({ length, used, resetsAt }: UsageWindow): object {
  return { ms: length, usedPercent: used, resetsAt };
}
