import { signal } from '@preact/signals';
import type { ToolEntry, ToolView } from '../shared/app-state.ts';
import { type Standing, standingOfEntry } from '../shared/ui/standing.ts';
import type { Route } from './router.ts';
import { app } from './store.ts';

/** A tool, and what it makes of one login. */
export interface ToolWithLogin {
  readonly tool: ToolView;
  /** `undefined`: nothing was written for it yet. */
  readonly entry: ToolEntry | undefined;
}

/** The tools that the system was asked about and the person said no, until the window is made anew. */
export const notAllowed = signal<ReadonlySet<string>>(new Set());

/** Nothing of ours is there then. */
const NOT_OURS: readonly ToolEntry['state'][] = ['other-account', 'api-key', 'empty'];

/** Whether a tool has this login of ours, which could be taken out of it. */
export function holdsOurs({ state }: ToolEntry): boolean {
  return !NOT_OURS.includes(state);
}

/** The tools that are there and can work with a login of this service, and what they make of this one. */
export function toolsFor(provider: string, account: string): ToolWithLogin[] {
  return app()
    .tools.filter(({ installed, serves }) => installed && serves.includes(provider))
    .filter(({ mode, needsConsent }) => mode !== 'off' || needsConsent)
    .map((tool) => ({ tool, entry: tool.entries.find((entry) => entry.account === account) }))
    .filter(({ entry }) => entry?.works !== false);
}

/** How a tool stands to a login. */
export function standingOf({ tool, entry }: ToolWithLogin): Standing {
  if (tool.needsConsent) return notAllowed.value.has(tool.id) ? 'notAllowed' : 'needsConsent';
  return standingOfEntry(entry);
}

/** The view in which something is done about it; `null`: there is nothing to do. */
export function wayTo(standing: Standing, { tool, entry }: ToolWithLogin): Route | null {
  switch (standing) {
    case 'needsConsent':
    case 'notAllowed':
      return { view: 'consent', tool: tool.id };
    case 'otherAccount':
      return entry ? { view: 'other-account', tool: tool.id, provider: entry.provider } : null;
    case 'unchangeable':
    case 'signedOut':
      return { view: 'tool', tool: tool.id };
    default:
      return null;
  }
}
