import { readFile } from 'node:fs/promises';
import type { BuiltInId } from '../../src/core/grant.ts';
import type { StandIn } from '../support/provider/index.ts';
import type { TestClock } from '../support/test-clock.ts';
import { renewThere, type ToolId, tokensIn, toolFile } from '../support/tools.ts';
import type { Network } from './network.ts';

/** What a rival needs of the world. */
export interface Neighbourhood {
  readonly userHome: string;
  readonly clock: TestClock;
  readonly provider: StandIn;
}

/** A tool that renews by itself, with no lock at all: the worst neighbour that there is. */
export class Rival {
  /** Its renewals that worked, those among them that nobody needed yet, and those that were refused. */
  readonly renewals = { worked: 0, needless: 0, refused: 0 };
  readonly tool: ToolId;
  readonly #provider: BuiltInId;
  readonly #key: string;
  readonly #world: Neighbourhood;
  readonly #network: Network;

  /** @param key What its file calls the service. */
  constructor(
    world: Neighbourhood,
    network: Network,
    tool: ToolId,
    service: { readonly provider: BuiltInId; readonly key: string },
  ) {
    this.#world = world;
    this.#network = network;
    this.tool = tool;
    this.#provider = service.provider;
    this.#key = service.key;
  }

  /** A person uses it: it renews what it takes to be over. */
  async use(): Promise<void> {
    const expires = await this.#expires();
    if (expires !== null && expires <= this.#world.clock.now()) await this.#renew();
  }

  /** It renews although it need not, as some do when they start. */
  async restart(): Promise<void> {
    if ((await this.#expires()) === null) return;
    if (await this.#renew()) this.renewals.needless += 1;
  }

  /** The request with this body is about to leave: if it spends the tool's login, the tool is quicker. */
  async overtake(provider: BuiltInId, body: string): Promise<void> {
    if (provider !== this.#provider || (await this.#expires()) === null) return;
    const tokens = await tokensIn(this.#world, this.tool, provider);
    if (tokens && body.includes(tokens.refresh)) await this.#renew();
  }

  async #renew(): Promise<boolean> {
    try {
      await this.#network.pass(this.#provider, () =>
        renewThere(this.#world, this.tool, this.#provider),
      );
      this.renewals.worked += 1;
      return true;
    } catch {
      this.renewals.refused += 1;
      return false;
    }
  }

  /** When its access token ends, by its own file; `null` where it has none, or reads it while it is written. */
  async #expires(): Promise<number | null> {
    try {
      const file = JSON.parse(await readFile(toolFile(this.#world, this.tool), 'utf8'));
      return file[this.#key]?.expires ?? null;
    } catch {
      return null;
    }
  }
}
