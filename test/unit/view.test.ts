import { describe, expect, test } from 'vitest';
import { EMPTY_LEDGER, type Ledger, type Trouble } from '../../src/core/vault/ledger.ts';
import { type Facts, type Situation, viewOf } from '../../src/core/vault/view.ts';

const NOW = 1_800_000_000_000;
const HOUR = 60 * 60_000;

const facts: Facts = {
  schema: 1,
  id: '0123456789abcdef',
  provider: 'anthropic',
  identity: {
    userId: 'u',
    email: 'anna@example.com',
    workspaceId: 'w',
    workspace: 'Anna',
    plan: 'max',
    tier: 'x',
  },
  addedAt: NOW - HOUR,
  signedInAt: NOW - HOUR,
  grant: { id: 'g', expiresAt: NOW + HOUR, life: 2 * HOUR, obtainedAt: NOW - HOUR },
};
const runOut: Facts = {
  ...facts,
  grant: { id: 'g', expiresAt: NOW - 1, life: HOUR, obtainedAt: NOW - HOUR },
};
const nothingYet: Facts = { ...facts, grant: null };
const usual: Situation = {
  now: NOW,
  vault: 'open',
  ownMachine: true,
  present: true,
  inUse: true,
  name: null,
};

function trouble(
  end: Trouble['end'],
  code: Trouble['code'],
  retryAt: number | null = NOW + 1,
): Ledger {
  const about = { providerCode: null, grantId: 'g', since: NOW, attempts: 1, asked: false };
  return { ...EMPTY_LEDGER, trouble: { ...about, end, code, retryAt } };
}

const intent = { at: NOW, token: 'h', grantId: 'g', retried: false };
const gone: Ledger = { ...EMPTY_LEDGER, tombstone: { at: NOW } };
const over = trouble('over', 'login-ended', null);
const lost = trouble('over', 'login-lost-in-flight', null);
const late = trouble('refused', 'asked-to-wait');

describe('the state of an account', () => {
  test.each([
    ['a login that works', facts, EMPTY_LEDGER, {}, 'signed-in', null],
    ['in the middle of a renewal', facts, { ...EMPTY_LEDGER, intent }, {}, 'late', null],
    ['not renewed yet, and working', facts, late, {}, 'late', 'asked-to-wait'],
    ['not renewed in time', runOut, late, {}, 'waiting', 'asked-to-wait'],
    ['run out while nobody looked', runOut, EMPTY_LEDGER, {}, 'waiting', null],
    ['without an access token', nothingYet, EMPTY_LEDGER, {}, 'waiting', null],
    ['ended by the service', facts, over, {}, 'sign-in-again', 'login-ended'],
    ['ended and run out', runOut, over, {}, 'sign-in-again', 'login-ended'],
    ['lost in flight, and working', facts, lost, {}, 'late', 'login-lost-in-flight'],
    ['lost in flight, and run out', runOut, lost, {}, 'sign-in-again', 'login-lost-in-flight'],
    ['on hold', facts, trouble('stuck', 'account-paused'), {}, 'paused', 'account-paused'],
    ['turned away', facts, trouble('stuck', 'service-refused'), {}, 'late', 'service-refused'],
    ['in a locked vault', facts, over, { vault: 'locked' }, 'locked', 'keychain-locked'],
    ['in a vault that was denied', facts, over, { vault: 'denied' }, 'locked', 'keychain-refused'],
    ['whose key is gone', facts, EMPTY_LEDGER, { vault: 'gone' }, 'sign-in-again', 'list-damaged'],
    ['in a vault that is gone', facts, over, { vault: 'unavailable' }, 'locked', 'storage-choice'],
    ['copied', facts, late, { ownMachine: false }, 'other-computer', 'other-computer'],
    [
      'whose file is gone',
      facts,
      EMPTY_LEDGER,
      { present: false },
      'sign-in-again',
      'login-damaged',
    ],
    ['half signed out', facts, gone, { ownMachine: false }, 'sign-in-again', 'sign-out-unfinished'],
  ] as const)('%s', (_, known, ledger, situation, state, code) => {
    const view = viewOf(known, ledger, { ...usual, ...situation });
    expect(view).toMatchObject({ state, code });
  });
});

describe('what is shown', () => {
  test('has no secret and all that is known', () => {
    const { renewsAt, ...view } = viewOf(facts, EMPTY_LEDGER, usual);
    expect(view).toEqual({
      id: facts.id,
      provider: 'anthropic',
      email: 'anna@example.com',
      workspace: 'Anna',
      plan: 'max',
      name: null,
      inUse: true,
      state: 'signed-in',
      code: null,
      expiresAt: NOW + HOUR,
      renewedAt: NOW - HOUR,
      signInBy: null,
    });
    expect(renewsAt).toBeGreaterThan(NOW);
    expect(renewsAt).toBeLessThanOrEqual(NOW + HOUR / 2);
  });

  test('of the next renewal is when it is tried again, or never', () => {
    expect(viewOf(facts, late, usual).renewsAt).toBe(NOW + 1);
    expect(viewOf(facts, over, usual).renewsAt).toBeNull();
    expect(viewOf(nothingYet, EMPTY_LEDGER, usual).renewsAt).toBe(facts.signedInAt);
  });
});
