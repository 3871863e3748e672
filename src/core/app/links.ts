import type { LINKS } from '../../shared/ipc-contract.ts';
import type { Context } from '../context.ts';
import type { ProviderId } from '../grant.ts';
import { isLoopback } from '../oauth/safe-url.ts';
import type { SystemPage } from './ports.ts';
import { TERMS } from './terms.ts';

type Link = (typeof LINKS)[number];

/** Where a person sees what a service says about their account. */
export const ACCOUNT_PAGES: Readonly<Record<ProviderId, string>> = {
  anthropic: 'https://claude.ai/settings',
  openai: 'https://chatgpt.com/#settings',
};

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
 * with `AUTHBAR_PROVIDERS_FILE`, may have it on this machine, without TLS.
 */
export function mayOpen(
  address: string,
  { platform, providers, env }: Pick<Context, 'platform' | 'providers' | 'env'>,
): boolean {
  if (Object.values(SYSTEM_ADDRESSES[platform] ?? {}).includes(address)) return true;
  if (!URL.canParse(address)) return false;
  const url = new URL(address);
  if (url.username !== '' || url.password !== '') return false;
  if (url.protocol === 'http:') return Boolean(env.AUTHBAR_PROVIDERS_FILE) && isLoopback(url);
  const signIn = Object.values(providers).map(({ endpoints }) => endpoints.authorizeUrl);
  const links = Object.values(LINK_ADDRESSES).filter((link) => link !== null);
  const known = [...signIn, ...Object.values(ACCOUNT_PAGES), ...links];
  return url.protocol === 'https:' && known.some((each) => new URL(each).origin === url.origin);
}
