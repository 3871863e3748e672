import { app } from 'electron';
import type { Desktop } from '../../core/app/desktop.ts';
import type { DesktopCall } from '../../core/app/ports.ts';
import type { CallName, Handlers } from '../../shared/ipc-contract.ts';
import type { Menus } from '../menus.ts';
import type { Popover } from '../window.ts';

/** The calls about the window itself, and the menus of the system. */
export function windowCalls(
  popover: Popover,
  menus: Menus,
  desktop: Desktop,
): Handlers<Exclude<CallName, DesktopCall>> {
  return {
    'window:hide': async () => popover.tell({ kind: 'dismiss' }),
    'window:height': async ({ height }) => popover.fit(height),
    'window:drawn': async () => popover.tell({ kind: 'drawn' }),
    'window:hold': async ({ held }) => popover.hold('question', held),
    'window:zoom': ({ step }) => desktop.zoom(step),
    'account:menu': async ({ account }) => menus.card(account),
    'key:menu': async ({ service }) => menus.key(service),
    'app:quit': async () => app.quit(),
  };
}
