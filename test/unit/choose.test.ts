import { describe, expect, test } from 'vitest';
import { accountNamed, accountsNamed } from '../../src/core/choose.ts';
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
    expect(error).toMatchObject({ code: 'several-logins' });
    const { hint = '' } = asAppError(error).details;
    const names = hint.replace(/^Choose one of: |\.$/g, '').split(', ');
    expect(names).toHaveLength(2);
    for (const name of names) expect(ids(name)).toHaveLength(1);
  });

  test('with a name that nobody can type is named by its id', () => {
    const odd = [
      account('dddd111122223333', 'openai', 'x\u202e@example.com'),
      account('eeee111122223333', 'openai', null),
    ];
    const error = asAppError(failure(() => accountNamed(odd, 'chatgpt', providers)));
    expect(error.details.hint).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    expect(error.details.hint).toContain('eeee111122223333');
  });
});
