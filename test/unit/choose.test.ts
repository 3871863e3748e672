import { describe, expect, test } from 'vitest';
import { accountNamed, accountsNamed, soleName } from '../../src/core/choose.ts';
import { createProviders } from '../../src/core/providers/index.ts';
import { asAppError } from '../../src/shared/errors.ts';

const providers = createProviders();

function account(id: string, provider: string, email: string | null, more: object = {}) {
  return { id, provider, email, workspace: null, name: null, inUse: false, ...more };
}

const anna = account('aaaa111122223333', 'anthropic', 'anna@example.com', {
  workspace: 'Anna',
  inUse: true,
});
const annaAtWork = account('aaaa444455556666', 'anthropic', 'anna@example.com', {
  workspace: 'Works / Berlin',
});
const ben = account('bbbb111122223333', 'anthropic', 'ben@example.com');
const nameless = account('cccc111122223333', 'openai', null, { inUse: true });
const all = [anna, annaAtWork, ben, nameless];

function ids(name: string): string[] {
  return accountsNamed(all, name, providers).map(({ id }) => id);
}

function failure(work: () => unknown) {
  try {
    return work();
  } catch (error) {
    return asAppError(error);
  }
}

describe('a name', () => {
  test.each([
    ['anthropic', [anna, annaAtWork, ben]],
    ['claude', [anna, annaAtWork, ben]],
    ['Claude', [anna, annaAtWork, ben]],
    ['codex', [nameless]],
    ['claude:', [anna, annaAtWork, ben]],
    ['claude:ben@example.com', [ben]],
    ['claude:BEN@Example.com', [ben]],
    ['claude:anna@example.com', [anna, annaAtWork]],
    ['claude:anna@example.com/Anna', [anna]],
    ['claude:anna@example.com/Works / Berlin', [annaAtWork]],
    ['bbbb', [ben]],
    ['aaaa', [anna, annaAtWork]],
    ['cccc111122223333', [nameless]],
  ])('%s means these', (name, meant) => {
    expect(ids(name)).toEqual(meant.map(({ id }) => id));
  });

  test.each([
    ['gemini', 'wrong-use'],
    ['', 'wrong-use'],
    ['bbb', 'wrong-use'],
    ['claude:carl@example.com', 'no-such-login'],
    ['claude:anna@example.com/Elsewhere', 'no-such-login'],
    ['chatgpt:anna@example.com', 'no-such-login'],
  ])('%s is told as %s', (name, code) => {
    expect(failure(() => ids(name))).toMatchObject({ code });
  });
});

describe('one account', () => {
  test('of a bare provider is the one in use', () => {
    expect(accountNamed(all, 'claude', providers).id).toBe(anna.id);
    expect(accountNamed(all, 'bbbb1111', providers).id).toBe(ben.id);
    expect(accountNamed(all, 'claude:ben@example.com', providers).id).toBe(ben.id);
  });

  test('of a part of an id that two have is asked for', () => {
    const error = failure(() => accountNamed(all, 'aaaa', providers));
    expect(error).toMatchObject({ code: 'several-logins' });
  });

  test('of an address that two have is asked for, with names that tell them apart', () => {
    const error = failure(() => accountNamed(all, 'claude:anna@example.com', providers));
    expect(error).toMatchObject({
      code: 'several-logins',
      details: {
        asked: 'claude:anna@example.com',
        names: ['claude:anna@example.com/Anna', 'claude:anna@example.com/Works / Berlin'],
      },
    });
    const { names = [] } = asAppError(error).details;
    expect(names.map((name) => accountNamed(all, name, providers).id)).toEqual([
      anna.id,
      annaAtWork.id,
    ]);
  });

  test.each([
    [{}, 'claude:ben@example.com'],
    [{ email: 'anna@example.com' }, 'bbbb111122223333'],
    [{ email: 'anna@example.com', name: 'Home' }, 'claude:Home'],
    [
      { email: 'anna@example.com', name: 'Anna@example.com', workspace: 'Ben' },
      'claude:anna@example.com/Ben',
    ],
    [{ email: 'anna@example.com', name: 'a/b', workspace: 'Anna' }, 'bbbb111122223333'],
    [{ email: 'x\u202e@example.com' }, 'bbbb111122223333'],
    [{ email: null }, 'bbbb111122223333'],
  ])('with %o is called %s', (more, name) => {
    const third = { ...ben, ...more };
    const those = [anna, annaAtWork, third, nameless];
    expect(soleName(third, those, providers)).toBe(name);
    expect(accountNamed(those, name, providers)).toBe(third);
  });
});

describe('a name that nobody has', () => {
  test.each([
    [
      'claude:carl@example.com',
      'There is no login “claude:carl@example.com”; there are claude:anna@example.com/Anna, claude:anna@example.com/Works / Berlin and claude:ben@example.com.',
    ],
    ['chatgpt:x', 'There is no login “chatgpt:x”; there is cccc111122223333.'],
  ])('%s is told which ones there are', (name, hint) => {
    expect(failure(() => ids(name))).toMatchObject({ code: 'no-such-login', details: { hint } });
  });

  test('is told that nobody is signed in, where that is so', () => {
    const error = asAppError(failure(() => accountsNamed([anna], 'chatgpt:anna@x.org', providers)));
    expect(error).toMatchObject({ code: 'no-such-login', details: { service: 'ChatGPT' } });
    expect(error.details.hint).toBeUndefined();
  });

  test('is not repeated if it looks like a secret', () => {
    const name = 'claude:sk-ant-oat01-canaryCanary';
    expect(asAppError(failure(() => ids(name))).details.hint).not.toContain('canary');
  });
});
