import type { AccountView } from '../account-view.ts';

/** A tool could not work with these before the person has done something. */
const USELESS: readonly AccountView['state'][] = ['sign-in-again', 'other-computer'];

/** Whether the tools could get this login instead of the one that they have. */
export function canBeUsed({ inUse, state }: Pick<AccountView, 'inUse' | 'state'>): boolean {
  return !inUse && !USELESS.includes(state);
}

/** Whether an account has one before it that it could change places with, and one behind it. */
export function waysToMove(
  accounts: readonly Pick<AccountView, 'id'>[],
  account: string,
): { readonly up: boolean; readonly down: boolean } {
  const at = accounts.findIndex(({ id }) => id === account);
  return { up: at > 0, down: at >= 0 && at < accounts.length - 1 };
}
