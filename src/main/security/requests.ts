import type { App, Session } from 'electron';
import { isInBundle } from './bundle-request.ts';

/** The page asks for its own files only; a developer's tools bring theirs along. */
export function mayRequest(url: string, packaged: boolean): boolean {
  return isInBundle(url) || (!packaged && url.startsWith('devtools://'));
}

/** Cancels every other request before it is made. */
export function confineRequests(
  { webRequest }: { readonly webRequest: Pick<Session['webRequest'], 'onBeforeRequest'> },
  packaged: boolean,
): void {
  webRequest.onBeforeRequest(({ url }, decide) => decide({ cancel: !mayRequest(url, packaged) }));
}

/** Names are looked up as the system looks them up; no server of the browser's own choice is asked. */
export function useSystemResolver(app: Pick<App, 'configureHostResolver'>): void {
  app.configureHostResolver({ enableBuiltInResolver: false, secureDnsMode: 'off' });
}
