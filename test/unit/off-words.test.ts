import { homedir } from 'node:os';
import { expect, test } from 'vitest';
import { tilde } from '../../src/cli/output.ts';
import { linesOfOff } from '../../src/cli/target-words.ts';
import type { Withdrawal } from '../../src/core/targets/withdraw.ts';
import type { ErrorCode } from '../../src/shared/errors.ts';

const FROM_NOW_ON = '  Nothing is written there from now on.';

function withdrawal(result: Withdrawal['result'], code: ErrorCode | null = null): Withdrawal {
  return { target: 'pi', name: 'Pi', path: `${homedir()}/.pi/agent/auth.json`, result, code };
}

test.each<[string, Withdrawal[], string[]]>([
  ['two logins', [withdrawal('removed'), withdrawal('removed')], ['  Your logins were taken out.']],
  ['one of two', [withdrawal('absent'), withdrawal('removed')], ['  Your login was taken out.']],
  ['none', [], ['  No login from here was in it.']],
  ['none of ours', [withdrawal('absent')], ['  No login from here was in it.']],
  [
    'one, beside somebody else’s',
    [withdrawal('kept'), withdrawal('removed')],
    ['  Your login was taken out.', '  Left alone: a login that is not from here.'],
  ],
  [
    'what can’t be read',
    [withdrawal('kept', 'tool-file-damaged')],
    ['  Left alone: it can’t be read.'],
  ],
])('a tool that is off had %s', (_, withdrawals, lines) => {
  expect(linesOfOff(withdrawals)).toEqual([...lines, FROM_NOW_ON]);
});

test('a tool whose login could not be taken out is not said to be without one', () => {
  const [still, step, ...more] = linesOfOff([withdrawal('failed', 'tool-file-protected')]);
  expect(still).toMatch(
    /^ {2}Still in ~\/\.pi\/agent\/auth\.json \(Pi\)\. Pi’s file is protected\./,
  );
  expect(step).toContain('Look at who may write ~/.pi/agent/auth.json, then try again.');
  expect(more).toEqual([]);
});

test.each([
  ['/home/anna/.codex/auth.json', '~/.codex/auth.json'],
  ['Look at /home/anna/a, “/home/anna/b” and `/home/anna/c`.', 'Look at ~/a, “~/b” and `~/c`.'],
  ['/home/annabel/x', '/home/annabel/x'],
  ['/mnt/home/anna/x', '/mnt/home/anna/x'],
  ['/home/anna', '/home/anna'],
])('for people %s is %s', (text, shown) => {
  expect(tilde(text, '/home/anna')).toBe(shown);
  expect(tilde(text, '/')).toBe(text);
});
