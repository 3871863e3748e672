import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { Engine } from '../../src/core/engine.ts';
import { readHistory } from '../../src/core/history.ts';
import { createNotices } from '../../src/core/notices.ts';
import { Scheduler } from '../../src/core/scheduler.ts';
import { targetNames } from '../../src/core/targets/names.ts';
import { Vault } from '../../src/core/vault/vault.ts';
import type { AccountView } from '../../src/shared/account-view.ts';
import { sentenceOf } from '../../src/shared/history-texts.ts';
import type { NoticeKind } from '../../src/shared/notice.ts';
import { startWorld, type World } from '../support/engine.ts';
import { activeTokens } from '../support/look.ts';
import { FakeMachine } from '../support/power.ts';
import { type RawTokens, rawRefresh, rawSignIn } from '../support/provider/raw-client.ts';
import { install, putThere, SERVICES } from '../support/tools.ts';
import { CASES, type Case, type Life } from './failure-matrix.cases.ts';
import { Road } from './failure-matrix.road.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** The longest wait of a scheduler. */
const BEAT = 30 * SECOND;

/** How long everything is looked at once at least. */
const FULL_LOOK = 5 * MINUTE + BEAT;

/** How long an access token lives, seconds. */
const TTL: Readonly<Record<Life, number>> = { much: 8 * 3600, little: 3600, none: 3600 };

/** Authbar as it runs, on a machine with a person at it. */
class Running {
  readonly machine: FakeMachine;
  /** What the person was shown. */
  readonly shown: NoticeKind[] = [];
  /** What they were shown and is still on the screen, by id. */
  readonly open = new Map<string, NoticeKind>();
  readonly #world: World;
  readonly #id: string;
  readonly #road: Road;
  #read = 0;

  constructor(world: World, id: string, road: Road) {
    this.machine = new FakeMachine(world.clock);
    this.#world = world;
    this.#id = id;
    this.#road = road;
  }

