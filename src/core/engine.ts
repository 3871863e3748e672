import { isDeepStrictEqual } from 'node:util';
import type { AccountView } from '../shared/account-view.ts';
import { AppError } from '../shared/errors.ts';
import { accountNamed, accountsNamed, severalLogins } from './choose.ts';
import type { Context } from './context.ts';
import type { FoundLogin } from './found.ts';
import { isBuiltIn, type ProviderId } from './grant.ts';
import { KeyRing } from './keys/key-ring.ts';
import { LoginAttempt, type LoginOptions } from './login.ts';
import { loginSteps } from './login-steps.ts';
import type { Look, LookOptions } from './look.ts';
import { findProvider, providerShown } from './providers/index.ts';
import { ProviderList } from './providers/provider-list.ts';
import type { Move } from './several.ts';
import type { SignOutReport } from './sign-out.ts';
import { about, type Status, type Survey, survey } from './survey.ts';
import type { ModeChoice } from './targets/decide.ts';
import type { Desk } from './targets/publish.ts';
import type { TargetView } from './targets/report.ts';
import type { TargetId } from './targets/target.ts';
import type { Withdrawal } from './targets/withdraw.ts';
import { type AccessToken, keptToken } from './token.ts';
import { Vault } from './vault/vault.ts';

/** What became of one account when it was looked after. */
export interface RefreshReport extends Pick<Look, 'how' | 'error'> {
  readonly account: AccountView;
}

/**
 * The one object that both shells hold: every login and everything that is done for it. What reaches
 * beyond the vault is imported where it is needed, because a valid token is asked for all day long and
 * should cost little more than the start of Node.
 */
export class Engine {
  /** The API keys beside the logins. */
  readonly keys: KeyRing;
  /** The services that the person added. */
  readonly providers: ProviderList;
  readonly #context: Context;
  readonly #vault: Vault;
  readonly #attempts = new Map<ProviderId, LoginAttempt>();
  readonly #listeners = new Set<() => void>();
  /** How the last look found everything. */
  #seen: Survey | null = null;

