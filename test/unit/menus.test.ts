import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { appMenu } from '../../src/main/app-menu.ts';
import { cardMenu } from '../../src/main/card-menu.ts';
import { menuWordsFor } from '../../src/main/menu-words.ts';
import { trayMenu } from '../../src/main/tray-menu.ts';
import type { AccountView } from '../../src/shared/account-view.ts';
import type { AppState } from '../../src/shared/app-state.ts';
import { anAccount, anAppState, aTool, MINUTE, NOW } from '../support/app-state.ts';

type Template = ReturnType<typeof trayMenu>;

beforeEach(() => vi.stubEnv('TZ', 'UTC'));
afterEach(() => vi.unstubAllEnvs());

/** What was pressed, in words. */
function recorder() {
  const pressed: string[] = [];
  const note =
    (name: string) =>
    (...argument: readonly unknown[]) =>
      void pressed.push([name, ...argument].join(' '));
  const tray = {
    open: note('open'),
    settings: note('settings'),
    quit: note('quit'),
    signIn: note('signIn'),
    check: note('check'),
    use: note('use'),
    move: note('move'),
    rename: note('rename'),
    details: note('details'),
    signOut: note('signOut'),
  };
  const app = {
    about: note('about'),
    settings: note('settings'),
    quit: note('quit'),
    zoom: note('zoom'),
    close: note('close'),
  };
  return { pressed, tray, app };
}

/** A menu as it looks: one line for each item, those of a submenu indented. */
function drawn(menu: Template, indent = ''): string[] {
  return menu.flatMap((item) => {
    if (item.type === 'separator') return [`${indent}──`];
    const key = item.accelerator ? ` [${String(item.accelerator)}]` : '';
    const off = item.enabled === false ? ' (disabled)' : '';
    const label = item.label ?? `role ${item.role}`;
    const below = Array.isArray(item.submenu) ? drawn(item.submenu, `${indent}  `) : [];
    return [`${indent}${label}${key}${off}`, ...below];
  });
}

/** Presses everything there is to press, in order. */
function pressAll(menu: Template): void {
  for (const item of menu) {
    (item.click as (() => void) | undefined)?.();
    if (Array.isArray(item.submenu)) pressAll(item.submenu);
  }
}

function on(platform: string, changes: Partial<AppState> = {}): AppState {
  const state = anAppState(changes);
  return { ...state, system: { ...state.system, platform } };
}

const CLAUDE = anAccount();
const CHATGPT = anAccount({
  id: 'b',
  provider: 'openai',
  state: 'sign-in-again',
  code: 'login-ended',
});

const trayOn = (platform: string, changes?: Partial<AppState>) =>
  drawn(trayMenu(on(platform, changes), NOW, recorder().tray));

