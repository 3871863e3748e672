import fc from 'fast-check';
import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import { nextNotices } from '../../src/core/notice-rules.ts';
import {
  NOTHING_TOLD,
  type NoticeInput,
  type NoticeState,
  NoticeStateSchema,
  type WatchedAccount,
} from '../../src/core/notice-state.ts';
import type { AccountState, AccountView } from '../../src/shared/account-view.ts';
import type { ErrorCode } from '../../src/shared/errors.ts';
import type { Notice, NoticeKind } from '../../src/shared/notice.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const NOW = Date.parse('2025-10-12T09:00:00Z');

type State = readonly [AccountState, ErrorCode | null];
const WELL: State = ['signed-in', null];
const LATE: State = ['late', 'unreachable'];
const WAITING: State = ['waiting', 'unreachable'];
const ENDED: State = ['sign-in-again', 'login-ended'];
const PAUSED: State = ['paused', 'account-paused'];
const LOCKED: State = ['locked', 'keychain-locked'];
const LEAVING: State = ['sign-in-again', 'sign-out-unfinished'];

/** A machine on which time passes and logins fare as they are told to, and all that a person sees of it. */
class Machine {
  now = NOW;
  state: NoticeState = NOTHING_TOLD;
  unlocked = true;
  awakeSince = NOW - HOUR;
  signingIn = false;
  callAt: number | null = null;
  readonly shown: Notice[] = [];
  /** What is on the screen, by id. */
  readonly open = new Map<string, Notice>();
  readonly #accounts = new Map<string, WatchedAccount>();

  constructor(...ids: readonly string[]) {
    for (const id of ids) this.set(id, WELL);
  }

  set(id: string, [state, code]: State, more: Partial<WatchedAccount & AccountView> = {}): this {
    const before = this.#accounts.get(id);
    const view: AccountView = {
      id,
      provider: 'anthropic',
      email: null,
      workspace: null,
      plan: null,
      name: null,
      inUse: true,
      expiresAt: before?.view.expiresAt ?? this.now + 8 * HOUR,
      renewedAt: null,
      renewsAt: null,
      signInBy: null,
      ...more,
      state,
      code,
    };
    const { signedInAt = before?.signedInAt ?? NOW - HOUR, tools = ['pi'], owed = [] } = more;
    this.#accounts.set(id, { view, signedInAt, tools, owed });
    return this;
  }

  remove(id: string): this {
    this.#accounts.delete(id);
    return this;
  }

  owe(id: string, target: string, code: ErrorCode, since = this.now): this {
    return this.set(id, WELL, { owed: [{ target, code, since }] });
  }

  /** The person signs in, here or in another process of ours. */
  signIn(id: string): this {
    return this.set(id, WELL, { signedInAt: this.now });
  }

