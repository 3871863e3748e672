import type { Engine } from '../../src/core/engine.ts';
import type { AccountView } from '../../src/shared/account-view.ts';
import type { Notice, Notifier } from '../../src/shared/notice.ts';
import { type Person as Identity, signInAt } from '../support/provider/index.ts';
import type { SimulatedMachine } from '../support/simulated-machine.ts';
import type { Dice } from './dice.ts';
import type { Network } from './network.ts';

const MINUTE = 60_000;

/** What a notice said of one account. */
export interface Told {
  readonly notice: Notice;
  readonly account: AccountView;
}

/** Who sits at the machine: signs in, and does it again when a notice says so. */
export class Person implements Notifier {
  /** Finds out whether what a notice says of an account is so. */
  judge: (told: Told) => Promise<void> = async () => {};
  /** Those that were shown, by kind. */
  readonly notices = new Map<string, number>();
  /** Those after a notice. */
  signIns = 0;
  readonly #machine: SimulatedMachine;
  readonly #network: Network;
  readonly #dice: Dice;
  readonly #people: readonly Identity[];
  readonly #busyWith = new Set<string>();
  #deeds: Promise<unknown> = Promise.resolve();
  #engine: Engine | null = null;

  constructor(
    machine: SimulatedMachine,
    network: Network,
    dice: Dice,
    people: readonly Identity[],
  ) {
    this.#machine = machine;
    this.#network = network;
    this.#dice = dice;
    this.#people = people;
  }

  /** Signs every account of both services in. */
  async begin(engine: Engine): Promise<void> {
    this.#engine = engine;
    for (const { key } of this.#people) {
      for (const service of ['claude', 'chatgpt']) await this.#signIn(service, key);
    }
  }

  show(notice: Notice, accounts: readonly AccountView[]): void {
    this.notices.set(notice.kind, (this.notices.get(notice.kind) ?? 0) + 1);
    const named = accounts.filter(({ id }) => notice.accounts.includes(id));
    // One that was told of before is named again where several are.
    for (const account of named.filter(({ id }) => !this.#busyWith.has(id))) {
      const judged = this.#machine.hold(this.judge({ notice, account }));
      this.#deeds = Promise.all([this.#deeds, judged]);
      if (account.state === 'sign-in-again') this.#heed(account);
    }
  }

  remove(): void {}

  /** Resolves once everything that was begun is done. */
  async rest(): Promise<void> {
    await this.#deeds;
  }

  /** Some minutes later, one after the other. */
  #heed({ id, provider, email }: AccountView): void {
    const key = this.#people.find((person) => person.email === email)?.key;
    if (!key) throw new TypeError('a notice about nobody');
    this.#busyWith.add(id);
    this.#deeds = this.#deeds.then(async () => {
      await this.#machine.sleep(this.#dice.between(1, 10) * MINUTE);
      await this.#signIn(provider, key);
      this.signIns += 1;
      this.#busyWith.delete(id);
    });
  }

  async #signIn(service: string, person: string): Promise<void> {
    this.#network.setClocks();
    const attempt = this.#engine?.login(service, {
      onState: (state) => {
        if (state.kind === 'waiting') void signInAt(state.url, { person });
      },
    });
    if (attempt) await this.#machine.attend(attempt.done);
  }
}
