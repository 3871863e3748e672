import * as v from 'valibot';
import type { AddressNote } from './address-problems.ts';
import type { AppState, CheckReport, KeyCardState, Place, SignOutView } from './app-state.ts';
import type { ErrorDescription } from './error-texts.ts';
import type { HistoryItem } from './history.ts';
import type { UsageView } from './usage.ts';

/** An id of ours or a name from a list: no text that a person wrote. */
const Id = v.pipe(v.string(), v.regex(/^[a-z0-9][a-z0-9-]{0,63}$/));

/** Far more than any code or address that a person pastes; it only stops nonsense. */
const Pasted = v.pipe(v.string(), v.maxLength(4096));

/** What a person calls an account. Only its beginning is kept. */
const OwnName = v.pipe(v.string(), v.maxLength(400));

/** Far more than any key, address or client id, so that one that is too long is told so. */
const AnyLength = v.pipe(v.string(), v.maxLength(65_536));

const Nothing = v.undefined();
const OfAccount = v.strictObject({ account: Id });
const OfTool = v.strictObject({ tool: Id });
const OfKey = v.strictObject({ service: Id });

/** The system's settings that may be opened. */
export const SYSTEM_PAGES = ['login-items', 'notifications', 'date-time', 'menu-bar'] as const;

/** Pages on the web that may be opened, by name; their addresses never cross. */
export const LINKS = ['terms', 'source', 'licences'] as const;

/** What a pasted text is, as far as can be told without sending it. */
export interface PasteCheck {
  /** `null`: it looks right. */
  readonly problem: string | null;
}

/** What came of a key: why it is none, and nothing was saved, else what its service says of it. */
export interface KeyAdded {
  readonly problem: string | null;
  readonly state: KeyCardState | null;
}

/** What came of a service's address: what is wrong with it, and nothing was added, else the provider's id. */
export interface AddressAdded {
  readonly problem: AddressNote | null;
  readonly provider: string | null;
}

/** A call: the schema of its argument, and what it answers. */
interface Call<Schema extends v.GenericSchema, Result> {
  readonly argument: Schema;
  /** Never there: it carries the type. */
  readonly result?: Result;
}

function call<Result = void>() {
  return <Schema extends v.GenericSchema>(argument: Schema): Call<Schema, Result> => ({ argument });
}

