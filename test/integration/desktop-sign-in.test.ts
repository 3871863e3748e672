import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import { mayOpen } from '../../src/core/app/links.ts';
import { LOGIN_TIMEOUT } from '../../src/core/login.ts';
import { cardsOf } from '../../src/shared/ui/card.ts';
import { type DesktopWorld, openDesktop, until } from '../support/desktop.ts';
import { startWorld, type World } from '../support/engine.ts';
import { activeTokens } from '../support/look.ts';
import { signInAt } from '../support/provider/index.ts';
import { startPlainIssuer } from '../support/provider/plain.ts';

const CLAUDE = { provider: 'anthropic', account: null } as const;
const CHATGPT = { provider: 'openai', account: null } as const;

async function start(
  options: Parameters<typeof startWorld>[0] = {},
): Promise<World & DesktopWorld> {
  const world = await startWorld(options);
  const app = openDesktop(world);
  await app.desktop.refreshState();
  return { ...world, ...app };
}

/** Signs in through the app, the browser played by a small user agent. */
async function signInThere(
  app: DesktopWorld,
  wish: { provider: string; account: string | null },
  person?: string,
) {
  await app.desktop.handlers['sign-in:start'](wish);
  await app.at('waiting');
  await signInAt(app.system.opened.at(-1) ?? '', person ? { person } : {});
  return app.at('signed-in', 'other-account', 'failed');
}

async function busyPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

