import { AppError } from '../../shared/errors.ts';
import type { LINKS } from '../../shared/ipc-contract.ts';
import { findProvider } from '../providers/index.ts';
import { choose, type DeskParts } from './desk.ts';
import { linkAddress } from './links.ts';
import type { DesktopHandlers } from './ports.ts';
import { ZOOMS } from './prefs.ts';

type SettingsCalls = Pick<
  DesktopHandlers,
  | 'settings:change'
  | 'settings:open-system'
  | 'settings:show-folder'
  | 'offer:dismiss'
  | 'terms:accept'
  | 'link:open'
>;

/** The person's switches, and the pages that tell more. */
export function settingsCalls(desk: DeskParts, onNotices: () => void): SettingsCalls {
  const { context, shell } = desk;
  return {
    'settings:change': async ({ openAtLogin, notices }) => {
      if (openAtLogin !== undefined) shell.openAtLogin.write(openAtLogin);
      // A system that asks its question later may ask while nobody looks.
      if (notices) {
        onNotices();
        shell.welcomeNotice();
      }
      if (notices === undefined) await desk.refresh();
      else await choose(desk, () => ({ notices }));
    },
    'settings:open-system': ({ page }) => shell.openSystemPage(page),
    'settings:show-folder': async () => shell.showFile(context.paths.home),
    'offer:dismiss': () => choose(desk, () => ({ offerDismissed: true })),
    'terms:accept': async ({ provider }) => {
      const { id } = findProvider(context.providers, provider);
      const today = new Date(context.clock.now()).toISOString().slice(0, 10);
      await choose(desk, ({ termsSeen }) => ({ termsSeen: { ...termsSeen, [id]: today } }));
    },
    'link:open': ({ link }) => openLink(desk, link),
  };
}

/** Texts one step larger or smaller, or as they were at first. */
export async function zoom(desk: DeskParts, step: 'bigger' | 'smaller' | 'actual'): Promise<void> {
  const at = ZOOMS.indexOf(desk.prefs.zoom) + (step === 'bigger' ? 1 : -1);
  const next = step === 'actual' ? ZOOMS[0] : ZOOMS[at];
  if (next) await choose(desk, () => ({ zoom: next }));
}

async function openLink(
  { shell: { openExternal } }: DeskParts,
  link: (typeof LINKS)[number],
): Promise<void> {
  const address = linkAddress(link);
  const opened = address !== null && (await openExternal(address));
  if (!opened) throw new AppError('browser-not-opened');
}
