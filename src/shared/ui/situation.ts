import type { AccountView } from '../account-view.ts';
import type { AppState, SignInView, ToolEntry, ToolView } from '../app-state.ts';
import { describeError, type ErrorDescription } from '../error-texts.ts';
import { AppError, type ErrorCode, type ErrorDetails } from '../errors.ts';
import type { TimeStyle } from '../time-words.ts';
import { type Words, wordsFor } from '../words.ts';
import { nameOfGone } from './names.ts';

/** A login in a tool. */
export interface InTool {
  readonly tool: ToolView;
  readonly entry: ToolEntry;
}

/** All that the looks of one account follow from. */
export interface Situation {
  readonly state: AppState;
  readonly account: AccountView;
  /** Epoch ms. */
  readonly now: number;
  readonly service: string;
  readonly words: Words;
  readonly style: TimeStyle;
  /** There are other accounts of the same service. */
  readonly hasSiblings: boolean;
  /** Whether there is any tool that could have it: of a service that the person added none can. */
  readonly served: boolean;
  /** Names of the tools that work with it. */
  readonly tools: readonly string[];
  /** The first tool whose file cannot be changed. */
  readonly unwritten: InTool | undefined;
  /** The first tool about which the person has to decide. */
  readonly question: InTool | undefined;
  readonly signIn: SignInView | null;
}

/** States of an entry in which the tool has this login, or is about to get it. */
const HELD: readonly ToolEntry['state'][] = ['in-step', 'changed', 'owed', 'locked'];
const UNWRITTEN: readonly ToolEntry['state'][] = ['not-writable', 'unreadable'];
const GOING_ON: readonly SignInView['step'][] = [
  'preparing',
  'waiting',
  'device',
  'finishing',
  'locked',
];
const TAKEN: readonly ToolEntry['state'][] = ['other-account', 'api-key'];

/** What `account` is drawn from. */
export function situationOf(state: AppState, account: AccountView, now: number): Situation {
  const held = entriesOf(state, account);
  const signIn = runningSignIn(state);
  return {
    state,
    account,
    now,
    service: serviceName(state, account.provider),
    words: wordsFor(state.system.platform),
    style: { locale: state.system.locale },
    hasSiblings: state.accounts.some((other) => isSibling(other, account)),
    served: isServed(state, account),
    tools: toolsUsing(state, account),
    unwritten: held.find(({ entry }) => UNWRITTEN.includes(entry.state)),
    question: held.find(({ entry }) => TAKEN.includes(entry.state) && !entry.leftAlone),
    signIn: signIn?.account === account.id ? signIn : null,
  };
}

/** As people know it; after the provider's id where the list has none. */
export function serviceName({ services }: AppState, provider: string): string {
  return services.find(({ id }) => id === provider)?.name ?? nameOfGone(provider);
}

/** Whether any tool has a place for a login of this service. */
export function isServed(
  { tools }: AppState,
  { provider }: Pick<AccountView, 'provider'>,
): boolean {
  return tools.length === 0 || tools.some(({ serves }) => serves.includes(provider));
}

/** Names of the tools that have the login of `account` and work with it. */
export function toolsUsing(state: AppState, account: AccountView): string[] {
  return entriesOf(state, account)
    .filter(({ tool, entry }) => tool.installed && entry.works && HELD.includes(entry.state))
    .map(({ tool }) => tool.name);
}

/** The sign-in that goes on; `null` also when it has come to its end. */
export function runningSignIn({ signIn }: AppState): SignInView | null {
  return signIn && GOING_ON.includes(signIn.step) ? signIn : null;
}

/** An error in words, as this person reads them. */
export function described(
  { state, now }: Pick<Situation, 'state' | 'now'>,
  code: ErrorCode,
  details: ErrorDetails = {},
): ErrorDescription {
  const { platform, locale } = state.system;
  return describeError(new AppError(code, details), { platform, locale, now });
}

function entriesOf({ tools }: AppState, account: AccountView): InTool[] {
  return tools
    .filter(({ mode }) => mode !== 'off')
    .flatMap((tool) =>
      tool.entries
        .filter((entry) => entry.account === account.id)
        .map((entry) => ({ tool, entry })),
    );
}

function isSibling(other: AccountView, { id, provider }: AccountView): boolean {
  return other.provider === provider && other.id !== id;
}
