import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Grant } from '../../src/core/grant.ts';
import { isKnown, NO_NOTE, relate } from '../../src/core/targets/lineage.ts';
import type { Bundle, Held } from '../../src/core/targets/target.ts';
import {
  EMPTY_LEDGER,
  hashToken,
  type Ledger,
  RING_SIZE,
  type TargetNote,
  withGrant,
} from '../../src/core/vault/ledger.ts';

function grant(n: number | string): Grant {
  return {
    id: `grant-${n}`,
    parent: null,
    origin: 'https://example.com',
    accessToken: `access-${n}`,
    refreshToken: `refresh-${n}`,
    idToken: null,
    expiresAt: 0,
    life: 1,
    obtainedAt: 0,
    scopes: [],
  };
}

function bundleOf({
  accessToken,
  refreshToken,
}: Pick<Grant, 'accessToken' | 'refreshToken'>): Bundle {
  return { accessToken, refreshToken, idToken: null, expiresAt: null, owner: null };
}

function holding(bundle: Bundle): Held {
  return { kind: 'bundle', bundle };
}

function noteOf({ id, accessToken, refreshToken }: Grant): TargetNote {
  const refresh = refreshToken && hashToken(refreshToken);
  return { ...NO_NOTE, grantId: id, access: hashToken(accessToken), refresh, writtenAt: 0 };
}

/** What is known after these grants followed each other. */
function ledgerOf(...grants: Grant[]): Ledger {
  return grants.reduce(withGrant, EMPTY_LEDGER);
}

const [first, second] = [grant(1), grant(2)];
const ledger = ledgerOf(first, second);
const theirs = holding(bundleOf(grant('theirs')));

describe('what a target holds', () => {
  test.each([
    ['in step', holding(bundleOf(second)), noteOf(second), 'in-step'],
    [
      'in step, in its form without a refresh token',
      holding({ ...bundleOf(second), refreshToken: null }),
      noteOf(second),
      'in-step',
    ],
    ['older', holding(bundleOf(first)), noteOf(first), 'older'],
    ['older, though we wrote the newer one', holding(bundleOf(first)), noteOf(second), 'older'],
    ['nothing, and it never had ours', { kind: 'nothing' }, NO_NOTE, 'empty'],
    ['nothing any more', { kind: 'nothing' }, noteOf(second), 'gone'],
    ['renewed there', theirs, noteOf(second), 'renewed-there'],
    ['in conflict', theirs, noteOf(first), 'conflict'],
    ['foreign', theirs, NO_NOTE, 'foreign'],
    [
      'half ours: an unknown token makes it news',
      holding({ ...bundleOf(second), refreshToken: 'unknown' }),
      noteOf(second),
      'renewed-there',
    ],
    ['being written', { kind: 'being-written' }, noteOf(second), 'being-written'],
    ['an API key', { kind: 'api-key' }, noteOf(second), 'api-key'],
    ['unreadable', { kind: 'unreadable', code: 'tool-file-damaged' }, noteOf(second), 'unreadable'],
  ] as const)('is %s', (_, held, note, relation) => {
    expect(relate(held, second, ledger, note)).toBe(relation);
  });
});

const history = fc.integer({ min: 2, max: RING_SIZE / 2 });

test('an older grant of ours is never taken for a renewal, whatever was noted', () => {
  fc.assert(
    fc.property(history, fc.nat(), fc.nat(), fc.boolean(), (length, old, noted, whole) => {
      const grants = Array.from({ length }, (_, n) => grant(n));
      const current = grants.at(-1) ?? grant(0);
      const older = grants[old % (length - 1)] ?? current;
      const note = noteOf(grants[noted % length] ?? current);
      const bundle = bundleOf(older);
      const held = holding(whole ? bundle : { ...bundle, refreshToken: null });
      expect(relate(held, current, ledgerOf(...grants), note)).toBe('older');
      expect(relate(held, current, ledgerOf(...grants))).toBe('older');
    }),
  );
});

test('unknown tokens are never taken for ours', () => {
  fc.assert(
    fc.property(history, fc.string({ minLength: 1 }), (length, token) => {
      const grants = Array.from({ length }, (_, n) => grant(n));
      const held = holding(bundleOf({ accessToken: `x${token}`, refreshToken: null }));
      const relation = relate(held, grants.at(-1) ?? null, ledgerOf(...grants), NO_NOTE);
      expect(relation).toBe('foreign');
    }),
  );
});

describe('the ring', () => {
  test('holds the last tokens, each once, the newest last', () => {
    const grants = Array.from({ length: RING_SIZE }, (_, n) => grant(n));
    const { ring } = ledgerOf(...grants, ...grants.slice(-1));
    expect(ring).toHaveLength(RING_SIZE);
    expect(new Set(ring).size).toBe(RING_SIZE);
    expect(ring.at(-1)).toBe(hashToken(`refresh-${RING_SIZE - 1}`));
    expect(ring[0]).toBe(hashToken(`access-${RING_SIZE / 2}`));
  });

  test('forgets in the end, and what is noted is known all the same', () => {
    const grants = Array.from({ length: RING_SIZE }, (_, n) => grant(n));
    const known = ledgerOf(...grants);
    expect(isKnown(bundleOf(grant(0)), known)).toBe(false);
    expect(isKnown(bundleOf(grant(0)), known, noteOf(grant(0)))).toBe(true);
  });

  test('of a new grant voids what was said about the old one', () => {
    const intent = { at: 0, token: 'x', grantId: first.id, retried: true };
    const trouble = {
      end: 'over' as const,
      code: 'login-ended' as const,
      providerCode: null,
      grantId: first.id,
      since: 0,
      attempts: 1,
      retryAt: null,
      asked: false,
    };
    const before = { ...ledgerOf(first), intent, trouble };
    expect(withGrant(before, first)).toMatchObject({ intent, trouble });
    expect(withGrant(before, second)).toMatchObject({ intent: null, trouble: null });
  });
});