  /** Resolves after the first look. */
  async start(): Promise<void> {
    this.#read = (await this.#sentences()).length;
    const context = { ...this.#world.context, send: this.#road.send };
    const engine = new Engine(context);
    const notices = createNotices(context, {
      show: ({ id, kind }) => {
        this.shown.push(kind);
        this.open.set(id, kind);
      },
      remove: (id) => void this.open.delete(id),
    });
    const scheduler = new Scheduler({ ...context, clock: this.machine }, engine, {
      uptime: this.machine.uptime,
      onReport: () => {},
      onStatus: ({ accounts }, presence) => {
        return notices.look({ accounts, presence, signingIn: engine.signingIn });
      },
    });
    const stop = new AbortController();
    const ended = scheduler.run(stop.signal);
    onTestFinished(async () => {
      stop.abort();
      await ended;
    });
    await this.machine.run(0);
  }

  async view(): Promise<AccountView | undefined> {
    const { accounts } = await this.#world.engine.status();
    return accounts.find(({ id }) => id === this.#id);
  }

  /** Both tokens in the vault. */
  async tokens(): Promise<{ access: string | undefined; refresh: string | null | undefined }> {
    const record = await new Vault(this.#world.context).readRecord(this.#id);
    return { access: record?.grant?.accessToken, refresh: record?.grant?.refreshToken };
  }

  /** What a person could read since the start, the newest first. */
  async told(): Promise<string[]> {
    const sentences = await this.#sentences();
    return sentences.slice(0, sentences.length - this.#read);
  }

  async #sentences(): Promise<string[]> {
    const { context, clock } = this.#world;
    const provider = (await this.view())?.provider;
    const words = {
      service: Object.values(context.providers).find(({ id }) => id === provider)?.service ?? '',
      tools: targetNames(context),
      platform: 'linux',
      now: clock.now(),
    };
    const items = await readHistory(context, [this.#id]);
    return items.map((item) => sentenceOf(item, words));
  }
}

/** Somebody is signed in, something may have happened to that login, and it is time for the first renewal. */
async function stage(each: Case): Promise<{ world: World; road: Road; running: Running }> {
  const { life, provider, fate } = each;
  const standIn = { ttl: { accessToken: TTL[life] } };
  const world = await startWorld({ standIn, random: () => 0.5 });
  onTestFinished(() => void vi.unstubAllEnvs());
  // A tool that was quicker is waited for.
  world.clock.hurry(SECOND);
  if (each.mended === 'tool' || fate === 'taken') await install(world, 'pi');
  const id = await world.signIn(SERVICES[provider]);
  const due = (await world.engine.status()).accounts[0]?.renewsAt ?? 0;
  world.clock.advance(life === 'none' ? 9 * HOUR : due - world.clock.now());
  world.provider.setClock(world.clock.now() - Date.now());
  const road = new Road(world, each, await decide(each, world));
  return { world, road, running: new Running(world, id, road) };
}

/** What is done to the login before it is renewed. @returns what is done after a request. */
async function decide({ fate, provider }: Case, world: World): Promise<() => Promise<void>> {
  const [token = ''] = activeTokens(world);
  const renew = async () => (await rawRefresh(world.provider, provider, token)).json();
  if (fate === 'revoked') world.provider.revokeFamily(provider, token);
  if (fate === 'spent') await renew();
  if (fate !== 'taken') return async () => {};
  // Else both of them would be signed out for it.
  world.provider.setForgiving(true);
  const tokens = (await renew()) as RawTokens;
  return () => putThere(world, 'pi', provider, tokens);
}

type Stage = Awaited<ReturnType<typeof stage>>;

/** What is in the way goes, and it mends by itself, or somebody mends it. */
async function mend({ mended, provider }: Case, { world, road, running }: Stage): Promise<void> {
  const { machine } = running;
  const { length } = road.requests;
  road.clear = true;
  if (mended === 'time') {
    const next = (await running.view())?.renewsAt ?? 0;
    await machine.run(next - world.clock.now() + BEAT);
    expect(road.requests).toHaveLength(length + 1);
    expect(road.requests.at(-1)).toBeGreaterThanOrEqual(next);
    return;
  }
  if (mended === 'person') {
    await machine.run(2 * FULL_LOOK);
    expect(road.requests).toHaveLength(length);
    await world.signIn(SERVICES[provider]);
  } else {
    await putThere(world, 'pi', provider, await rawSignIn(world.provider, provider));
  }
  await machine.run(FULL_LOOK);
  expect(road.requests).toHaveLength(length);
}

/** All cases; otherwise three of five of each kind. */
const LONG = process.env.AUTHBAR_LONG === '1';

describe.each(Object.entries(CASES))('a renewal %s', (_, cases) => {
  test.each(cases.filter((_each, at) => LONG || at % 5 < 3))(
    'of $provider, with $life life: $name',
    async (each) => {
      const setting = await stage(each);
      const { world, road, running } = setting;
      const before = await running.tokens();

      const from = world.clock.now();
      await running.start();
      const to = world.clock.now();
      const { state, code, renewsAt } = (await running.view()) ?? {};
      expect([state, code]).toEqual([each.state, each.code]);
      expect(road.requests).toHaveLength(each.requests);
      if (each.again) {
        const [least, most] = each.again;
        expect(renewsAt).toBeGreaterThanOrEqual(from + least);
        expect(renewsAt).toBeLessThanOrEqual(to + most);
      } else {
        expect(renewsAt).toBeNull();
      }
      const { access, refresh } = await running.tokens();
      expect(refresh === before.refresh).toBe(each.kept);
      expect(access === before.access).toBe(each.state !== 'signed-in');
      if (each.life !== 'none') {
        // Whatever the end: it is handed out until it runs out.
        const handedOut = await world.engine.token(SERVICES[each.provider], 0);
        expect(handedOut.accessToken).toBe(access);
      }

      await running.machine.run(each.grace ?? 2 * MINUTE);
      expect(running.shown).toEqual(noted(each.notice));
      expect(await running.told()).toEqual(each.told);

      await mend(each, setting);
      expect(await running.view()).toMatchObject({ state: 'signed-in', code: null });
      expect(running.shown).toEqual(noted(each.notice, each.relief));
      // A warning that is not so any more is taken back.
      expect([...running.open.values()]).toEqual(noted(each.relief));
      expect(await running.told()).toEqual(each.toldAfter);
    },
  );
});

function noted(...kinds: readonly (NoticeKind | null)[]): NoticeKind[] {
  return kinds.filter((kind) => kind !== null);
}
