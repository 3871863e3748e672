import type { LINKS } from '../../shared/ipc-contract.ts';
import type { Context } from '../context.ts';
import { type BuiltInId, isBuiltIn } from '../grant.ts';
import { isLoopback } from '../oauth/safe-url.ts';
import type { Provider } from '../providers/provider.ts';
import type { SystemPage } from './ports.ts';
import { TERMS } from './terms.ts';

type Link = (typeof LINKS)[number];

/** Where a person sees what a service says about their account. */
const ACCOUNT_PAGES: Readonly<Record<BuiltInId, string>> = {
  anthropic: 'https://claude.ai/settings',
  openai: 'https://chatgpt.com/#settings',
};

/** See `ACCOUNT_PAGES`; of a service that the person added it is where it begins. */
export function accountPage({ id, issuer }: Pick<Provider, 'id' | 'issuer'>): string | null {
  if (isBuiltIn(id)) return ACCOUNT_PAGES[id];
  return issuer === undefined ? null : new URL(issuer).origin;
}

/** `null`: there is no such page yet, and so no button for it. */
const LINK_ADDRESSES: Readonly<Record<Link, string | null>> = {
  terms: TERMS.anthropic?.address ?? null,
  source: null,
  licences: null,
};

/**
 * The pages of the system's settings. UNPROVEN: Apple documents none of its addresses; the menu bar's page
 * is that of the Control Centre, which macOS 26 renamed.
 * https://learn.microsoft.com/windows/apps/develop/launch/launch-settings
 */
const SYSTEM_ADDRESSES: Readonly<Partial<Record<NodeJS.Platform, Record<SystemPage, string>>>> = {
  darwin: {
    'login-items': 'x-apple.systempreferences:com.apple.LoginItems-Settings.extension',
    notifications: 'x-apple.systempreferences:com.apple.Notifications-Settings.extension',
    'date-time': 'x-apple.systempreferences:com.apple.Date-Time-Settings.extension',
    'menu-bar': 'x-apple.systempreferences:com.apple.ControlCenter-Settings.extension',
  },
  win32: {
    'login-items': 'ms-settings:startupapps',
    notifications: 'ms-settings:notifications',
    'date-time': 'ms-settings:dateandtime',
    'menu-bar': 'ms-settings:taskbar',
  },
};

/** What opens a page of the system's settings; `null` where no address does. */
export function systemAddress(page: SystemPage, platform: NodeJS.Platform): string | null {
  return SYSTEM_ADDRESSES[platform]?.[page] ?? null;
}

/** The address behind a link of the window's; `null` where there is none. */
export function linkAddress(link: Link): string | null {
  return LINK_ADDRESSES[link];
}

/**
 * Whether an address may be handed to the system to be opened: the pages of the services, and the few
 * pages of the system's settings, compared whole. Whoever sent the person to a stand-in for a service,
 * with `AUTHBAR_PROVIDERS_FILE`, may have it on this machine, without TLS; so may a service that the person
 * added.
 */
export function mayOpen(
  address: string,
  { platform, providers, env }: Pick<Context, 'platform' | 'providers' | 'env'>,
): boolean {
  if (Object.values(SYSTEM_ADDRESSES[platform] ?? {}).includes(address)) return true;
  if (!URL.canParse(address)) return false;
  const url = new URL(address);
  if (url.username !== '' || url.password !== '') return false;
  if (url.protocol === 'http:' && env.AUTHBAR_PROVIDERS_FILE && isLoopback(url)) return true;
  const services = Object.values(providers);
  const signIn = services.map(({ endpoints }) => endpoints.authorizeUrl);
  const links = Object.values(LINK_ADDRESSES).filter((link) => link !== null);
  const pages = services.map(accountPage).filter((page) => page !== null);
  const known = [...signIn, ...pages, ...links];
  const reachable = url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url));
  return reachable && known.some((each) => new URL(each).origin === url.origin);
}
