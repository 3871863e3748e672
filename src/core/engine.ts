import type { AccountView } from '../shared/account-view.ts';
import { AppError, asAppError } from '../shared/errors.ts';
import { accountNamed, accountsNamed, severalLogins } from './choose.ts';
import type { Context } from './context.ts';
import type { ProviderId } from './grant.ts';
import { LOGIN_TIMEOUT, LoginAttempt, type LoginState } from './login.ts';
import { findProvider } from './providers/index.ts';
import type { RenewalResult } from './refresh/renew.ts';
import { isDue } from './refresh/schedule.ts';
import type { SignOutReport } from './sign-out.ts';
import type { ModeChoice } from './targets/decide.ts';
import type { Desk } from './targets/publish.ts';
import type { TargetView } from './targets/report.ts';
import type { TargetId } from './targets/target.ts';
import type { Withdrawal } from './targets/withdraw.ts';
import { type AccessToken, keptToken } from './token.ts';
import type { OpenAccount } from './vault/account.ts';
import type { VaultState } from './vault/key.ts';
import { isKeyless } from './vault/keys.ts';
import { recover } from './vault/recover.ts';
import { allAccounts, inUseIds } from './vault/roster.ts';
import type { VaultKind } from './vault/settings.ts';
import { Vault } from './vault/vault.ts';
import { viewOf } from './vault/view.ts';

/** What `status` tells. */
export interface Status {
  readonly vault: { readonly kind: VaultKind | null; readonly state: VaultState };
  readonly accounts: readonly AccountView[];
}

/** What became of one account when it was looked after. */
export interface RefreshReport {
  readonly account: AccountView;
  /** `signed-out`: its sign-out, which was unfinished, is done. */
  readonly how: RenewalResult['how'] | 'signed-out';
  /** Why it was not renewed, though it had to be; or what its sign-out has left. */
  readonly error: AppError | null;
}

/** Who asks for a renewal, and how urgently. */
export interface RefreshOptions {
  /** A person wants it even if it is not due. */
  readonly force?: boolean;
  /** A person asks: our own backoff does not count. */
  readonly byPerson?: boolean;
}

/**
 * The one object that both shells hold: every login and everything that is done for it. What reaches
 * beyond the vault is imported where it is needed, because a valid token is asked for all day long and
 * should cost little more than the start of Node.
 */
export class Engine {
  readonly #context: Context;
  readonly #vault: Vault;
  readonly #attempts = new Map<ProviderId, LoginAttempt>();

  constructor(context: Context) {
    this.#context = context;
    this.#vault = new Vault(context);
  }

