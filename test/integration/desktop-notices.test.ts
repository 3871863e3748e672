import { rm } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { idOf, KEYCHAIN_ID, SEVERAL_ID } from '../../src/core/notice-state.ts';
import type { AccountView } from '../../src/shared/account-view.ts';
import { AppError } from '../../src/shared/errors.ts';
import type { Notice } from '../../src/shared/notice.ts';
import { type DesktopWorld, openDesktop } from '../support/desktop.ts';
import { signIn, startWorld, type World } from '../support/engine.ts';
import { install } from '../support/tools.ts';

type App = World & DesktopWorld & { readonly account: AccountView };

async function start(): Promise<App> {
  const world = await startWorld();
  await install(world, 'codex');
  await world.signIn('claude');
  const app = openDesktop(world);
  await app.desktop.refreshState();
  const [account] = app.desktop.state().accounts;
  if (!account) throw new Error('nobody is signed in');
  world.clock.hurry(1000);
  return { ...world, ...app, account };
}

/** The notice that a login has ended. */
function ended({ account }: App): Notice {
  return {
    kind: 'login-ended',
    id: idOf('account', account.id),
    accounts: [account.id],
    code: 'login-ended',
    target: null,
    tools: ['codex'],
  };
}

async function endLogin({ provider, engine, desktop }: App): Promise<void> {
  provider.revokeFamily('anthropic', 'anna');
  await engine.refresh(null, { force: true });
  await desktop.refreshState();
}

describe('a notice', () => {
  test('is shown by the system, in words, and taken back', async () => {
    const app = await start();
    const notifier = app.desktop.notifierFor(app.system);
    const notice = ended(app);
    notifier.show(notice, [app.account]);
    expect([...app.system.banners.values()]).toEqual([
      {
        id: notice.id,
        title: 'Sign in to Claude again',
        body: 'Codex can’t use it until you do.',
        button: 'Sign in',
        sound: true,
      },
    ]);
    notifier.remove(notice.id);
    expect(app.system.banners.size).toBe(0);
  });

  test('is shown by nobody once the person has switched it off', async () => {
    const app = await start();
    await app.desktop.handlers['settings:change']({ notices: false });
    app.desktop.notifierFor(app.system).show(ended(app), [app.account]);
    expect(app.system.banners.size).toBe(0);
    expect(app.desktop.state().missedNotice).toBeNull();
  });

  test('that the system did not show is shown in the window until it is healed or dismissed', async () => {
    const app = await start();
    const notifier = app.desktop.notifierFor(app.system);
    const { id } = ended(app);
    const show = () => {
      notifier.show(ended(app), [app.account]);
      app.desktop.missed(app.system.banners.get(id) ?? null);
    };
    show();
    expect(app.told.at(-1)).toMatchObject({
      missedNotice: { id, title: 'Sign in to Claude again', button: 'Sign in' },
      settings: { noticesBlocked: true },
    });
    expect(app.desktop.state().missedNotice).not.toHaveProperty('sound');
    notifier.remove(id);
    expect(app.told.at(-1)?.missedNotice).toBeNull();
    show();
    await app.desktop.handlers['notice:dismiss']({ id: 'another' });
    expect(app.desktop.state().missedNotice).not.toBeNull();
    await app.desktop.handlers['notice:dismiss']({ id });
    expect(app.desktop.state().missedNotice).toBeNull();
  });
});

describe('what a notice’s button does', () => {
  test('signs in to the very account, also when an earlier run has shown it', async () => {
    const app = await start();
    await endLogin(app);
    await app.desktop.handlers['notice:act']({ id: ended(app).id });
    const { id: account, provider } = app.account;
    expect(app.system.places).toEqual([{ view: 'sign-in' }]);
    expect(await app.at('waiting')).toMatchObject({ account, provider });
  });

  test('shows the accounts when it has healed meanwhile, and when there are several', async () => {
    const app = await start();
    for (const id of [ended(app).id, SEVERAL_ID, 'first']) await app.desktop.act(id);
    expect(app.system.places).toEqual(Array(3).fill({ view: 'accounts' }));
    expect(app.desktop.state().signIn).toBeNull();
  });

  test('opens the service that has paused the account', async () => {
    const app = await start();
    const body = { error: { type: 'permission_error', message: 'This account is on hold.' } };
    app.provider.faults.arm('anthropic', 'refresh', {
      kind: 'answer',
      status: 403,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ type: 'error', ...body }),
    });
    await app.engine.refresh(null, { force: true });
    await app.desktop.refreshState();
    expect(app.desktop.state().accounts).toMatchObject([{ state: 'paused' }]);
    await app.desktop.act(ended(app).id);
    expect(app.system.opened).toEqual(['https://claude.ai/settings']);
  });

  test('never fails on the system’s side of a click', async () => {
    const app = await start();
    await rm(app.context.paths.key);
    const { desktop } = openDesktop(await app.another());
    await expect(desktop.handlers['notice:act']({ id: KEYCHAIN_ID })).rejects.toMatchObject({
      code: 'list-damaged',
    });
    await expect(desktop.act(KEYCHAIN_ID)).resolves.toBeUndefined();
  });

  test('shows the tool that is not written', async () => {
    const app = await start();
    await app.desktop.act(idOf('target', 'codex'));
    expect(app.system.places).toEqual([{ view: 'tool', tool: 'codex' }]);
  });

  test('lets the system ask for the keychain, with the window behind the question', async () => {
    const app = await start();
    await app.desktop.act(KEYCHAIN_ID);
    expect(app.system.places).toEqual([{ view: 'accounts' }]);
    expect(app.desktop.state().vault).toEqual({ kind: 'file', state: 'open' });
  });
});

