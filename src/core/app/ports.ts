import type { MissedNotice, Place, SystemFacts } from '../../shared/app-state.ts';
import type { CallName, Handlers, SYSTEM_PAGES } from '../../shared/ipc-contract.ts';

/** A page of the system's settings. */
export type SystemPage = (typeof SYSTEM_PAGES)[number];

/** What the system does for the app: the shell brings it along. Nothing here decides anything. */
export interface Shell {
  readonly facts: () => SystemFacts;
  readonly version: string;
  /** Opens an address in the person's browser. The shell refuses what `mayOpen` refuses. @returns whether it opened. */
  readonly openExternal: (url: string) => Promise<boolean>;
  readonly openSystemPage: (page: SystemPage) => Promise<void>;
  readonly copy: (text: string) => Promise<void>;
  /** Shows a file in its folder. */
  readonly showFile: (path: string) => void;
  /** Asks where to, and saves. @returns false if the person thought better of it. */
  readonly saveText: (name: string, text: string) => Promise<boolean>;
  /** Read from the system each time it is shown. */
  readonly openAtLogin: {
    readonly read: () => { readonly on: boolean; readonly blocked: boolean };
    readonly write: (on: boolean) => void;
  };
  /** Sends the first, harmless notification, so that the system asks its question now. */
  readonly welcomeNotice: () => void;
  readonly isOnline: () => boolean;
  /** Whether the icon is on a screen at all. */
  readonly isIconHidden: () => boolean;
  /** Shows the window, at a place if one is given. */
  readonly show: (place: Place | null) => void;
  /** The newest lines of the log, for the report; left out where there is none. */
  readonly logTail?: () => Promise<string>;
}

/** The calls that the engine's side answers; those about the window itself are the shell's. */
export type DesktopCall = Exclude<
  CallName,
  `window:${string}` | 'account:menu' | 'key:menu' | 'app:quit'
>;

/** A function for each of them. */
export type DesktopHandlers = Handlers<DesktopCall>;

/** A notification of the system's, in words. A click anywhere on it is told to `Desktop.act`. */
export interface Banner extends MissedNotice {
  readonly sound: boolean;
}

/** Where the system shows notifications. */
export interface Banners {
  /** Shows it in the place of an older one of the same id. What fails is told to `MissedNotices`. */
  readonly show: (banner: Banner) => void;
  /** Takes it off the screen and out of the list, if it is still there. */
  readonly remove: (id: string) => void;
}

/** What could not be shown by the system is shown in the window. */
export interface MissedNotices {
  /** @param notice `null`: it was the harmless first one. */
  readonly missed: (notice: MissedNotice | null) => void;
}

/** What the system tells of other programs. */
export interface Processes {
  /** The ids of those that run one of these programs. Empty where nobody can tell. */
  running(programs: readonly string[]): Promise<readonly number[]>;
  isAlive(pid: number): boolean;
}