  /** Who is signed in and how they are. Asks nobody; reads no login unless a crash left one half done. */
  async status(): Promise<Status> {
    await recover(await this.#desk());
    const vault = await this.#vault.describe();
    const all = await allAccounts(this.#vault);
    const inUse = inUseIds(all);
    const ownMachine = await this.#vault.isOwnMachine();
    const now = this.#context.clock.now();
    const accounts = await Promise.all(
      all.map(async ({ facts, ledger }) =>
        viewOf(facts, ledger, {
          now,
          vault:
            vault.kind === 'file' && (await isKeyless(this.#context, facts.id))
              ? 'gone'
              : vault.state,
          ownMachine,
          present: await this.#vault.hasRecord(facts.id),
          inUse: inUse.has(facts.id),
        }),
      ),
    );
    return { vault, accounts };
  }

  /** Starts a sign-in; one that is open for the same provider is replaced by it. */
  login(
    providerName: string,
    options: { timeout?: number; onState?: (state: LoginState) => void } = {},
  ): LoginAttempt {
    const provider = findProvider(this.#context.providers, providerName);
    const before = this.#attempts.get(provider.id);
    before?.cancel();
    const attempt = new LoginAttempt(
      this.#context,
      provider,
      {
        prepare: async () => {
          await before?.makeWay();
          // A copied login that nothing shows yet must be seen before the folder becomes this machine's.
          await recover(await this.#desk());
          // What a newer program keeps here is not added to.
          await allAccounts(this.#vault);
          await this.#vault.prepare();
          const { sweep } = await import('./vault/sweep.ts');
          await sweep(this.#context, this.#vault);
        },
        exchange: async (code) => {
          const desk = await this.#desk();
          const { exchange, settle } = await import('./sign-in.ts');
          const login = await exchange(desk, provider, code);
          return { settle: () => settle(desk, login) };
        },
      },
      { timeout: LOGIN_TIMEOUT, ...options },
    );
    this.#attempts.set(provider.id, attempt);
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
      throw view ? this.#about(view, error) : error;
    }
  }

  /** Looks after one account, those that a name means, or all: adopts, renews what is due, pays debts. */
  async refresh(name: string | null, options: RefreshOptions = {}): Promise<RefreshReport[]> {
    const { accounts } = await this.status();
    const chosen = name ? accountsNamed(accounts, name, this.#context.providers) : accounts;
    const leaving = chosen.filter(({ code }) => code === 'sign-out-unfinished');
    const left: RefreshReport[] = [];
    for (const account of leaving) left.push(await this.#finishSignOut(account));
    const staying = chosen.filter((view) => !leaving.includes(view));
    const looks = await Promise.all(staying.map((view) => this.#refreshOne(view, options)));
    return [...left, ...looks];
  }

  /** Signs one account out. @throws AppError `several-logins` when a bare provider means more than one. */
  async logout(name: string): Promise<SignOutReport & { readonly account: AccountView }> {
    const { accounts } = await this.status();
    const found = accountsNamed(accounts, name, this.#context.providers);
    const [view] = found;
    if (!view || found.length > 1) throw severalLogins(found);
    const report = await this.#signOut(view);
    // The tools get the next one of that service, if there is one.
    const next = accounts.filter(
      ({ id, provider }) => id !== view.id && provider === view.provider,
    );
    await Promise.all(next.map((each) => this.#refreshOne(each, {})));
    return { ...report, account: view };
  }

  async targets(): Promise<TargetView[]> {
    const { reportTargets } = await import('./targets/report.ts');
    return reportTargets(await this.#desk());
  }

  /** Moves a target to another folder. @returns what was taken out of the old one. */
  async moveTarget(target: TargetId, path: string): Promise<Withdrawal[]> {
    const { moveTarget } = await import('./targets/move.ts');
    return moveTarget(await this.#desk(), target, path);
  }

  /** Turns a target on or off, or changes its mode. @returns what was taken out of one that is off now. */
  async setTargetMode(target: TargetId, mode: ModeChoice): Promise<Withdrawal[]> {
    const { setTargetMode } = await import('./targets/decide.ts');
    return setTargetMode(await this.#desk(), target, mode);
  }

  /** Puts our logins into a target, whatever is there. @returns whether what was there is kept now. */
  async takeTarget(target: TargetId, service: string | null): Promise<boolean> {
    const { takeTarget } = await import('./targets/decide.ts');
    return takeTarget(await this.#desk(), target, this.#provider(service));
  }

  /** Puts back what a take replaced. */
  async restoreTarget(target: TargetId, service: string | null): Promise<void> {
    const { restoreTarget } = await import('./targets/decide.ts');
    await restoreTarget(await this.#desk(), target, this.#provider(service));
  }

  #provider(name: string | null): ProviderId | null {
    return name === null ? null : findProvider(this.#context.providers, name).id;
  }

  async #refreshOne(view: AccountView, options: RefreshOptions): Promise<RefreshReport> {
    const desk = await this.#desk();
    const now = this.#context.clock.now();
    const seen = (await this.#vault.readFacts(view.id))?.grant?.id;
    // A person who asks about a login in trouble wants it tried now, not when its turn comes.
    const due =
      (view.renewsAt !== null && view.renewsAt <= now) ||
      (options.byPerson === true && view.state !== 'signed-in');
    // Asked again under the lock: whoever renewed it meanwhile did it for all who were waiting. What a tool
    // renewed while nobody looked may be due again.
    const wanted = ({ record: { grant } }: OpenAccount) => {
      if (!grant) return true;
      return grant.id === seen
        ? due || options.force === true
        : isDue(grant, this.#context.clock.now());
    };
    const { renew } = await import('./refresh/renew.ts');
    const { troubleError } = await import('./refresh/attempt.ts');
    try {
      const request = {
        id: view.id,
        wanted,
        byPerson: options.byPerson === true || options.force === true,
      };
      const { account, how } = await renew(desk, request);
      const error = how === 'failed' ? troubleError(desk, account) : null;
      return { account: await this.#view(account.record.id, view), how, error };
    } catch (error) {
      return { account: view, how: 'failed', error: this.#about(view, error) };
    }
  }

  /** One that cannot be finished now must not keep the others from being renewed. */
  async #finishSignOut(account: AccountView): Promise<RefreshReport> {
    try {
      const { unended, withdrawals } = await this.#signOut(account);
      const code = withdrawals.find(({ result }) => result === 'failed')?.code;
      const owed = code ?? (unended ? 'sign-out-unfinished' : null);
      const error = owed && this.#about(account, new AppError(owed));
      return { account, how: 'signed-out', error };
    } catch (error) {
      return { account, how: 'failed', error: this.#about(account, error) };
    }
  }

  async #signOut(view: AccountView): Promise<SignOutReport> {
    const { signOut } = await import('./sign-out.ts');
    try {
      return await signOut(await this.#desk(), view.id);
    } catch (error) {
      throw this.#about(view, error);
    }
  }

  /** `error` with the name of the service, which what lies below the engine often does not know. */
  #about({ provider }: AccountView, error: unknown): AppError {
    const coded = asAppError(error);
    const service = Object.values(this.#context.providers).find(
      ({ id }) => id === provider,
    )?.service;
    if (coded.details.service || !service) return coded;
    return new AppError(coded.code, { ...coded.details, service }, coded.cause ?? coded);
  }

  async #view(id: string, fallback: AccountView): Promise<AccountView> {
    const { accounts } = await this.status();
    return accounts.find((account) => account.id === id) ?? fallback;
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
