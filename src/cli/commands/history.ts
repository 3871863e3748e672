import { accountsNamed } from '../../core/choose.ts';
import type { Context } from '../../core/context.ts';
import { readHistory } from '../../core/history.ts';
import { cleanText } from '../../core/redact.ts';
import { targetNames } from '../../core/targets/names.ts';
import type { AccountView } from '../../shared/account-view.ts';
import type { HistoryItem } from '../../shared/history.ts';
import {
  byDay,
  type HistoryContext,
  sentenceOf,
  whySignedOut,
} from '../../shared/history-texts.ts';
import { timeOfDay } from '../../shared/time-words.ts';
import type { Tools } from '../command.ts';
import { paint, print, printJson } from '../output.ts';
import { nameOf, serviceOf } from '../words.ts';

/** How many lines of a login are shown, unless all are asked for. */
const SHOWN = 20;

/** How `authbar history` was asked. */
export interface HistoryCommandOptions {
  readonly json: boolean;
  /** Everything of the last 30 days. */
  readonly all: boolean;
}

/** One login's history, and what its sentences are made from. */
interface Told {
  readonly view: AccountView;
  readonly items: readonly HistoryItem[];
  readonly words: HistoryContext;
}

/** What happened to the logins, the newest first; and why one needs a sign-in, if it does. */
export async function history(
  { engine, context }: Tools,
  name: string | null,
  { json, all }: HistoryCommandOptions,
): Promise<number> {
  const { accounts } = await engine.status();
  const chosen = name ? accountsNamed(accounts, name, context.providers) : accounts;
  const told = await Promise.all(chosen.map((view) => read(context, view)));
  if (json) {
    printJson({ accounts: told.map(documentOf) });
    return 0;
  }
  if (told.length === 0) print('Nobody is signed in. Nothing has happened yet.');
  told.forEach((each, at) => {
    if (at > 0) print();
    show(context, each, accounts, all ? Number.POSITIVE_INFINITY : SHOWN);
  });
  return 0;
}

async function read(context: Context, view: AccountView): Promise<Told> {
  const words = {
    service: serviceOf(context, view),
    tools: targetNames(context),
    platform: process.platform,
    now: context.clock.now(),
  };
  return { view, items: await readHistory(context, [view.id]), words };
}

function show(
  context: Context,
  { view, items, words }: Told,
  all: readonly AccountView[],
  limit: number,
): void {
  print(paint(process.stdout, 'bold', nameOf(context, view, all)));
  const why = whySignedOut(items, view, words);
  if (why) print(`  ${paint(process.stdout, 'red', why)}`);
  if (items.length === 0) print('  Nothing happened in the last 30 days.');
  for (const { day, items: those } of byDay(items.slice(0, limit), words)) {
    print(`  ${day}`);
    const times = those.map(({ at }) => timeOfDay(at));
    const width = Math.max(...times.map((time) => time.length));
    those.forEach((item, at) => {
      print(`    ${(times[at] ?? '').padStart(width)}  ${wordsOf(item, words)}`);
    });
  }
  const more = items.length - limit;
  if (more > 0) print(`  ${more} more: \`authbar history --all\``);
}

function documentOf({ view, items, words }: Told): object {
  const { id, provider, email } = view;
  return {
    account: id,
    provider,
    email,
    why: whySignedOut(items, view, words),
    entries: items.map((item) => ({ ...BLANK, ...item, text: wordsOf(item, words) })),
  };
}

/** What is absent is `null`. */
const BLANK = {
  at: null,
  event: null,
  code: null,
  end: null,
  providerCode: null,
  target: null,
  ms: null,
  fingerprint: null,
};

/** A line of the file may name a tool that nobody knows. */
function wordsOf(item: HistoryItem, words: HistoryContext): string {
  return cleanText(sentenceOf(item, words));
}
