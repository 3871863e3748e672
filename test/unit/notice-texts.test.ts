import { describe, expect, test } from 'vitest';
import type { AccountView } from '../../src/shared/account-view.ts';
import { NOTICE_KINDS, type Notice, type NoticeKind } from '../../src/shared/notice.ts';
import { type NoticeContext, noticeText } from '../../src/shared/notice-texts.ts';

const NOW = Date.parse('2025-10-12T09:00:00Z');
const MINUTE = 60_000;

const SERVICES = { anthropic: 'Claude', openai: 'ChatGPT' };
const TOOLS = {
  peekaboo: 'Peekaboo',
  'claude-code': 'Claude Code',
  pi: 'Pi',
  codex: 'Codex',
  synaps: 'SynapsCLI',
  opencode: 'opencode',
};

function account(id: string, provider: string, email: string | null = null): AccountView {
  return {
    id,
    provider,
    email,
    workspace: null,
    plan: null,
    name: null,
    inUse: true,
    state: 'sign-in-again',
    code: 'login-ended',
    expiresAt: NOW + 20 * MINUTE,
    renewedAt: null,
    renewsAt: null,
    signInBy: null,
  };
}

const CLAUDE = account('a', 'anthropic', 'anna@example.com');
const CHATGPT = account('b', 'openai', 'anna@example.com');

function context(...accounts: readonly AccountView[]): NoticeContext {
  return {
    accounts,
    services: SERVICES,
    tools: TOOLS,
    platform: 'darwin',
    now: NOW,
    locale: 'en-GB',
    timeZone: 'UTC',
  };
}

function notice(kind: NoticeKind, more: Partial<Notice> = {}): Notice {
  return { kind, id: 'id', accounts: ['a'], code: null, target: null, tools: [], ...more };
}

describe('every notice has its words', () => {
  const both = ['claude-code', 'pi'];
  test.each([
    [
      notice('login-ended', { tools: both }),
      'Sign in to Claude again',
      'Claude Code and Pi can’t use it until you do.',
      'Sign in',
      true,
    ],
    [
      notice('several-ended', { accounts: ['a', 'b'] }),
      '2 logins need you',
      'Sign in to Claude and ChatGPT again.',
      'Show',
      true,
    ],
    [
      notice('account-paused', { tools: ['claude-code'] }),
      'Claude has paused your account',
      'Claude Code can’t use it. Only Claude can change that.',
      'Open Claude',
      true,
    ],
    [notice('works-again'), 'Claude works again', 'You don’t have to do anything.', null, false],
    [
      notice('keychain-locked'),
      'Your keychain is locked',
      'Claude stops in 20 min unless you unlock it.',
      'Unlock',
      true,
    ],
    [
      notice('tool-not-written', { target: 'codex', code: 'tool-busy' }),
      'Codex isn’t getting your login',
      'Authbar can’t change its file.',
      'Show',
      false,
    ],
  ])('$kind', (each, title, body, button, sound) => {
    expect(noticeText(each, context(CLAUDE, CHATGPT))).toEqual({ title, body, button, sound });
  });

  test.each([
    ['win32', 'Credential Manager is locked'],
    ['linux', 'Your keyring is locked'],
  ])('and those of %s', (platform, title) => {
    const text = noticeText(notice('keychain-locked'), { ...context(CLAUDE), platform });
    expect(text.title).toBe(title);
  });

  test('and a login that no tool has', () => {
    expect(noticeText(notice('login-ended'), context(CLAUDE)).body).toBe(
      'You can’t use it until you do.',
    );
  });
});

describe('an address', () => {
  const work = account('c', 'anthropic', 'a.very.long.name.indeed@department.example.com');

  test('is told only where the service’s name does not tell which account', () => {
    const one = noticeText(notice('works-again'), context(CLAUDE, CHATGPT));
    expect(Object.values(one).join()).not.toContain('@');
    expect(noticeText(notice('works-again'), context(CLAUDE, work)).body).toBe(
      'anna@example.com: You don’t have to do anything.',
    );
  });

  test('that is long is shortened in the middle', () => {
    const { body } = noticeText(
      notice('login-ended', { accounts: ['c'], tools: ['pi'] }),
      context(CLAUDE, work),
    );
    expect(body).toBe('a.very.lon…@department.example.com: Pi can’t use it until you do.');
  });
});

describe('whatever fills it, a notice is short enough', () => {
  const longest = { ...CHATGPT, email: `${'a'.repeat(64)}@${'example.'.repeat(20)}com` };
  const full = context(longest, { ...CHATGPT, id: 'c' }, CLAUDE);
  const targets = Object.keys(TOOLS);

  test.each(NOTICE_KINDS)('%s', (kind) => {
    for (let count = 0; count <= targets.length; count += 1) {
      for (const target of targets) {
        const tools = targets.slice(0, count);
        const each = notice(kind, { accounts: ['b', 'a', 'c'], tools, target });
        const { title, body, button } = noticeText(each, full);
        expect(title.length).toBeLessThanOrEqual(40);
        expect(body.length).toBeLessThanOrEqual(110);
        expect(`${title} ${body} ${button}`).not.toMatch(/undefined|\{|\s{2}/);
      }
    }
  });

  test('and names as many tools as there is room for', () => {
    const each = notice('account-paused', { accounts: ['b'], tools: targets });
    expect(noticeText(each, context(CHATGPT)).body).toBe(
      'Peekaboo, Claude Code, Pi, Codex, SynapsCLI and opencode can’t use it. Only ChatGPT can change that.',
    );
    const ended = notice('login-ended', { accounts: ['b'], tools: targets });
    expect(noticeText(ended, full).body).toMatch(
      /: Peekaboo, Claude Code, Pi, Codex and 2 more can’t use it/,
    );
    expect(noticeText(each, full).body).toMatch(/: 6 tools can’t use it\./);
  });
});

test('an account that has just gone leaves a sentence', () => {
  for (const kind of NOTICE_KINDS) {
    const { title, body } = noticeText(notice(kind), context());
    expect(`${title} ${body}`).not.toMatch(/undefined|NaN/);
  }
});
