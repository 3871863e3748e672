import { createServer, get, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { LOGIN_TIMEOUT, LoginAttempt } from '../../src/core/login.ts';
import { AppError } from '../../src/shared/errors.ts';
import { signIn, startWorld, type World } from '../support/engine.ts';
import { accountFolders, activeTokens, beginLogin, peekaboo, untilIn } from '../support/look.ts';
import { PATIENCE } from '../support/patience.ts';
import { FAULTS, type Fault, signInAt, type UserAgentEnd } from '../support/provider/index.ts';

const HOUR = 60 * 60_000;

/** The callback's address with the code in it, which nobody has fetched. */
async function unfetched(url: string, person?: string): Promise<URL> {
  const end = await signInAt(url, { ...(person && { person }), fetchCallback: false });
  expect(end.kind).toBe('redirect');
  return new URL(end.url);
}

function callback(end: UserAgentEnd): Extract<UserAgentEnd, { kind: 'callback' }> {
  if (end.kind !== 'callback') throw new Error(`the browser ended on a ${end.kind}`);
  return end;
}

async function emails({ engine }: World): Promise<(string | null)[]> {
  return (await engine.status()).accounts.map(({ email }) => email);
}

/** A port that nothing listens on just now. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Takes a port, as another program would. */
async function busyPort(host = '127.0.0.1'): Promise<number> {
  const server: Server = createServer();
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

describe('in the browser', () => {
  test('the page says so once the login is kept, and a reload that it has finished', async () => {
    const world = await startWorld();
    // Only the test says when the two seconds are over in which a reload is answered.
    world.clock.stand(1000);
    const { attempt, waiting } = await beginLogin(world.engine, 'claude');
    const page = callback(await signInAt(waiting.url));
    expect(page).toMatchObject({ status: 200 });
    expect(page.body).toContain('<h1>You’re signed in to Claude</h1>');
    expect(page.headers.get('cache-control')).toBe('no-store');
    expect(page.body).not.toContain(new URL(page.url).searchParams.get('code'));
    expect(await accountFolders(world)).toHaveLength(1);
    const reload = await fetch(page.url);
    expect(reload.status).toBe(400);
    expect(await reload.text()).toContain('You’ve already finished here');
    await attempt.done;
    world.clock.advance(2000);
    await attempt.closed();
    await expect(fetch(page.url)).rejects.toThrow();
    expect(world.provider.journal.requests('anthropic', 'exchange')).toBe(1);
  });

  test('a denial ends it, says so in the browser, and leaves nothing', async () => {
    const world = await startWorld();
    const { attempt, waiting } = await beginLogin(world.engine, 'chatgpt');
    const page = callback(await signInAt(waiting.url, { deny: true }));
    expect(page.body).toContain('You didn’t sign in');
    await expect(attempt.done).rejects.toMatchObject({ code: 'sign-in-stopped' });
    expect((await fetch(page.url)).status).toBe(400);
    expect(await accountFolders(world)).toEqual([]);
  });

  test('an answer with another state ends nothing, and the right one still counts', async () => {
    const world = await startWorld();
    const { attempt, waiting } = await beginLogin(world.engine, 'claude');
    const answer = await unfetched(waiting.url);
    const wrong = new URL(answer);
    wrong.searchParams.set('state', 'x'.repeat(43));
    const denied = new URL(answer.origin + answer.pathname);
    denied.search = 'error=access_denied&state=other';
    for (const url of [wrong, denied]) {
      const page = await fetch(url);
      expect(page.status).toBe(400);
      expect(await page.text()).toContain('This page is from another try');
    }
    expect(attempt.state.kind).toBe('waiting');
    expect((await fetch(answer)).status).toBe(200);
    await attempt.done;
    expect(await emails(world)).toEqual(['anna@example.com']);
  });

  test('a code that has expired is told as such, to the browser too', async () => {
    const world = await startWorld({ standIn: { ttl: { code: 1 } } });
    const { attempt, waiting } = await beginLogin(world.engine, 'chatgpt');
    const answer = await unfetched(waiting.url);
    await new Promise((resolve) => setTimeout(resolve, 2100));
    const page = await fetch(answer);
    expect(page.status).toBe(400);
    expect(await page.text()).toContain('This sign-in ran out of time');
    await expect(attempt.done).rejects.toMatchObject({ code: 'code-refused' });
    expect(await accountFolders(world)).toEqual([]);
  });

  test('the program that asks on `/cancel` ends it', async () => {
    const world = await startWorld();
    const { attempt, waiting } = await beginLogin(world.engine, 'chatgpt');
    const { searchParams } = new URL(waiting.url);
    // As a program asks, not as a page does: `fetch` would say where it comes from.
    get(new URL('/cancel', searchParams.get('redirect_uri') ?? '')).on('error', () => {});
    await expect(attempt.done).rejects.toMatchObject({ code: 'sign-in-stopped' });
  });
});

describe('a pasted code', () => {
  test('of Claude’s code page signs in, and nothing listens any more', async () => {
    const world = await startWorld();
    const { attempt, waiting } = await beginLogin(world.engine, 'claude');
    const end = await signInAt(waiting.codeUrl ?? '');
    if (end.kind !== 'code-page') throw new Error(end.kind);
    expect(attempt.paste(`  "${end.code}"\n`)).toBeNull();
    const id = await attempt.done;
    await attempt.closed();
    expect((await world.engine.status()).accounts).toMatchObject([{ id, state: 'signed-in' }]);
    const { searchParams } = new URL(waiting.url);
    await expect(fetch(searchParams.get('redirect_uri') ?? '')).rejects.toThrow();
  });

  test('of Claude is taken without its state as well', async () => {
    const world = await startWorld();
    const { attempt, waiting } = await beginLogin(world.engine, 'claude');
    const end = await signInAt(waiting.codeUrl ?? '');
    if (end.kind !== 'code-page') throw new Error(end.kind);
    expect(attempt.paste(end.code.split('#')[0] ?? '')).toBeNull();
    await attempt.done;
    expect(await emails(world)).toEqual(['anna@example.com']);
  });

  test.each(['claude', 'chatgpt'])('can be the whole address for %s', async (service) => {
    const world = await startWorld();
    const { attempt, waiting } = await beginLogin(world.engine, service);
    const address = await unfetched(waiting.url);
    expect(attempt.paste(address.href)).toBeNull();
    await attempt.done;
    expect(await emails(world)).toEqual(['anna@example.com']);
  });

  test('of another try is refused with what to copy, and then the right one is taken', async () => {
    const world = await startWorld();
    const { attempt, waiting } = await beginLogin(world.engine, 'chatgpt');
    const address = await unfetched(waiting.url);
    const wrong = new URL(address);
    wrong.searchParams.set('state', 'y'.repeat(43));
    expect(attempt.paste(wrong.href)).toMatchObject({ code: 'answer-mismatch' });
    expect(attempt.paste('yes')).toMatchObject({ code: 'code-incomplete' });
    expect(attempt.paste(`${address.origin}${address.pathname}?error=access_denied`)).toMatchObject(
      { code: 'sign-in-stopped' },
    );
    expect(attempt.state.kind).toBe('waiting');
    expect(attempt.paste(address.href)).toBeNull();
    await attempt.done;
    expect(attempt.paste(address.href)).toMatchObject({ code: 'sign-in-stopped' });
  });

  test('that was used already is told as such, and the first login stays', async () => {
    const world = await startWorld();
    const first = await beginLogin(world.engine, 'claude');
    const end = await signInAt(first.waiting.codeUrl ?? '');
    if (end.kind !== 'code-page') throw new Error(end.kind);
    const bare = end.code.split('#')[0] ?? '';
    first.attempt.paste(bare);
    const id = await first.attempt.done;
    const second = await beginLogin(world.engine, 'claude');
    expect(second.attempt.paste(bare)).toBeNull();
    await expect(second.attempt.done).rejects.toMatchObject({ code: 'code-refused' });
    expect((await world.engine.status()).accounts).toMatchObject([{ id, state: 'signed-in' }]);
    expect(await accountFolders(world)).toEqual([id]);
  });
});

describe('an attempt that does not come to its end', () => {
  test('runs out of time, frees its port, and can be started again', async () => {
    const world = await startWorld();
    const { attempt, waiting } = await beginLogin(world.engine, 'claude');
    expect(waiting.endsAt - world.clock.now()).toBeLessThanOrEqual(LOGIN_TIMEOUT);
    world.clock.advance(LOGIN_TIMEOUT);
    await expect(attempt.done).rejects.toMatchObject({ code: 'sign-in-timeout' });
    await attempt.closed();
    const { searchParams } = new URL(waiting.url);
    await expect(fetch(searchParams.get('redirect_uri') ?? '')).rejects.toThrow();
    await world.signIn('claude');
  });

  test('can be stopped while it waits', async () => {
    const world = await startWorld();
    const { attempt, states } = await beginLogin(world.engine, 'chatgpt');
    attempt.cancel();
    await expect(attempt.done).rejects.toMatchObject({ code: 'sign-in-stopped' });
    expect(states.map(({ kind }) => kind)).toEqual(['waiting', 'failed']);
    await attempt.closed();
  });

  test('can be stopped before it waits', async () => {
    const world = await startWorld();
    const attempt = world.engine.login('claude');
    attempt.cancel();
    await expect(attempt.done).rejects.toMatchObject({ code: 'sign-in-stopped' });
    await attempt.closed();
  });

  test('goes on when it is stopped after the code was sent', async () => {
    const world = await startWorld();
    world.provider.faults.arm('anthropic', 'exchange', FAULTS.late(300));
    const { attempt, waiting } = await beginLogin(world.engine, 'claude');
    const browser = signInAt(waiting.url);
    await untilIn(attempt, 'finishing');
    attempt.cancel();
    await attempt.done;
    expect(callback(await browser).body).toContain('You’re signed in to Claude');
    expect(await emails(world)).toEqual(['anna@example.com']);
  });
});

describe('a vault that is locked meanwhile', () => {
  /** An attempt whose vault is locked as soon as the browser is back. */
  async function lockedAfterwards(world: World) {
    const provider = world.context.providers.anthropic;
    const vault = { locked: false, exchanges: 0, tries: 0 };
    const attempt = await new Promise<LoginAttempt>((resolve) => {
      const begun = new LoginAttempt(
        world.context,
        provider,
        {
          prepare: async () => {
            vault.tries += 1;
            if (vault.locked) throw new AppError('keychain-locked');
          },
          exchange: async () => {
            vault.exchanges += 1;
            return { settle: async () => 'account' };
          },
        },
        {
          timeout: LOGIN_TIMEOUT,
          onState: (state) => {
            if (state.kind === 'waiting') queueMicrotask(() => resolve(begun));
          },
        },
      );
    });
    vault.locked = true;
    if (attempt.state.kind !== 'waiting') throw new Error(attempt.state.kind);
    return { attempt, vault, url: attempt.state.url };
  }

  test('keeps the code waiting, says so in the browser, and goes on once it is open', async () => {
    const world = await startWorld();
    const { attempt, vault, url } = await lockedAfterwards(world);
    expect(callback(await signInAt(url)).body).toContain('One more step in Authbar');
    expect(attempt.state).toMatchObject({
      kind: 'vault-closed',
      error: { code: 'keychain-locked' },
    });
    const { tries } = vault;
    attempt.retry();
    await vi.waitUntil(() => vault.tries > tries, PATIENCE);
    await new Promise(setImmediate);
    expect([attempt.state.kind, vault.exchanges]).toEqual(['vault-closed', 0]);
    vault.locked = false;
    attempt.retry();
    expect(await attempt.done).toBe('account');
    expect(vault.exchanges).toBe(1);
  });

  test('can be given up, or runs out of time', async () => {
    const world = await startWorld();
    for (const end of ['sign-in-stopped', 'sign-in-timeout'] as const) {
      const { attempt, vault, url } = await lockedAfterwards(world);
      await signInAt(url);
      if (end === 'sign-in-stopped') attempt.cancel();
      else world.clock.advance(LOGIN_TIMEOUT);
      await expect(attempt.done).rejects.toMatchObject({ code: end });
      expect(vault.exchanges).toBe(0);
    }
  });
});

describe('the next sign-in', () => {
  test('of another person stands by, and the tools keep the first', async () => {
    const world = await startWorld();
    const first = await world.signIn('claude', 'anna');
    const second = await world.signIn('claude', 'ben');
    expect((await world.engine.status()).accounts).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ id: first, email: 'anna@example.com', inUse: true }),
        expect.objectContaining({ id: second, email: 'ben@example.com', inUse: false }),
      ]),
    );
    const anna = await world.engine.token('claude', 0);
    expect(anna.account).toBe(first);
    const ben = await world.engine.token('claude:BEN@example.com', 0);
    expect(ben.account).toBe(second);
    await world.engine.refresh(null, { force: true });
    const { accessToken } = await world.engine.token('claude', 0);
    expect(await peekaboo(world)).toContain(`ANTHROPIC_ACCESS_TOKEN=${accessToken}\n`);
  });

  test('of another person is not handed out when the first one’s is over', async () => {
    const world = await startWorld();
    const first = await world.signIn('claude', 'anna');
    await world.signIn('claude', 'ben');
    world.provider.revokeFamily('anthropic', 'anna');
    await world.engine.refresh(first, { force: true });
    expect((await world.engine.token('claude', 0)).account).toBe(first);
    world.clock.advance(2 * HOUR);
    await expect(world.engine.token('claude', 0)).rejects.toMatchObject({ code: 'login-ended' });
  });

  test('of the same person keeps the account and ends the login that it replaces', async () => {
    const world = await startWorld();
    const id = await world.signIn('chatgpt');
    const [old = ''] = activeTokens(world);
    expect(await world.signIn('chatgpt')).toBe(id);
    expect((await world.engine.status()).accounts).toMatchObject([{ id, state: 'signed-in' }]);
    expect(await accountFolders(world)).toEqual([id]);
    expect(world.provider.active(old)).toBe(false);
    expect(activeTokens(world)).toHaveLength(1);
    expect(await peekaboo(world)).toContain(`OPENAI_REFRESH_TOKEN=${activeTokens(world)[0]}`);
  });

  test.each(['claude', 'chatgpt'])(
    'with the same e-mail in another workspace of %s is an account of its own',
    async (service) => {
      const world = await startWorld();
      const first = await world.signIn(service, 'anna');
      const second = await world.signIn(service, 'anna-at-work');
      expect(second).not.toBe(first);
      expect(await emails(world)).toEqual(['anna@example.com', 'anna@example.com']);
      expect(activeTokens(world)).toHaveLength(2);
      await expect(world.engine.logout(service)).rejects.toMatchObject({ code: 'several-logins' });
      await world.engine.logout(second);
      expect((await world.engine.status()).accounts).toMatchObject([{ id: first, inUse: true }]);
    },
  );
});

