import type { AppState } from '../../src/shared/app-state.ts';
import { TEXTS } from '../../src/shared/ui/texts.ts';
import {
  expect,
  expectAccessible,
  expectRoomy,
  focused,
  picture,
  tabOrder,
  test,
} from './harness.ts';
import { ANNA, CLAUDE_CODE, CODEX, entry, PI, TWO, tool } from './states.ts';

const HERE = { view: 'settings' } as const;

/** As the settings are read: all on but Pi. */
const SET: AppState = {
  ...TWO,
  settings: { ...TWO.settings, openAtLogin: true, notices: true },
  tools: TWO.tools.map((each) => (each.id === 'pi' ? { ...PI, mode: 'off' } : each)),
};

const BLOCKED: AppState = {
  ...SET,
  settings: { ...SET.settings, openAtLoginBlocked: true, noticesBlocked: true },
};

test('the settings are the switches, the tools and help, from top to bottom', async ({
  page,
  open,
}) => {
  const bridge = await open(SET, HERE);
  await expect(page.getByRole('heading', { level: 1, name: 'Settings' })).toBeFocused();
  await expect(page.getByRole('heading', { level: 2 })).toHaveText([
    'General',
    'Tools that use your logins',
    'Help',
  ]);
  await expect(page.getByRole('listitem')).toHaveText([
    'Open at login',
    'Tell me if a login needs me',
    'Claude CodeClaude',
    'CodexChatGPT',
    'PiClaude, ChatGPT',
    'Kept inYour Mac’s keychain',
    'Save a report…',
    'Version1.0.0',
    'About Authbar',
    'For engineers',
  ]);
  expect(await tabOrder(page)).toEqual([
    'Settings',
    'Back',
    'Open at login',
    'Tell me if a login needs me',
    'Claude Code',
    'Codex',
    'Pi',
    'Save a report…',
    'About Authbar',
    'For engineers',
  ]);
  await expect.poll(() => bridge.said()).toEqual(['Settings']);
});

test('a switch says so when it has changed, and not before', async ({ page, open }) => {
  const bridge = await open({ ...SET, settings: TWO.settings }, HERE);
  const login = page.getByRole('switch', { name: 'Open at login' });
  await expect(login).not.toBeChecked();
  await login.press('Space');
  await expect.poll(() => bridge.made('settings:change')).toEqual([{ openAtLogin: true }]);
  await expect.poll(() => bridge.said()).toEqual(['Settings']);
  await bridge.push({ settings: { ...TWO.settings, openAtLogin: true } });
  await expect(login).toBeChecked();
  await expect(login).toBeFocused();
  await expect.poll(() => bridge.said()).toEqual(['Settings', 'Open at login, on']);

  await page.getByRole('switch', { name: TEXTS.settings.notices }).click();
  await expect.poll(() => bridge.made('settings:change').at(-1)).toEqual({ notices: true });
});

test('what the system blocks is said under its switch, with the way to mend it', async ({
  page,
  open,
}) => {
  const bridge = await open(BLOCKED, HERE);
  const login = page.getByRole('switch', { name: 'Open at login' });
  await expect(login).toHaveAccessibleDescription('Your Mac is waiting for your OK.');
  const notices = page.getByRole('switch', { name: TEXTS.settings.notices });
  await expect(notices).toHaveAccessibleDescription('Notifications are off for Authbar.');
  expect((await tabOrder(page)).slice(1, 6)).toEqual([
    'Back',
    'Open at login',
    'Open System Settings',
    'Tell me if a login needs me',
    'Open System Settings',
  ]);
  const ways = page.getByRole('button', { name: 'Open System Settings' });
  await ways.first().click();
  await ways.last().click();
  await expect
    .poll(() => bridge.made('settings:open-system'))
    .toEqual([{ page: 'login-items' }, { page: 'notifications' }]);
});

test('notices that nobody wants are not missed', async ({ page, open }) => {
  const settings = { ...BLOCKED.settings, openAtLoginBlocked: false, notices: false };
  await open({ ...BLOCKED, settings }, HERE);
  await expect(page.getByText('Notifications are off for Authbar.')).toHaveCount(0);
  await expect(page.getByRole('button', { name: 'Open System Settings' })).toHaveCount(0);
});