describe('the menu of the icon', () => {
  test('on a Mac, in Title Case', () => {
    expect(trayOn('darwin', { accounts: [CLAUDE, CHATGPT] })).toEqual([
      'ChatGPT Needs You (disabled)',
      '──',
      'Claude · anna@example.com',
      '  Signed In · Renews Itself (disabled)',
      '  Sign In Again…',
      '  Check Now',
      '  Details…',
      '  ──',
      '  Sign Out…',
      'ChatGPT · anna@example.com – Sign In Needed',
      '  Sign In Again (disabled)',
      '  Sign In Again…',
      '  Check Now',
      '  Details…',
      '  ──',
      '  Sign Out…',
      '──',
      'Add a Login',
      '  Claude…',
      '  ChatGPT…',
      '──',
      'Open Authbar',
      'Settings… [CommandOrControl+,]',
      '──',
      'Quit Authbar [Command+Q]',
    ]);
  });

  test('on Windows, in sentence case', () => {
    expect(trayOn('win32', { accounts: [CLAUDE] })).toEqual([
      'Signed in (disabled)',
      '──',
      'Claude · anna@example.com',
      '  Signed in · renews itself (disabled)',
      '  Sign in again…',
      '  Check now',
      '  Details…',
      '  ──',
      '  Sign out…',
      '──',
      'Sign in to ChatGPT…',
      '──',
      'Open Authbar',
      'Settings… [CommandOrControl+,]',
      '──',
      'Quit Authbar',
    ]);
  });

  test('on Linux, led by the way to the window; before there is a login', () => {
    expect(trayOn('linux')).toEqual([
      'Open Authbar',
      'Not signed in yet (disabled)',
      '──',
      'Sign in to Claude…',
      'Sign in to ChatGPT…',
      '──',
      'Settings… [CommandOrControl+,]',
      '──',
      'Quit Authbar',
    ]);
  });

  test('does what it says', () => {
    const { pressed, tray } = recorder();
    pressAll(trayMenu(on('darwin', { accounts: [CLAUDE] }), NOW, tray));
    expect(pressed).toEqual([
      'signIn anthropic a',
      'check a',
      'details a',
      'signOut a',
      'signIn openai ',
      'open',
      'settings',
      'quit',
    ]);
  });

  test.each([
    [{ state: 'paused', code: 'account-paused' }, ' – Claude Has Paused This Account'],
    [{ state: 'waiting', code: 'unreachable' }, ' – Can’t Reach Claude'],
    [{ state: 'waiting', code: 'offline' }, ' – Waiting for the Internet'],
    [{ state: 'locked', expiresAt: NOW }, ' – Waiting for Your Keychain'],
    [{ state: 'late', code: 'unreachable', renewsAt: NOW + MINUTE }, ''],
    [{ inUse: false }, ''],
  ] as const)('follows the name of %o with "%s"', (changes, told) => {
    const lines = trayOn('darwin', { accounts: [{ ...CLAUDE, ...changes }] });
    expect(lines[2]).toBe(`Claude · anna@example.com${told}`);
  });

  test.each([
    [{ inUse: false }, 'Signed In · On Standby (disabled)', true],
    [{ inUse: false, state: 'paused', code: 'account-paused' }, null, true],
    [{ inUse: false, state: 'sign-in-again', code: 'login-ended' }, null, false],
    [{ inUse: false, state: 'other-computer', code: 'other-computer' }, null, false],
    [{ inUse: true }, 'Signed In · In Use (disabled)', false],
  ] as const)('of a second login %o offers its use, or not', (changes, line, offered) => {
    const { pressed, tray } = recorder();
    const accounts = [CLAUDE, anAccount({ id: 'b', email: 'ben@example.com', ...changes })];
    const menu = trayMenu(on('darwin', { accounts }), NOW, tray);
    const ben = menu.find(({ label }) => label?.includes('ben@example.com'));
    const below = Array.isArray(ben?.submenu) ? ben.submenu : [];
    if (line) expect(drawn(below)[0]).toBe(line);
    expect(drawn(below).includes('Use This One')).toBe(offered);
    pressAll(below);
    expect(pressed.includes('use b')).toBe(offered);
  });

  test('names an account as its person does, and leaves that name as it is spelled', () => {
    const accounts = [anAccount({ name: 'at work' }), anAccount({ id: 'b' })];
    expect(trayOn('darwin', { accounts })[2]).toBe('Claude · at work · anna@example.com');
  });

  test('leaves a tool’s name as it is spelled', () => {
    const tools = [aTool('opencode', 'opencode', [CLAUDE], { state: 'other-account' })];
    const lines = trayOn('darwin', { accounts: [CLAUDE], tools });
    expect(lines[3]).toBe('  Signed In · opencode Has Another Account (disabled)');
  });

  test('shortens a long name in its middle, and no name holds a mnemonic', () => {
    const accounts = [
      anAccount({ email: 'anna.the.first.of.her.name@example.com' }),
      anAccount({ id: 'b', email: 'r&d@example.com' }),
    ];
    const lines = trayOn('darwin', { accounts });
    expect(lines[2]).toBe('Claude · anna.the.first.of.…@example.com');
    expect(lines).toContain('Claude · r&&d@example.com');
  });

  test('names an account of which nothing is known by its service', () => {
    expect(trayOn('linux', { accounts: [{ ...CLAUDE, email: null }] })).toContain('Claude');
  });

  test.each([
    [8, 8],
    [9, 2],
  ])('of %i accounts has %i items for them', (count, items) => {
    const accounts = Array.from({ length: count }, (_, i) =>
      anAccount({
        id: `a${i}`,
        provider: i % 2 ? 'openai' : 'anthropic',
        email: `anna${i}@example.com`,
      }),
    );
    const menu = trayMenu(on('darwin', { accounts }), NOW, recorder().tray);
    const [from, to] = menu.flatMap(({ type }, i) => (type === 'separator' ? [i] : []));
    const shown = menu.slice((from ?? 0) + 1, to);
    expect(shown).toHaveLength(items);
    if (items === 2) {
      expect(shown.map(({ label }) => label)).toEqual(['Claude', 'ChatGPT']);
      expect(drawn(shown)[1]).toBe('  anna0@example.com');
    }
  });
});

