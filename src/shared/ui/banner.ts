import type { AppState } from '../app-state.ts';
import { wordsFor } from '../words.ts';
import { described } from './situation.ts';
import { TEXTS } from './texts.ts';

/** A page of the system's settings. */
type SystemPage = 'notifications' | 'date-time' | 'menu-bar';

/** What a banner's button does. */
export type BannerAction = { readonly label: string } & (
  | { readonly kind: 'unlock' }
  | { readonly kind: 'open-system'; readonly page: SystemPage }
  /** Does the work of the notice's button. */
  | { readonly kind: 'notice'; readonly id: string }
  | { readonly kind: 'show-folder' }
  | { readonly kind: 'report' }
);

/** What stands above the cards. */
export interface Banner {
  readonly kind: 'trouble' | 'keychain' | 'clock' | 'icon-hidden' | 'missed-notice' | 'notices-off';
  readonly shape: 'lock' | 'clock' | 'warn';
  readonly title: string;
  readonly sentence: string;
  readonly action: BannerAction | null;
}

type Maker = (state: AppState, now: number) => Banner | null;

/** The most urgent first. */
const MAKERS: readonly Maker[] = [trouble, keychain, clock, iconHidden, missedNotice, noticesOff];

/** The one banner that is shown. */
export function bannerOf(state: AppState, now: number): Banner | null {
  for (const make of MAKERS) {
    const banner = make(state, now);
    if (banner) return banner;
  }
  return null;
}

function trouble({ trouble }: AppState): Banner | null {
  if (!trouble) return null;
  const { code, title, sentence, action: label } = trouble;
  const banner = { kind: 'trouble', shape: 'warn', title, sentence } as const;
  if (code === 'folder-protected') return { ...banner, action: { kind: 'show-folder', label } };
  if (code === 'unexpected') return { ...banner, action: { kind: 'report', label } };
  return { ...banner, action: null };
}

function keychain(state: AppState, now: number): Banner | null {
  const words = wordsFor(state.system.platform);
  const { locked, askAgain } = TEXTS.banner;
  const banner = { kind: 'keychain', shape: 'lock' } as const;
  const again = { kind: 'unlock', label: askAgain } as const;
  // Without a login nothing is missed; a sign-in says itself what it lacks.
  if (state.accounts.length === 0) return null;
  switch (state.vault.state) {
    case 'locked': {
      const action = { kind: 'unlock', label: locked.unlock } as const;
      return { ...banner, title: locked.title(words), sentence: locked.sentence, action };
    }
    case 'denied':
      return { ...banner, ...wordsOf(state, now, 'keychain-refused'), action: again };
    case 'unavailable':
      return { ...banner, ...wordsOf(state, now, 'storage-choice'), action: again };
    default:
      return null;
  }
}

function clock(state: AppState, now: number): Banner | null {
  if (state.clockOff === null) return null;
  const { title, sentence, action } = described({ state, now }, 'clock-wrong', {
    offBy: state.clockOff,
  });
  const way = openSystem(state, 'date-time', action);
  return { kind: 'clock', shape: 'clock', title, sentence, action: way };
}

/** Elsewhere there is no such setting to send a person to. */
function iconHidden({ iconHidden, system }: AppState): Banner | null {
  if (!iconHidden || system.os !== 'mac26') return null;
  const words = wordsFor(system.platform);
  return {
    kind: 'icon-hidden',
    shape: 'warn',
    ...TEXTS.banner.iconHidden,
    action: { kind: 'open-system', page: 'menu-bar', label: TEXTS.banner.openSettings(words) },
  };
}

function missedNotice({ missedNotice: notice }: AppState): Banner | null {
  if (!notice) return null;
  const { id, title, body, button } = notice;
  return {
    kind: 'missed-notice',
    shape: 'warn',
    title,
    sentence: body,
    action: button === null ? null : { kind: 'notice', id, label: button },
  };
}

function noticesOff(state: AppState, now: number): Banner | null {
  const { notices, noticesBlocked } = state.settings;
  if (!notices || !noticesBlocked) return null;
  const { title, sentence, action } = described({ state, now }, 'notifications-off');
  const way = openSystem(state, 'notifications', action);
  return { kind: 'notices-off', shape: 'warn', title, sentence, action: way };
}

/** Linux has no such page that an address leads to. */
function openSystem(
  { system }: AppState,
  page: SystemPage,
  label: string,
): Extract<BannerAction, { kind: 'open-system' }> | null {
  return system.os === 'linux' ? null : { kind: 'open-system', page, label };
}

function wordsOf(
  state: AppState,
  now: number,
  code: 'keychain-refused' | 'storage-choice',
): Pick<Banner, 'title' | 'sentence'> {
  const { title, sentence } = described({ state, now }, code);
  return { title, sentence };
}
