import { hasCode } from '../../shared/errors.ts';
import type { PageKind } from './pages.ts';

/** What the browser is told when a sign-in has failed with `error`. */
export function failurePage(error: unknown): PageKind {
  if (hasCode(error, 'sign-in-stopped')) return 'stopped';
  return hasCode(error, 'code-refused', 'sign-in-timeout') ? 'expired' : 'service-problem';
}
