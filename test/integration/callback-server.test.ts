import { once } from 'node:events';
import { createServer, type IncomingMessage, request } from 'node:http';
import { type AddressInfo, connect, createServer as createTcpServer, type Server } from 'node:net';
import { networkInterfaces } from 'node:os';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import {
  type CallbackOptions,
  type CallbackServer,
  openCallbackServer,
} from '../../src/core/oauth/callback-server.ts';
import { callbackPage, type PageKind } from '../../src/core/oauth/pages.ts';
import type { Clock } from '../../src/core/ports.ts';
import { AppError } from '../../src/shared/errors.ts';

const STATE = 'the-state-of-this-attempt';
const NAMES = { service: 'ChatGPT', place: 'menu bar' };
const REAL_CLOCK: Clock = {
  now: Date.now,
  sleep: (ms, signal) => delay(ms, undefined, { signal }),
};

const toEnd: (() => unknown)[] = [];
afterEach(async () => {
  await Promise.all(toEnd.splice(0).map((end) => end()));
});

async function open(options: Partial<CallbackOptions> = {}): Promise<CallbackServer> {
  const server = await openCallbackServer({
    ...{ ports: [0], path: '/auth/callback', cancelPath: '/cancel', state: STATE, linger: 0 },
    ...{ ...NAMES, clock: REAL_CLOCK, ...options },
  });
  toEnd.push(() => server.close());
  return server;
}

/** Time stands still until a test lets a span pass. */
function heldClock(): Clock & { pass(ms: number): void } {
  const sleepers: { ms: number; wake: () => void }[] = [];
  return {
    now: () => 0,
    sleep: (ms, signal) =>
      new Promise((wake, reject) => {
        sleepers.push({ ms, wake });
        signal?.addEventListener('abort', () => reject(signal.reason));
      }),
    pass: (ms) => {
      for (const sleeper of sleepers) if (sleeper.ms === ms) sleeper.wake();
    },
  };
}

