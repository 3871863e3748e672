import { app, type Session } from 'electron';
import type { Log } from '../../core/ports.ts';
import { forbidNavigation } from './navigation.ts';
import { refusePermissions } from './permissions.ts';
import { confineRequests, useSystemResolver } from './requests.ts';

/** All rules for pages, before there is the first one. */
export function guardPages(session: Session, log: Log): void {
  app.on('web-contents-created', (_event, contents) => forbidNavigation(contents));
  app.on('render-process-gone', (_event, _contents, { reason }) =>
    log({ level: 'error', event: 'page-gone', fields: { reason } }),
  );
  refusePermissions(session);
  confineRequests(session, app.isPackaged);
  useSystemResolver(app);
}