describe('a sign-in in the window', () => {
  test('opens the browser, waits, and ends with the account in the list', async () => {
    const app = await start();
    const end = await signInThere(app, CLAUDE);
    expect(end).toMatchObject({ ...CLAUDE, step: 'signed-in', first: true });
    const { accounts, signIn } = app.desktop.state();
    expect(accounts).toMatchObject([{ email: 'anna@example.com', state: 'signed-in' }]);
    expect(signIn).toMatchObject({ accountId: accounts[0]?.id });
    const steps = new Set(app.told.map((state) => state.signIn?.step));
    expect([...steps]).toEqual([undefined, 'preparing', 'waiting', 'finishing', 'signed-in']);
    expect(app.system.opened).toHaveLength(1);
  });

  test('is the first one until its end was read, and never again', async () => {
    const app = await start();
    const { handlers } = app.desktop;
    await signInThere(app, CLAUDE);
    await handlers['sign-in:close'](undefined);
    expect(app.desktop.state().signIn).toBeNull();
    expect(await signInThere(app, CHATGPT)).toMatchObject({ step: 'signed-in', first: false });
    // The other service is no offer any more, although one of the two may go.
    await until(app.desktop, ({ settings }) => settings.offerDismissed);
    const again = openDesktop(await app.another());
    await again.desktop.refreshState();
    expect(await signInThere(again, CHATGPT)).toMatchObject({ first: false });
  });

  test('says that the browser did not open, opens it again, and copies its link', async () => {
    const app = await start();
    const { handlers } = app.desktop;
    app.system.opensBrowser = false;
    await handlers['sign-in:start'](CHATGPT);
    await until(app.desktop, ({ signIn }) => signIn?.step === 'waiting' && !signIn.browserOpened);
    await handlers['sign-in:copy-link'](undefined);
    app.system.opensBrowser = true;
    await handlers['sign-in:open-again'](undefined);
    expect(app.desktop.state().signIn).toMatchObject({ step: 'waiting', browserOpened: true });
    expect(app.system.opened).toHaveLength(2);
    expect(app.system.copied).toEqual([app.system.opened[0]]);
    await handlers['sign-in:cancel'](undefined);
    expect(app.desktop.state().signIn).toBeNull();
    while (app.engine.signingIn) await turn();
    expect(app.desktop.state()).toMatchObject({ signIn: null, accounts: [] });
  });

  test('checks a text without taking it, and takes it when it is sent off', async () => {
    const app = await start();
    const { handlers } = app.desktop;
    const check = async (text: string) => (await handlers['sign-in:check-code']({ text })).problem;
    expect(await check('anything')).toBe('This sign-in takes no code now.');
    await handlers['sign-in:start'](CLAUDE);
    await app.at('waiting');
    const end = await signInAt(app.system.opened[0] ?? '', { fetchCallback: false });
    const address = new URL(end.url);
    const { origin, pathname, searchParams } = address;
    const [code, state] = [searchParams.get('code'), searchParams.get('state')];
    expect(await check('')).toBe('Paste the code first.');
    expect(await check('yes')).toBe(
      'That doesn’t look like the code. Copy the one that Claude shows at the end.',
    );
    expect(await check(`${code}#${state?.slice(0, 10)}`)).toBe(
      'That’s only part of the code. Copy all of it, including what comes after the #.',
    );
    expect(await check(`${code}#${'x'.repeat(43)}`)).toBe(
      'That’s from an earlier try. Use the newest page in your browser.',
    );
    expect(await check(`https://example.com/callback?code=${code}&state=${state}`)).toBe(
      `That address is from another site. Copy the one that starts with ${origin}.`,
    );
    expect(await check(`${origin}${pathname}?error=access_denied`)).toBe(
      'That address says the sign-in was stopped. Open the browser again and allow it.',
    );
    expect(await check(address.href)).toBeNull();
    expect(app.desktop.state().signIn).toMatchObject({ step: 'waiting' });
    expect(await handlers['sign-in:enter-code']({ text: 'yes' })).toMatchObject({
      problem: expect.stringContaining('doesn’t look like'),
    });
    expect(await handlers['sign-in:enter-code']({ text: address.href })).toEqual({ problem: null });
    expect(await app.at('signed-in')).toMatchObject({ provider: 'anthropic' });
  });

  test('goes on by a code where another program holds the port', async () => {
    const port = await busyPort();
    const app = await start({ standIn: { redirectPorts: { anthropic: [port], openai: [port] } } });
    await app.desktop.handlers['sign-in:start'](CLAUDE);
    const { obstacle } = await app.at('waiting');
    expect(obstacle).toMatchObject({ code: 'port-busy' });
    const end = await signInAt(app.system.opened[0] ?? '');
    if (end.kind !== 'code-page') throw new Error(end.kind);
    await app.desktop.handlers['sign-in:enter-code']({ text: end.code });
    await app.at('signed-in');
  });

  test('that was stopped in the browser says so, and is gone once that was read', async () => {
    const app = await start();
    const { handlers } = app.desktop;
    await handlers['sign-in:start'](CHATGPT);
    await app.at('waiting');
    await signInAt(app.system.opened[0] ?? '', { deny: true });
    const { error } = await app.at('failed');
    expect(error).toEqual({
      code: 'sign-in-stopped',
      title: 'You didn’t sign in',
      sentence: 'The sign-in was stopped in the browser. Nothing was changed.',
      action: 'Try again',
    });
    await handlers['sign-in:close'](undefined);
    expect(app.desktop.state().signIn).toBeNull();
  });

  test('ends by itself after 10 minutes', async () => {
    const app = await start();
    await app.desktop.handlers['sign-in:start'](CLAUDE);
    const { since, endsAt } = await app.at('waiting');
    expect(endsAt - since).toBeLessThanOrEqual(LOGIN_TIMEOUT);
    app.clock.advance(LOGIN_TIMEOUT);
    expect(await app.at('failed')).toMatchObject({ error: { code: 'sign-in-timeout' } });
  });

  test('is not begun while the system is offline', async () => {
    const app = await start();
    app.system.online = false;
    await app.desktop.handlers['sign-in:start'](CLAUDE);
    expect(app.desktop.state()).toMatchObject({
      online: false,
      signIn: { step: 'failed', error: { code: 'offline', sentence: 'Nothing was changed.' } },
    });
    expect(app.engine.signingIn).toBe(false);
    expect(app.system.opened).toEqual([]);
  });

  test('is one at a time: a new one replaces it, and its page leads nowhere', async () => {
    const app = await start();
    const { handlers } = app.desktop;
    await handlers['sign-in:start'](CLAUDE);
    await app.at('waiting');
    await handlers['sign-in:start'](CHATGPT);
    await until(
      app.desktop,
      ({ signIn }) => signIn?.step === 'waiting' && signIn.provider === 'openai',
    );
    const [first = '', second = ''] = app.system.opened;
    expect(await signInAt(first)).toMatchObject({ kind: 'redirect' });
    await signInAt(second);
    expect(await app.at('signed-in')).toMatchObject({ provider: 'openai' });
    expect(app.desktop.state().accounts).toMatchObject([{ provider: 'openai' }]);
  });

  test('has nothing to close or to leave while the code is exchanged', async () => {
    const app = await start();
    const { handlers } = app.desktop;
    await handlers['sign-in:start'](CLAUDE);
    await app.at('waiting');
    const signingIn = signInAt(app.system.opened[0] ?? '');
    await app.at('finishing');
    await handlers['sign-in:cancel'](undefined);
    await handlers['sign-in:close'](undefined);
    expect(app.desktop.state().signIn).not.toBeNull();
    await signingIn;
    await app.at('signed-in');
  });

  test('to a service that nobody knows is refused', async () => {
    const app = await start();
    const wish = { provider: 'gemini', account: null };
    await expect(app.desktop.handlers['sign-in:start'](wish)).rejects.toMatchObject({
      code: 'wrong-use',
    });
    expect(app.desktop.state().signIn).toBeNull();
  });
});

