import { spawn } from 'node:child_process';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import { systemProcesses } from '../../src/core/app/processes.ts';
import type { Context } from '../../src/core/context.ts';
import { Engine } from '../../src/core/engine.ts';
import { holdEngine, runningEngine } from '../../src/core/engine-lock.ts';
import { AppError } from '../../src/shared/errors.ts';
import { toolsUsing } from '../../src/shared/ui/situation.ts';
import { signedOutOf } from '../../src/shared/ui/standing.ts';
import { type DesktopWorld, openDesktop, until } from '../support/desktop.ts';
import { startWorld, type World } from '../support/engine.ts';
import { accountFile, activeTokens } from '../support/look.ts';
import { FakePower } from '../support/power.ts';
import { FAULTS } from '../support/provider/index.ts';
import { install, removeThere, tokensIn, toolFile } from '../support/tools.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

type App = World & DesktopWorld;

async function start(...services: string[]): Promise<App> {
  const world = await startWorld();
  for (const service of services) await world.signIn(service);
  const app = openDesktop(world);
  await app.desktop.refreshState();
  return { ...world, ...app };
}

function toolOf({ desktop }: DesktopWorld, id: string) {
  const tool = desktop.state().tools.find((each) => each.id === id);
  if (!tool) throw new Error(`no tool ${id}`);
  return tool;
}

function firstAccount({ desktop }: DesktopWorld) {
  const [account] = desktop.state().accounts;
  if (!account) throw new Error('nobody is signed in');
  return account;
}

/** The scheduler's rests pass at once, while no request is on its way; whoever sleeps longer follows. */
function leaping({ clock }: World, context: Context): Pick<Context, 'clock' | 'send'> {
  let onTheirWay = 0;
  return {
    async send(request, limits) {
      onTheirWay += 1;
      return context.send(request, limits).finally(() => {
        onTheirWay -= 1;
      });
    },
    clock: {
      now: () => clock.now(),
      async sleep(ms, signal) {
        if (ms > 30_000) return clock.sleep(ms, signal);
        do await wait(1);
        while (onTheirWay > 0);
        signal?.throwIfAborted();
        clock.advance(ms);
      },
    },
  };
}

