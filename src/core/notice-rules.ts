import type { AccountView } from '../shared/account-view.ts';
import type { Notice } from '../shared/notice.ts';
import { SCHEMA } from './files/json-file.ts';
import {
  debtsOf,
  idOf,
  isLocked,
  KEYCHAIN_ID,
  type Memory,
  type NoticeInput,
  type NoticeState,
  openIds,
  SEVERAL_ID,
  type StopKind,
  settle,
  type WatchedAccount,
  works,
} from './notice-state.ts';

/** How long a login has to be over: a tool that was quicker may still save what it got, ms. */
const GRACE = 60_000;

/** Losses that are this close together are told in one notice, ms. */
const TOGETHER = 60_000;

/** How long before a login lapses a locked keychain is told of, ms. */
const LAPSES_SOON = 30 * 60_000;

/** How long a tool may go without its login, ms. */
const TOOL_GRACE = 10 * 60_000;

/** After a wake a person needs a moment, and so does the network, ms. */
const AWAKE_FOR = 30_000;

/** What follows from one look. */
export interface NoticeStep {
  readonly state: NoticeState;
  readonly show: readonly Notice[];
  /** The ids of notices that are not so any more. */
  readonly remove: readonly string[];
  /** When the next one may be due although nothing else happens, epoch ms. */
  readonly callAt: number | null;
}

/**
 * What a person is told, and what is taken back, given what they know. One notice for each transition;
 * none for what heals before anything stops, for what the person did, or to a person who is not there:
 * that is told when they are, if it is still so.
 */
export function nextNotices(before: NoticeState, input: NoticeInput): NoticeStep {
  const settled = settle(before, input);
  const told = tell(settled, input);
  const { state, show } = isThere(input) ? told : { state: settled, show: [] };
  const kept = [...openIds(state), ...show.map(({ id }) => id)];
  const remove = openIds(before).filter((id) => !kept.includes(id));
  const waits = show.length === 0 && told.show.length > 0;
  return { state, show, remove, callAt: nextCall(state, input, waits) };
}

function isThere({ now, presence, signingIn }: NoticeInput): boolean {
  return presence.unlocked && !signingIn && now - presence.awakeSince >= AWAKE_FOR;
}

/** What there is to tell a person who is there. */
function tell(
  state: NoticeState,
  input: NoticeInput,
): { readonly state: NoticeState; readonly show: readonly Notice[] } {
  const stops = [...endedNotices(state, input), ...pausedNotices(state, input)];
  const healed = healedNotices(state, input);
  const keychain = keychainNotices(state, input);
  const tools = toolNotices(state, input);
  const accounts = Object.entries(state.accounts).flatMap(([id, memory]): [string, Memory][] => {
    if (healed.some((notice) => notice.accounts.includes(id))) return [];
    const notice = stops.find((each) => each.accounts.includes(id));
    return [[id, notice ? { ...memory, told: { id: notice.id, at: input.now } } : memory]];
  });
  const causes = { ...state.tools };
  for (const { target, code } of tools) {
    if (target && code) causes[target] = [...(causes[target] ?? []), code];
  }
  return {
    state: {
      schema: SCHEMA,
      accounts: Object.fromEntries(accounts),
      keychain: state.keychain || keychain.length > 0,
      tools: causes,
    },
    show: [...stops, ...keychain, ...healed, ...tools],
  };
}

/** One for the login that ended; or, where several did at once, one for all that need the person. */
function endedNotices({ accounts }: NoticeState, input: NoticeInput): Notice[] {
  const { now } = input;
  const all = input.accounts.filter(({ view }) => accounts[view.id]?.what === 'login-ended');
  const due = all.filter(({ view }) => {
    const memory = accounts[view.id];
    return memory?.told === null && now - memory.since >= GRACE;
  });
  const justTold = all.filter(({ view }) => {
    const told = accounts[view.id]?.told;
    return told && now - told.at < TOGETHER;
  });
  if (due.length === 0 || due.length + justTold.length < 2) {
    return due.map((account) => accountNotice('login-ended', account));
  }
  const told = all.filter((account) => due.includes(account) || accounts[account.view.id]?.told);
  return [
    {
      kind: 'several-ended',
      id: SEVERAL_ID,
      accounts: told.map(({ view }) => view.id),
      code: null,
      target: null,
      tools: [...new Set(told.flatMap(({ tools }) => tools))],
    },
  ];
}

function pausedNotices({ accounts }: NoticeState, input: NoticeInput): Notice[] {
  return input.accounts
    .filter(({ view }) => accounts[view.id]?.what === 'account-paused')
    .filter(({ view }) => accounts[view.id]?.told === null)
    .map((account) => accountNotice('account-paused', account));
}

function healedNotices({ accounts }: NoticeState, input: NoticeInput): Notice[] {
  return input.accounts
    .filter(({ view }) => accounts[view.id]?.what === 'works-again' && works(view))
    .map((account) => accountNotice('works-again', account));
}

function accountNotice(kind: StopKind | 'works-again', { view, tools }: WatchedAccount): Notice {
  const { id, code } = view;
  return { kind, id: idOf('account', id), accounts: [id], code, target: null, tools };
}

/** One keychain, one notice: about the login that lapses first. */
function keychainNotices({ keychain }: NoticeState, { accounts, now }: NoticeInput): Notice[] {
  const [first] = accounts
    .filter(({ view }) => isLocked(view) && lapse(view) - now <= LAPSES_SOON)
    .sort((a, b) => lapse(a.view) - lapse(b.view));
  if (keychain || !first) return [];
  const { view, tools } = first;
  return [
    {
      kind: 'keychain-locked',
      id: KEYCHAIN_ID,
      accounts: [view.id],
      code: view.code,
      target: null,
      tools,
    },
  ];
}

function lapse({ expiresAt }: AccountView): number {
  return expiresAt ?? Number.POSITIVE_INFINITY;
}

/** One for each tool, and once for each cause. */
function toolNotices({ tools }: NoticeState, input: NoticeInput): Notice[] {
  const due = debtsOf(input).filter(
    ({ target, code, since, view }) =>
      works(view) && input.now - since >= TOOL_GRACE && !tools[target]?.includes(code),
  );
  const first = due.filter(({ target }, at) => due.findIndex((d) => d.target === target) === at);
  return first.map(({ target, code }) => ({
    kind: 'tool-not-written',
    id: idOf('target', target),
    accounts: due.filter((debt) => debt.target === target).map(({ view }) => view.id),
    code,
    target,
    tools: [],
  }));
}

function nextCall(state: NoticeState, input: NoticeInput, waits: boolean): number | null {
  const { now, accounts, presence, signingIn } = input;
  const untold = Object.values(state.accounts).filter(({ told }) => told === null);
  const times = [
    ...untold.map(({ since }) => since + GRACE),
    ...accounts.flatMap(({ view }) => (view.state === 'paused' ? [lapse(view)] : [])),
    ...accounts.flatMap(({ view }) => (isLocked(view) ? [lapse(view) - LAPSES_SOON] : [])),
    ...debtsOf(input).map(({ since }) => since + TOOL_GRACE),
    ...(waits && presence.unlocked && !signingIn ? [presence.awakeSince + AWAKE_FOR] : []),
  ];
  const ahead = times.filter((time) => time > now && Number.isFinite(time));
  return ahead.length > 0 ? Math.min(...ahead) : null;
}
