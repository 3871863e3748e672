import type { AccountView } from '../../shared/account-view.ts';
import type { SignInView } from '../../shared/app-state.ts';
import { AppError } from '../../shared/errors.ts';
import type { PasteCheck } from '../../shared/ipc-contract.ts';
import type { LoginAttempt, LoginState } from '../login.ts';
import { findProvider } from '../providers/index.ts';
import { choose, type DeskParts, described, inBackground } from './desk.ts';
import { accountOf } from './snapshot.ts';

/** What the person wants to sign in to. */
export interface SignInWish {
  /** An id or alias. */
  readonly provider: string;
  /** The account that is to be signed in again; `null`: whichever it will be. */
  readonly account: string | null;
}

/** A step, without what is common to all of them. */
type Step = SignInView extends infer View
  ? View extends SignInView
    ? Omit<View, 'provider' | 'account'>
    : never
  : never;

const NOTHING_TO_PASTE: PasteCheck = { problem: 'This sign-in takes no code now.' };

/** The one sign-in that the window shows, from its start until its end was read. A new one replaces it. */
export class SignInFlow {
  readonly #desk: DeskParts;
  #view: SignInView | null = null;
  #attempt: LoginAttempt | null = null;
  #wish: SignInWish = { provider: '', account: null };
  /** The accounts that were there before it began. */
  #before: readonly string[] = [];

  constructor(desk: DeskParts) {
    this.#desk = desk;
  }

  get view(): SignInView | null {
    return this.#view;
  }

  /**
   * @param device Whether by a code that is entered on another device.
   * @throws AppError `wrong-use` for a provider that nobody knows, or that has no such codes.
   */
  start({ provider: name, account }: SignInWish, device = false): void {
    const { engine, context, shell } = this.#desk;
    const { id, service } = findProvider(context.providers, name);
    const onState = (state: LoginState) => attempt && this.#onState(attempt, state);
    // One that cannot begin takes nobody's place.
    const attempt = shell.isOnline() ? engine.login(id, { device, onState }) : null;
    this.#attempt?.cancel();
    this.#attempt = attempt;
    this.#wish = { provider: id, account };
    this.#before = this.#desk.state().accounts.map((each) => each.id);
    if (attempt) this.#show({ step: 'preparing', device });
    else this.#fail(new AppError('offline', { service, signingIn: true }));
  }

