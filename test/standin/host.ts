import type { Chromium } from './chromium.ts';

/** What of a package.json an Electron app tells about itself. */
export interface Manifest {
  readonly name?: string;
  readonly productName?: string;
  readonly version?: string;
  readonly main?: string;
}

/** A window, as far as the app as a whole has to do with it. */
export interface HostedWindow {
  close(): void;
  destroy(): void;
  hide(): void;
}

interface Host {
  /** Whose manners Electron's interface has here. The process stays what it is: native code asks it. */
  readonly platform: NodeJS.Platform;
  /** The folder of the app. */
  appPath: string;
  manifest: Manifest;
  /** Comes up while the app's own code is loaded. */
  chromium: Promise<Chromium>;
  readonly windows: Set<HostedWindow>;
}

/** The one app that this process runs. Filled by `boot.ts` before the app's first line. */
export const host: Host = {
  platform: (process.env.STANDIN_PLATFORM ?? process.platform) as NodeJS.Platform,
  appPath: process.cwd(),
  manifest: {},
  chromium: Promise.reject(new Error('stand-in: not started by its electron')),
  windows: new Set(),
};
host.chromium.catch(() => undefined);