describe('a keychain', () => {
  /** One that holds what it is told to, until it does not. */
  function keychainOf(world: World) {
    const items = new Map<string, string>();
    const rule: { fault: 'keychain-refused' | 'keychain-locked' | null } = { fault: null };
    const guard = () => {
      if (rule.fault) throw new AppError(rule.fault);
    };
    const keychain: World['context']['keychain'] = {
      stuck: false,
      state: async () => (rule.fault === 'keychain-locked' ? 'locked' : 'open'),
      async get(_, account) {
        guard();
        return items.get(account) ?? null;
      },
      async set(_, account, value) {
        guard();
        items.set(account, value);
      },
      async remove(_, account) {
        guard();
        return items.delete(account);
      },
    };
    const { AUTHBAR_VAULT: __, ...env } = world.env;
    return { rule, open: () => world.another({ env, keychain }) };
  }

  test('that keeps us out says so until it lets us in', async () => {
    const { rule, open } = keychainOf(await startWorld());
    await signIn((await open()).engine, 'chatgpt');
    rule.fault = 'keychain-refused';
    const { desktop } = openDesktop(await open());
    await desktop.refreshState();
    expect(desktop.state().vault).toEqual({ kind: 'keychain', state: 'open' });
    await expect(desktop.handlers['keychain:unlock'](undefined)).rejects.toMatchObject({
      code: 'keychain-refused',
    });
    expect(desktop.state()).toMatchObject({
      vault: { state: 'denied' },
      accounts: [{ state: 'locked', code: 'keychain-refused' }],
    });
    rule.fault = null;
    await desktop.handlers['keychain:unlock'](undefined);
    expect(desktop.state()).toMatchObject({
      vault: { state: 'open' },
      accounts: [{ state: 'signed-in' }],
    });
  });

  test('that kept the login is named by the sign-out, after the tools', async () => {
    const { open } = keychainOf(await startWorld());
    const world = await open();
    const account = await signIn(world.engine, 'chatgpt');
    const { desktop } = openDesktop(world);
    await desktop.refreshState();
    expect(await desktop.handlers['account:sign-out']({ account })).toEqual({
      removed: ['Peekaboo', 'your keyring'],
      kept: [],
      ended: true,
    });
  });

  test('that is locked is said to be, and a sign-in begins again once it is open', async () => {
    const { rule, open } = keychainOf(await startWorld());
    await signIn((await open()).engine, 'chatgpt');
    rule.fault = 'keychain-locked';
    const app = openDesktop(await open());
    const { handlers } = app.desktop;
    await app.desktop.refreshState();
    expect(app.desktop.state()).toMatchObject({
      vault: { state: 'locked' },
      accounts: [{ state: 'locked' }],
    });
    await handlers['sign-in:start']({ provider: 'anthropic', account: null });
    expect(await app.at('failed')).toMatchObject({ error: { code: 'keychain-locked' } });
    rule.fault = null;
    await handlers['sign-in:retry'](undefined);
    await app.at('waiting');
  });

  test('of a tool is asked for once, and left alone after a no', async () => {
    const world = await startWorld();
    await world.signIn('claude');
    await install(world, 'claude-code');
    // Whose folder it is cannot be told here by a Mac's means.
    await rm(world.context.paths.machine);
    const { desktop } = openDesktop(await world.another({ platform: 'darwin' }));
    await desktop.refreshState();
    const tool = () => desktop.state().tools.find(({ id }) => id === 'claude-code');
    expect(tool()).toMatchObject({ mode: 'off', needsConsent: true, entries: [] });
    // There is no `security` on this machine, so nobody says yes.
    const { granted } = await desktop.handlers['tool:ask-consent']({ tool: 'claude-code' });
    expect(granted).toBe(false);
    expect(tool()).toMatchObject({ mode: 'off', needsConsent: true, entries: [] });
  });
});