describe('a login whose owner cannot be asked', () => {
  const DOWN: Fault = FAULTS.unavailable;

  test('is kept, works, and gets its name at the next look', async () => {
    const world = await startWorld();
    world.provider.faults.arm('anthropic', 'profile', DOWN);
    const id = await world.signIn('claude');
    expect((await world.engine.status()).accounts).toMatchObject([
      { id, email: null, state: 'signed-in', inUse: true },
    ]);
    await world.engine.token('claude', 0);
    await world.engine.refresh(null);
    expect(await emails(world)).toEqual(['anna@example.com']);
    expect(world.provider.journal.requests('anthropic', 'refresh')).toBe(0);
  });

  test('is merged with its elder as soon as the owner is known', async () => {
    const world = await startWorld();
    const elder = await world.signIn('claude');
    const [old = ''] = activeTokens(world);
    world.provider.faults.arm('anthropic', 'profile', DOWN);
    const younger = await world.signIn('claude');
    expect(younger).not.toBe(elder);
    expect((await world.engine.status()).accounts).toHaveLength(2);
    await world.engine.refresh(null);
    expect((await world.engine.status()).accounts).toMatchObject([
      { id: elder, email: 'anna@example.com', state: 'signed-in', inUse: true },
    ]);
    expect(await accountFolders(world)).toEqual([elder]);
    expect(world.provider.active(old)).toBe(false);
    expect(await peekaboo(world)).toContain(`ANTHROPIC_REFRESH_TOKEN=${activeTokens(world)[0]}`);
  });

  test('is merged on its way to a token too, and Peekaboo gets what was renewed', async () => {
    const world = await startWorld();
    await world.signIn('claude');
    world.provider.faults.arm('anthropic', 'profile', DOWN);
    const younger = await world.signIn('claude');
    world.clock.advance(HOUR);
    const { accessToken } = await world.engine.token(younger, 300_000);
    expect(await peekaboo(world)).toContain(`ANTHROPIC_ACCESS_TOKEN=${accessToken}\n`);
    expect(await accountFolders(world)).toHaveLength(1);
    expect(activeTokens(world)).toHaveLength(1);
  });
});

