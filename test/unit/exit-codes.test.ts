import { describe, expect, test } from 'vitest';
import { exitCodeOf, gravestOf } from '../../src/cli/exit-codes.ts';
import { ERROR_CODES, type ErrorCode } from '../../src/shared/errors.ts';

describe('exit codes', () => {
  test('every failure has one of the documented codes, and none is success', () => {
    for (const code of ERROR_CODES) expect([1, 2, 3, 4, 5, 6, 7, 130]).toContain(exitCodeOf(code));
  });

  test.each<[ErrorCode, number]>([
    ['unexpected', 1],
    ['wrong-use', 2],
    ['several-logins', 2],
    ['no-such-login', 3],
    ['login-ended', 3],
    ['unreachable', 4],
    ['engine-running', 4],
    ['keychain-locked', 5],
    ['keyring-missing', 5],
    ['storage-choice', 5],
    ['sign-out-unfinished', 6],
    ['sign-in-stopped', 7],
    ['sign-in-timeout', 7],
    ['interrupted', 130],
  ])('%s is %i', (code, exit) => {
    expect(exitCodeOf(code)).toBe(exit);
  });

  test('of several failures the one that a person has to mend is told', () => {
    expect(gravestOf([])).toBe(0);
    expect(gravestOf(['unreachable', 'login-ended'])).toBe(3);
    expect(gravestOf(['login-ended', 'keychain-locked'])).toBe(5);
    expect(gravestOf(['unreachable', 'unexpected'])).toBe(1);
  });
});
