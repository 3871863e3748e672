import type { ToolEntry, ToolView } from '../../shared/app-state.ts';
import type { Context } from '../context.ts';
import type { ProviderId } from '../grant.ts';
import { isRefused } from '../targets/refused.ts';
import { targetsOf } from '../targets/registry.ts';
import type { TargetEntry, TargetView } from '../targets/report.ts';
import type { TargetId } from '../targets/target.ts';
import type { Settings } from '../vault/settings.ts';
import type { Prefs } from './prefs.ts';
import type { Restarts } from './restarts.ts';

/** Which services' logins each target can hold. */
export type Served = Readonly<Record<TargetId, readonly ProviderId[]>>;

/** See `Served`. */
export function servedBy(context: Context, settings: Settings): Served {
  const services = Object.values(context.providers).map(({ id }) => id);
  const targets = targetsOf(context, settings);
  return Object.fromEntries(
    targets.map(({ id, serves }) => [id, services.filter(serves)]),
  ) as Record<TargetId, ProviderId[]>;
}

/** What a tool's view follows from, beside what it holds. */
export interface ToolContext {
  readonly platform: NodeJS.Platform;
  readonly served: Served;
  readonly prefs: Pick<Prefs, 'leftAlone'>;
  readonly restarts: Pick<Restarts, 'needs'>;
}

/** A target, as the window shows it. */
export function toolView(view: TargetView, about: ToolContext): ToolView {
  const { target: id, name, present, mode, defaultMode, path } = view;
  return {
    id,
    name,
    installed: present,
    mode,
    defaultMode,
    path,
    serves: about.served[id],
    // There it is an item of Claude Code's own, and is left alone until the person turns it on.
    needsConsent: about.platform === 'darwin' && id === 'claude-code' && mode === 'off',
    entries: view.entries.map((entry) => toolEntry(id, entry, about)),
  };
}

function toolEntry(
  tool: TargetId,
  { pid: _, ...entry }: TargetEntry,
  { prefs, restarts }: ToolContext,
): ToolEntry {
  const left = prefs.leftAlone.some((each) => each.tool === tool && each.account === entry.account);
  return {
    ...entry,
    works: !isRefused(tool, entry.provider),
    restart: entry.state === 'in-step' && restarts.needs(tool, entry.account),
    leftAlone: left,
  };
}