describe('a sign-in to an account', () => {
  test('that ends as the same person is the end of it', async () => {
    const app = await start();
    const account = await app.signIn('claude');
    await app.desktop.refreshState();
    const end = await signInThere(app, { provider: 'anthropic', account });
    expect(end).toMatchObject({ step: 'signed-in', accountId: account, account });
    expect(app.desktop.state().accounts).toHaveLength(1);
  });

  test('that ends as somebody else asks, and keeps both', async () => {
    const app = await start();
    const account = await app.signIn('claude');
    await app.desktop.refreshState();
    const end = await signInThere(app, { provider: 'anthropic', account }, 'ben');
    expect(end).toMatchObject({
      step: 'other-account',
      newAccount: 'ben@example.com',
      oldAccount: 'anna@example.com',
    });
    await app.desktop.handlers['sign-in:close'](undefined);
    expect(app.desktop.state()).toMatchObject({ signIn: null, accounts: [{}, {}] });
  });

  test('tells two workspaces of one person apart', async () => {
    const app = await start();
    const account = await app.signIn('claude');
    await app.desktop.refreshState();
    expect(
      await signInThere(app, { provider: 'anthropic', account }, 'anna-at-work'),
    ).toMatchObject({
      newAccount: 'anna@example.com (Example Works)',
      oldAccount: 'anna@example.com (Anna)',
    });
  });

  test('begins again without who was signed in by mistake', async () => {
    const app = await start();
    const account = await app.signIn('claude');
    await app.desktop.refreshState();
    await signInThere(app, { provider: 'anthropic', account }, 'ben');
    await app.desktop.handlers['sign-in:other-account-again'](undefined);
    expect(await app.at('waiting')).toMatchObject({ account });
    await until(app.desktop, ({ accounts }) => accounts.length === 1);
    expect(app.desktop.state().accounts).toMatchObject([{ id: account }]);
    expect(activeTokens(app)).toHaveLength(1);
  });

  test('begins again and leaves those alone who were here before', async () => {
    const app = await start();
    const account = await app.signIn('claude');
    await app.signIn('claude', 'ben');
    await app.desktop.refreshState();
    await signInThere(app, { provider: 'anthropic', account }, 'ben');
    await app.desktop.handlers['sign-in:other-account-again'](undefined);
    await app.at('waiting');
    expect(app.desktop.state().accounts).toHaveLength(2);
  });
});

