import type { IconState } from '../shared/ui/heading.ts';

/** What the picture follows from, beside how things are. */
export interface TraySurroundings {
  readonly platform: string;
  /** The taskbar is dark. */
  readonly dark: boolean;
  /** Pixels for each point. */
  readonly scale: number;
}

const NAMES: Readonly<Record<IconState, string>> = {
  normal: 'tray',
  working: 'trayWorking',
  attention: 'trayAttention',
};

/** The picture's file. A Mac finds the larger one by its name, and Windows looks into the file. */
export function trayImage(state: IconState, { platform, dark, scale }: TraySurroundings): string {
  const name = NAMES[state];
  if (platform === 'darwin') return `${name}Template.png`;
  if (platform === 'win32') return `${name}${dark ? 'OnDark' : 'OnLight'}.ico`;
  return `${name}-${scale > 1 ? 48 : 24}.png`;
}