interface Answered {
  readonly status: number | undefined;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

interface Asked {
  readonly host?: string;
  readonly method?: string;
  readonly headers?: Record<string, string>;
}

async function ask(port: number, path: string, asked: Asked = {}): Promise<Answered> {
  const { host = '127.0.0.1', ...rest } = asked;
  const headers = { Host: `localhost:${port}`, ...asked.headers };
  const sent = request({ host, port, path, ...rest, headers, agent: false });
  sent.end();
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  return {
    status: response.statusCode,
    headers: response.headers,
    body: await text(response),
  };
}

function comeBack(server: CallbackServer, query: string, asked?: Asked): Promise<Answered> {
  return ask(server.port, `/auth/callback?${query}`, asked);
}

function page(kind: PageKind): { status: number; body: string } {
  const { status, body } = callbackPage(kind, NAMES);
  return { status, body };
}

async function tcpServer(host: string, port = 0): Promise<{ server: Server; port: number }> {
  const server = createTcpServer().listen(port, host);
  await once(server, 'listening');
  toEnd.push(() => server.close());
  return { server, port: (server.address() as AddressInfo).port };
}

const GOOD = `code=c0de&state=${STATE}`;

describe('the answer', () => {
  test('is taken, and the browser is told once the end is known', async () => {
    const server = await open();
    const browser = comeBack(server, `${GOOD}&iss=https%3A%2F%2Fissuer.example`);
    const answer = await server.answer;
    expect(answer).toMatchObject({ kind: 'code', code: 'c0de', iss: 'https://issuer.example' });
    if (answer.kind === 'code') answer.finish('success');
    const { headers, ...told } = await browser;
    expect(told).toEqual(page('success'));
    expect(headers).toMatchObject({
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'content-security-policy': expect.stringContaining("default-src 'none'"),
      connection: 'close',
    });
    await server.closed;
  });

  test.each(['127.0.0.1', '::1'])('reaches us at %s', async (host) => {
    const server = await open();
    expect(server.redirectUrl).toBe(`http://localhost:${server.port}/auth/callback`);
    const browser = comeBack(server, GOOD, { host });
    const answer = await server.answer;
    expect(answer).toMatchObject({ kind: 'code', code: 'c0de', iss: null });
    if (answer.kind === 'code') answer.finish('success');
    expect(await browser).toMatchObject(page('success'));
  });

  test('may have question marks in it', async () => {
    const server = await open();
    const browser = comeBack(server, `code=c0de?&scope=a?b&state=${STATE}`);
    const answer = await server.answer;
    expect(answer).toMatchObject({ kind: 'code', code: 'c0de?' });
    if (answer.kind === 'code') answer.finish('success');
    await browser;
  });

  test.each([
    ['access_denied', 'access_denied', 'stopped'],
    ['server_error', 'other', 'service-problem'],
    ['<script>', 'other', 'service-problem'],
  ] as const)('may be a refusal: %s', async (error, known, kind) => {
    const server = await open();
    const query = `error=${encodeURIComponent(error)}&error_description=zzz&state=${STATE}`;
    const browser = comeBack(server, query);
    const answer = await server.answer;
    expect(answer).toMatchObject({ kind: 'denied', error: known });
    if (answer.kind === 'denied') answer.finish(kind);
    expect(await browser).toMatchObject(page(kind));
  });

  test('that takes long lets the browser go, and nobody is told twice', async () => {
    const clock = heldClock();
    const server = await open({ clock, linger: 2000, pageAfter: 8000 });
    const browser = comeBack(server, GOOD);
    const answer = await server.answer;
    clock.pass(8000);
    expect(await browser).toMatchObject(page('almost'));
    expect(await comeBack(server, GOOD)).toMatchObject(page('already-used'));
    if (answer.kind === 'code') answer.finish('success');
    clock.pass(2000);
    await server.closed;
  });

  test('is taken once, and the server closes after a last word to reloads', async () => {
    const clock = heldClock();
    const server = await open({ clock, linger: 2000 });
    const browser = comeBack(server, GOOD);
    const answer = await server.answer;
    expect(await comeBack(server, GOOD)).toMatchObject(page('already-used'));
    expect(await comeBack(server, 'code=x&state=y')).toMatchObject(page('wrong-state'));
    expect(await ask(server.port, '/cancel')).toMatchObject(page('already-used'));
    if (answer.kind === 'code') {
      answer.finish('expired');
      answer.finish('success');
    }
    expect(await browser).toMatchObject(page('expired'));
    clock.pass(8000);
    for (const path of [`/auth/callback?${GOOD}`, '/auth/callback?state=x', '/', '/cancel']) {
      expect(await ask(server.port, path)).toMatchObject(page('already-used'));
    }
    clock.pass(2000);
    await server.closed;
    await expect(ask(server.port, '/')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  test('may come from a tab that is closed before the end', async () => {
    const server = await open();
    const socket = connect(server.port, '127.0.0.1');
    socket.write(`GET /auth/callback?${GOOD} HTTP/1.1\r\nHost: localhost:${server.port}\r\n\r\n`);
    const answer = await server.answer;
    socket.destroy();
    await once(socket, 'close');
    // A request that comes after the end of the first connection sees that end handled.
    await ask(server.port, '/');
    if (answer.kind === 'code') answer.finish('success');
    await server.closed;
    expect(answer.kind).toBe('code');
  });
});

describe('what is not the answer ends nothing', () => {
  const longCode = 'x'.repeat(4097);
  test.each([
    ['a wrong state', 'code=c0de&state=another'],
    ['no state', 'code=c0de'],
    ['an empty state', 'code=c0de&state='],
    ['no query', ''],
    ['a refusal without our state', 'error=access_denied'],
    ['a refusal with a wrong state', 'error=access_denied&state=another'],
    ['our state twice', `code=c0de&state=${STATE}&state=${STATE}`],
    ['two codes', `code=a&code=b&state=${STATE}`],
    ['two issuers', `${GOOD}&iss=https://issuer.example&iss=https://issuer.example`],
    ['another issuer', `${GOOD}&iss=https://other.example`],
    ['no code', `state=${STATE}`],
    ['a code with a line break', `code=a%0Ab&state=${STATE}`],
    ['a code that is too long', `code=${longCode}&state=${STATE}`],
  ])('%s', async (_, query) => {
    const server = await open({ issuer: 'https://issuer.example' });
    expect(await comeBack(server, query)).toMatchObject(page('wrong-state'));
    await expectStillWaiting(server);
  });

  test.each([
    ['another path', '/', 404],
    ['a longer path', `/auth/callback/?${GOOD}`, 404],
    ['the path in other letters', `/AUTH/callback?${GOOD}`, 404],
    ['a whole address', `http://example.com/auth/callback?${GOOD}`, 404],
    ['an icon', '/favicon.ico', 404],
    ['an address without end', `/auth/callback?${GOOD}&x=${'x'.repeat(8192)}`, 414],
  ])('%s', async (_, path, status) => {
    const server = await open();
    const { body } = page('not-found');
    expect(await ask(server.port, path)).toMatchObject({ status, body });
    await expectStillWaiting(server);
  });

  test.each(['POST', 'PUT', 'OPTIONS', 'DELETE'])('%s', async (method) => {
    const server = await open();
    const answered = await comeBack(server, GOOD, { method });
    expect(answered).toMatchObject({ status: 405, headers: { allow: 'GET' } });
    expect((await ask(server.port, '/cancel', { method })).status).toBe(404);
    await expectStillWaiting(server);
  });

  test('HEAD, as a preview of a link sends it', async () => {
    const server = await open();
    expect(await comeBack(server, GOOD, { method: 'HEAD' })).toMatchObject({ status: 405 });
    await expectStillWaiting(server);
  });

  test.each([
    ['another name', 'evil.example'],
    ['another name with our port', 'evil.example:PORT'],
    ['another port', 'localhost:1'],
    ['no port', 'localhost'],
  ])('a host of %s', async (_, host) => {
    const server = await open();
    const headers = { Host: host.replace('PORT', String(server.port)) };
    expect(await comeBack(server, GOOD, { headers })).toMatchObject({ status: 400 });
    await expectStillWaiting(server);
  });

  test.each(['LOCALHOST', '127.0.0.1', '[::1]'])('but %s is ours', async (name) => {
    const server = await open();
    const headers = { Host: `${name}:${server.port}` };
    expect(await comeBack(server, 'state=x', { headers })).toMatchObject(page('wrong-state'));
  });

  test.each([
    ['noise', '\0\u0001\u0002<b>\r\n\r\n', '400'],
    ['no host', `GET /auth/callback?${GOOD} HTTP/1.1\r\n\r\n`, '400'],
    ['an old browser without a host', `GET /auth/callback?${GOOD} HTTP/1.0\r\n\r\n`, '400'],
    ['a tunnel', 'CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example:443\r\n\r\n', ''],
    ['headers without end', `GET / HTTP/1.1\r\nCookie: ${'x'.repeat(70_000)}\r\n\r\n`, '431'],
  ])('%s on the wire', async (_, sent, status) => {
    const server = await open();
    const answered = await sendRaw(server.port, sent);
    expect(answered.split(' ')[1] ?? '').toBe(status);
    expect(answered).not.toMatch(/c0de|evil|<b>|xxx/);
    await expectStillWaiting(server);
  });

  test('a browser with many cookies is not turned away', async () => {
    const server = await open();
    const headers = { Cookie: `jar=${'x'.repeat(40_000)}` };
    expect(await comeBack(server, 'state=x', { headers })).toMatchObject(page('wrong-state'));
  });

  test('no page repeats anything that was asked', async () => {
    const server = await open();
    const marker = 'kilroy';
    const headers = { 'User-Agent': marker, Referer: marker, Cookie: marker };
    for (const path of [`/${marker}`, `/auth/callback?code=${marker}&state=${marker}`]) {
      const answered = await ask(server.port, path, { headers });
      expect(JSON.stringify(answered)).not.toContain(marker);
    }
  });

  async function expectStillWaiting(server: CallbackServer): Promise<void> {
    const browser = comeBack(server, `code=the-real-one&state=${STATE}`);
    const answer = await server.answer;
    expect(answer).toMatchObject({ kind: 'code', code: 'the-real-one' });
    if (answer.kind === 'code') answer.finish('success');
    expect(await browser).toMatchObject(page('success'));
  }
});

async function sendRaw(port: number, sent: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => {});
  socket.write(sent);
  let answered = '';
  socket.on('data', (chunk) => {
    answered += chunk;
  });
  await new Promise((resolve) => socket.once('close', resolve));
  return answered;
}

describe('/cancel', () => {
  test('from another program ends the attempt and frees the port', async () => {
    const server = await open();
    const { status, body } = await ask(server.port, '/cancel');
    expect({ status, body }).toEqual({ status: 200, body: 'Login cancelled' });
    expect(await server.answer).toEqual({ kind: 'cancelled' });
    await server.closed;
    const next = await open({ ports: [server.port] });
    expect(next.port).toBe(server.port);
  });

  test.each([
    { Origin: 'https://evil.example' },
    { Referer: 'https://evil.example/' },
    { 'Sec-Fetch-Mode': 'no-cors' },
    { 'Sec-Fetch-Site': 'none' },
  ])('from a page does nothing: %o', async (headers) => {
    const server = await open();
    expect(await ask(server.port, '/cancel', { headers })).toMatchObject(page('not-found'));
    await expectOpen(server);
  });

  test('is no path where the provider has none', async () => {
    const server = await open({ cancelPath: null });
    expect(await ask(server.port, '/cancel')).toMatchObject(page('not-found'));
    await expectOpen(server);
  });

  async function expectOpen(server: CallbackServer): Promise<void> {
    expect(await comeBack(server, 'state=x')).toMatchObject(page('wrong-state'));
  }
});

describe('closing', () => {
  test('leaves no connection, neither one that waits nor one that says nothing', async () => {
    const server = await open();
    const silent = connect(server.port, '127.0.0.1');
    await once(silent, 'connect');
    const browser = comeBack(server, GOOD);
    browser.catch(() => {});
    await server.answer;
    const silentEnded = once(silent, 'close');
    silent.on('error', () => {});
    silent.resume();
    await Promise.all([server.close(), server.close()]);
    await silentEnded;
    await expect(browser).rejects.toMatchObject({ code: 'ECONNRESET' });
    for (const host of ['127.0.0.1', '::1']) {
      await expect(ask(server.port, '/', { host })).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    }
  });

  test('right after the end still lets the page arrive', async () => {
    const clock = heldClock();
    const server = await open({ clock });
    const browser = comeBack(server, GOOD);
    const answer = await server.answer;
    if (answer.kind === 'code') answer.finish('success');
    await server.close();
    expect(await browser).toMatchObject(page('success'));
  });
});

describe('a busy port', () => {
  test.each(['127.0.0.1', '::1'])('in use on %s alone leads to the next one', async (host) => {
    const busy = await tcpServer(host);
    const server = await open({ ports: [busy.port, 0] });
    expect(server.port).not.toBe(busy.port);
    expect((await ask(server.port, '/')).status).toBe(404);
  });

  test('gives the half that was free back', async () => {
    const busy = await tcpServer('::1');
    await open({ ports: [busy.port, 0] });
    const other = await tcpServer('127.0.0.1', busy.port);
    expect(other.port).toBe(busy.port);
  });

  test('and no other: the program that holds it is named where the system tells', async () => {
    const first = await tcpServer('127.0.0.1');
    const second = await tcpServer('::1');
    const ports = [first.port, second.port];
    const error = await open({ ports }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(AppError);
    expect(error).toMatchObject({ code: 'port-busy', details: { service: 'ChatGPT' } });
    if (process.platform === 'linux') {
      expect(error).toMatchObject({ details: { program: expect.stringMatching(/\S/) } });
    }
  });

  test('or no port at all: nobody is named', async () => {
    const error = await open({ ports: [] }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'port-busy', details: { service: 'ChatGPT' } });
    expect(error).not.toHaveProperty('details.program');
  });

  test('a port that cannot be listened on for another reason is not called busy', async () => {
    await expect(open({ ports: [70_000] })).rejects.toMatchObject({ code: 'ERR_SOCKET_BAD_PORT' });
  });

  test('another web server is left alone', async () => {
    const other = createServer((_, response) => response.end('mine')).listen(0, '127.0.0.1');
    await once(other, 'listening');
    toEnd.push(() => other.close());
    const { port } = other.address() as AddressInfo;
    await open({ ports: [port, 0] });
    expect((await ask(port, '/')).body).toBe('mine');
  });
});

/** Addresses under which others may know this computer. */
function ownAddresses(): string[] {
  return Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .filter(({ internal, scopeid }) => !internal && !scopeid)
    .map(({ address }) => address);
}

test('nothing but the two loopback addresses listens', async () => {
  const server = await open();
  expect((await ask(server.port, '/')).status).toBe(404);
  for (const host of ownAddresses()) {
    await expect(ask(server.port, '/', { host })).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  }
});
