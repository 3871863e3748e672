import type { AccountView } from './account-view.ts';
import type { ErrorDescription } from './error-texts.ts';
import type { ErrorCode } from './errors.ts';

/** The systems whose windows differ: macOS 26 and later, older ones, Windows, everything else. */
export type Os = 'mac26' | 'mac' | 'win' | 'linux';

/** Where a window is drawn. */
export interface SystemFacts {
  readonly os: Os;
  /** As `process.platform` spells it. */
  readonly platform: string;
  /** BCP 47: the person's own order of dates and their 12 or 24 hour clock. */
  readonly locale: string;
  /** Nobody knows where the icon is: the window needs a button that closes it. */
  readonly closable: boolean;
}

/** A service that a person can sign in to. */
export interface ServiceView {
  /** The provider's id. */
  readonly id: string;
  /** As people know it: `Claude`, `ChatGPT`. */
  readonly name: string;
  /** What it shows at the end, to be pasted: a code, or only the address of a page that does not open. */
  readonly pastes: 'code' | 'address';
  /** Whether it gives out codes that are entered on another device. */
  readonly onDevice: boolean;
  /** The terms that have to be seen before the first sign-in; `null`: none, or seen already. */
  readonly terms: Terms | null;
}

/** What has to be said before the first sign-in to a service. */
export interface Terms {
  readonly company: string;
  readonly paragraphs: readonly [string, string];
  readonly link: string;
}

/** What its service says of a key: `unchecked`, if it did not answer. */
export type KeyCardState = 'works' | 'refused' | 'unchecked';

/** A service that gives out keys, and the person's key for it. The key itself is never here. */
export interface KeyCardView {
  /** The service's id. */
  readonly service: string;
  readonly name: string;
  /** Whether there is a key. */
  readonly stored: boolean;
  /** The key's last characters; `null` where it is too short to show any. */
  readonly ending: string | null;
  readonly state: KeyCardState;
}

/** How a tool, or any other target, holds one login. */
export type ToolEntryState =
  | 'in-step'
  | 'changed'
  | 'other-account'
  | 'api-key'
  | 'unreadable'
  | 'locked'
  | 'not-writable'
  | 'owed'
  | 'empty';

/** One login in one tool. */
export interface ToolEntry {
  readonly provider: string;
  /** The account's id. */
  readonly account: string;
  readonly state: ToolEntryState;
  /** Since when it is so, where that is known, epoch ms. */
  readonly since: number | null;
  /** Whose login is there instead, where that is known. */
  readonly holder: string | null;
  readonly code: ErrorCode | null;
  /** Whether the tool can work with what it was given: some are refused by the service. */
  readonly works: boolean;
  /** The tool was running when it was given the login and reads it only when it starts. */
  readonly restart: boolean;
  /** The person has said to leave what is there as it is. */
  readonly leftAlone: boolean;
}

/** How much of a login a tool gets: both tokens, the access token alone, nothing. */
export type ToolMode = 'shared' | 'access-only' | 'off';

/** A place that logins are written for. */
export interface ToolView {
  /** The target's id. */
  readonly id: string;
  readonly name: string;
  /** Whether the program is on this machine; what it may get is written all the same. */
  readonly installed: boolean;
  readonly mode: ToolMode;
  readonly defaultMode: ToolMode;
  /** For details and the report only. */
  readonly path: string | null;
  /** The services whose logins it can hold, by provider. */
  readonly serves: readonly string[];
  /** It keeps its login in the keychain and is off: before it is on, the system asks the person. */
  readonly needsConsent: boolean;
  readonly entries: readonly ToolEntry[];
}

/** What is common to all steps of a sign-in. */
interface SigningIn {
  readonly provider: string;
  /** The account that is to be signed in again; `null`: whichever it will be. */
  readonly account: string | null;
}

