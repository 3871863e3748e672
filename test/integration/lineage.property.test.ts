import { readFile, writeFile } from 'node:fs/promises';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type BuiltInId, BuiltInIdSchema } from '../../src/core/grant.ts';
import { openAccount } from '../../src/core/vault/account.ts';
import { Vault } from '../../src/core/vault/vault.ts';
import { startWorld, type World } from '../support/engine.ts';
import { peekaboo } from '../support/look.ts';
import { PEOPLE } from '../support/provider/people.ts';
import { type RawTokens, rawSignIn } from '../support/provider/raw-client.ts';
import {
  blankThere,
  change,
  install,
  putThere,
  removeThere,
  renewThere,
  SERVICES,
  type ToolId,
  tokensIn,
  toolFile,
  toolsFor,
} from '../support/tools.ts';

const MINUTE = 60_000;
const [ANNA] = PEOPLE;
const LIFE = 60 * MINUTE;
const RUNS = process.env.AUTHBAR_LONG ? 400 : 15;

const TOOL_ACTIONS = ['renew', 'go-back', 'blank', 'remove', 'unproven', 'stranger'] as const;

/** What happens on the machine. `tool` counts among those of the service, `copy` among what a file was. */
type Operation =
  | { readonly kind: 'look' | 'force' }
  | { readonly kind: 'wait'; readonly minutes: number }
  | {
      readonly kind: (typeof TOOL_ACTIONS)[number];
      readonly tool: number;
      readonly copy: number;
    };

type ToolOperation = Extract<Operation, { tool: number }>;

interface History {
  readonly provider: BuiltInId;
  readonly forgiving: boolean;
  readonly operations: readonly Operation[];
}

const operation: fc.Arbitrary<Operation> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: fc.constantFrom('look', 'force') }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('wait' as const),
      minutes: fc.constantFrom(1, 20, 45, 70),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constantFrom(...TOOL_ACTIONS),
      tool: fc.nat(3),
      copy: fc.nat(20),
    }),
  },
);
const history: fc.Arbitrary<History> = fc.record({
  provider: fc.constantFrom(...BuiltInIdSchema.options),
  forgiving: fc.boolean(),
  operations: fc.array(operation, { minLength: 1, maxLength: 14, size: 'max' }),
});

/** What once cost a login. */
const KNOWN: readonly History[] = [
  // Two tools have something that nobody can say whose it is: the good one is not the first.
  ...(['unproven', 'stranger'] as const).map(
    (kind): History => ({
      provider: 'anthropic',
      forgiving: false,
      operations: [
        { kind, tool: 0, copy: 0 },
        { kind: 'renew', tool: 1, copy: 0 },
        { kind: 'wait', minutes: 70 },
      ],
    }),
  ),
  // Unknown tokens in Claude Code's file, beside which it says that they are ours.
  { provider: 'anthropic', forgiving: true, operations: [{ kind: 'unproven', tool: 0, copy: 0 }] },
];

interface Pair {
  readonly access: string;
  readonly refresh: string;
}

/** A tool's file as it is, or was once. */
interface Copy {
  readonly bytes: string;
  /** `theirs`: the login in it is somebody else's, or nobody knows whose. */
  readonly whose: 'ours' | 'theirs';
  /** Since when that login is there, by the world's clock. */
  readonly since: number;
}

/** A machine on which such things happen, and what has to hold after each look of ours. */
class Machine {
  readonly #world: World;
  readonly #provider: BuiltInId;
  readonly #forgiving: boolean;
  readonly #tools: readonly ToolId[];
  readonly #account: string;
  /** What each file was, the newest last. */
  readonly #copies = new Map<ToolId, Copy[]>();
  readonly #strange = new Set<string>();
  /** The vault's login at the last look. */
  #vault: Pair;
  /** The last one of ours that the service gave to anybody. */
  #newest: Pair;
  /**
   * A tool sent a refresh token twice, for which the service ended the login; or the newest login was
   * overwritten before anybody looked, so that no one has it. Then there is nothing to be saved.
   */
  over = false;

