import type { Context } from '../context.ts';
import type { Mode, Settings } from '../vault/settings.ts';
import { keychainTarget } from './keychain.ts';
import { peekabooTarget } from './peekaboo.ts';
import type { Target } from './target.ts';

/** Every target, in the order in which they are written. */
export function targetsOf(context: Context, settings: Settings): Target[] {
  return [
    keychainTarget(context, settings.vault === 'keychain'),
    peekabooTarget(context, settings.targets.peekaboo?.path),
  ];
}

/** The person's choice for a target, else its default. */
export function modeOf(target: Target, settings: Settings): Mode {
  return settings.targets[target.id]?.mode ?? target.defaultMode;
}
