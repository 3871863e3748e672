import type { ProviderId } from '../grant.ts';
import type { TargetId } from './target.ts';

/** Logins that are written for a tool, and that it cannot work with all the same. */
const REFUSED: Readonly<Partial<Record<TargetId, readonly ProviderId[]>>> = {
  // The service refuses it there: https://github.com/openclaw/Peekaboo/issues/107
  peekaboo: ['openai'],
  // It needs a plug-in, and nobody can tell whether that is there.
  opencode: ['anthropic'],
};

/** Whether the tool cannot work with that service's login, although it has it. */
export function isRefused(target: TargetId, provider: ProviderId): boolean {
  return REFUSED[target]?.includes(provider) === true;
}
