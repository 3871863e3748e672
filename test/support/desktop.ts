import { setImmediate as turn } from 'node:timers/promises';
import { onTestFinished } from 'vitest';
import { Desktop } from '../../src/core/app/desktop.ts';
import type { Banner, Banners, Processes, Shell, SystemPage } from '../../src/core/app/ports.ts';
import type { AppState, Place, SignInView } from '../../src/shared/app-state.ts';
import type { World } from './engine.ts';

/** A system that does what it is told, and remembers it. */
export class FakeSystem implements Shell, Banners {
  readonly version = '1.2.3';
  readonly opened: string[] = [];
  readonly systemPages: SystemPage[] = [];
  readonly copied: string[] = [];
  readonly files: string[] = [];
  readonly saved: { readonly name: string; readonly text: string }[] = [];
  readonly places: (Place | null)[] = [];
  readonly banners = new Map<string, Banner>();
  /** How often the harmless notification was sent. */
  welcomes = 0;
  /** What follows. */
  online = true;
  opensBrowser = true;
  savesFiles = true;
  iconHidden = false;
  atLogin = false;
  log = '';
  os: 'linux' | 'mac' = 'linux';

  readonly facts: Shell['facts'] = () => ({
    os: this.os,
    platform: this.os === 'mac' ? 'darwin' : 'linux',
    locale: 'en-GB',
    closable: false,
  });
  readonly openExternal: Shell['openExternal'] = async (url) => {
    this.opened.push(url);
    return this.opensBrowser;
  };
  readonly openSystemPage: Shell['openSystemPage'] = async (page) => {
    this.systemPages.push(page);
  };
  readonly copy: Shell['copy'] = async (text) => {
    this.copied.push(text);
  };
  readonly showFile: Shell['showFile'] = (path) => {
    this.files.push(path);
  };
  readonly saveText: Shell['saveText'] = async (name, text) => {
    if (this.savesFiles) this.saved.push({ name, text });
    return this.savesFiles;
  };
  readonly openAtLogin: Shell['openAtLogin'] = {
    read: () => ({ on: this.atLogin, blocked: false }),
    write: (on) => {
      this.atLogin = on;
    },
  };
  readonly welcomeNotice: Shell['welcomeNotice'] = () => {
    this.welcomes += 1;
  };
  readonly isOnline: Shell['isOnline'] = () => this.online;
  readonly isIconHidden: Shell['isIconHidden'] = () => this.iconHidden;
  readonly show: Banners['show'] & Shell['show'] = (what: Banner | Place | null) => {
    if (what && 'sound' in what) this.banners.set(what.id, what);
    else this.places.push(what);
  };
  readonly remove: Banners['remove'] = (id) => {
    this.banners.delete(id);
  };
  readonly logTail = async (): Promise<string> => this.log;
}

/** An app without a window, on a machine. */
export interface DesktopWorld {
  readonly desktop: Desktop;
  readonly system: FakeSystem;
  /** Every state that was told, in order. */
  readonly told: AppState[];
  /** Resolves once the sign-in is at one of these steps. */
  at<Step extends SignInView['step']>(
    ...steps: readonly Step[]
  ): Promise<Extract<SignInView, { step: Step }>>;
}

/** Nobody runs anything. */
const NOTHING_RUNS: Processes = { running: async () => [], isAlive: () => false };

/** Opens the app on `world`. */
export function openDesktop(
  { engine, context }: Pick<World, 'engine' | 'context'>,
  processes: Processes = NOTHING_RUNS,
): DesktopWorld {
  const system = new FakeSystem();
  const desktop = new Desktop(engine, context, system, processes);
  const told: AppState[] = [];
  desktop.subscribe((state) => told.push(state));
  onTestFinished(async () => {
    await desktop.handlers['sign-in:cancel'](undefined);
    while (engine.signingIn) await turn();
    await desktop.refreshState();
  });
  return {
    desktop,
    system,
    told,
    at: async (...steps) => {
      const isThere = (view: SignInView | null) =>
        view !== null && (steps as readonly string[]).includes(view.step);
      const { signIn } = await until(desktop, ({ signIn: view }) => isThere(view));
      return signIn as Extract<SignInView, { step: (typeof steps)[number] }>;
    },
  };
}

/** The first state, from now on, of which `holds` is true. */
export function until(desktop: Desktop, holds: (state: AppState) => boolean): Promise<AppState> {
  const now = desktop.state();
  if (holds(now)) return Promise.resolve(now);
  return new Promise((resolve) => {
    const end = desktop.subscribe((state) => {
      if (!holds(state)) return;
      end();
      resolve(state);
    });
  });
}
