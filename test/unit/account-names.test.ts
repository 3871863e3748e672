import { describe, expect, test } from 'vitest';
import { headingOf, nameOf, ownerAmong } from '../../src/cli/words.ts';
import { createProviders } from '../../src/core/providers/index.ts';
import type { AccountView } from '../../src/shared/account-view.ts';

const context = { providers: createProviders() };

function account(id: string, more: Partial<AccountView> = {}): AccountView {
  return {
    id,
    provider: 'anthropic',
    email: 'anna@example.com',
    workspace: null,
    plan: null,
    name: null,
    inUse: false,
    state: 'signed-in',
    code: null,
    expiresAt: null,
    renewedAt: null,
    renewsAt: null,
    signInBy: null,
    ...more,
  };
}

const ben = account('bbbb111122223333', {
  email: 'ben@example.com',
  workspace: 'Ben',
  plan: 'pro',
});
const elsewhere = account('cccc111122223333', { provider: 'openai', plan: 'plus' });

describe('an account is called', () => {
  test.each<[string, Partial<AccountView>, Partial<AccountView>, string]>([
    ['by its workspace', { workspace: 'Anna', plan: 'max' }, { workspace: 'Works' }, 'Anna · Max'],
    ['by its plan without one', { plan: 'plus' }, { plan: 'team' }, 'Plus'],
    ['by its plan in one', { workspace: 'W', plan: 'max' }, { workspace: 'W', plan: 'pro' }, 'Max'],
    ['by its id, if all is the same', { plan: 'max' }, { plan: 'max' }, 'account aaaa1111 · Max'],
    ['in plain text', { workspace: '\u001b[31mA\nB' }, {}, '[31mA B'],
  ])('%s where another one has its address', (_, own, other, mark) => {
    const view = account('aaaa111122223333', own);
    const all = [view, account('dddd111122223333', other), ben, elsewhere];
    expect(headingOf(context, view, all)).toBe(`Claude · anna@example.com · ${mark}`);
    expect(nameOf(context, view, all)).not.toBe(nameOf(context, all[1] ?? view, all));
    expect(`Claude · ${ownerAmong(view, all)}`).toBe(nameOf(context, view, all));
  });

  test('by its address alone where nobody else has it', () => {
    const view = account('aaaa111122223333', { workspace: 'Anna', plan: 'max', name: 'Home' });
    const all = [view, ben, elsewhere];
    expect(nameOf(context, view, all)).toBe('Claude · Home · anna@example.com');
    expect(headingOf(context, view, all)).toBe('Claude · Home · anna@example.com · Max');
    expect(headingOf(context, ben, all)).toBe('Claude · ben@example.com · Pro');
  });
});