describe('what the window draws', () => {
  test('is told when it has changed, and not when only time has passed', async () => {
    const app = await start('claude');
    const before = app.told.length;
    await Promise.all([app.desktop.refreshState(), app.desktop.refreshState()]);
    app.clock.advance(MINUTE);
    await app.desktop.refreshState();
    expect(app.told).toHaveLength(before);
    await app.signIn('chatgpt');
    await until(app.desktop, ({ accounts }) => accounts.length === 2);
    expect(app.told.at(-1)?.services.map(({ name, pastes }) => [name, pastes])).toEqual([
      ['Claude', 'code'],
      ['ChatGPT', 'address'],
    ]);
  });

  test('changes when a login has run out, and again when the icon has to tell', async () => {
    const app = await start('claude');
    app.provider.faults.arm('anthropic', 'refresh', FAULTS.unavailable, 100);
    app.clock.advance(HOUR + MINUTE);
    await app.engine.refresh(null);
    await app.desktop.refreshState();
    expect(app.told.at(-1)?.accounts).toMatchObject([{ state: 'waiting', code: 'unreachable' }]);
    const told = app.told.length;
    app.clock.advance(5 * MINUTE);
    await app.desktop.refreshState();
    expect(app.told).toHaveLength(told);
    app.clock.advance(10 * MINUTE);
    await app.desktop.refreshState();
    // Nothing but the time is different, and with it the icon.
    expect(app.told).toHaveLength(told + 1);
  });

  test('tells how far the clock is off, from what the services say, until they say otherwise', async () => {
    const app = await start('claude', 'chatgpt');
    const check = () => app.desktop.handlers['account:check']({ account: firstAccount(app).id });
    app.provider.setClock(app.clock.now() - Date.now());
    await check();
    expect(app.desktop.state().clockOff).toBeNull();
    app.provider.setClock(app.clock.now() - Date.now() - 9 * MINUTE);
    await check();
    const { clockOff } = app.told.at(-1) ?? {};
    expect(Math.round((clockOff ?? 0) / MINUTE)).toBe(9);
    expect(app.desktop.state().accounts.map(({ state }) => state)).toEqual(
      Array(2).fill('signed-in'),
    );
    app.provider.setClock(app.clock.now() - Date.now());
    await check();
    expect(app.told.at(-1)?.clockOff).toBeNull();
  });

  test('stays as it was while the folder cannot be read, and that is told', async () => {
    const app = await start('claude');
    const { settings } = app.context.paths;
    const text = await readFile(settings, 'utf8');
    await writeFile(settings, JSON.stringify({ ...JSON.parse(text), schema: 2 }));
    await app.desktop.refreshState();
    expect(app.desktop.state()).toMatchObject({
      accounts: [{ state: 'signed-in' }],
      trouble: { code: 'newer-version', title: 'A newer Authbar was here' },
    });
    await writeFile(settings, text);
    await app.desktop.refreshState();
    expect(app.desktop.state().trouble).toBeNull();
  });

  test('has every tool, the keychain is none, what works there, and what is only written', async () => {
    const world = await startWorld();
    await install(world, 'codex', 'opencode');
    const app = { ...world, ...openDesktop(world) };
    await app.signIn('claude');
    await app.signIn('chatgpt');
    await app.desktop.refreshState();
    const { tools } = app.desktop.state();
    expect(tools.map(({ id, installed }) => [id, installed])).toEqual([
      ['claude-code', false],
      ['codex', true],
      ['pi', false],
      ['peekaboo', false],
      ['opencode', true],
      ['synaps', false],
    ]);
    // Its file is ours alone until the program has put its own beside it.
    await writeFile(join(world.userHome, '.peekaboo', 'config.json'), '{}');
    await app.desktop.refreshState();
    expect(toolOf(app, 'peekaboo').installed).toBe(true);
    const works = (id: string) =>
      toolOf(app, id).entries.map(({ provider, state, works: can }) => [provider, state, can]);
    expect(works('codex')).toEqual([['openai', 'in-step', true]]);
    expect(works('peekaboo').sort()).toEqual([
      ['anthropic', 'in-step', true],
      ['openai', 'in-step', false],
    ]);
    expect(works('opencode').sort()).toEqual([
      ['anthropic', 'in-step', false],
      ['openai', 'in-step', true],
    ]);
    const [, annas] = app.desktop.state().accounts;
    expect(annas && toolsUsing(app.desktop.state(), annas)).toEqual(['Codex', 'opencode']);
    expect(toolOf(app, 'codex')).toMatchObject({ serves: ['openai'], needsConsent: false });
    expect(toolOf(app, 'pi').serves).toEqual(['anthropic', 'openai']);
  });

  test('says that a tool has to be restarted while what ran then runs on', async () => {
    const world = await startWorld();
    await install(world, 'codex', 'pi');
    const codex = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], {
      argv0: '/usr/local/bin/codex',
      stdio: 'ignore',
    });
    onTestFinished(() => void codex.kill('SIGKILL'));
    const app = { ...world, ...openDesktop(world, systemProcesses(process.platform)) };
    await app.desktop.refreshState();
    await app.signIn('chatgpt');
    await until(app.desktop, ({ accounts }) => accounts.length === 1);
    await app.desktop.refreshState();
    const restarts = () =>
      ['codex', 'pi'].map((id) => toolOf(app, id).entries.map(({ restart }) => restart));
    expect(restarts()).toEqual([[true], [expect.any(Boolean)]]);
    const ended = new Promise((resolve) => codex.once('exit', resolve));
    codex.kill('SIGKILL');
    await ended;
    expect(restarts()[0]).toEqual([false]);
  });
});