  constructor(context: Context) {
    this.#context = context;
    this.#vault = new Vault(context);
    this.keys = new KeyRing(context, this.#vault, () => this.#changed());
    this.providers = new ProviderList(context, this.#vault, () => this.#changed());
  }

  /**
   * Calls `listener` whenever the accounts have changed, until the function that is returned is called.
   * What another process does to them is told at the next look.
   */
  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Whether somebody is signing in here. */
  get signingIn(): boolean {
    return [...this.#attempts.values()].some(isOpen);
  }

  /** Who is signed in and how they are. Asks nobody; reads no login unless a crash left one half done. */
  async status(): Promise<Status> {
    return (await this.#survey()).status;
  }

  /**
   * Starts a sign-in; one that is open for the same provider is replaced by it.
   * @throws AppError `wrong-use` for a provider that nobody knows, or that lacks the way that is asked for.
   */
  login(providerName: string, options: LoginOptions = {}): LoginAttempt {
    const provider = findProvider(this.#context.providers, providerName);
    const before = this.#attempts.get(provider.id);
    const steps = loginSteps({
      desk: () => this.#desk(),
      provider,
      makeWay: () => before?.makeWay(),
      prepared: () => this.keys.mend(),
      settled: () => this.keys.publish(),
    });
    const attempt = new LoginAttempt(this.#context, provider, steps, options);
    before?.cancel();
    this.#attempts.set(provider.id, attempt);
    const over = () => this.#changed();
    attempt.done.then(over, over);
    return attempt;
  }

  /**
   * An access token with at least `minLife` ms left, but never asking for more than half of a login's
   * whole life. The network is touched only when the vault has none.
   * @throws AppError when there is none that works: `no-such-login`, `login-ended` and its kin,
   * `unreachable` and its kin, what the keychain throws.
   */
  async token(name: string, minLife: number): Promise<AccessToken> {
    try {
      const kept = await keptToken(this.#context, this.#vault, name, minLife);
      if (kept) return kept;
      const { renewedToken } = await import('./renewed-token.ts');
      return await renewedToken(await this.#desk(), await this.#one(name), minLife);
    } catch (error) {
      const view = await this.#one(name).catch(() => null);
      throw view ? about(this.#context, view, error) : error;
    }
  }

  /** Looks after one account, those that a name means, or all: adopts, renews what is due, pays debts. */
  async refresh(name: string | null, options: LookOptions = {}): Promise<RefreshReport[]> {
    const survey = await this.#survey();
    const { accounts } = survey.status;
    const chosen = name ? accountsNamed(accounts, name, this.#context.providers) : accounts;
    return this.#lookAfter(survey, chosen, options);
  }

  /** Looks after the accounts of these ids; one that is gone is left out. */
  async look(ids: readonly string[], options: LookOptions = {}): Promise<RefreshReport[]> {
    const survey = await this.#survey();
    const chosen = survey.status.accounts.filter(({ id }) => ids.includes(id));
    return this.#lookAfter(survey, chosen, options);
  }

  /** Fetches the key of the logins, for which the system may ask the person. @throws AppError of the keychain. */
  async unlock(): Promise<void> {
    await this.#telling(this.#vault.unlock());
  }

  /** The person agrees to a file for the key of the logins, where there is no keychain and was none before. */
  async keepInFile(): Promise<void> {
    await this.#telling(this.#vault.prepare('file'));
  }

  /** Signs one account out. @throws AppError `several-logins` when a bare provider means more than one. */
  async logout(name: string): Promise<SignOutReport & { readonly account: AccountView }> {
    const { accounts } = await this.status();
    const found = accountsNamed(accounts, name, this.#context.providers);
    const [view] = found;
    if (!view || found.length > 1) {
      throw severalLogins(found, name, this.#context.providers);
    }
    const report = await this.#telling(this.#signOut(view));
    // The tools get the next one of that service, if there is one.
    const next = accounts.filter(
      ({ id, provider }) => id !== view.id && provider === view.provider,
    );
    await this.look(next.map(({ id }) => id));
    // Its place in a tool's file is a key's again, where there is one.
    const { id } = providerShown(this.#context.providers, view.provider);
    await this.keys.publish({ anew: isBuiltIn(id) ? [id] : [] });
    return { ...report, account: view };
  }

  /**
   * Has the tools get this account's login, or one tool alone, and brings them in step.
   * @returns how it is now, and what kept its login from being looked after, if anything did.
   * @throws AppError as `chooseAccount`; nothing was changed then.
   */
  async use(name: string, tool: TargetId | null): Promise<RefreshReport> {
    const view = await this.#one(name);
    const { chooseAccount } = await import('./several.ts');
    const choice = chooseAccount(await this.#desk(), view, tool);
    const leaving = await this.#telling(choice).catch((error) => {
      throw about(this.#context, view, error);
    });
    await this.look(leaving, { mayStart: () => false });
    const [report] = await this.look([view.id]);
    if (!report) throw new AppError('no-such-login');
    return report;
  }

  /** Gives an account a name of the person's own; `null` takes it away. */
  async rename(name: string, own: string | null): Promise<AccountView> {
    const { id } = await this.#one(name);
    const { renameAccount } = await import('./several.ts');
    await this.#telling(renameAccount(await this.#desk(), id, own));
    return this.#one(id);
  }

  /** Puts an account elsewhere among the others. @returns all of them, as they stand then. */
  async move(name: string, to: Move): Promise<readonly AccountView[]> {
    const { accounts } = await this.status();
    const { id } = accountNamed(accounts, name, this.#context.providers);
    const { moveAccount } = await import('./several.ts');
    await this.#telling(moveAccount(await this.#desk(), accounts, id, to));
    return (await this.status()).accounts;
  }

  /** Every target and what it holds; of our own keychain items, if `quiet`, only what was noted of them. */
  async targets({ quiet = false } = {}): Promise<TargetView[]> {
    const { reportTargets } = await import('./targets/report.ts');
    return reportTargets(await this.#desk(), { quiet });
  }

  /** The logins that tools have by themselves. Asks their services whose they are. */
  async found(): Promise<FoundLogin[]> {
    const { findLogins } = await import('./found.ts');
    return findLogins(await this.#desk());
  }

  /** Moves a target to another folder. @returns what was taken out of the old one. */
  async moveTarget(target: TargetId, path: string): Promise<Withdrawal[]> {
    const { moveTarget } = await import('./targets/move.ts');
    const moved = await this.#telling(moveTarget(await this.#desk(), target, path));
    await this.keys.publish();
    return moved;
  }

  /** Turns a target on or off, or changes its mode. @returns what was taken out of one that is off now. */
  async setTargetMode(target: TargetId, mode: ModeChoice): Promise<Withdrawal[]> {
    const { setTargetMode } = await import('./targets/decide.ts');
    const withdrawn = await this.#telling(setTargetMode(await this.#desk(), target, mode));
    await this.keys.publish({ enabled: target });
    return withdrawn;
  }

  /** Puts our logins into a target, whatever is there. @returns whether what was there is kept now. */
  async takeTarget(target: TargetId, service: string | null): Promise<boolean> {
    const { takeTarget } = await import('./targets/decide.ts');
    return this.#telling(takeTarget(await this.#desk(), target, this.#provider(service)));
  }

  /** Puts back what a take replaced. */
  async restoreTarget(target: TargetId, service: string | null): Promise<void> {
    const { restoreTarget } = await import('./targets/decide.ts');
    await this.#telling(restoreTarget(await this.#desk(), target, this.#provider(service)));
  }

  #provider(name: string | null): ProviderId | null {
    return name === null ? null : findProvider(this.#context.providers, name).id;
  }

  /** Tells that the accounts have changed once `work` is done; what failed may have done half of it. */
  async #telling<T>(work: Promise<T>): Promise<T> {
    return work.finally(() => this.#changed());
  }

  #changed(): void {
    for (const listener of [...this.#listeners]) listener();
  }

  async #lookAfter(
    before: Survey,
    chosen: readonly AccountView[],
    options: LookOptions,
  ): Promise<RefreshReport[]> {
    const { lookAfter } = await import('./look.ts');
    const desk = await this.#desk();
    const looks = await lookAfter(desk, { ...before, chosen }, options);
    await this.keys.publish();
    // What was done is done, whatever keeps it from being shown now.
    const after = await this.#survey().catch(() => before);
    // What another process did since the last look is news here as well.
    if (!isDeepStrictEqual(this.#seen ?? before, after)) this.#changed();
    this.#seen = after;
    return looks.map(({ id, view, how, error }) => ({
      account: after.status.accounts.find((account) => account.id === id) ?? view,
      how,
      error: error && about(this.#context, view, error),
    }));
  }

  async #signOut(view: AccountView): Promise<SignOutReport> {
    const { signOut } = await import('./sign-out.ts');
    try {
      return await signOut(await this.#desk(), view.id);
    } catch (error) {
      throw about(this.#context, view, error);
    }
  }

  async #survey(): Promise<Survey> {
    return survey(await this.#desk());
  }

  async #one(name: string): Promise<AccountView> {
    const { accounts } = await this.status();
    return accountNamed(accounts, name, this.#context.providers);
  }

  async #desk(): Promise<Desk> {
    const settings = await this.#vault.settings();
    return { context: this.#context, vault: this.#vault, settings };
  }
}

function isOpen({ state: { kind } }: LoginAttempt): boolean {
  return kind !== 'signed-in' && kind !== 'failed';
}