describe('the terms of Claude', () => {
  test('are seen once, with the day', async () => {
    const app = await start();
    const terms = () => app.desktop.state().services.map((service) => service.terms);
    expect(terms()).toMatchObject([{ company: 'Anthropic', link: 'Read Anthropic’s terms' }, null]);
    await app.desktop.handlers['terms:accept']({ provider: 'anthropic' });
    expect(terms()).toEqual([null, null]);
    const settings = JSON.parse(await readFile(app.context.paths.settings, 'utf8'));
    expect(settings.app.termsSeen).toEqual({
      anthropic: new Date(app.clock.now()).toISOString().slice(0, 10),
    });
  });

  test('come before a sign-in from the menu, but not before a repair', async () => {
    const app = await start();
    app.desktop.signIn('anthropic', null);
    expect(app.desktop.state().signIn).toBeNull();
    const terms = { view: 'terms', provider: 'anthropic', account: null };
    expect(app.system.places).toEqual([terms]);
    app.desktop.signIn('openai', null);
    expect(app.system.places.at(-1)).toEqual({ view: 'sign-in' });
    const account = await app.signIn('claude');
    await app.desktop.refreshState();
    app.desktop.signIn('anthropic', null);
    expect(app.system.places.at(-1)).toEqual(terms);
    app.desktop.signIn('anthropic', account);
    expect(await app.at('waiting')).toMatchObject({ provider: 'anthropic', account });
  });
});

describe('a service that the person added', () => {
  const wish = { provider: 'custom-example', account: null } as const;

  async function startAdded() {
    const app = await start();
    const service = await startPlainIssuer({ life: 3600 });
    onTestFinished(() => service.close());
    const { issuer, clientId } = service;
    const request = { issuer, clientId, id: 'example', name: 'Example', replace: false };
    await app.engine.providers.add(request);
    await app.desktop.refreshState();
    return { app, service };
  }

  const cards = (app: DesktopWorld) => cardsOf(app.desktop.state(), app.desktop.state().now);

  test('has a card with its name, and no tool to be given to', async () => {
    const { app } = await startAdded();
    expect(await signInThere(app, wish)).toMatchObject({ step: 'signed-in' });
    expect(cards(app)).toMatchObject([
      { service: 'Example', email: 'anna@example.com', usedBy: 'Not given to any tool' },
    ]);
    expect(mayOpen(app.system.opened.at(-1) ?? '', { ...app.context, env: {} })).toBe(true);
  });

  test('is signed in to again from its card once it is over', async () => {
    const { app, service } = await startAdded();
    const { desktop } = app;
    await signInThere(app, wish);
    service.revokeAll();
    const account = desktop.state().accounts[0]?.id ?? null;
    await desktop.handlers['account:check']({ account });
    expect(cards(app)).toMatchObject([{ state: 'sign-in-again', action: { kind: 'sign-in' } }]);
    await desktop.handlers['sign-in:close'](undefined);
    expect(await signInThere(app, { ...wish, account })).toMatchObject({ accountId: account });
    expect(cards(app)).toMatchObject([{ service: 'Example', state: 'ready' }]);
  });

  test('is named after its id when it was removed, and its login can be signed out', async () => {
    const { app } = await startAdded();
    await signInThere(app, wish);
    await app.engine.providers.remove('example', true);
    await app.desktop.refreshState();
    expect(cards(app)).toMatchObject([{ service: 'Example' }]);
    const account = app.desktop.state().accounts[0]?.id ?? '';
    await app.desktop.handlers['account:sign-out']({ account });
    expect(app.desktop.state().accounts).toEqual([]);
  });
});