describe('the accounts', () => {
  test('are asked about, one or all, and show it meanwhile', async () => {
    const app = await start('claude', 'chatgpt');
    const { handlers } = app.desktop;
    const { id } = firstAccount(app);
    expect(await handlers['account:check']({ account: id })).toEqual([
      { account: id, result: 'works' },
    ]);
    expect(app.provider.journal.requests('anthropic', 'refresh')).toBe(0);
    expect(app.told.some(({ checking }) => checking.includes(id))).toBe(true);
    expect(app.desktop.state().checking).toEqual([]);
    app.provider.faults.arm('anthropic', 'profile', FAULTS.unavailable);
    app.provider.revokeFamily('openai', 'anna');
    const reports = await handlers['account:check']({ account: null });
    expect(reports.map(({ result }) => result).sort()).toEqual(['refused', 'unreachable']);
  });

  test('that are gone are said to be', async () => {
    const app = await start('claude');
    const account = '0123456789abcdef';
    for (const call of ['account:check', 'account:open-service', 'account:sign-out'] as const) {
      await expect(app.desktop.handlers[call]({ account })).rejects.toBeInstanceOf(AppError);
    }
  });

  test('have a history, and a page of their service', async () => {
    const app = await start('claude');
    const { handlers } = app.desktop;
    const { id: account } = firstAccount(app);
    const events = await handlers['account:history']({ account });
    expect(events.map(({ event }) => event)).toContain('signed-in');
    await handlers['account:open-service']({ account });
    expect(app.system.opened).toEqual(['https://claude.ai/settings']);
    app.system.opensBrowser = false;
    await expect(handlers['account:open-service']({ account })).rejects.toMatchObject({
      code: 'browser-not-opened',
    });
  });

  test('are signed out place by place', async () => {
    const world = await startWorld();
    await install(world, 'codex', 'pi');
    const app = { ...world, ...openDesktop(world) };
    const account = await app.signIn('chatgpt');
    await app.desktop.refreshState();
    expect(await app.desktop.handlers['account:sign-out']({ account })).toEqual({
      removed: ['Codex', 'Pi', 'Peekaboo', 'a file that only you can read'],
      kept: [],
      ended: true,
    });
    expect(app.desktop.state().accounts).toEqual([]);
    expect(activeTokens(app)).toEqual([]);
  });

  test('that could not be ended at the service, or taken out of a tool, say so', async () => {
    const world = await startWorld();
    await install(world, 'codex');
    const app = { ...world, ...openDesktop(world) };
    const account = await app.signIn('chatgpt');
    await app.desktop.refreshState();
    app.provider.faults.arm('openai', 'revoke', FAULTS.unavailable, 10);
    await writeFile(toolFile(app, 'codex'), '{ damaged');
    expect(await app.desktop.handlers['account:sign-out']({ account })).toEqual({
      removed: ['Peekaboo', 'a file that only you can read'],
      kept: [{ tool: 'codex', name: 'Codex' }],
      ended: false,
    });
  });
});

describe('the tools', () => {
  test('are turned off and on, and shown where they are', async () => {
    const world = await startWorld();
    await install(world, 'pi');
    const app = { ...world, ...openDesktop(world) };
    await app.signIn('claude');
    const { handlers } = app.desktop;
    await handlers['tool:mode']({ tool: 'pi', mode: 'off' });
    expect(await tokensIn(app, 'pi', 'anthropic')).toBeNull();
    expect(toolOf(app, 'pi')).toMatchObject({ mode: 'off', entries: [] });
    await handlers['tool:mode']({ tool: 'pi', mode: 'on' });
    expect(toolOf(app, 'pi')).toMatchObject({ mode: 'shared', entries: [{ state: 'in-step' }] });
    await handlers['tool:show-file']({ tool: 'pi' });
    await handlers['tool:show-file']({ tool: 'keychain' });
    expect(app.system.files).toEqual([toolFile(app, 'pi')]);
    await expect(handlers['tool:mode']({ tool: 'emacs', mode: 'on' })).rejects.toMatchObject({
      code: 'wrong-use',
    });
  });

  test('that were signed out by themselves stay so until the person puts the login back', async () => {
    const world = await startWorld();
    await install(world, 'pi');
    const app = { ...world, ...openDesktop(world) };
    await app.signIn('claude');
    await removeThere(app, 'pi', 'anthropic');
    app.clock.advance(MINUTE);
    await app.engine.refresh(null);
    await app.desktop.refreshState();
    const { handlers } = app.desktop;
    const gone = () => signedOutOf(app.desktop.state(), toolOf(app, 'pi'))?.entry;
    expect(gone()).toMatchObject({ state: 'empty', provider: 'anthropic' });
    expect(await tokensIn(app, 'pi', 'anthropic')).toBeNull();
    await handlers['tool:mode']({ tool: 'pi', mode: 'on' });
    expect(gone()).toBeUndefined();
    expect(toolOf(app, 'pi')).toMatchObject({ mode: 'shared', entries: [{ state: 'in-step' }] });
    const refresh = (await tokensIn(app, 'pi', 'anthropic'))?.refresh;
    expect(activeTokens(app)).toEqual([refresh]);
  });

  test('that cannot be emptied say why', async () => {
    const world = await startWorld();
    await install(world, 'pi');
    const app = { ...world, ...openDesktop(world) };
    await app.signIn('claude');
    await writeFile(toolFile(app, 'pi'), '{ damaged');
    await expect(
      app.desktop.handlers['tool:mode']({ tool: 'pi', mode: 'off' }),
    ).rejects.toMatchObject({ code: 'tool-file-damaged', details: { tool: 'Pi' } });
  });

  test('keep a stranger’s login until the person decides, and the decision', async () => {
    const world = await startWorld();
    await install(world, 'pi');
    const key = { anthropic: { type: 'api_key', key: 'sk-ant-planted-canary' } };
    await writeFile(toolFile(world, 'pi'), JSON.stringify(key), { mode: 0o600 });
    const app = { ...world, ...openDesktop(world) };
    await app.signIn('claude');
    await app.desktop.refreshState();
    const { handlers } = app.desktop;
    const entry = () => toolOf(app, 'pi').entries[0];
    expect(entry()).toMatchObject({ state: 'api-key', leftAlone: false });
    await handlers['tool:leave']({ tool: 'pi', provider: 'anthropic' });
    await handlers['tool:leave']({ tool: 'pi', provider: 'anthropic' });
    expect(entry()).toMatchObject({ state: 'api-key', leftAlone: true });
    const settings = JSON.parse(await readFile(app.context.paths.settings, 'utf8'));
    expect(settings.app.leftAlone).toHaveLength(1);
    await handlers['tool:take']({ tool: 'pi', provider: 'anthropic' });
    expect(entry()).toMatchObject({ state: 'in-step', leftAlone: false });
  });
});

