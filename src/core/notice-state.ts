import { createHash } from 'node:crypto';
import * as v from 'valibot';
import type { AccountView } from '../shared/account-view.ts';
import type { ErrorCode } from '../shared/errors.ts';
import { SCHEMA } from './files/json-file.ts';

/** Nothing that a person has to be told: it is shown where they decide about it. */
const UNTOLD: readonly ErrorCode[] = ['tool-other-account', 'other-account'];

/** The ids of the notices that are about no account of their own. */
export const SEVERAL_ID = idOf('several');
export const KEYCHAIN_ID = idOf('keychain');

/** What stops a login until somebody else mends it. */
export type StopKind = 'login-ended' | 'account-paused';

const MemorySchema = v.object({
  /** `works-again`: the person was warned, it has healed by itself, and nobody was there to be told. */
  what: v.picklist(['login-ended', 'account-paused', 'keychain-locked', 'works-again']),
  /** Since when it is so, epoch ms. */
  since: v.number(),
  /** The notice in which it was told, and when. */
  told: v.nullable(v.object({ id: v.string(), at: v.number() })),
  /** The last sign-in when it began: a later one is the person's own deed. */
  signedInAt: v.number(),
});
/** What is known of an account that stopped. */
export type Memory = v.InferOutput<typeof MemorySchema>;

/** What a person has been told, and what they may have to be told. Kept, so that a restart repeats nothing. */
export const NoticeStateSchema = v.object({
  schema: v.literal(SCHEMA),
  /** By account id: those that stopped. */
  accounts: v.record(v.string(), MemorySchema),
  /** It was told that the keychain is locked, and it still is. */
  keychain: v.boolean(),
  /** By target: the codes of the causes that were told. A newer program may know more of them. */
  tools: v.record(v.string(), v.array(v.string())),
});
/** See `NoticeStateSchema`. */
export type NoticeState = v.InferOutput<typeof NoticeStateSchema>;

/** Nothing was ever told. */
export const NOTHING_TOLD: NoticeState = {
  schema: SCHEMA,
  accounts: {},
  keychain: false,
  tools: {},
};

/** Whether a person is there to read a notice. */
export interface Presence {
  /** The screen is. */
  readonly unlocked: boolean;
  /** Since when the machine is awake, epoch ms. */
  readonly awakeSince: number;
}

/** An account, and what its notices follow from beside its view. */
export interface WatchedAccount {
  readonly view: AccountView;
  /** The person's last sign-in, epoch ms. */
  readonly signedInAt: number;
  /** The targets that have its login, the keychain left out. */
  readonly tools: readonly string[];
  /** The targets, the keychain left out, that have to get it and do not. */
  readonly owed: readonly Debt[];
}

/** A login that a target is owed. */
export interface Debt {
  readonly target: string;
  readonly code: ErrorCode;
  /** Epoch ms. */
  readonly since: number;
}

/** How everything is at one moment. */
export interface NoticeInput {
  readonly now: number;
  readonly accounts: readonly WatchedAccount[];
  readonly presence: Presence;
  /** A sign-in of ours is open: the person is busy, and looking at us. */
  readonly signingIn: boolean;
}

/** What is so by now, before anybody is told. */
export function settle(
  { accounts, keychain, tools }: NoticeState,
  input: NoticeInput,
): NoticeState {
  const locked = keychain && input.accounts.some(({ view }) => isLocked(view));
  const memories = input.accounts.map((account) => {
    const { id } = account.view;
    return [id, remembered(accounts[id], account, input.now, locked)] as const;
  });
  const owed = Object.entries(tools).filter(([target]) =>
    debtsOf(input).some((debt) => debt.target === target),
  );
  return {
    schema: SCHEMA,
    accounts: Object.fromEntries(
      memories.flatMap(([id, memory]) => (memory ? [[id, memory]] : [])),
    ),
    keychain: locked,
    tools: Object.fromEntries(owed),
  };
}

function remembered(
  before: Memory | undefined,
  { view, signedInAt }: WatchedAccount,
  now: number,
  toldOfKeychain: boolean,
): Memory | null {
  if (view.code === 'sign-out-unfinished') return null;
  // The person signed in: the browser has said so.
  const last = before && signedInAt <= before.signedInAt ? inThePast(before, now) : null;
  if (works(view)) {
    if (last?.told) return { ...last, what: 'works-again', since: now, told: null };
    return last?.what === 'works-again' ? last : null;
  }
  const what = whatStopped(view, now);
  if (what) return last?.what === what ? last : { what, since: now, told: null, signedInAt };
  // Neither well nor known to be over: what was told stands until one of them is sure.
  if (last?.told || last?.what === 'works-again') return last;
  const lapsed = toldOfKeychain && isLocked(view) && (view.expiresAt ?? now) <= now;
  const told = { id: KEYCHAIN_ID, at: now };
  return lapsed ? { what: 'keychain-locked', since: now, told, signedInAt } : null;
}

/** A clock that was set back must not make anybody wait. */
function inThePast(memory: Memory, now: number): Memory {
  const told = memory.told && { ...memory.told, at: Math.min(memory.told.at, now) };
  return { ...memory, since: Math.min(memory.since, now), told };
}

/** Whether nothing has stopped. */
export function works({ state }: AccountView): boolean {
  return state === 'signed-in' || state === 'late';
}

/** Whether it waits for the person to unlock the keychain. */
export function isLocked({ state, code }: AccountView): boolean {
  return state === 'locked' && code === 'keychain-locked';
}

/** A service that pauses an account is told of when something stops. */
function whatStopped({ state, expiresAt }: AccountView, now: number): StopKind | null {
  if (state === 'sign-in-again' || state === 'other-computer') return 'login-ended';
  return state === 'paused' && (expiresAt ?? now) <= now ? 'account-paused' : null;
}

/** What tools are owed for a reason that a person may have to be told. */
export function debtsOf({ accounts }: NoticeInput): (Debt & { readonly view: AccountView })[] {
  return accounts.flatMap(({ view, owed }) =>
    owed.filter(({ code }) => !UNTOLD.includes(code)).map((debt) => ({ ...debt, view })),
  );
}

/** The ids of what was shown and still is so. */
export function openIds({ accounts, keychain, tools }: NoticeState): string[] {
  const ids = Object.values(accounts).flatMap(({ what, told }) =>
    told && what !== 'keychain-locked' ? [told.id] : [],
  );
  const targets = Object.keys(tools).map((target) => idOf('target', target));
  return [...new Set([...ids, ...(keychain ? [KEYCHAIN_ID] : []), ...targets])];
}

/** A notice's id: always the same for the same thing, with no address and no account's id in it. */
export function idOf(...parts: readonly string[]): string {
  return createHash('sha256').update(parts.join(' ')).digest('hex').slice(0, 16);
}