  /** Looks. @returns the kinds that were shown. */
  look(after = 0): NoticeKind[] {
    this.now += after;
    const input: NoticeInput = {
      now: this.now,
      accounts: [...this.#accounts.values()],
      presence: { unlocked: this.unlocked, awakeSince: this.awakeSince },
      signingIn: this.signingIn,
    };
    const { state, show, remove, callAt } = nextNotices(this.state, input);
    // As a restart would have it.
    this.state = JSON.parse(JSON.stringify(state));
    this.callAt = callAt;
    for (const id of remove) this.open.delete(id);
    for (const notice of show) this.open.set(notice.id, notice);
    this.shown.push(...show);
    return show.map(({ kind }) => kind);
  }

  /** Looks every half minute. @returns the kinds that were shown meanwhile. */
  pass(ms: number): NoticeKind[] {
    const before = this.shown.length;
    for (const end = this.now + ms; this.now < end; ) {
      this.look(Math.min(30 * SECOND, end - this.now));
    }
    return this.shown.slice(before).map(({ kind }) => kind);
  }

  get screen(): NoticeKind[] {
    return [...this.open.values()].map(({ kind }) => kind);
  }
}

describe('a login that ends', () => {
  test('is told once, a minute later, and stays on the screen until it is mended', () => {
    const machine = new Machine('a').set('a', ENDED);
    expect(machine.look()).toEqual([]);
    expect(machine.callAt).toBe(NOW + MINUTE);
    expect(machine.look(59 * SECOND)).toEqual([]);
    expect(machine.look(SECOND)).toEqual(['login-ended']);
    expect(machine.shown[0]).toMatchObject({
      accounts: ['a'],
      code: 'login-ended',
      tools: ['pi'],
      target: null,
    });
    expect(machine.pass(24 * HOUR)).toEqual([]);
    expect(machine.screen).toEqual(['login-ended']);
  });

  test('and is adopted within the minute was none', () => {
    const machine = new Machine('a').set('a', ENDED);
    machine.look();
    machine.set('a', WELL).look(40 * SECOND);
    expect(machine.pass(HOUR)).toEqual([]);
  });

  test('and heals by itself after the warning is told once more, in its place', () => {
    const machine = new Machine('a').set('a', ENDED);
    machine.pass(2 * MINUTE);
    machine.set('a', WELL);
    expect(machine.pass(HOUR)).toEqual(['works-again']);
    expect(machine.shown[1]?.id).toBe(machine.shown[0]?.id);
    expect(machine.screen).toEqual(['works-again']);
  });

  test('and is waiting or locked in between was not mended, and is not told again', () => {
    const machine = new Machine('a').set('a', ENDED);
    machine.pass(2 * MINUTE);
    for (const state of [WAITING, ENDED, LOCKED, ENDED]) {
      machine.set('a', state);
      expect(machine.pass(10 * MINUTE)).toEqual([]);
      expect(machine.screen).toEqual(['login-ended']);
    }
  });

  test.each([
    ['while the notice is there', 2 * MINUTE],
    ['before it was due', 30 * SECOND],
  ])('is not told of after the person signed in %s', (_, after) => {
    const machine = new Machine('a').set('a', ENDED);
    machine.pass(after);
    machine.signingIn = true;
    const before = machine.shown.length;
    machine.pass(2 * MINUTE);
    machine.signIn('a');
    machine.look();
    machine.signingIn = false;
    machine.pass(HOUR);
    expect(machine.shown).toHaveLength(before);
    expect(machine.screen).toEqual([]);
  });

  test('after a sign-in is a loss of its own', () => {
    const machine = new Machine('a').set('a', ENDED);
    machine.pass(2 * MINUTE);
    machine.signIn('a').look();
    machine.set('a', ENDED);
    expect(machine.pass(2 * MINUTE)).toEqual(['login-ended']);
  });

  test('is taken back when the person signs out', () => {
    const machine = new Machine('a', 'b').set('a', ENDED).set('b', ENDED);
    machine.pass(2 * MINUTE);
    expect(machine.screen).toEqual(['several-ended']);
    machine.set('a', LEAVING).remove('b').look();
    expect(machine.screen).toEqual([]);
    expect(machine.pass(HOUR)).toEqual([]);
  });

  test('is told after a clock was set back', () => {
    const machine = new Machine('a').set('a', ENDED);
    machine.look();
    machine.now -= 24 * HOUR;
    machine.awakeSince = machine.now - HOUR;
    expect(machine.pass(2 * MINUTE)).toEqual(['login-ended']);
  });
});

describe('several logins that end', () => {
  test('at once are one notice', () => {
    const machine = new Machine('a', 'b', 'c').set('a', ENDED).set('b', ENDED);
    expect(machine.pass(2 * MINUTE)).toEqual(['several-ended']);
    expect(machine.shown[0]?.accounts).toEqual(['a', 'b']);
  });

  test('within a minute take the place of the first one’s own', () => {
    const machine = new Machine('a', 'b').set('a', ENDED);
    machine.look();
    machine.set('b', ENDED).look(40 * SECOND);
    expect(machine.look(20 * SECOND)).toEqual(['login-ended']);
    expect(machine.look(40 * SECOND)).toEqual(['several-ended']);
    expect(machine.screen).toEqual(['several-ended']);
  });

  test('an hour apart are told one by one', () => {
    const machine = new Machine('a', 'b').set('a', ENDED);
    machine.pass(HOUR);
    machine.set('b', ENDED);
    machine.pass(HOUR);
    expect(machine.screen).toEqual(['login-ended', 'login-ended']);
    expect(new Set(machine.shown.map(({ id }) => id)).size).toBe(2);
  });

  test('are on the screen until none of them needs the person', () => {
    const machine = new Machine('a', 'b').set('a', ENDED).set('b', ENDED);
    machine.pass(2 * MINUTE);
    machine.signIn('a');
    expect(machine.pass(HOUR)).toEqual([]);
    expect(machine.screen).toEqual(['several-ended']);
    machine.set('b', WELL);
    expect(machine.pass(HOUR)).toEqual(['works-again']);
    expect(machine.screen).toEqual(['works-again']);
  });
});

describe('what is never told', () => {
  test.each([
    ['an outage of five minutes', [LATE], 5 * MINUTE],
    ['one of a day', [LATE, WAITING], 12 * HOUR],
    ['being offline', [['waiting', 'offline']], HOUR],
    ['a busy service', [['late', 'asked-to-wait'], WAITING], HOUR],
    ['a sign-out that is not finished', [LEAVING], HOUR],
    ['a pause that nobody notices yet', [PAUSED], HOUR],
    ['a keychain that is locked for a while', [LOCKED], 2 * HOUR],
  ] as const)('%s', (_, states, ms) => {
    const machine = new Machine('a', 'b');
    for (const state of states) {
      machine.set('a', state);
      expect(machine.pass(ms)).toEqual([]);
    }
    machine.set('a', WELL);
    expect(machine.pass(HOUR)).toEqual([]);
    expect(machine.state).toEqual(NOTHING_TOLD);
  });
});

describe('an account that the service has paused', () => {
  test('is told once, when something stops', () => {
    const machine = new Machine('a').set('a', PAUSED, { expiresAt: NOW + HOUR });
    machine.look();
    expect(machine.callAt).toBe(NOW + HOUR);
    expect(machine.look(HOUR)).toEqual(['account-paused']);
    // A try that did not get through does not mend it.
    machine.set('a', WAITING).look(HOUR);
    machine.set('a', PAUSED);
    expect(machine.pass(24 * HOUR)).toEqual([]);
    machine.set('a', WELL);
    expect(machine.look()).toEqual(['works-again']);
  });
});

describe('a locked keychain', () => {
  test('is told once, half an hour before the first login lapses', () => {
    const machine = new Machine('a', 'b')
      .set('a', LOCKED, { expiresAt: NOW + 3 * HOUR })
      .set('b', LOCKED, { expiresAt: NOW + 2 * HOUR });
    machine.look();
    expect(machine.callAt).toBe(NOW + 1.5 * HOUR);
    expect(machine.look(1.5 * HOUR)).toEqual(['keychain-locked']);
    expect(machine.shown[0]?.accounts).toEqual(['b']);
    expect(machine.pass(24 * HOUR)).toEqual([]);
  });

  test('that the person unlocks in time has stopped nothing', () => {
    const machine = new Machine('a').set('a', LOCKED, { expiresAt: NOW + 20 * MINUTE });
    expect(machine.look()).toEqual(['keychain-locked']);
    machine.set('a', WELL);
    expect(machine.pass(HOUR)).toEqual([]);
    expect(machine.screen).toEqual([]);
  });

  test('through which a login lapsed is told to be over once that works again', () => {
    const machine = new Machine('a').set('a', LOCKED, { expiresAt: NOW + 20 * MINUTE });
    machine.pass(HOUR);
    machine.set('a', WAITING).look();
    expect(machine.screen).toEqual([]);
    machine.set('a', WELL);
    expect(machine.pass(HOUR)).toEqual(['works-again']);
  });

  test('is not what another refusal is', () => {
    const machine = new Machine('a').set('a', ['locked', 'keychain-refused'], { expiresAt: NOW });
    expect(machine.pass(HOUR)).toEqual([]);
  });
});

describe('a tool that does not get its login', () => {
  test('is told after ten minutes, once for each cause', () => {
    const machine = new Machine('a').owe('a', 'codex', 'tool-busy');
    machine.look();
    expect(machine.callAt).toBe(NOW + 10 * MINUTE);
    expect(machine.pass(HOUR)).toEqual(['tool-not-written']);
    expect(machine.shown[0]).toMatchObject({ target: 'codex', code: 'tool-busy', accounts: ['a'] });
    machine.owe('a', 'codex', 'tool-file-protected');
    expect(machine.pass(HOUR)).toEqual(['tool-not-written']);
    machine.owe('a', 'codex', 'tool-busy');
    expect(machine.pass(HOUR)).toEqual([]);
    expect(machine.screen).toEqual(['tool-not-written']);
    machine.set('a', WELL).look();
    expect(machine.screen).toEqual([]);
  });

  test('is one notice for two logins', () => {
    const machine = new Machine('a', 'b').owe('a', 'pi', 'disk-full').owe('b', 'pi', 'disk-full');
    expect(machine.pass(HOUR)).toEqual(['tool-not-written']);
    expect(machine.shown[0]?.accounts).toEqual(['a', 'b']);
  });

  test('is not told for nine minutes, nor where another account is in it', () => {
    const machine = new Machine('a', 'b').owe('b', 'pi', 'tool-other-account');
    machine.owe('a', 'codex', 'tool-busy').pass(9 * MINUTE);
    machine.set('a', WELL);
    expect(machine.pass(HOUR)).toEqual([]);
    expect(machine.shown).toEqual([]);
  });
});

describe('a person who is not there', () => {
  const away: readonly (readonly [
    string,
    (machine: Machine) => void,
    (machine: Machine) => void,
  ])[] = [
    [
      'whose screen is locked',
      (machine) => {
        machine.unlocked = false;
      },
      (machine) => {
        machine.unlocked = true;
      },
    ],
    [
      'who is signing in',
      (machine) => {
        machine.signingIn = true;
      },
      (machine) => {
        machine.signingIn = false;
      },
    ],
  ];

  test.each(away)('%s is told when they are back, if it is still so', (_, leave, comeBack) => {
    const machine = new Machine('a', 'b').set('a', ENDED).set('b', ENDED);
    machine.owe('c', 'pi', 'tool-busy');
    leave(machine);
    expect(machine.pass(HOUR)).toEqual([]);
    machine.set('b', WELL);
    expect(machine.look()).toEqual([]);
    comeBack(machine);
    expect(machine.look()).toEqual(['login-ended', 'tool-not-written']);
  });

  test('whose machine just woke has half a minute', () => {
    const machine = new Machine('a').set('a', ENDED);
    machine.look();
    machine.now += 9 * HOUR;
    machine.awakeSince = machine.now;
    expect(machine.look()).toEqual([]);
    expect(machine.callAt).toBe(machine.awakeSince + 30 * SECOND);
    expect(machine.look(30 * SECOND)).toEqual(['login-ended']);
  });

  test('hears of a recovery when they are back, and of none that did not last', () => {
    const machine = new Machine('a', 'b').set('a', ENDED).set('b', PAUSED, { expiresAt: NOW });
    machine.pass(2 * MINUTE);
    machine.unlocked = false;
    machine.set('a', WELL).set('b', WELL).look();
    expect(machine.screen).toEqual([]);
    machine.set('b', ENDED).look();
    machine.unlocked = true;
    expect(machine.look()).toEqual(['works-again']);
    expect(machine.look(MINUTE)).toEqual(['login-ended']);
  });
});

describe('whatever happens', () => {
  const state = fc.constantFrom(WELL, LATE, WAITING, ENDED, PAUSED, LOCKED, LEAVING);
  const event = fc.record({
    account: fc.constantFrom('a', 'b', 'c'),
    what: fc.oneof(
      { weight: 5, arbitrary: state },
      { weight: 1, arbitrary: fc.constant('sign-in' as const) },
      { weight: 1, arbitrary: fc.constant('remove' as const) },
    ),
    pass: fc.integer({ min: 1, max: 400 }).map((seconds) => seconds * SECOND),
    unlocked: fc.boolean(),
    signingIn: fc.boolean(),
    wakes: fc.boolean(),
  });
  type Event = typeof event extends fc.Arbitrary<infer T> ? T : never;

  function apply(machine: Machine, { account, what, ...rest }: Event): void {
    if (rest.wakes) machine.awakeSince = machine.now;
    machine.unlocked = rest.unlocked;
    machine.signingIn = rest.signingIn;
    if (what === 'sign-in') machine.signIn(account);
    else if (what === 'remove') machine.remove(account);
    else machine.set(account, what, { expiresAt: NOW + HOUR });
  }

  test('no transition is told twice, and nothing to somebody who is not there', () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 60 }), (events) => {
        const machine = new Machine('a', 'b', 'c');
        /** By account: how often it stopped, and how often that was news. */
        const stops = new Map<string, number>();
        const told = new Map<string, number>();
        const last = new Map<string, unknown>();
        const warned = new Set<string>();
        const count = (map: Map<string, number>, id: string) => map.set(id, (map.get(id) ?? 0) + 1);
        for (const each of events) {
          const { account, what } = each;
          apply(machine, each);
          if ((what === ENDED || what === PAUSED) && last.get(account) !== what) {
            count(stops, account);
          }
          last.set(account, what);
          for (const after of [0, each.pass]) {
            const shown = machine.shown.length;
            machine.look(after);
            const news = machine.shown.slice(shown);
            const there =
              each.unlocked && !each.signingIn && machine.now - machine.awakeSince >= 30 * SECOND;
            expect(there || news.length === 0).toBe(true);
            expect(new Set(news.map(({ id }) => id)).size).toBe(news.length);
            for (const { kind, accounts } of news) {
              for (const id of kind === 'keychain-locked' ? ['a', 'b', 'c'] : accounts) {
                if (kind === 'login-ended' || kind === 'account-paused') count(told, id);
                // A recovery follows a warning, and each warning once.
                if (kind === 'works-again') expect(warned.delete(id)).toBe(true);
                else warned.add(id);
              }
            }
          }
        }
        for (const [id, times] of told) expect(times).toBeLessThanOrEqual(stops.get(id) ?? 0);
      }),
      { numRuns: 300 },
    );
  });

  test('once all is well and the person is there, nothing but good news is left', () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 40 }), (events) => {
        const machine = new Machine('a', 'b', 'c');
        for (const each of events) {
          apply(machine, each);
          machine.look(each.pass);
        }
        machine.unlocked = true;
        machine.signingIn = false;
        for (const id of ['a', 'b', 'c']) machine.set(id, WELL);
        machine.pass(2 * MINUTE);
        const rest = machine.screen.filter((kind) => kind !== 'works-again');
        expect(rest).toEqual([]);
        expect(machine.state).toEqual(NOTHING_TOLD);
        expect(machine.callAt).toBeNull();
      }),
      { numRuns: 300 },
    );
  });

  test('looking only when it is asked to shows the same as looking all the time', () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 30 }), (events) => {
        const patient = new Machine('a', 'b', 'c');
        const eager = new Machine('a', 'b', 'c');
        for (const each of events) {
          for (const machine of [patient, eager]) {
            apply(machine, each);
            machine.look();
          }
          const end = eager.now + each.pass;
          while (eager.now < end) eager.look(Math.min(SECOND, end - eager.now));
          while (patient.callAt !== null && patient.callAt <= end) {
            patient.look(patient.callAt - patient.now);
          }
          patient.look(end - patient.now);
        }
        expect(patient.shown.map(({ kind }) => kind)).toEqual(eager.shown.map(({ kind }) => kind));
      }),
      { numRuns: 100 },
    );
  });
});

test('what a newer program told of a cause that this one does not know is kept', () => {
  const kept = { ...NOTHING_TOLD, keychain: true, tools: { pi: ['a-new-cause', 'disk-full'] } };
  expect(v.parse(NoticeStateSchema, kept)).toEqual(kept);
});