  /** Goes on by a code that is entered on another device, in place of the browser. */
  useDevice(): void {
    if (this.#view?.step === 'waiting') this.start(this.#wish, true);
  }

  async copyCode(): Promise<void> {
    if (this.#view?.step === 'device') await this.#desk.shell.copy(this.#view.code);
  }

  /** Opens the browser once more, on the same page. */
  async openAgain(): Promise<void> {
    const { attempt, url } = this.#link();
    if (attempt) await this.#open(attempt, url);
  }

  async copyLink(): Promise<void> {
    const { attempt, url } = this.#link();
    if (attempt) await this.#desk.shell.copy(url);
  }

  /** What is wrong with a text that is being typed. Nothing is sent. */
  check(text: string): PasteCheck {
    if (!this.#attempt) return NOTHING_TO_PASTE;
    return { problem: this.#attempt.check(text)?.message ?? null };
  }

  enterCode(text: string): PasteCheck {
    if (!this.#attempt) return NOTHING_TO_PASTE;
    return { problem: this.#attempt.paste(text)?.message ?? null };
  }

  /**
   * Goes on after the keychain was unlocked, for which the system may ask now; one that has failed begins
   * again.
   */
  retry(): void {
    if (this.#attempt) this.#attempt.retry();
    else if (this.#view?.step === 'failed') this.start(this.#wish);
  }

  /** Stops it, unless the code is being exchanged already: that could waste the login. */
  cancel(): void {
    if (this.#view?.step === 'finishing') return;
    this.#attempt?.cancel();
    this.#attempt = null;
    this.#show(null);
  }

  /**
   * Stops it if it is one to this service, and drops what is told of its end.
   * @returns whether none is left: a code that is being exchanged brings a login.
   */
  leave(provider: string): boolean {
    if (this.#view?.provider !== provider) return true;
    this.cancel();
    return this.#view === null;
  }

  /** Its end was read. While it goes on there is none. */
  async close(): Promise<void> {
    if (this.#attempt) return;
    const first = this.#view?.step === 'signed-in' && this.#view.first;
    this.#show(null);
    if (first) await choose(this.#desk, () => ({ welcomed: true }));
  }

  /** Begins again for the account that was meant. Who was here before stays signed in. */
  async otherAccountAgain(): Promise<void> {
    const view = this.#view;
    if (view?.step !== 'other-account') return;
    if (!this.#before.includes(view.accountId)) await this.#desk.engine.logout(view.accountId);
    this.start(view);
  }

  /** Begins again what has failed only because there was no place for a login. */
  placeFound(): void {
    const missing = this.#view?.step === 'failed' && this.#view.error.code === 'keyring-missing';
    if (missing) this.retry();
  }

  #onState(attempt: LoginAttempt, state: LoginState): void {
    if (attempt !== this.#attempt) return;
    const now = this.#desk.context.clock.now();
    switch (state.kind) {
      case 'preparing':
        return;
      case 'waiting': {
        const obstacle = state.obstacle && described(this.#desk, state.obstacle);
        const { endsAt, url } = state;
        // A browser that cannot come back is opened only where there is no better way.
        const opens = !(obstacle && attempt.provider.endpoints.deviceUrls);
        this.#show({ step: 'waiting', since: now, endsAt, browserOpened: opens, obstacle });
        if (opens) inBackground(this.#desk, this.#open(attempt, url));
        return;
      }
      case 'device': {
        const { code, url, endsAt } = state;
        this.#show({ step: 'device', code, address: url.replace(/^https?:\/\//, ''), endsAt });
        return;
      }
      case 'finishing':
        this.#show({ step: 'finishing', since: now });
        return;
      case 'vault-closed':
        this.#show({ step: 'locked', error: described(this.#desk, state.error) });
        return;
      case 'signed-in':
        inBackground(this.#desk, this.#end(attempt, state.accountId));
        return;
      case 'failed':
        this.#fail(state.error);
        return;
    }
  }

  /** What waits for the person, and where. */
  #link(): { readonly attempt: LoginAttempt | null; readonly url: string } {
    const state = this.#attempt?.state;
    return state?.kind === 'waiting' || state?.kind === 'device'
      ? { attempt: this.#attempt, url: state.url }
      : { attempt: null, url: '' };
  }

  async #open(attempt: LoginAttempt, url: string): Promise<void> {
    const { openExternal } = this.#desk.shell;
    const browserOpened = await openExternal(url).catch(() => false);
    if (attempt !== this.#attempt || this.#view?.step !== 'waiting') return;
    this.#show({ ...this.#view, browserOpened });
  }

  async #end(attempt: LoginAttempt, accountId: string): Promise<void> {
    await this.#desk.refresh();
    if (attempt === this.#attempt) {
      this.#attempt = null;
      this.#show(this.#endOf(accountId));
    }
    const { accounts } = this.#desk.state();
    const services = new Set(accounts.map(({ provider }) => provider));
    if (services.size > 1) await choose(this.#desk, () => ({ offerDismissed: true }));
  }

  #endOf(accountId: string): Step {
    const state = this.#desk.state();
    const [meant, signedIn] = [this.#wish.account, accountId].map((id) => accountOf(state, id));
    if (meant && signedIn && meant.id !== accountId) {
      const newAccount = nameOf(signedIn, meant) ?? 'someone else';
      const oldAccount = nameOf(meant, signedIn) ?? 'another account';
      return { step: 'other-account', accountId, newAccount, oldAccount };
    }
    return { step: 'signed-in', accountId, first: !this.#desk.prefs.welcomed };
  }

  #fail(error: AppError): void {
    this.#attempt = null;
    this.#show({ step: 'failed', error: described(this.#desk, error) });
  }

  #show(step: Step | null): void {
    this.#view = step && { ...this.#wish, ...step };
    this.#desk.publish();
  }
}

/** How a person tells `account` from `other`, whose address may be the same. */
function nameOf({ email, workspace }: AccountView, other: AccountView): string | null {
  return email !== null && email === other.email && workspace ? `${email} (${workspace})` : email;
}
