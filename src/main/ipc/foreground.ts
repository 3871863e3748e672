import { AsyncLocalStorage } from 'node:async_hooks';
import type { CallName } from '../../shared/ipc-contract.ts';

/** Calls during which the system may put a question of its own to the person. */
const MAY_ASK: ReadonlySet<CallName> = new Set<CallName>([
  'sign-in:start',
  'sign-in:use-device',
  'sign-in:enter-code',
  'sign-in:retry',
  'sign-in:other-account-again',
  'account:check',
  'account:use',
  'account:sign-out',
  'key:add',
  'key:check',
  'address:add',
  'tool:mode',
  'tool:take',
  'tool:ask-consent',
  'keychain:unlock',
  'keychain:use-file',
  'notice:act',
  'report:save',
]);

/** Whether the system may ask the person something while this call is answered. */
export function mayAskDuring(name: CallName): boolean {
  return MAY_ASK.has(name);
}

const asked = new AsyncLocalStorage<true>();

/** Does what a person has just asked for; everything that follows from it is in the foreground too. */
export function inForeground<Value>(work: () => Value): Value {
  return asked.run(true, work);
}

/** Whether the running code was set off by a person, who can answer a question of the system's. */
export function isForeground(): boolean {
  return asked.getStore() === true;
}