/** A sign-in, as far as it has come. */
export type SignInView = SigningIn &
  (
    | {
        readonly step: 'preparing';
        /** A code for another device is asked for. */
        readonly device?: boolean;
      }
    | {
        readonly step: 'waiting';
        /** Epoch ms. */
        readonly since: number;
        /** When it ends by itself, epoch ms. */
        readonly endsAt: number;
        /** False: the person has to paste the link into a browser. */
        readonly browserOpened: boolean;
        /** Why the browser cannot come back by itself, so that the code has to be pasted. */
        readonly obstacle: ErrorDescription | null;
      }
    | {
        readonly step: 'device';
        /** What the person enters on another device. Without what only the engine has, it fetches nothing. */
        readonly code: string;
        /** The page where they enter it, as one types it. */
        readonly address: string;
        /** When it ends by itself, epoch ms. */
        readonly endsAt: number;
      }
    | { readonly step: 'finishing'; readonly since: number }
    /** The service said yes and the keychain is locked: the code waits, nothing was sent. */
    | { readonly step: 'locked'; readonly error: ErrorDescription }
    | {
        readonly step: 'signed-in';
        readonly accountId: string;
        /** The first login ever: the tools and two switches are shown. */
        readonly first: boolean;
      }
    | {
        readonly step: 'other-account';
        readonly accountId: string;
        readonly newAccount: string;
        readonly oldAccount: string;
      }
    | { readonly step: 'failed'; readonly error: ErrorDescription }
  );

/** The person's switches. Those of the system are read from it each time. */
export interface SettingsView {
  readonly openAtLogin: boolean;
  /** The system waits for the person's approval. */
  readonly openAtLoginBlocked: boolean;
  readonly notices: boolean;
  /** The system shows none, or said that it could not. */
  readonly noticesBlocked: boolean;
  /** The offer of the other service was used or dismissed. */
  readonly offerDismissed: boolean;
}

/** A notice that could not be shown by the system. */
export interface MissedNotice {
  readonly id: string;
  readonly title: string;
  readonly body: string;
  readonly button: string | null;
}

/** Everything that the window draws, pushed whole whenever something of it has changed. No secret has a field here. */
export interface AppState {
  readonly system: SystemFacts;
  readonly version: string;
  /** Epoch ms of the engine's clock, when this was made. */
  readonly now: number;
  /** 1, 1.25, 1.5, 1.75 or 2. */
  readonly zoom: number;
  /** In the order in which they are shown. */
  readonly accounts: readonly AccountView[];
  readonly services: readonly ServiceView[];
  /** Every service that gives out keys. */
  readonly keys: readonly KeyCardView[];
  /** All programs that logins are written for, those that are not installed too; in the order in which they are shown. */
  readonly tools: readonly ToolView[];
  readonly vault: {
    readonly kind: 'keychain' | 'file' | null;
    readonly state: 'open' | 'closed' | 'locked' | 'denied' | 'unavailable';
  };
  readonly online: boolean;
  readonly signIn: SignInView | null;
  /** The accounts that the person has asked to be checked, while that lasts. */
  readonly checking: readonly string[];
  readonly settings: SettingsView;
  /** How far the clock is off, ms, where that is too much; more than 0: it is ahead. Else `null`. */
  readonly clockOff: number | null;
  /** The icon is outside every screen: the system hides it. */
  readonly iconHidden: boolean;
  readonly missedNotice: MissedNotice | null;
  /** Why Authbar cannot do its work at all: what stands beside it may be old, or missing. */
  readonly trouble: ErrorDescription | null;
}

/** What came of "Check now". */
export interface CheckReport {
  readonly account: string;
  readonly result: 'works' | 'unreachable' | 'refused';
}

/** What a sign-out did, place by place. */
export interface SignOutView {
  /** Names of the tools that were emptied; after them the keychain, and the file if logins are kept in one. */
  readonly removed: readonly string[];
  /** Tools that still hold it, by id. */
  readonly kept: readonly { readonly tool: string; readonly name: string }[];
  /** Whether the service ended it as well; `null`: there was nothing to end. */
  readonly ended: boolean | null;
}

/** Where the window is to go. */
export type Place =
  | { readonly view: 'accounts' }
  | { readonly view: 'sign-in' }
  /** What has to be read before that sign-in. */
  | { readonly view: 'terms'; readonly provider: string; readonly account: string | null }
  | { readonly view: 'add' }
  | { readonly view: 'settings' }
  | { readonly view: 'about' }
  | { readonly view: 'quit' }
  /** `focus`: on the account's own button, as after a notification. */
  | { readonly view: 'account'; readonly account: string; readonly focus?: boolean }
  | { readonly view: 'details'; readonly account: string }
  | { readonly view: 'rename'; readonly account: string }
  | { readonly view: 'sign-out'; readonly account: string }
  | { readonly view: 'key'; readonly service: string }
  | { readonly view: 'remove-key'; readonly service: string }
  | { readonly view: 'tool'; readonly tool: string };