describe('the switches', () => {
  test('are the system’s or ours, and survive a restart', async () => {
    const app = await start();
    const { handlers } = app.desktop;
    const { settings: usual } = app.desktop.state();
    expect(usual).toMatchObject({ openAtLogin: false, notices: true, offerDismissed: false });
    await handlers['settings:change']({ openAtLogin: true, notices: false });
    await handlers['offer:dismiss'](undefined);
    await app.desktop.zoom('bigger');
    await app.desktop.zoom('bigger');
    await app.desktop.zoom('smaller');
    const { settings, zoom } = app.desktop.state();
    expect(settings).toMatchObject({ openAtLogin: true, notices: false, offerDismissed: true });
    expect(zoom).toBe(1.25);
    expect(app.system).toMatchObject({ atLogin: true, welcomes: 0 });
    const again = openDesktop(await app.another());
    await again.desktop.refreshState();
    expect(again.desktop.state()).toMatchObject({
      zoom: 1.25,
      settings: { openAtLogin: false, notices: false, offerDismissed: true },
    });
    await again.desktop.zoom('actual');
    await again.desktop.zoom('smaller');
    expect(again.desktop.state().zoom).toBe(1);
  });

  test('that let the system speak have it ask at once', async () => {
    const app = await start();
    app.desktop.missed(null);
    expect(app.desktop.state().settings.noticesBlocked).toBe(true);
    await app.desktop.handlers['settings:change']({ notices: true });
    expect(app.system.welcomes).toBe(1);
    expect(app.desktop.state()).toMatchObject({
      settings: { notices: true, noticesBlocked: false },
      missedNotice: null,
    });
  });

  test('lead to the system’s pages and to the folder', async () => {
    const app = await start();
    const { handlers } = app.desktop;
    await handlers['settings:open-system']({ page: 'notifications' });
    await handlers['settings:show-folder'](undefined);
    await handlers['link:open']({ link: 'terms' });
    expect(app.system.systemPages).toEqual(['notifications']);
    expect(app.system.files).toEqual([app.context.paths.home]);
    expect(app.system.opened).toEqual(['https://www.anthropic.com/legal/consumer-terms']);
  });

  test('that were damaged are as if they were never set, and cost no login', async () => {
    const app = await start('claude');
    const { settings } = app.context.paths;
    const saved = JSON.parse(await readFile(settings, 'utf8'));
    const damaged = { notices: 'no', zoom: 7, termsSeen: [], leftAlone: [3], later: 'kept' };
    await writeFile(settings, JSON.stringify({ ...saved, app: damaged }));
    await app.desktop.refreshState();
    expect(app.desktop.state()).toMatchObject({
      zoom: 1,
      settings: { notices: true },
      accounts: [{ state: 'signed-in' }],
    });
    await app.desktop.zoom('bigger');
    expect(JSON.parse(await readFile(settings, 'utf8'))).toMatchObject({
      vault: 'file',
      app: { zoom: 1.25, later: 'kept' },
    });
  });
});

