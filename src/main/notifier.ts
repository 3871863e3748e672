import { Notification } from 'electron';
import type { Banner, Banners, MissedNotices } from '../core/app/ports.ts';
import { FIRST_NOTICE } from '../shared/notice-texts.ts';
import { platform } from './platform.ts';

const GROUP = 'authbar';
const FIRST = 'first';

/** What a notification leads to. */
export interface NotificationEnds extends MissedNotices {
  /** It was clicked, or its button was: both do the same. */
  readonly act: (id: string) => void;
  /** One of an earlier run was clicked, and nobody knows which. */
  readonly open: () => void;
}

/** The system's notifications, one for each id. */
export class SystemNotices implements Banners {
  readonly #ends: NotificationEnds;
  /** Held on to: what is collected as garbage hears no click. */
  readonly #shown = new Map<string, Notification>();

  constructor(ends: NotificationEnds) {
    this.#ends = ends;
    if (platform === 'darwin') void this.#takeBack();
    // It hears of those that are still held, too.
    if (platform === 'win32') {
      Notification.handleActivation(() => {
        if (this.#shown.size === 0) ends.open();
      });
    }
  }

  readonly show = (banner: Banner): void => {
    this.#send(banner, () => this.#ends.missed(banner));
  };

  readonly remove = (id: string): void => {
    this.#shown.get(id)?.close();
    this.#shown.delete(id);
  };

  /** The first, harmless one. */
  greet(): void {
    this.#send({ id: FIRST, ...FIRST_NOTICE }, () => this.#ends.missed(null));
  }

  #send({ id, title, body, button, sound }: Banner, missed: () => void): void {
    this.remove(id);
    const notification = new Notification({
      id,
      groupId: GROUP,
      title,
      body,
      silent: !sound,
      actions: button ? [{ type: 'button', text: button }] : [],
    });
    notification.on('failed', missed);
    this.#hold(id, notification);
    if (Notification.isSupported()) notification.show();
    else missed();
  }

  /** What an earlier run has shown can still be clicked, and healed. */
  async #takeBack(): Promise<void> {
    for (const notification of await Notification.getHistory()) {
      if (!this.#shown.has(notification.id)) this.#hold(notification.id, notification);
    }
  }

  #hold(id: string, notification: Notification): void {
    notification.on('click', () => this.#ends.act(id));
    notification.on('action', () => this.#ends.act(id));
    this.#shown.set(id, notification);
  }
}
