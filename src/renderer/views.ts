import type { FunctionComponent } from 'preact';
import type { SignInView as State } from '../shared/app-state.ts';
import { hasEnded } from './flow.ts';
import type { Route, ViewName } from './router.ts';
import { app } from './store.ts';
import { AboutView } from './views/about.tsx';
import { AccountsView } from './views/accounts.tsx';
import { AddView } from './views/add.tsx';
import { AddressView } from './views/address.tsx';
import { ConsentView } from './views/consent.tsx';
import { DetailsView } from './views/details.tsx';
import { EngineersView } from './views/engineers.tsx';
import { HistoryView } from './views/history.tsx';
import { KeyView, RemoveKeyView } from './views/key.tsx';
import { KeychainView } from './views/keychain.tsx';
import { OtherAccountView } from './views/other-account.tsx';
import { QuitView } from './views/quit.tsx';
import { RenameView } from './views/rename.tsx';
import { ReportView } from './views/report.tsx';
import { SettingsView } from './views/settings.tsx';
import { EnterCodeView } from './views/sign-in/enter-code.tsx';
import { SignInView } from './views/sign-in/sign-in.tsx';
import { SignOutView } from './views/sign-out.tsx';
import { TermsView } from './views/terms.tsx';
import { ToolView } from './views/tool.tsx';
import { WelcomeView } from './views/welcome.tsx';

/** What a view is drawn from: its own route, and `app()`. */
export type ViewOf<Name extends ViewName> = FunctionComponent<Extract<Route, { view: Name }>>;

/** Every view by its route. A new one is added to `Route` and here. */
const VIEWS: { readonly [Name in ViewName]: ViewOf<Name> } = {
  accounts: AccountsView,
  terms: TermsView,
  'sign-in': SignInView,
  code: EnterCodeView,
  add: AddView,
  address: AddressView,
  details: DetailsView,
  history: HistoryView,
  tool: ToolView,
  consent: ConsentView,
  'other-account': OtherAccountView,
  rename: RenameView,
  'sign-out': SignOutView,
  key: KeyView,
  'remove-key': RemoveKeyView,
  settings: SettingsView,
  report: ReportView,
  engineers: EngineersView,
  about: AboutView,
  keychain: KeychainView,
  quit: QuitView,
};

/** What a route shows as things are now, and a key that changes when that is another view. */
export interface Shown {
  readonly key: string;
  readonly View: FunctionComponent<Route>;
}

/** Where everything starts there may be no login yet, or the end of a sign-in to be read. */
export function shownAt(route: Route): Shown {
  const { accounts, keys, signIn, trouble } = app();
  const signingIn = signIn && (route.view === 'sign-in' || (isHome(route) && hasEnded(signIn)));
  if (signingIn) return { key: `sign-in ${stageOf(signIn)}`, View: viewOf('sign-in') };
  // A sign-in that is over has nothing to show: its view is about to be left.
  if (!isHome(route) && route.view !== 'sign-in') return { key: '', View: viewOf(route.view) };
  const none = accounts.length === 0 && !keys.some(({ stored }) => stored);
  if (none && !signIn && !trouble) return { key: 'welcome', View: WelcomeView };
  return { key: 'accounts', View: viewOf('accounts') };
}

function isHome({ view }: Route): boolean {
  return view === 'accounts';
}

/** A route is drawn by its own view only. */
function viewOf(name: ViewName): FunctionComponent<Route> {
  return VIEWS[name] as FunctionComponent<Route>;
}

/** Getting ready and waiting are one view to a person. */
function stageOf({ step }: State): string {
  return step === 'preparing' ? 'waiting' : step;
}