/** Every call that the window may make. There is no other way to reach the engine from it. */
export const CALLS = {
  /** Everything as it is now; what changes later comes as `state`. */
  state: call<AppState>()(Nothing),

  'sign-in:start': call()(v.strictObject({ provider: Id, account: v.nullable(Id) })),
  'sign-in:open-again': call()(Nothing),
  'sign-in:copy-link': call()(Nothing),
  /** Goes on by a code that is entered on another device. */
  'sign-in:use-device': call()(Nothing),
  'sign-in:copy-code': call()(Nothing),
  'sign-in:check-code': call<PasteCheck>()(v.strictObject({ text: Pasted })),
  'sign-in:enter-code': call<PasteCheck>()(v.strictObject({ text: Pasted })),
  /** After the keychain was unlocked. */
  'sign-in:retry': call()(Nothing),
  'sign-in:cancel': call()(Nothing),
  /** Its end was read. */
  'sign-in:close': call()(Nothing),
  /** Signs out what was signed in by mistake and begins again. */
  'sign-in:other-account-again': call()(Nothing),
  /** The person has read what there is to say before the first sign-in. */
  'terms:accept': call()(v.strictObject({ provider: Id })),

  /** One account, or all. */
  'account:check': call<readonly CheckReport[]>()(v.strictObject({ account: v.nullable(Id) })),
  'account:history': call<readonly HistoryItem[]>()(OfAccount),
  /** Asks the service, if it was not asked a moment ago; `null`: there is nothing to show. */
  'account:usage': call<UsageView | null>()(OfAccount),
  'account:sign-out': call<SignOutView>()(OfAccount),
  /** Opens the service's own page about the account. */
  'account:open-service': call()(OfAccount),
  /** The tools get this one instead of the one that they have. */
  'account:use': call()(OfAccount),
  'account:move': call()(v.strictObject({ account: Id, to: v.picklist(['up', 'down']) })),
  /** Without any letters: it has no name of its own any more. */
  'account:rename': call()(v.strictObject({ account: Id, name: OwnName })),
  /** Shows the native menu of its card. */
  'account:menu': call()(OfAccount),

  /** The only call that a key goes in by; it comes out by none. */
  'key:add': call<KeyAdded>()(v.strictObject({ service: Id, key: AnyLength })),
  'key:check': call()(OfKey),
  'key:remove': call()(OfKey),
  /** Shows the native menu of its card. */
  'key:menu': call()(OfKey),

  /** Asks the service at that address what it says of itself, and keeps that. */
  'address:add': call<AddressAdded>()(v.strictObject({ address: AnyLength, clientId: AnyLength })),
  /** Forgets a service that nobody is signed in to. */
  'address:remove': call()(v.strictObject({ provider: Id })),

  'tool:mode': call()(
    v.strictObject({ tool: Id, mode: v.picklist(['on', 'shared', 'access-only', 'off']) }),
  ),
  /** Ours takes the place of another person's login. */
  'tool:take': call()(v.strictObject({ tool: Id, provider: Id })),
  /** Another person's login stays, and is not asked about again. */
  'tool:leave': call()(v.strictObject({ tool: Id, provider: Id })),
  'tool:show-file': call()(OfTool),
  /** Lets the system ask whether we may change what the tool keeps in the keychain. */
  'tool:ask-consent': call<{ readonly granted: boolean }>()(OfTool),

  /** Lets the system ask for the keychain. */
  'keychain:unlock': call()(Nothing),
  /** The person agrees to a file instead of the keyring. */
  'keychain:use-file': call()(Nothing),

  'settings:change': call()(
    v.strictObject({ openAtLogin: v.optional(v.boolean()), notices: v.optional(v.boolean()) }),
  ),
  'settings:open-system': call()(v.strictObject({ page: v.picklist(SYSTEM_PAGES) })),
  'settings:show-folder': call()(Nothing),
  'offer:dismiss': call()(Nothing),
  'notice:dismiss': call()(v.strictObject({ id: v.pipe(v.string(), v.maxLength(128)) })),
  /** Does what its button says. */
  'notice:act': call()(v.strictObject({ id: v.pipe(v.string(), v.maxLength(128)) })),

  'report:read': call<{ readonly text: string }>()(Nothing),
  'report:copy': call()(Nothing),
  /** False: the person has thought better of it. */
  'report:save': call<{ readonly saved: boolean }>()(Nothing),
  'link:open': call()(v.strictObject({ link: v.picklist(LINKS) })),

  'window:hide': call()(Nothing),
  /** How high the content is, CSS px. */
  'window:height': call()(
    v.strictObject({ height: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(4096)) }),
  ),
  /** The window has drawn its content and may be shown. */
  'window:drawn': call()(Nothing),
  /** What must not hide by itself: a question is open. */
  'window:hold': call()(v.strictObject({ held: v.boolean() })),
  'window:zoom': call()(v.strictObject({ step: v.picklist(['bigger', 'smaller', 'actual']) })),
  'app:quit': call()(Nothing),
} as const;

/** What main tells without being asked. */
export interface Events {
  readonly state: AppState;
  readonly go: Place;
  readonly shown: { readonly fresh: boolean };
  readonly hidden: undefined;
}

/** The names of `Events`, which a type cannot tell at run time. */
export const EVENTS = [
  'state',
  'go',
  'shown',
  'hidden',
] as const satisfies readonly (keyof Events)[];

export type CallName = keyof typeof CALLS;
export type EventName = keyof Events;

/** What a call takes. */
export type Argument<Name extends CallName> = v.InferOutput<(typeof CALLS)[Name]['argument']>;

/** What a call answers. */
export type Result<Name extends CallName> =
  (typeof CALLS)[Name] extends Call<v.GenericSchema, infer Value> ? Value : never;

/** What crosses for every call: nothing is thrown over the border, and an error has words already. */
export type Envelope<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly error: ErrorDescription };

/** A function for each of some calls. */
export type Handlers<Names extends CallName = CallName> = {
  readonly [Name in Names]: (argument: Argument<Name>) => Promise<Result<Name>>;
};

/** What the preload script puts into the page as `window.api`: a function for each call and each event. */
export type Api = {
  readonly [Name in CallName]: (
    ...argument: Argument<Name> extends undefined ? [] : [Argument<Name>]
  ) => Promise<Envelope<Result<Name>>>;
} & {
  /** @returns what ends it. */
  readonly [Name in EventName as `on:${Name}`]: (
    listener: (data: Events[Name]) => void,
  ) => () => void;
};
