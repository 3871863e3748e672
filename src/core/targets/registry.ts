import { dirname } from 'node:path';
import type { Context } from '../context.ts';
import type { Mode, Settings } from '../vault/settings.ts';
import { claudeCodeTarget } from './claude-code.ts';
import { codexTarget } from './codex.ts';
import { keychainTarget } from './keychain.ts';
import { opencodeTarget } from './opencode.ts';
import { peekabooTarget } from './peekaboo.ts';
import { piTarget } from './pi.ts';
import { synapsTarget } from './synaps.ts';
import { TARGET_IDS, type Target, type TargetId } from './target.ts';

type MakeTarget = (context: Context, folder: string | undefined, settings: Settings) => Target;

const MAKERS: Readonly<Record<TargetId, MakeTarget>> = {
  keychain: (context, _folder, settings) => keychainTarget(context, settings.vault === 'keychain'),
  peekaboo: peekabooTarget,
  'claude-code': claudeCodeTarget,
  pi: piTarget,
  codex: codexTarget,
  synaps: synapsTarget,
  opencode: opencodeTarget,
};

/** Every target, in the order in which they are written. */
export function targetsOf(context: Context, settings: Settings): Target[] {
  return TARGET_IDS.map((id) => MAKERS[id](context, settings.targets[id]?.path, settings));
}

/** A target that stands, or stood, at this path, whatever the settings or a tool's own variable say now. */
export function targetIn(
  context: Context,
  settings: Settings,
  { target, path }: { readonly target: TargetId; readonly path: string },
): Target {
  return MAKERS[target](context, dirname(path), settings);
}

/** The person's choice for a target, else its default. */
export function modeOf(target: Target, settings: Settings): Mode {
  return settings.targets[target.id]?.mode ?? target.defaultMode;
}