describe('where the key is kept', () => {
  test('a file is used once the person agrees, and the sign-in goes on', async () => {
    const world = await startWorld();
    const { AUTHBAR_VAULT: _, ...env } = world.env;
    const none = { ...world.context.keychain, state: async () => 'unavailable' as const };
    const { engine, context } = await world.another({ env, keychain: none });
    const app = openDesktop({ engine, context });
    const { handlers } = app.desktop;
    await handlers['sign-in:start']({ provider: 'anthropic', account: null });
    expect(await app.at('failed')).toMatchObject({ error: { code: 'keyring-missing' } });
    await handlers['keychain:use-file'](undefined);
    await app.at('waiting');
    await app.desktop.refreshState();
    expect(app.desktop.state().vault).toEqual({ kind: 'file', state: 'open' });
  });

  test('what cannot be unlocked is told as that', async () => {
    const app = await start('claude');
    const { key } = app.context.paths;
    const locked = openDesktop(await app.another());
    await locked.desktop.refreshState();
    await rename(key, `${key}.away`);
    await expect(locked.desktop.handlers['keychain:unlock'](undefined)).rejects.toMatchObject({
      code: 'list-damaged',
    });
    await rename(`${key}.away`, key);
    await locked.desktop.handlers['keychain:unlock'](undefined);
    expect(locked.desktop.state().vault.state).toBe('open');
  });
});

describe('while the app is open', () => {
  test('logins are renewed, and what a person has to know reaches the system', async () => {
    const world = await startWorld();
    const account = await world.signIn('claude');
    const signedInAt = world.clock.now();
    world.clock.advance(HOUR);
    const stop = new AbortController();
    const { context } = await world.another();
    const wired = { ...context, ...leaping(world, context) };
    const app = openDesktop({ engine: new Engine(wired), context: wired });
    const ended = app.desktop.start({
      signal: stop.signal,
      power: new FakePower(),
      banners: app.system,
    });
    const renewed = await until(
      app.desktop,
      ({ accounts: [first] }) => (first?.renewedAt ?? 0) > signedInAt,
    );
    expect(renewed.accounts).toMatchObject([{ id: account, state: 'signed-in' }]);
    expect(await runningEngine(context)).toMatchObject({ kind: 'app', version: '1.2.3' });
    world.provider.revokeFamily('anthropic', 'anna');
    const checked = await app.desktop.handlers['account:check']({ account });
    expect(checked).toEqual([{ account, result: 'refused' }]);
    while (app.system.banners.size === 0) await wait(1);
    const [banner] = app.system.banners.values();
    expect(banner).toMatchObject({
      title: 'Sign in to Claude again',
      button: 'Sign in',
      sound: true,
    });
    await app.desktop.act(banner?.id ?? '');
    expect(app.system.places).toEqual([{ view: 'sign-in' }]);
    expect(app.desktop.state().signIn).toMatchObject({ provider: 'anthropic', account });
    stop.abort();
    await ended;
    expect(app.desktop.state().signIn).toBeNull();
    expect(await readFile(accountFile(world, account, 'ledger.json'), 'utf8')).toContain('over');
  });
});

test('an app that another one does not make way for asks again until it does', async () => {
  const world = await startWorld();
  const { context } = await world.another();
  const held = await holdEngine(context, { kind: 'app', version: '1.0.0' });
  let refusals = 0;
  const log: typeof context.log = ({ fields }) => {
    if (fields?.code === 'engine-running') refusals += 1;
  };
  const wired = { ...context, ...leaping(world, context), log };
  const app = openDesktop({ engine: new Engine(wired), context: wired });
  const stop = new AbortController();
  const ended = app.desktop.start({ signal: stop.signal });
  while (refusals < 2) await wait(1);
  await held?.release();
  while ((await runningEngine(context))?.version !== '1.2.3') await wait(1);
  stop.abort();
  await ended;
  expect(await runningEngine(context)).toBeNull();
});