describe('a card’s menu', () => {
  test('has what is done with its account', () => {
    const { pressed, tray } = recorder();
    const mac = cardMenu(CLAUDE, [CLAUDE], 'darwin', tray);
    expect(drawn(mac)).toEqual([
      'Details',
      'Check Now',
      'Rename…',
      '──',
      'Sign In Again…',
      'Sign Out…',
    ]);
    pressAll(mac);
    expect(pressed).toEqual([
      'details a',
      'check a',
      'rename a',
      'signIn anthropic a',
      'signOut a',
    ]);
    for (const state of ['late', 'waiting'] as const) {
      const trying = { ...CLAUDE, state };
      expect(drawn(cardMenu(trying, [trying], 'linux', tray))[1]).toBe('Try now');
    }
  });

  test('moves it where there is room, and gives the tools one that stands by', () => {
    const { pressed, tray } = recorder();
    const [first, second, third] = ['a', 'b', 'c'].map((id) =>
      anAccount({ id, inUse: id === 'a' }),
    ) as [AccountView, AccountView, AccountView];
    const all = [first, second, third];
    const menuOf = (account: AccountView) => drawn(cardMenu(account, all, 'linux', tray));
    expect(menuOf(first).slice(2, 4)).toEqual(['Rename…', 'Move down']);
    expect(menuOf(second).slice(2, 6)).toEqual(['Use this one', 'Rename…', 'Move up', 'Move down']);
    expect(menuOf(third).slice(2, 5)).toEqual(['Use this one', 'Rename…', 'Move up']);
    pressAll(cardMenu(second, all, 'linux', tray).slice(2, 6));
    expect(pressed).toEqual(['use b', 'rename b', 'move b up', 'move b down']);
  });
});

test('the application’s menu has what makes the keys of a Mac work, and nothing for developers', () => {
  const { pressed, app } = recorder();
  const menu = appMenu(app);
  expect(drawn(menu)).toEqual([
    'Authbar',
    '  About Authbar',
    '  ──',
    '  Settings… [Command+,]',
    '  ──',
    '  Hide Authbar',
    '  ──',
    '  Quit Authbar [Command+Q]',
    'Edit',
    '  role undo',
    '  role redo',
    '  ──',
    '  role cut',
    '  role copy',
    '  role paste',
    '  role selectAll',
    'View',
    '  Bigger [Command+Plus]',
    '  Smaller [Command+-]',
    '  Actual Size [Command+0]',
    'Window',
    '  Close [Command+W]',
  ]);
  pressAll(menu);
  expect(pressed).toEqual([
    'about',
    'settings',
    'quit',
    'zoom bigger',
    'zoom smaller',
    'zoom actual',
    'close',
  ]);
});

describe('a Mac’s menu writes', () => {
  test.each([
    ['Sign in to ChatGPT…', 'Sign In to ChatGPT…'],
    ['Signed in · in use', 'Signed In · In Use'],
    ['Signed in · not in Codex', 'Signed In · Not in Codex'],
    ['Sign in again by 12 October', 'Sign In Again by 12 October'],
    ['One question for you', 'One Question for You'],
    ['Finish in your browser', 'Finish in Your Browser'],
    ['Signing you in…', 'Signing You In…'],
    ['Add a login', 'Add a Login'],
    ['Move up', 'Move Up'],
    ['R&D', 'R&&D'],
  ])('%s as %s', (text, written) => {
    expect(menuWordsFor('darwin')(text)).toBe(written);
  });
});
