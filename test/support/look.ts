import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { Engine } from '../../src/core/engine.ts';
import type { LoginAttempt, LoginState } from '../../src/core/login.ts';
import type { World } from './engine.ts';

/** An attempt that waits for the person. */
export interface Begun {
  readonly attempt: LoginAttempt;
  readonly waiting: Extract<LoginState, { kind: 'waiting' }>;
  /** Every state so far, in order. */
  readonly states: readonly LoginState[];
}

/** Starts a sign-in; resolves when it waits for the person, rejects when it never comes to that. */
export async function beginLogin(
  engine: Engine,
  service: string,
  options: { readonly timeout?: number } = {},
): Promise<Begun> {
  const states: LoginState[] = [];
  return new Promise((resolve, reject) => {
    const attempt = engine.login(service, {
      ...options,
      onState: (state) => {
        states.push(state);
        if (state.kind === 'waiting') resolve({ attempt, waiting: state, states });
      },
    });
    attempt.done.catch(reject);
  });
}

/** Resolves once `attempt` is in a state of this kind. */
export async function untilIn(attempt: LoginAttempt, kind: LoginState['kind']): Promise<void> {
  while (attempt.state.kind !== kind) await new Promise((resolve) => setTimeout(resolve, 5));
}

/** The refresh tokens that would work at either provider now. */
export function activeTokens({ provider }: Pick<World, 'provider'>): string[] {
  return provider.tokens.filter((token) => provider.active(token));
}

/** What Peekaboo would read; empty when there is no such file. */
export async function peekaboo({ userHome }: Pick<World, 'userHome'>): Promise<string> {
  return readFile(join(userHome, '.peekaboo/credentials'), 'utf8').catch(() => '');
}

/** The folders of all accounts, the signed-out ones too. */
export async function accountFolders({ context }: Pick<World, 'context'>): Promise<string[]> {
  return readdir(context.paths.accounts).catch(() => []);
}

/** A file of an account, where it lies. */
export function accountFile({ context }: Pick<World, 'context'>, id: string, name: string): string {
  return join(context.paths.accounts, id, name);
}

/** So many renewals, none of them refused, each with a token of its own. */
export function expectEachSpentOnce({ provider }: World, times: number): void {
  const refreshes = provider.journal.entries.filter(({ endpoint }) => endpoint === 'refresh');
  expect(refreshes).toHaveLength(times);
  expect(refreshes.every(({ status, rotated }) => status === 200 && rotated)).toBe(true);
  expect(new Set(refreshes.map(({ token }) => token)).size).toBe(times);
}
