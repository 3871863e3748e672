import { join } from 'node:path';
import { nativeTheme, screen, Tray } from 'electron';
import type { AppState } from '../shared/app-state.ts';
import { type IconState, iconOf, tooltipOf } from '../shared/ui/heading.ts';
import { changeAt, type IconSince } from '../shared/ui/tray-pace.ts';
import { platform } from './platform.ts';
import { trayImage } from './tray-image.ts';

/** Made for Authbar's icon: macOS keeps its place under this name. */
const GUID = '6f5b2a1e-7c0d-4f3b-9a58-1d2e8c4b7a90';

/** The key in the menu bar: its picture and what it says. */
export class TrayIcon {
  readonly tray: Tray;
  #shown: IconSince = { state: 'normal', since: Number.NEGATIVE_INFINITY };
  #wanted = this.#shown;
  #says = '';
  #timer: NodeJS.Timeout | undefined;

  constructor() {
    const image = imageOf('normal');
    // Windows would tie the identity to the path of an unsigned program for good.
    this.tray = platform === 'darwin' ? new Tray(image, GUID) : new Tray(image);
    if (platform === 'win32') nativeTheme.on('updated', () => this.#draw());
  }

  /** Shows how things are. */
  update(state: AppState): void {
    const says = tooltipOf(state, state.now);
    if (says !== this.#says) this.tray.setToolTip(says);
    this.#says = says;
    const wanted = iconOf(state, state.now);
    if (wanted === this.#wanted.state) return;
    this.#wanted = { state: wanted, since: Date.now() };
    this.#plan();
  }

  #plan(): void {
    clearTimeout(this.#timer);
    if (this.#wanted.state === this.#shown.state) return;
    const wait = changeAt(this.#shown, this.#wanted) - Date.now();
    this.#timer = setTimeout(() => this.#change(), Math.max(0, wait));
  }

  #change(): void {
    this.#shown = { state: this.#wanted.state, since: Date.now() };
    this.#draw();
  }

  #draw(): void {
    this.tray.setImage(imageOf(this.#shown.state));
  }
}

/** Built in beside this bundle. */
function imageOf(state: IconState): string {
  const image = trayImage(state, {
    platform,
    dark: nativeTheme.shouldUseDarkColorsForSystemIntegratedUI,
    scale: screen.getPrimaryDisplay().scaleFactor,
  });
  return join(import.meta.dirname, 'tray', image);
}