test('where no address leads to the system’s settings there is no button', async ({
  page,
  open,
}) => {
  const linux = { ...SET.system, os: 'linux', platform: 'linux' } as const;
  await open({ ...BLOCKED, system: linux, vault: { kind: 'file', state: 'open' } }, HERE);
  await expect(page.getByText('Notifications are off for Authbar.')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Open Settings' })).toHaveCount(0);
  await expect(page.getByText('A file that only you can read')).toBeVisible();
});

test('a login is taken out of a tool only after a question', async ({ page, open }) => {
  const bridge = await open(SET, HERE);
  const claudeCode = page.getByRole('switch', { name: 'Claude Code' });
  const question = page.getByRole('group', { name: 'Take the login out of Claude Code?' });
  const keep = question.getByRole('button', { name: 'Keep' });

  await claudeCode.press('Enter');
  await expect(keep).toBeFocused();
  await expect.poll(() => bridge.made('window:hold')).toEqual([{ held: true }]);
  await keep.press('Enter');
  await expect(question).toHaveCount(0);
  await expect(claudeCode).toBeFocused();
  await expect.poll(() => bridge.made('window:hold')).toEqual([{ held: true }, { held: false }]);

  await claudeCode.press('Space');
  await keep.press('Escape');
  await expect(question).toHaveCount(0);
  await expect(claudeCode).toBeFocused();
  await expect(page.getByRole('heading', { name: 'Settings' })).toBeVisible();
  expect(bridge.made('tool:mode')).toEqual([]);

  await claudeCode.press('Space');
  bridge.answer('tool:mode', () => {
    const tools = SET.tools.map((each) =>
      each.id === 'claude-code' ? { ...CLAUDE_CODE, mode: 'off' as const } : each,
    );
    void bridge.push({ tools });
  });
  await question.getByRole('button', { name: 'Take out' }).click();
  await expect.poll(() => bridge.made('tool:mode')).toEqual([{ tool: 'claude-code', mode: 'off' }]);
  await expect(claudeCode).not.toBeChecked();
  await expect(claudeCode).toBeFocused();
  await expect.poll(() => bridge.said()).toEqual(['Settings', 'Claude Code, off']);
});

test('where nothing of ours is in a tool, it goes off without a question', async ({
  page,
  open,
}) => {
  const codex = { ...CODEX, entries: [entry(ANNA, { state: 'other-account' })] };
  const bridge = await open({ ...SET, tools: [codex] }, HERE);
  await page.getByRole('switch', { name: 'Codex' }).click();
  await expect.poll(() => bridge.made('tool:mode')).toEqual([{ tool: 'codex', mode: 'off' }]);
});

test('a tool is turned on at once, or after the system’s question was announced', async ({
  page,
  open,
}) => {
  const tools = [
    { ...CLAUDE_CODE, mode: 'off' as const, needsConsent: true },
    ...SET.tools.slice(1),
  ];
  const bridge = await open({ ...SET, tools }, HERE);
  await page.getByRole('switch', { name: 'Pi' }).click();
  await expect.poll(() => bridge.made('tool:mode')).toEqual([{ tool: 'pi', mode: 'on' }]);

  const claudeCode = page.getByRole('switch', { name: 'Claude Code' });
  await claudeCode.click();
  await expect(page.getByRole('heading', { name: 'One question from your Mac' })).toBeFocused();
  bridge.answer('tool:ask-consent', () => ({ granted: false }));
  await page.getByRole('button', { name: 'Continue' }).click();
  await expect(claudeCode).toBeFocused();
  await expect(claudeCode).toHaveAccessibleDescription('Not allowed yet');
  await expect(claudeCode).not.toBeChecked();
});

test('a login that cannot be taken out is told', async ({ page, open }) => {
  const bridge = await open(SET, HERE);
  bridge.answer('tool:mode', () => ({
    ok: false,
    error: {
      code: 'tool-file-protected',
      title: 'Codex’s file is protected',
      sentence: 'It’s read-only or belongs to someone else, so Authbar can’t change it.',
      action: 'Show in Finder',
    },
  }));
  const codex = page.getByRole('switch', { name: 'Codex' });
  await codex.click();
  await page.getByRole('button', { name: 'Take out' }).click();
  await expect(page.getByText('Codex’s file is protected', { exact: true })).toBeVisible();
  await expect(codex).toBeChecked();
  await expect
    .poll(() => bridge.said())
    .toContain(
      'Codex’s file is protected. It’s read-only or belongs to someone else, so Authbar can’t change it.',
    );
});

test('tools that are not there are not listed', async ({ page, open }) => {
  const bridge = await open({ ...SET, tools: [{ ...CODEX, installed: false }] }, HERE);
  await expect(page.getByRole('switch', { name: 'Codex' })).toHaveCount(0);
  await expect(page.getByText('No tools found on this Mac yet.')).toBeVisible();
  await bridge.push({ tools: [CODEX] });
  await expect(page.getByRole('switch', { name: 'Codex' })).toBeVisible();
});

for (const [row, heading] of [
  ['Save a report…', 'What’s in it'],
  ['About Authbar', 'About Authbar'],
  ['For engineers', 'For engineers'],
] as const) {
  test(`“${row}” leads on, and back to itself`, async ({ page, open }) => {
    const bridge = await open(SET, HERE);
    bridge.answer('report:read', () => ({ text: '' }));
    const way = page.getByRole('button', { name: row });
    await way.press('Enter');
    await expect(page.getByRole('heading', { level: 1, name: heading })).toBeFocused();
    await page.getByRole('button', { name: 'Back' }).press('Enter');
    await expect(way).toBeFocused();
    await way.press('Enter');
    await page.keyboard.press('Escape');
    await expect(way).toBeFocused();
  });
}

test('arrows move between the rows', async ({ page, open }) => {
  await open(SET, HERE);
  await expect(page.getByRole('heading', { name: 'Settings' })).toBeFocused();
  await page.keyboard.press('End');
  expect(await focused(page)).toBe('For engineers');
  await page.keyboard.press('ArrowUp');
  expect(await focused(page)).toBe('About Authbar');
  await page.keyboard.press('Home');
  expect(await focused(page)).toBe('Open at login');
});

test('the settings are for everyone, light and dark, near and large', async ({ page, open }) => {
  const bridge = await open(SET, HERE);
  await picture(page, bridge, 'settings');
  await expectAccessible(page);
  await expectRoomy(page);
});

test('so are blocked switches and a question', async ({ page, open }) => {
  const bridge = await open(BLOCKED, HERE);
  await page.getByRole('switch', { name: 'Claude Code' }).click();
  await picture(page, bridge, 'settings-blocked');
  await expectAccessible(page);
  await expectRoomy(page);
});

test('engineers see the folder and every place that is written', async ({ page, open }) => {
  const tools = [...SET.tools, tool('keychain', 'Keychain', ['anthropic'], { path: null })];
  const bridge = await open({ ...SET, tools }, HERE);
  await page.getByRole('button', { name: 'For engineers' }).click();
  const folder = page.getByRole('button', { name: 'Folder of settings' });
  await folder.click();
  await expect.poll(() => bridge.made('settings:show-folder')).toHaveLength(1);
  await expect(page.getByRole('list').last().getByRole('listitem')).toHaveText([
    'Claude Code/Users/anna/.claude-code/auth.json',
    'Codex/Users/anna/.codex/auth.json',
    'Pi/Users/anna/.pi/auth.json',
  ]);
  await page.getByRole('heading', { level: 1 }).focus();
  expect(await tabOrder(page)).toEqual([
    'For engineers',
    'Back',
    'Folder of settingsShow in Finder',
  ]);
  await expect.poll(() => bridge.said()).toEqual(['Settings', 'For engineers']);
  await picture(page, bridge, 'engineers');
  await expectAccessible(page);
  await expectRoomy(page);
});
