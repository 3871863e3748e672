import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  KEY_BYTES,
  KEY_ID_BYTES,
  SEAL_OVERHEAD,
  seal,
  sealedKeyId,
  unseal,
  type VaultKey,
} from '../../src/core/vault/seal.ts';
import { AppError, asAppError } from '../../src/shared/errors.ts';

const OWNER = '0123456789abcdef';
/** Of the byte that tells the layout. */
const VERSION_AT = 7;

function newKey(): VaultKey {
  return { id: randomBytes(KEY_ID_BYTES).toString('hex'), bytes: randomBytes(KEY_BYTES) };
}

function refusal(key: VaultKey, bytes: Uint8Array, owner = OWNER): string {
  try {
    unseal(key, bytes, owner);
    return 'opened';
  } catch (error) {
    expect(error).toBeInstanceOf(AppError);
    return asAppError(error).code;
  }
}

const key = newKey();
const plain = fc.uint8Array({ maxLength: 300 });

describe('a seal', () => {
  test('gives back what went in, and nothing else is needed but the key and the owner', () => {
    fc.assert(
      fc.property(plain, fc.string(), (bytes, owner) => {
        const sealed = seal(key, bytes, owner);
        expect(sealed.length).toBe(bytes.length + SEAL_OVERHEAD);
        expect(sealedKeyId(sealed)).toBe(key.id);
        expect(unseal(key, sealed, owner)).toEqual(Buffer.from(bytes));
      }),
    );
  });

  test('with any one bit changed is refused', () => {
    fc.assert(
      fc.property(plain, fc.nat(), fc.nat(7), (bytes, at, bit) => {
        const sealed = seal(key, bytes, OWNER);
        const index = at % sealed.length;
        sealed[index] = (sealed[index] ?? 0) ^ (1 << bit);
        const codes = index === VERSION_AT ? ['newer-version', 'login-damaged'] : ['login-damaged'];
        expect(codes).toContain(refusal(key, sealed));
      }),
      { numRuns: 500 },
    );
  });

  test('cut short anywhere is refused', () => {
    const sealed = seal(key, randomBytes(100), OWNER);
    for (let end = 0; end < sealed.length; end++) {
      expect(refusal(key, sealed.subarray(0, end)), `${end} bytes`).toBe('login-damaged');
    }
  });

  test('with anything after it is whole: the room for it may have been larger', () => {
    fc.assert(
      fc.property(plain, plain, (bytes, rest) => {
        const sealed = Buffer.concat([seal(key, bytes, OWNER), rest]);
        expect(unseal(key, sealed, OWNER)).toEqual(Buffer.from(bytes));
      }),
    );
  });

  test('of another account, under another key, or of a newer layout is refused', () => {
    const sealed = seal(key, Buffer.from('login'), OWNER);
    expect(refusal(key, sealed, 'fedcba9876543210')).toBe('login-damaged');
    expect(refusal(newKey(), sealed)).toBe('login-damaged');
    expect(refusal({ ...newKey(), id: key.id }, sealed)).toBe('login-damaged');
    sealed[VERSION_AT] = 2;
    expect(refusal(key, sealed)).toBe('newer-version');
    expect(() => sealedKeyId(sealed)).toThrow('newer-version');
  });

  test('is another one each time', () => {
    const seals = Array.from({ length: 50 }, () =>
      seal(key, Buffer.from('x'), OWNER).toString('hex'),
    );
    expect(new Set(seals).size).toBe(50);
  });
});

test('what is no seal names no key and opens with none', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      expect(sealedKeyId(bytes)).toBeNull();
      expect(refusal(key, bytes)).toBe('login-damaged');
    }),
  );
});
