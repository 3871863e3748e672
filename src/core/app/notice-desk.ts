import type { MissedNotice } from '../../shared/app-state.ts';
import type { Notice, Notifier } from '../../shared/notice.ts';
import { noticeText } from '../../shared/notice-texts.ts';
import { idOf, KEYCHAIN_ID } from '../notice-state.ts';
import { targetNames } from '../targets/names.ts';
import { openService } from './account-calls.ts';
import type { DeskParts } from './desk.ts';
import type { Banners, MissedNotices } from './ports.ts';
import type { SignInWish } from './sign-in-flow.ts';

/** What a notice's button may do, beside showing a place. */
export interface NoticeActs {
  signIn(wish: SignInWish): void;
  unlock(): Promise<void>;
}

/** Shows what the person has to be told: through the system, else in the window. */
export class NoticeDesk implements MissedNotices {
  readonly #desk: DeskParts;
  readonly #acts: NoticeActs;
  #missed: MissedNotice | null = null;
  #blocked = false;

  constructor(desk: DeskParts, acts: NoticeActs) {
    this.#desk = desk;
    this.#acts = acts;
  }

  /** What could not be shown by the system. */
  get notice(): MissedNotice | null {
    return this.#missed;
  }

  /** The system showed none, the last time that it was asked to. */
  get blocked(): boolean {
    return this.#blocked;
  }

  readonly missed = (notice: MissedNotice | null): void => {
    this.#blocked = true;
    if (notice) {
      const { id, title, body, button } = notice;
      this.#missed = { id, title, body, button };
    }
    this.#desk.publish();
  };

  /** The person wants to be told: whether the system does that shows anew. */
  readonly unblock = (): void => {
    this.#blocked = false;
  };

  /** Where core's notices go. They obey the person's switch. */
  notifierFor(banners: Banners): Notifier {
    return {
      show: (notice, accounts) => {
        if (!this.#desk.prefs.notices) return;
        const { title, body, button, sound } = this.#words(notice, accounts);
        banners.show({ id: notice.id, title, body, button, sound });
      },
      remove: (id) => {
        banners.remove(id);
        this.dismiss(id);
      },
    };
  }

  dismiss(id: string): void {
    if (this.#missed?.id !== id) return;
    this.#missed = null;
    this.#desk.publish();
  }

  /**
   * Does what the notice's button says, as things are now: it may have been shown by an earlier run, and
   * what it told may have healed.
   */
  async act(id: string): Promise<void> {
    this.dismiss(id);
    const { accounts, tools } = this.#desk.state();
    const { show } = this.#desk.shell;
    const account = accounts.find((each) => idOf('account', each.id) === id);
    const tool = tools.find((each) => idOf('target', each.id) === id);
    if (account?.state === 'sign-in-again' || account?.state === 'other-computer') {
      this.#acts.signIn({ provider: account.provider, account: account.id });
    } else if (account?.state === 'paused') {
      await openService(this.#desk, account);
    } else if (tool) {
      show({ view: 'tool', tool: tool.id });
    } else if (id === KEYCHAIN_ID) {
      show({ view: 'accounts' });
      await this.#acts.unlock();
    } else {
      show({ view: 'accounts' });
    }
  }

  #words(notice: Notice, accounts: Parameters<Notifier['show']>[1]) {
    const { context, shell } = this.#desk;
    const { platform, locale } = shell.facts();
    const providers = Object.values(context.providers);
    const services = Object.fromEntries(providers.map(({ id, service }) => [id, service]));
    const tools = targetNames(context);
    return noticeText(notice, {
      accounts,
      services,
      tools,
      platform,
      locale,
      now: context.clock.now(),
    });
  }
}
