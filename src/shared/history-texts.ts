import type { AccountView } from './account-view.ts';
import { describeError } from './error-texts.ts';
import { AppError, type ErrorCode } from './errors.ts';
import type { HistoryItem } from './history.ts';
import { agoInWords, dayInWords, spanInWords, type TimeStyle } from './time-words.ts';
import { wordsFor } from './words.ts';

/** What fills the `{…}` of a history's sentences. */
export interface HistoryContext extends TimeStyle {
  /** The service's name: `Claude`. */
  readonly service: string;
  /** The tools' names, by target. */
  readonly tools: Readonly<Record<string, string>>;
  /** As `process.platform` has it. */
  readonly platform: string;
  /** Epoch ms. */
  readonly now: number;
}

/** What happened on one day, the newest first. */
export interface HistoryDay {
  /** `Today`, `Yesterday`, `3 October`. */
  readonly day: string;
  readonly items: readonly HistoryItem[];
}

/** How far a sleep's end may be from what it explains, ms. */
const CLOSE = 10 * 60_000;

/** How a renewal failed. `{service}` is filled; of any other code only that it did. */
const FAILURES: Partial<Record<ErrorCode, string>> = {
  offline: 'You were offline',
  unreachable: '{service} didn’t answer',
  'asked-to-wait': '{service} asked to slow down',
  'network-page': 'The network asked for a sign-in first',
  'network-password': 'The network asked for a name and password',
  'not-private': 'The connection wasn’t private',
  interrupted: 'Authbar was stopped in the middle of a renewal',
  'login-ended': '{service} ended the login',
  'login-used-up': 'Another program used the login up',
  'login-lost-in-flight': 'The connection broke during a renewal',
  'service-refused': '{service} turned Authbar away',
  'account-paused': '{service} has paused the account',
};

/** What happened, in a few words without a full stop. */
export function sentenceOf(item: HistoryItem, context: HistoryContext): string {
  const words = wordsFor(context.platform);
  const target = 'target' in item ? item.target : '';
  const tool = nameOf(target, context);
  // `opencode` is written like that wherever it stands.
  const start = target === 'keychain' ? capitalised(tool) : tool;
  switch (item.event) {
    case 'signed-in':
      return 'You signed in';
    case 'signed-out':
      return 'You signed out';
    case 'renewed':
      return 'Renewed by Authbar';
    case 'recovered':
      return `${context.service} didn’t answer; tried again and it worked`;
    case 'adopted':
      return `Renewed by ${tool}, and picked up here`;
    case 'replaced':
      return `${start} had an older login of yours`;
    case 'renewal-failed':
      return failed(item.code, context);
    case 'slept':
      return `${capitalised(words.yourComputer)} was asleep for ${spanInWords(item.ms)}`;
    case 'offline':
      return `You were offline for ${spanInWords(item.ms)}`;
    case 'keychain-locked':
      return `${capitalised(words.keychain.replace(/^your /, ''))} was locked`;
    case 'written':
      return `Written to ${tool}`;
    case 'written-late':
      return `${start} was busy; written a moment later`;
    case 'target-owed':
      return item.code === 'tool-other-account'
        ? `${start} has another account`
        : `Couldn’t write to ${tool}`;
    case 'taken':
      return `You chose ${tool} to get this login`;
  }
}

/** `items`, the newest first, by the days on which they happened where the person is. */
export function byDay(items: readonly HistoryItem[], context: HistoryContext): HistoryDay[] {
  const days = new Map<string, HistoryItem[]>();
  for (const item of items) {
    const day = dayInWords(item.at, context.now, context);
    days.set(day, [...(days.get(day) ?? []), item]);
  }
  return [...days].map(([day, those]) => ({ day, items: those }));
}

/**
 * Why the person has to sign in again, in one or two sentences; `null` where they need not.
 * @param items What happened, the newest first.
 */
export function whySignedOut(
  items: readonly HistoryItem[],
  { state, code }: Pick<AccountView, 'state' | 'code'>,
  context: HistoryContext,
): string | null {
  if (code === null || !['sign-in-again', 'other-computer'].includes(state)) return null;
  const at = items.findIndex((item) => item.event === 'renewal-failed' && item.code === code);
  const item = items[at];
  const cause = item && causeOf(code, agoInWords(item.at, context.now, context), context);
  if (!item || !cause) {
    const { title, sentence } = describeError(
      new AppError(code, { service: context.service }),
      context,
    );
    return `${title}. ${sentence}`;
  }
  const sleep = code === 'login-lost-in-flight' ? sleepAt(items, item.at, context) : null;
  return [cause, sleep ?? lastRenewal(items.slice(at), context)].filter(Boolean).join(' ');
}

function causeOf(code: ErrorCode, when: string, { service }: HistoryContext): string | null {
  switch (code) {
    case 'login-ended':
      return `${service} ended this login ${when}, as it does after a password change.`;
    case 'login-used-up':
      return `Another program renewed this login and kept the result to itself; it showed ${when}.`;
    case 'login-lost-in-flight':
      return `The connection broke while this login was being renewed, ${when}.`;
    default:
      return null;
  }
}

function sleepAt(
  items: readonly HistoryItem[],
  at: number,
  context: HistoryContext,
): string | null {
  const slept = items.find((item) => item.event === 'slept' && Math.abs(at - item.at) <= CLOSE);
  return slept ? `${sentenceOf(slept, context)} at that time.` : null;
}

/** Who made it work for the last time. */
function lastRenewal(items: readonly HistoryItem[], context: HistoryContext): string | null {
  for (const item of items) {
    const when = agoInWords(item.at, context.now, context);
    if (item.event === 'signed-in') return `You had signed in ${when}.`;
    if (item.event === 'adopted') return `${nameOf(item.target, context)} had renewed it ${when}.`;
    if (item.event === 'renewed' || item.event === 'recovered') {
      return `Authbar had renewed it ${when}.`;
    }
  }
  return null;
}

function failed(code: ErrorCode, { service }: HistoryContext): string {
  return (FAILURES[code] ?? 'It couldn’t be renewed').replace('{service}', service);
}

/** A keychain is no tool, and has a name of its own on each system. */
function nameOf(target: string, { tools, platform }: HistoryContext): string {
  return target === 'keychain' ? wordsFor(platform).keychain : (tools[target] ?? target);
}

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