  private constructor(
    world: World,
    { provider, forgiving }: History,
    account: string,
    vault: Pair,
  ) {
    this.#world = world;
    this.#provider = provider;
    this.#forgiving = forgiving;
    this.#tools = toolsFor(provider);
    this.#account = account;
    this.#vault = vault;
    this.#newest = vault;
  }

  static async start(history: History): Promise<Machine> {
    const world = await startWorld();
    world.provider.setForgiving(history.forgiving);
    await install(world, ...toolsFor(history.provider));
    const account = await world.signIn(SERVICES[history.provider], 'anna');
    world.clock.hurry(2000);
    const machine = new Machine(world, history, account, await vaultOf(world, account));
    for (const tool of machine.#tools) await machine.#note(tool);
    return machine;
  }

  async do(operation: Operation): Promise<void> {
    const { clock, provider } = this.#world;
    if (operation.kind === 'wait') clock.advance(operation.minutes * MINUTE);
    provider.setClock(clock.now() - Date.now());
    if ('tool' in operation) await this.#change(operation);
    else if (operation.kind !== 'wait') await this.#look(operation.kind === 'force');
  }

  async #change({ kind, tool: nth, copy }: ToolOperation): Promise<void> {
    const [world, provider] = [this.#world, this.#provider];
    const tool = this.#tools[nth % this.#tools.length] ?? 'pi';
    const copies = this.#copies.get(tool) ?? [];
    const old = copies[copy % copies.length];
    if (kind === 'go-back' && old) {
      await writeFile(toolFile(world, tool), old.bytes);
      copies.push(old);
      return;
    }
    if (kind === 'renew') await this.#renew(tool);
    if (kind === 'blank') await blankThere(world, tool, provider);
    if (kind === 'remove') await removeThere(world, tool, provider);
    if (kind === 'unproven') await this.#put(tool, unknownTokens());
    if (kind === 'stranger') {
      await this.#put(tool, await rawSignIn(world.provider, provider, { person: 'ben' }));
    }
    await this.#note(tool);
  }

  async #put(tool: ToolId, tokens: RawTokens): Promise<void> {
    this.#strange.add(tokens.access_token).add(tokens.refresh_token);
    await putThere(this.#world, tool, this.#provider, tokens);
    if (tool !== 'claude-code') return;
    // Some versions note whose it is, and that stays where the tokens beside it change.
    await change(this.#world, tool, this.#provider, (entry) => {
      Object.assign(entry, { accountUuid: ANNA?.userId, organizationUuid: ANNA?.workspaceId });
    });
  }

