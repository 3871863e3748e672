import type * as fsPromises from 'node:fs/promises';

/** The wall clock and its timers. Tests move it; everything else in a test is real. */
export interface Clock {
  /** Epoch ms. */
  now(): number;
  /** Resolves after `ms`; rejects with the signal's reason as soon as it is aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/**
 * The file calls that `core` uses, as Node has them. A test hands in the same calls with one of them
 * failing (ENOSPC, EIO, EROFS); nothing else replaces them.
 */
export type FileSystem = Pick<
  typeof fsPromises,
  | 'chmod'
  | 'lstat'
  | 'mkdir'
  | 'open'
  | 'readFile'
  | 'readdir'
  | 'readlink'
  | 'rename'
  | 'rm'
  | 'stat'
  | 'unlink'
>;

/**
 * The named moments at which a process may die. The paths that matter await this hook at each of them,
 * so that a test can stop the process exactly there and look at what is left.
 */
export type Step =
  | 'exchange:before-send'
  | 'exchange:answered'
  | 'renewal:locked'
  | 'renewal:reserved'
  | 'renewal:intent'
  | 'renewal:before-send'
  | 'renewal:answered'
  | 'answer:written'
  | 'answer:durable'
  | 'grant:durable'
  | 'ledger:written'
  | 'target:locked'
  | 'target:before-write'
  | 'target:journal'
  | 'target:half-written'
  | 'target:written'
  | 'target:recorded'
  | 'choice:written'
  | 'key:durable'
  | 'key:noted'
  | 'key:written'
  | 'key:removed'
  | 'key:withdrawn'
  | 'sign-out:tombstone'
  | 'sign-out:revoked'
  | 'sign-out:target-removed'
  | 'sign-out:removed';

/** Awaited at each step. */
export type StepHook = (step: Step) => void | Promise<void>;

/** One line of the log, already fit to be written: fields only from this list, no foreign text unredacted. */
export interface LogLine {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly event: string;
  readonly fields?: Readonly<Record<string, string | number | boolean | null>>;
}

/** Where log lines go. They hold no secret; the shell redacts once more and writes. */
export type Log = (line: LogLine) => void;

/**
 * The OS keychain. Calls run one at a time, each with a timeout; each rejects with a coded `AppError`
 * (`keychain-locked`, `keychain-refused`, `keyring-missing`, or `keychain-locked` with a hint for a
 * call that timed out). `null` means that no such item was found.
 */
export interface Keychain {
  /** Whether a read would work now without asking the person; never asks by itself. */
  state(): Promise<'open' | 'locked' | 'unavailable'>;
  get(service: string, account: string): Promise<string | null>;
  set(service: string, account: string, value: string): Promise<void>;
  /** False when there was no such item. */
  remove(service: string, account: string): Promise<boolean>;
  /** True while a call that timed out has not settled yet. */
  readonly stuck: boolean;
}

/** What the machine tells of its power, its screen and its network. */
export type PowerEvent =
  | 'suspend'
  | 'resume'
  | 'lock'
  | 'unlock'
  | 'online'
  | 'offline'
  | 'battery'
  | 'mains';

/** Where such events come from. A shell that cannot know (a terminal) has none; what a clock shows is noticed anyway. */
export interface Power {
  /** Calls `listener` at each event, until the function that is returned is called. */
  subscribe(listener: (event: PowerEvent) => void): () => void;
}
