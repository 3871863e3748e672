import type { Context } from '../../src/core/context.ts';
import type { Engine } from '../../src/core/engine.ts';
import { providerOf } from '../../src/core/providers/index.ts';
import { refreshTokenOf } from '../../src/core/vault/account.ts';
import { Vault } from '../../src/core/vault/vault.ts';
import type { AccountView } from '../../src/shared/account-view.ts';
import type { StandIn } from '../support/provider/index.ts';
import type { Network } from './network.ts';
import type { Told } from './person.ts';

const HOUR = 60 * 60_000;

/** What is really so with a login: the service knows, and the network. */
type Fate = 'works' | 'swallowed' | 'lost';

/** Compares what is told with what is so. */
export class Truth {
  /** What must not be. */
  readonly violations: string[] = [];
  /** How many logins the person was rightly told of. */
  told = 0;
  readonly #context: Context;
  readonly #standIn: StandIn;
  readonly #network: Network;

  constructor(context: Context, standIn: StandIn, network: Network) {
    this.#context = context;
    this.#standIn = standIn;
    this.#network = network;
  }

  /** A notice is right if a person has to act, and only the network can have made it so. */
  async judge({ notice, account }: Told): Promise<void> {
    const fate = await this.#fateOf(account);
    const isLoss = notice.kind === 'login-ended' || notice.kind === 'several-ended';
    if (isLoss && fate === 'swallowed' && account.code === 'login-lost-in-flight') this.told += 1;
    else this.#violated(account, `was told as ${notice.kind} (${account.code}), and ${fate}`);
  }

  /**
   * At the end, an hour after the last wake.
   * @returns how many logins are lost in flight that nobody had to be told of yet.
   */
  async sum(engine: Engine, logins: number): Promise<number> {
    const wake = this.#context.clock.now() - HOUR;
    const { accounts } = await engine.status();
    if (accounts.length !== logins) this.violations.push(`${accounts.length} accounts are left`);
    let untold = 0;
    for (const account of accounts) {
      const fate = await this.#fateOf(account);
      if (fate === 'swallowed') untold += 1;
      const stopped = account.state === 'sign-in-again' && (account.expiresAt ?? 0) < wake;
      if (stopped) this.#violated(account, 'has stopped, and nobody was told');
      if (fate === 'lost') this.#violated(account, 'is lost');
    }
    return untold;
  }

  async #fateOf({ id }: AccountView): Promise<Fate> {
    const record = await new Vault(this.#context).readRecord(id);
    const token =
      record && refreshTokenOf(providerOf(this.#context.providers, record.provider), record);
    if (!token) return 'lost';
    if (this.#standIn.active(token)) return 'works';
    return this.#network.wasSwallowed(token) ? 'swallowed' : 'lost';
  }

  #violated({ provider, email }: AccountView, what: string): void {
    this.violations.push(`${provider} ${email}: ${what}`);
  }
}