  /** The tool renews what it has. */
  async #renew(tool: ToolId): Promise<void> {
    const before = await tokensIn(this.#world, tool, this.#provider);
    if (!before?.refresh) return;
    const strange = this.#strange.has(before.refresh);
    try {
      const tokens = await renewThere(this.#world, tool, this.#provider);
      if (strange) this.#strange.add(tokens.access_token).add(tokens.refresh_token);
      else this.#newest = { access: tokens.access_token, refresh: tokens.refresh_token };
    } catch {
      if (!strange && !this.#forgiving) this.over = true;
    }
  }

  async #look(force: boolean): Promise<void> {
    const [world, provider] = [this.#world, this.#provider];
    const before = new Map<ToolId, Pair | null>();
    for (const tool of this.#tools) before.set(tool, await tokensIn(world, tool, provider));
    // A blanked login is one that its tool gave up, whatever else stands there.
    const places = [this.#vault, ...before.values()].map((pair) => pair?.access && pair.refresh);
    if (!places.includes(this.#newest.refresh)) this.over = true;
    await world.engine.refresh(null, { force });

    const vault = await vaultOf(world, this.#account);
    expect(this.#strange, 'nothing strange is adopted').not.toContain(vault.access);
    expect(this.#strange, 'nothing strange is adopted').not.toContain(vault.refresh);
    expect(this.#ageOf(vault.refresh), 'the vault never goes back').toBeGreaterThanOrEqual(
      this.#ageOf(this.#vault.refresh),
    );
    if (!this.over) {
      expect(world.provider.active(vault.refresh), 'the vault’s login is good').toBe(true);
      expect(await peekaboo(world)).toContain(vault.access);
      this.#newest = vault;
    }
    this.#vault = vault;
    for (const tool of this.#tools) await this.#inspect(tool, before.get(tool) ?? null);
  }

  /** @param before What it held before the look. */
  async #inspect(tool: ToolId, before: Pair | null): Promise<void> {
    const last = this.#copies.get(tool)?.at(-1);
    if (last?.whose === 'theirs') return this.#inspectTheirs(tool, last);
    const after = await tokensIn(this.#world, tool, this.#provider);
    if (before?.access) {
      const age = this.#ageOf(after?.access ?? '');
      expect(age, `${tool}: never older over newer`).toBeGreaterThanOrEqual(
        this.#ageOf(before.access),
      );
    }
    // What was removed or blanked may stay so; else it is the vault's.
    if (!this.over && (before?.access || after?.access)) {
      const refresh = tool === 'opencode' ? '' : this.#vault.refresh;
      expect(after, `${tool} is in step`).toEqual({ access: this.#vault.access, refresh });
    }
    await this.#note(tool);
  }

  /** Not a byte is changed; only where nobody could be asked any more it was renewed for its owner. */
  async #inspectTheirs(tool: ToolId, { bytes, since }: Copy): Promise<void> {
    const now = await readFile(toolFile(this.#world, tool), 'utf8');
    if (now === bytes) return;
    const age = this.#world.clock.now() - since;
    expect(age, `${tool}: theirs is untouched`).toBeGreaterThanOrEqual(LIFE);
    const after = await tokensIn(this.#world, tool, this.#provider);
    expect(this.#world.provider.active(after?.refresh ?? ''), 'theirs is good').toBe(true);
    expect(after?.refresh).not.toBe(this.#vault.refresh);
    this.#strange.add(after?.access ?? '').add(after?.refresh ?? '');
    await this.#note(tool);
  }

  /** Tokens are issued one after the other. -1: this one never was. */
  #ageOf(token: string): number {
    return this.#world.provider.tokens.indexOf(token);
  }

  /** Remembers what the file is now, if that is new. */
  async #note(tool: ToolId): Promise<void> {
    const copies = this.#copies.get(tool) ?? [];
    const bytes = await readFile(toolFile(this.#world, tool), 'utf8');
    if (copies.at(-1)?.bytes === bytes) return;
    const tokens = await tokensIn(this.#world, tool, this.#provider);
    // Blanked it is nobody's.
    const theirs = tokens !== null && tokens.access !== '' && this.#strange.has(tokens.access);
    copies.push({ bytes, whose: theirs ? 'theirs' : 'ours', since: this.#world.clock.now() });
    this.#copies.set(tool, copies);
  }
}

let unknown = 0;

/** Tokens that no service knows. */
function unknownTokens(): RawTokens {
  unknown += 1;
  return {
    access_token: `nobody-knows-this-${unknown}`,
    refresh_token: `nobody-knows-that-${unknown}`,
    expires_in: 3600,
    scope: '',
  };
}

async function vaultOf({ context }: World, account: string): Promise<Pair> {
  const { grant } = (await openAccount(context, new Vault(context), account)).record;
  return { access: grant?.accessToken ?? '', refresh: grant?.refreshToken ?? '' };
}

test(
  'whatever the tools do, the newest login is kept and nothing else is touched',
  async () => {
    let [saved, over] = [0, 0];
    await fc.assert(
      fc.asyncProperty(history, async (told) => {
        const machine = await Machine.start(told);
        for (const operation of told.operations) await machine.do(operation);
        // Twice: what was held back for a moment is settled by the second.
        for (let n = 0; n < 2; n += 1) await machine.do({ kind: 'look' });
        if (machine.over) over += 1;
        else saved += 1;
      }),
      { numRuns: RUNS, examples: KNOWN.map((each) => [each]) },
    );
    expect(saved).toBeGreaterThan(over);
  },
  30 * MINUTE,
);
