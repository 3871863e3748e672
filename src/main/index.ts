import { join } from 'node:path';
import { app, net, powerMonitor, session } from 'electron';
import { Desktop } from '../core/app/desktop.ts';
import { createEngine } from '../core/create.ts';
import { redactShapes } from '../core/redact.ts';
import { asAppError } from '../shared/errors.ts';
import { serveBundle } from './app-protocol.ts';
import { wasStartedAtLogin } from './autostart.ts';
import { prepareApp } from './before-ready.ts';
import { explain, failToStart } from './explain.ts';
import { inForeground, isForeground, mayAskDuring } from './ipc/foreground.ts';
import { openGate } from './ipc/gate.ts';
import { windowCalls } from './ipc/window-calls.ts';
import { createLogger } from './logger.ts';
import { createMenus } from './menus.ts';
import { SystemNotices } from './notifier.ts';
import { createPower } from './power.ts';
import { endOrderly } from './quit.ts';
import { guardPages } from './security/guard.ts';
import { createShell } from './shell.ts';
import { isFirstInstance, onReopen } from './single-instance.ts';
import { TrayIcon } from './tray.ts';
import { Popover } from './window.ts';

const { firstLaunch } = prepareApp();
if (isFirstInstance()) start().catch(failToStart);
else app.exit(0);

async function start(): Promise<void> {
  await app.whenReady();
  const { log, redactWith, tail } = createLogger(app.getPath('logs'), redactShapes);
  guardPages(session.defaultSession, log);
  serveBundle(join(import.meta.dirname, '../renderer'));
  const { engine, context } = await createEngine({
    log,
    mayAsk: async () => isForeground(),
    askProxy: (url) => session.defaultSession.resolveProxy(url),
  });
  redactWith(context.secrets.redact);

  const icon = new TrayIcon();
  const popover = new Popover(icon.tray, () => desktop.poke());
  const open = () => popover.show(null);
  const greet = () => notices.greet();
  const power = createPower(powerMonitor, net);
  const { isOnline } = power;
  const shell = createShell(context, { popover, greet, logTail: tail, isOnline });
  const desktop = new Desktop(engine, context, shell);
  const act = (id: string) => void inForeground(() => desktop.act(id));
  const notices = new SystemNotices({ act, open, missed: desktop.missed });
  const menus = createMenus(icon.tray, popover, desktop);
  const handlers = { ...desktop.handlers, ...windowCalls(popover, menus, desktop) };
  openGate(handlers, {
    isTrusted: (caller) => popover.isPage(caller),
    describe: explain,
    log,
    around: (name, work) =>
      mayAskDuring(name) ? popover.during(() => inForeground(work)) : work(),
  });
  desktop.subscribe((state) => {
    icon.update(state);
    menus.update();
    popover.update(state);
  });

  const stop = new AbortController();
  const running = desktop.start({ signal: stop.signal, power, banners: notices });
  running.catch((error) =>
    log({ level: 'error', event: 'engine-ended', fields: { code: asAppError(error).code } }),
  );
  endOrderly(app, context.clock, async () => {
    popover.tell({ kind: 'dismiss' });
    stop.abort();
    await running;
  });
  onReopen(open);
  if (firstLaunch && !wasStartedAtLogin()) open();
}