describe('a busy port', () => {
  test('leads Claude’s sign-in to the code page', async () => {
    const port = await busyPort();
    const world = await startWorld({ standIn: { redirectPorts: { anthropic: [port] } } });
    const { attempt, waiting } = await beginLogin(world.engine, 'claude');
    expect(waiting.obstacle).toMatchObject({ code: 'port-busy', details: { service: 'Claude' } });
    expect(waiting.url).toBe(waiting.codeUrl);
    const end = await signInAt(waiting.url);
    if (end.kind !== 'code-page') throw new Error(end.kind);
    expect(attempt.paste(end.code)).toBeNull();
    await attempt.done;
    expect(await emails(world)).toEqual(['anna@example.com']);
  });

  test('leads ChatGPT’s sign-in to the address that the browser ends on', async () => {
    const ports = [await busyPort('127.0.0.1'), await busyPort('::1')];
    const world = await startWorld({ standIn: { redirectPorts: { openai: ports } } });
    const { attempt, waiting } = await beginLogin(world.engine, 'chatgpt');
    expect(waiting.obstacle).toMatchObject({ code: 'port-busy' });
    expect(waiting.codeUrl).toBeNull();
    const address = await unfetched(waiting.url);
    expect(address.port).toBe(String(ports[0]));
    expect(attempt.paste(address.href)).toBeNull();
    await attempt.done;
    expect(await emails(world)).toEqual(['anna@example.com']);
  });

  test('is passed over for the next one, 0 being any that is free', async () => {
    const ports = [await busyPort(), 0];
    const world = await startWorld({ standIn: { redirectPorts: { openai: ports } } });
    const { waiting, attempt } = await beginLogin(world.engine, 'chatgpt');
    expect(waiting.obstacle).toBeNull();
    await signInAt(waiting.url);
    await attempt.done;
  });

  test('that an earlier try of ours holds is given back for the next one', async () => {
    const port = await freePort();
    const world = await startWorld({ standIn: { redirectPorts: { openai: [port] } } });
    const waitingStill = await beginLogin(world.engine, 'chatgpt');
    await signIn(world.engine, 'chatgpt');
    await expect(waitingStill.attempt.done).rejects.toMatchObject({ code: 'sign-in-stopped' });
    // That one still answers a reload; the next one does not wait for its end.
    const next = await beginLogin(world.engine, 'chatgpt');
    expect(next.waiting.obstacle).toBeNull();
    await signInAt(next.waiting.url);
    await next.attempt.done;
  });
});
