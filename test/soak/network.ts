import { setImmediate as turn } from 'node:timers/promises';
import type { BuiltInId } from '../../src/core/grant.ts';
import type { Send } from '../../src/core/oauth/transport.ts';
import { type Fault, fingerprint, type StandIn } from '../support/provider/index.ts';
import type { SimulatedMachine } from '../support/simulated-machine.ts';
import type { Dice } from './dice.ts';
import { KINDS, RATE, type Trouble } from './trouble.ts';

const PASS: Fault = { kind: 'pass' };

/** The port for discarding, which nothing listens on. */
const NOBODY = 'http://127.0.0.1:9';

/**
 * What lies between this machine and the stand-in: real sockets, and with some renewals of ours something
 * goes wrong. Time stands still until an answer is there, unless there will be none.
 */
export class Network {
  /** Renewals of ours that were to be sent. */
  requests = 0;
  /** How many of them met a fault, by its kind. */
  readonly faults = new Map<string, number>();
  /** Right before a renewal of ours leaves: a tool may be quicker. */
  quicker: (provider: BuiltInId, body: string) => Promise<void> = async () => {};
  readonly #machine: SimulatedMachine;
  readonly #standIn: StandIn;
  readonly #dice: Dice;
  readonly #roads = new Map<BuiltInId, Promise<void>>();

  constructor(machine: SimulatedMachine, standIn: StandIn, dice: Dice) {
    this.#machine = machine;
    this.#standIn = standIn;
    this.#dice = dice;
  }

  /** The requests of Authbar, which `send` makes real ones. */
  carry(send: Send): Send {
    return async (request, limits) => {
      this.setClocks();
      const { url, body } = request;
      const provider = this.#renewedAt(url, body);
      if (!provider || !body) return this.#machine.hold(send(request, limits));
      this.requests += 1;
      await this.#machine.hold(this.quicker(provider, body));
      const fault = this.#throwFor();
      if (fault !== 'unsent') {
        return this.#deliver(provider, fault, () => send(request, limits));
      }
      const gone = { ...request, url: url.replace(this.#standIn.origin, NOBODY) };
      return this.#machine.hold(send(gone, limits));
    };
  }

  /** A renewal by a tool: nothing goes wrong with it on the way. */
  async pass<T>(provider: BuiltInId, renew: () => Promise<T>): Promise<T> {
    this.setClocks();
    return this.#deliver(provider, PASS, renew);
  }

  /** The provider has the time of this machine. */
  setClocks(): void {
    this.#standIn.setClock(this.#machine.now() - Date.now());
  }

  /** Whether the provider renewed with this refresh token, and nobody heard it. */
  wasSwallowed(refreshToken: string): boolean {
    const token = fingerprint(refreshToken);
    const spent = this.#standIn.journal.entries.find((e) => e.token === token && e.rotated);
    return spent !== undefined && spent.fault !== 'pass' && spent.fault !== 'edit';
  }

  #renewedAt(url: string, body: string | null): BuiltInId | null {
    const { anthropic, openai } = this.#standIn.endpoints;
    if (!body?.includes('refresh_token') || body.includes('authorization_code')) return null;
    if (url === anthropic.tokenUrl) return 'anthropic';
    return url === openai.tokenUrl ? 'openai' : null;
  }

  /** Each kind has its share of all renewals; the rest goes well. */
  #throwFor(): Trouble['fault'] {
    const kind = KINDS[Math.floor(this.#dice.throw() / RATE)];
    if (!kind) return PASS;
    this.faults.set(kind.name, (this.faults.get(kind.name) ?? 0) + 1);
    return this.#dice.pick(kind.troubles).fault;
  }

  /** One at a time until the stand-in has read it, so that each meets the fault that is meant for it. */
  async #deliver<T>(provider: BuiltInId, fault: Fault, send: () => Promise<T>): Promise<T> {
    const { faults } = this.#standIn;
    let answer: Promise<T> | undefined;
    const arrived = (this.#roads.get(provider) ?? Promise.resolve()).then(async () => {
      let over = false;
      const settled = () => {
        over = true;
      };
      faults.arm(provider, 'refresh', fault);
      answer = send();
      answer.then(settled, settled);
      while (faults.pending(provider, 'refresh') > 0 && !over) await turn();
      // It never arrived: the next one must not meet its fault.
      if (faults.pending(provider, 'refresh') > 0) faults.take(provider, 'refresh');
    });
    this.#roads.set(provider, arrived);
    await this.#machine.hold(arrived);
    if (!answer) throw new TypeError('nothing was sent');
    return fault.kind === 'silence' ? answer : this.#machine.hold(answer);
  }
}
