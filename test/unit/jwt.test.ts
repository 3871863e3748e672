import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { jwtExpiry, readClaims } from '../../src/core/oauth/jwt.ts';

const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
const jwt = (claims: unknown) => `${part({ alg: 'RS256' })}.${part(claims)}.c2ln`;

describe('the claims of a token', () => {
  it('are read, whatever their alphabet', () => {
    expect(readClaims(jwt({ sub: 'jö~?>', n: 1 }))).toEqual({ sub: 'jö~?>', n: 1 });
  });

  it('are read where nothing is signed', () => {
    expect(readClaims(`${part({ alg: 'none' })}.${part({ a: 1 })}.`)).toEqual({ a: 1 });
  });

  it.each([
    ['an opaque token', 'sk-ant-oat01-abc'],
    ['nothing', ''],
    ['two parts', `${part({})}.${part({})}`],
    ['four parts', `${jwt({})}.x`],
    ['dots', '..'],
    ['another alphabet', `e30.${Buffer.from('{"a":"~~?"}').toString('base64')}=.x`],
    ['half a JSON', `e30.${Buffer.from('{"a":').toString('base64url')}.x`],
    ['a list', jwt([])],
    ['null', jwt(null)],
    ['a string', jwt('exp')],
    ['more than a token may be', jwt({ pad: 'x'.repeat(16 * 1024) })],
  ])('are none in %s', (_, token) => {
    expect(readClaims(token)).toBeNull();
    expect(jwtExpiry(token)).toBeNull();
  });

  it('never throw', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect([null, 'object']).toContain(readClaims(text) && typeof readClaims(text));
      }),
    );
    fc.assert(
      fc.property(fc.jsonValue(), (claims) => {
        expect(jwtExpiry(jwt(claims)) ?? 1).toBeGreaterThan(0);
      }),
    );
  });
});

describe("a token's expiry", () => {
  it.each([
    [1_900_000_000, 1_900_000_000],
    [1.5, 1.5],
    [0, null],
    [-1, null],
    ['1900000000', null],
    [null, null],
    [undefined, null],
  ])('of %j is %j', (exp, expected) => {
    expect(jwtExpiry(jwt({ exp }))).toBe(expected);
  });
});
