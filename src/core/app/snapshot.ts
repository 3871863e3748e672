import type { AccountView } from '../../shared/account-view.ts';
import type {
  AppState,
  MissedNotice,
  ServiceView,
  SettingsView,
  SignInView,
} from '../../shared/app-state.ts';
import type { ErrorDescription } from '../../shared/error-texts.ts';
import type { Engine } from '../engine.ts';
import { isBuiltIn } from '../grant.ts';
import type { KeyView } from '../keys/list.ts';
import type { Provider } from '../providers/provider.ts';
import type { Status } from '../survey.ts';
import { inShownOrder } from '../targets/names.ts';
import type { TargetView } from '../targets/report.ts';
import type { Settings } from '../vault/settings.ts';
import type { DeskParts } from './desk.ts';
import { keyCards } from './key-calls.ts';
import { type Prefs, readPrefs } from './prefs.ts';
import type { Restarts } from './restarts.ts';
import { TERMS } from './terms.ts';
import { servedBy, type ToolContext, toolView } from './tool-views.ts';

/** What was read of the disk last. */
export interface Known {
  readonly status: Status;
  readonly targets: readonly TargetView[];
  readonly keys: readonly KeyView[];
  readonly settings: Settings;
  readonly prefs: Prefs;
}

/** What this process alone knows. */
export interface Live {
  readonly signIn: SignInView | null;
  readonly checking: readonly string[];
  readonly missedNotice: MissedNotice | null;
  readonly noticesBlocked: boolean;
  readonly restarts: Restarts;
  readonly trouble: ErrorDescription | null;
}

/** Reads everything that is shown. Asks nobody. @throws AppError for a folder that cannot be read. */
export async function readKnown(engine: Engine, settings: Settings): Promise<Known> {
  const status = await engine.status();
  const targets = await engine.targets({ quiet: true });
  const keys = await engine.keys.list();
  return { status, targets, keys, settings, prefs: readPrefs(settings.app) };
}

/** Everything that the window draws, as it is at this moment. */
export function assemble(
  { context, shell }: Pick<DeskParts, 'context' | 'shell'>,
  { status, targets, keys, settings, prefs }: Known,
  live: Live,
): AppState {
  const tools: ToolContext = {
    platform: context.platform,
    served: servedBy(context, settings),
    prefs,
    restarts: live.restarts,
  };
  return {
    system: shell.facts(),
    version: shell.version,
    now: context.clock.now(),
    zoom: prefs.zoom,
    accounts: status.accounts,
    services: Object.values(context.providers).map((provider) => serviceView(provider, prefs)),
    keys: keyCards(keys),
    // A tool is a program: the keychain is a place.
    tools: inShownOrder(targets.filter(isTool)).map((view) => toolView(view, tools)),
    vault: status.vault,
    online: shell.isOnline(),
    signIn: live.signIn,
    checking: live.checking,
    settings: settingsView(shell, prefs, live),
    clockOff: context.serviceClock.off,
    iconHidden: shell.isIconHidden(),
    missedNotice: live.missedNotice,
    trouble: live.trouble,
  };
}

function isTool({ target }: TargetView): boolean {
  return target !== 'keychain';
}

function serviceView(
  { id, service, endpoints }: Provider,
  { termsSeen }: Pick<Prefs, 'termsSeen'>,
): ServiceView {
  const { company, paragraphs, link } = (isBuiltIn(id) && TERMS[id]) || {};
  const unseen = company && paragraphs && link && termsSeen[id] === undefined;
  return {
    id,
    name: service,
    pastes: endpoints.pasteRedirectUrl === null ? 'address' : 'code',
    onDevice: endpoints.deviceUrls !== null,
    terms: unseen ? { company, paragraphs, link } : null,
  };
}

function settingsView(
  shell: DeskParts['shell'],
  { notices, offerDismissed }: Prefs,
  { noticesBlocked }: Live,
): SettingsView {
  const { on, blocked } = shell.openAtLogin.read();
  return {
    openAtLogin: on,
    openAtLoginBlocked: blocked,
    notices,
    noticesBlocked,
    offerDismissed,
  };
}

/** The account of this id, if there is one. */
export function accountOf({ accounts }: AppState, id: string | null): AccountView | undefined {
  return accounts.find((account) => account.id === id);
}
