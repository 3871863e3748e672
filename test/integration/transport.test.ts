import { execFile, execFileSync, spawnSync } from 'node:child_process';
import dns from 'node:dns';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer, type RequestListener } from 'node:http';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { createServer as createTlsServer } from 'node:tls';
import { inspect, promisify } from 'node:util';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import {
  type Answer,
  type Fault,
  type Limits,
  type Outcome,
  type SecretRequest,
  sendSecret,
} from '../../src/core/oauth/transport.ts';
import type { Clock } from '../../src/core/ports.ts';

const clock: Clock = {
  now: () => Date.now(),
  sleep: async (ms, signal) => {
    await sleep(ms, undefined, { signal });
  },
};

/** A clock by which a request's time is up as soon as `ring` is called, and not before. */
function bell(): { readonly clock: Clock; ring(): void } {
  let ring = () => {};
  const rung = new Promise<void>((resolve) => {
    ring = resolve;
  });
  return { clock: { now: clock.now, sleep: () => rung }, ring: () => ring() };
}

const SECRET = 'refresh_token=canary';
const OK = 'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n';

const open: { server: Server; sockets: Set<Socket> }[] = [];

afterEach(async () => {
  for (const { server, sockets } of open.splice(0)) {
    for (const socket of sockets) socket.destroy();
    server.close();
    await once(server, 'close');
  }
});

async function listening(server: Server, host = '127.0.0.1'): Promise<number> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => sockets.add(socket.on('error', () => undefined)));
  open.push({ server, sockets });
  server.listen(0, host);
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

/** A server that speaks in bytes, and remembers all that reached it. */
async function raw(talk: (socket: Socket) => void) {
  const heard: string[] = [];
  let connections = 0;
  const port = await listening(
    createServer((socket) => {
      connections += 1;
      socket.on('data', (chunk) => heard.push(chunk.toString('latin1')));
      talk(socket);
    }),
  );
  return { port, text: () => heard.join(''), connections: () => connections };
}

/** Talks once the whole request has arrived. */
const afterRequest = (talk: (socket: Socket) => void) => (socket: Socket) => {
  let seen = '';
  socket.on('data', (chunk) => {
    seen += chunk.toString('latin1');
    if (seen.endsWith(SECRET)) talk(socket);
  });
};

const http = (listener: RequestListener) => listening(createHttpServer(listener));

function post(url: string): SecretRequest {
  return {
    url,
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: SECRET,
  };
}

const send = (url: string, limits: Limits & { proxy?: string | null } = {}): Promise<Outcome> =>
  sendSecret(post(url), { clock, timeout: 20_000, proxy: null, ...limits });

function answer(outcome: Outcome): Answer {
  if (outcome.kind !== 'answer') throw outcome.error ?? new Error(outcome.cause);
  return outcome;
}

function fault(outcome: Outcome): Pick<Fault, 'sent' | 'cause'> {
  if (outcome.kind !== 'fault') throw new Error(`status ${outcome.status}`);
  return { sent: outcome.sent, cause: outcome.cause };
}

const text = (outcome: Outcome) => Buffer.from(answer(outcome).body).toString();

/** Says its port, then that it was asked, and answers once the file of its first argument is there. */
const ANSWERS_THE_SLEEPING = `
  const { existsSync, writeFileSync } = require('node:fs');
  const [asleep, answered] = process.argv.slice(1);
  const server = require('node:net').createServer((socket) => {
    socket.once('data', () => {
      console.log('asked');
      const look = setInterval(() => {
        if (!existsSync(asleep)) return;
        clearInterval(look);
        socket.end(${JSON.stringify(`${OK}content-length: 2\r\n\r\n{}`)}, () => writeFileSync(answered, ''));
      }, 5);
    });
  });
  server.listen(0, '127.0.0.1', () => console.log(server.address().port));
`;

describe('an answer', () => {
  it('is handed back whole, with both clocks', async () => {
    const date = new Date('2026-03-01T10:00:00Z');
    const port = await http((request, response) => {
      expect(request.headers).toMatchObject({
        accept: 'application/json',
        'accept-encoding': 'identity',
        connection: 'close',
        'user-agent': expect.stringMatching(/^authbar\//),
      });
      response.setHeader('date', date.toUTCString());
      response.writeHead(400, { 'X-Twice': ['a', 'b'] });
      response.end('{"error":"x"}');
    });
    const before = Date.now();
    const outcome = await send(`http://localhost:${port}/token?a=b`);
    expect(answer(outcome)).toMatchObject({
      status: 400,
      complete: true,
      headers: { 'x-twice': 'a, b' },
      serverDate: date.getTime(),
    });
    expect(answer(outcome).receivedAt).toBeGreaterThanOrEqual(before);
    expect(text(outcome)).toBe('{"error":"x"}');
  });

  it('comes though the first address of a name answers late, and the next one is of no use', async () => {
    const port = await http((_, response) => response.end('{}'));
    const { lookup } = dns;
    onTestFinished(() => {
      dns.lookup = lookup;
    });
    const found = [
      { address: '127.0.0.1', family: 4 },
      // Nobody listens there.
      { address: '::1', family: 6 },
    ];
    dns.lookup = ((_: string, __: object, done: (error: null, all: typeof found) => void) => {
      done(null, found);
      // The connection stands soon; who asked for it is busy, as after a wake, or far away.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 400);
    }) as typeof lookup;
    expect(answer(await send(`http://localhost:${port}/`)).status).toBe(200);
  });

  it('needs no date, and no body', async () => {
    const server = await raw(
      afterRequest((socket) => socket.end('HTTP/1.1 204 No Content\r\ndate: soon\r\n\r\n')),
    );
    const outcome = await send(`http://127.0.0.1:${server.port}/`);
    expect(answer(outcome)).toMatchObject({ status: 204, serverDate: null });
    expect(text(outcome)).toBe('');
  });

  it('may come after an early hint, which does not count', async () => {
    const server = await raw(
      afterRequest((socket) =>
        socket.end(`HTTP/1.1 103 Early Hints\r\n\r\n${OK}content-length: 2\r\n\r\n{}`),
      ),
    );
    expect(answer(await send(`http://127.0.0.1:${server.port}/`)).status).toBe(200);
  });

  it('that is a redirect is not followed', async () => {
    let requests = 0;
    const port = await http((_, response) => {
      requests += 1;
      response.writeHead(307, { location: '/elsewhere' }).end();
    });
    expect(answer(await send(`http://127.0.0.1:${port}/`)).status).toBe(307);
    expect(requests).toBe(1);
  });

  it('that is a page is handed back too', async () => {
    const port = await http((_, response) => response.end('<html>hotel</html>'));
    expect(text(await send(`http://127.0.0.1:${port}/`))).toBe('<html>hotel</html>');
  });

  it.each([
    ['gzip', gzipSync],
    ['br', brotliCompressSync],
    ['deflate', deflateSync],
  ])('that is compressed with %s unasked is decoded', async (encoding, compress) => {
    const port = await http((_, response) =>
      response.writeHead(200, { 'content-encoding': encoding }).end(compress('{"a":1}')),
    );
    expect(text(await send(`http://127.0.0.1:${port}/`))).toBe('{"a":1}');
  });

  it('that cannot be decoded is kept as it came', async () => {
    const port = await http((_, response) =>
      response.writeHead(200, { 'content-encoding': 'gzip' }).end('{"a":1}'),
    );
    expect(text(await send(`http://127.0.0.1:${port}/`))).toBe('{"a":1}');
  });

  it('that grows over the limit when decoded is too large', async () => {
    const port = await http((_, response) =>
      response
        .writeHead(200, { 'content-encoding': 'gzip' })
        .end(gzipSync(Buffer.alloc(8 * 1024 * 1024))),
    );
    expect(fault(await send(`http://127.0.0.1:${port}/`))).toEqual({
      sent: true,
      cause: 'too-large',
    });
  });

  it('of 10 MB is cut off', async () => {
    const port = await http((_, response) => response.end(Buffer.alloc(10 * 1024 * 1024)));
    expect(fault(await send(`http://127.0.0.1:${port}/`))).toEqual({
      sent: true,
      cause: 'too-large',
    });
  });

  it('with endless headers is cut off', async () => {
    const server = await raw(
      afterRequest((socket) => socket.end(`${OK}x: ${'y'.repeat(64 * 1024)}\r\n\r\n`)),
    );
    expect(fault(await send(`http://127.0.0.1:${server.port}/`))).toEqual({
      sent: true,
      cause: 'too-large',
    });
  });

  it('comes to a request without a body, on a connection of its own', async () => {
    const server = await raw((socket) =>
      socket.on('data', () => socket.write(`${OK}content-length: 2\r\n\r\n{}`)),
    );
    const request: SecretRequest = {
      url: `http://127.0.0.1:${server.port}/profile`,
      method: 'GET',
      headers: { authorization: 'Bearer canary' },
      body: null,
    };
    await sendSecret(request, { clock });
    expect(answer(await sendSecret(request, { clock })).status).toBe(200);
    expect(server.connections()).toBe(2);
  });
});

describe('a request that may have been read', () => {
  it('and was cut before any answer, is sent and reset', async () => {
    const server = await raw(afterRequest((socket) => socket.resetAndDestroy()));
    expect(fault(await send(`http://127.0.0.1:${server.port}/`))).toEqual({
      sent: true,
      cause: 'reset',
    });
    expect(server.connections()).toBe(1);
  });

  it('and met a connection that was closed as soon as it stood, counts as sent, once', async () => {
    const server = await raw((socket) => socket.destroy());
    expect(fault(await send(`http://127.0.0.1:${server.port}/`)).sent).toBe(true);
    expect(server.connections()).toBe(1);
  });

  it.each([
    ['of a told length', 'content-length: 400\r\n\r\n{"access_token":"ab'],
    ['in chunks', 'transfer-encoding: chunked\r\n\r\n10\r\n{"access_token":\r\n'],
  ])('and got half an answer %s, is half', async (_, half) => {
    const server = await raw(
      afterRequest((socket) => {
        socket.write(OK + half);
        setTimeout(() => socket.destroy(), 20);
      }),
    );
    expect(fault(await send(`http://127.0.0.1:${server.port}/`))).toEqual({
      sent: true,
      cause: 'half',
    });
  });

  it('and was answered with something that is not HTTP, is reset', async () => {
    const server = await raw(afterRequest((socket) => socket.end('SSH-2.0-OpenSSH\r\n')));
    expect(fault(await send(`http://127.0.0.1:${server.port}/`))).toEqual({
      sent: true,
      cause: 'reset',
    });
  });

  it('and is never answered, is timed out', async () => {
    const { clock, ring } = bell();
    const server = await raw(afterRequest(ring));
    const outcome = await sendSecret(post(`http://127.0.0.1:${server.port}/`), { clock });
    expect(fault(outcome)).toEqual({ sent: true, cause: 'timeout' });
    expect(server.text()).toContain(SECRET);
  });

  it('and is answered in drops without end, is timed out', async () => {
    const { clock, ring } = bell();
    const server = await raw(
      afterRequest((socket) => {
        socket.write(`${OK}content-length: 100000\r\n\r\n`);
        let dropped = 0;
        const drops = setInterval(() => {
          socket.write(' ');
          dropped += 1;
          if (dropped === 20) ring();
        }, 10);
        socket.on('close', () => clearInterval(drops));
      }),
    );
    const outcome = await sendSecret(post(`http://127.0.0.1:${server.port}/`), { clock });
    expect(fault(outcome)).toEqual({ sent: true, cause: 'timeout' });
  });

  it('has its answer read before the timeout counts, after a sleep of the machine', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'authbar-asleep-'));
    const [asleep, answered] = ['asleep', 'answered'].map((name) => join(folder, name));
    if (!asleep || !answered) throw new Error('unreachable');
    const child = execFile(process.execPath, ['-e', ANSWERS_THE_SLEEPING, asleep, answered]);
    const lines = createInterface(child.stdout as NodeJS.ReadableStream)[Symbol.asyncIterator]();
    const { value: port } = await lines.next();
    const late: Clock = {
      ...clock,
      // Rings in the same turn of the event loop in which the process wakes, before any socket is read.
      sleep: async () => {
        await lines.next();
        await sleep(1);
        writeFileSync(asleep, '');
        const still = new Int32Array(new SharedArrayBuffer(4));
        while (!existsSync(answered)) Atomics.wait(still, 0, 0, 5);
      },
    };
    const outcome = await sendSecret(post(`http://127.0.0.1:${port}/`), { clock: late });
    child.kill();
    rmSync(folder, { recursive: true });
    expect(answer(outcome).status).toBe(200);
  });

  it('ends when the caller gives up', async () => {
    const giveUp = new AbortController();
    const server = await raw(afterRequest(() => giveUp.abort()));
    expect(
      fault(await send(`http://127.0.0.1:${server.port}/`, { signal: giveUp.signal })),
    ).toEqual({ sent: true, cause: 'stopped' });
  });
});

describe('a request of which nothing left', () => {
  it('because the caller had given up, opens no connection', async () => {
    const server = await raw(() => undefined);
    const outcome = await send(`http://127.0.0.1:${server.port}/`, { signal: AbortSignal.abort() });
    expect(fault(outcome)).toEqual({ sent: false, cause: 'stopped' });
    expect(server.connections()).toBe(0);
  });

  it('because the port is closed', async () => {
    const port = await listening(createServer());
    const closed = open.pop()?.server.close();
    if (closed) await once(closed, 'close');
    const outcome = await send(`http://localhost:${port}/`);
    expect(fault(outcome)).toEqual({ sent: false, cause: 'connect' });
  });

  it('because the name does not exist', async () => {
    const outcome = await send('https://provider.invalid/token');
    expect(fault(outcome)).toEqual({ sent: false, cause: 'dns' });
  });

  it('because the other side hangs up during the TLS hand-shake', async () => {
    const server = await raw((socket) => socket.once('data', () => socket.destroy()));
    const outcome = await send(`https://127.0.0.1:${server.port}/`);
    expect(fault(outcome)).toEqual({ sent: false, cause: 'connect' });
    expect(server.text()).not.toContain('canary');
    expect(server.connections()).toBe(1);
  });

  it('because the other side does not speak TLS', async () => {
    const port = await http((_, response) => response.end('hello'));
    expect(fault(await send(`https://127.0.0.1:${port}/`))).toEqual({ sent: false, cause: 'tls' });
  });

  it('because the TLS hand-shake never ends', async () => {
    const server = await raw(() => undefined);
    const outcome = await send(`https://127.0.0.1:${server.port}/`, { timeout: 300 });
    expect(fault(outcome)).toEqual({ sent: false, cause: 'timeout' });
  });

  it.each([
    'http://provider.test/token',
    'ftp://127.0.0.1/',
    'https://me:pw@provider.test/',
    'nonsense',
  ])('because %s is no place for a secret', async (url) => {
    await expect(send(url)).rejects.toMatchObject({ code: 'unsafe-setting' });
  });
});

describe('a proxy', () => {
  /** A CONNECT proxy that answers with `head`, and for 200 tunnels to `port` here, whatever was asked. */
  const proxy = (head: string, port?: number) =>
    raw((socket) =>
      socket.once('data', () => {
        socket.write(head);
        if (port === undefined) return;
        const far = connect(port, '127.0.0.1');
        socket.pipe(far).pipe(socket);
        far.on('error', () => socket.destroy());
      }),
    );

  it.each([
    ['407', 'HTTP/1.1 407 Proxy Authentication Required\r\n\r\n', 'proxy-auth'],
    ['403', 'HTTP/1.1 403 Forbidden\r\n\r\n', 'proxy'],
    ['502', 'HTTP/1.1 502 Bad Gateway\r\n\r\n', 'proxy'],
  ])('that answers %s lets nothing through', async (_, head, cause) => {
    const server = await proxy(head);
    const outcome = await send('https://provider.test/token', {
      proxy: `http://127.0.0.1:${server.port}`,
    });
    expect(fault(outcome)).toEqual({ sent: false, cause });
    expect(server.text()).toMatch(/^CONNECT provider\.test:443 /);
    expect(server.text()).not.toContain('canary');
    expect(server.connections()).toBe(1);
  });

  it('that hangs up is asked once', async () => {
    const server = await raw((socket) => socket.once('data', () => socket.destroy()));
    const outcome = await send('https://provider.test/token', {
      proxy: `http://127.0.0.1:${server.port}`,
    });
    expect(fault(outcome)).toEqual({ sent: false, cause: 'proxy' });
    expect(server.connections()).toBe(1);
  });

  it('that never answers is left behind', async () => {
    const server = await raw(() => undefined);
    const outcome = await send('https://provider.test/token', {
      proxy: `http://127.0.0.1:${server.port}`,
      timeout: 300,
    });
    expect(fault(outcome)).toEqual({ sent: false, cause: 'timeout' });
  });

  it('that is not there is told as such', async () => {
    const outcome = await send('https://provider.test/token', { proxy: 'http://127.0.0.1:1' });
    expect(fault(outcome)).toEqual({ sent: false, cause: 'connect' });
  });

  it('whose setting is no URL is not quoted', async () => {
    const outcome = await send('https://provider.test/token', { proxy: 'http://me:pw@:x' });
    expect(fault(outcome)).toEqual({ sent: false, cause: 'proxy' });
    expect(inspect(outcome)).not.toContain('pw');
  });

  it('is not asked for this machine', async () => {
    const server = await proxy('HTTP/1.1 403 Forbidden\r\n\r\n');
    const port = await http((_, response) => response.end('{}'));
    const outcome = await send(`http://localhost:${port}/`, {
      proxy: `http://127.0.0.1:${server.port}`,
    });
    expect(answer(outcome).status).toBe(200);
    expect(server.connections()).toBe(0);
  });

  // Debian and macOS have it; else: apt-get install openssl
  const noOpenssl = spawnSync('openssl', ['version']).error !== undefined;

  describe.skipIf(noOpenssl)('and a certificate (made with openssl)', () => {
    let folder: string;

    beforeAll(() => {
      folder = mkdtempSync(join(tmpdir(), 'authbar-tls-'));
      certificate('provider.test');
      certificate('elsewhere.test');
    });

    afterAll(() => rmSync(folder, { recursive: true, force: true }));

    function certificate(name: string): void {
      execFileSync(
        'openssl',
        [
          ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'],
          ['-keyout', join(folder, `${name}.key`), '-out', join(folder, `${name}.crt`)],
          ['-days', '2', '-subj', `/CN=${name}`, '-addext', `subjectAltName=DNS:${name}`],
        ].flat(),
        { stdio: 'ignore' },
      );
    }

    /** An HTTPS server with the certificate of `name`, and a proxy that leads to it. */
    async function behindProxy(name: string) {
      const requests: string[] = [];
      const port = await listening(
        createTlsServer(
          {
            key: readFileSync(join(folder, `${name}.key`)),
            cert: readFileSync(join(folder, `${name}.crt`)),
          },
          (socket) => {
            socket.on('error', () => undefined);
            socket.on('data', (chunk) => {
              requests.push(chunk.toString('latin1'));
              socket.end(`${OK}content-length: 2\r\n\r\n{}`);
            });
          },
        ),
      );
      const server = await proxy('HTTP/1.1 200 Connection established\r\n\r\n', port);
      return { url: `http://127.0.0.1:${server.port}`, port, requests };
    }

    it('that nobody vouches for is refused, through a proxy and without', async () => {
      const { url, port, requests } = await behindProxy('provider.test');
      for (const outcome of [
        await send('https://provider.test/token', { proxy: url }),
        await send(`https://localhost:${port}/token`),
      ]) {
        expect(fault(outcome)).toEqual({ sent: false, cause: 'tls' });
      }
      expect(requests).toEqual([]);
    });

    const SCRIPT = `
      import { sendSecret } from ${JSON.stringify(new URL('../../src/core/oauth/transport.ts', import.meta.url).href)};
      const clock = { now: Date.now, sleep: (ms, signal) => new Promise((_, no) => signal.addEventListener('abort', no)) };
      const request = { url: 'https://provider.test/token', method: 'POST', headers: {}, body: 'x' };
      const { kind, status, sent, cause } = await sendSecret(request, { clock });
      console.log(JSON.stringify({ kind, status, sent, cause }));`;

    /** A program whose settings are all in its environment. */
    async function program(env: Record<string, string>): Promise<unknown> {
      const { stdout } = await promisify(execFile)(
        process.execPath,
        ['--import', 'tsx', '--input-type=module', '-e', SCRIPT],
        { env: { PATH: process.env.PATH, ...env } },
      );
      return JSON.parse(stdout);
    }

    it('of a company is accepted where the environment names it', async () => {
      const { url, requests } = await behindProxy('provider.test');
      const outcome = await program({
        HTTPS_PROXY: url,
        NODE_EXTRA_CA_CERTS: join(folder, 'provider.test.crt'),
      });
      expect(outcome).toEqual({ kind: 'answer', status: 200 });
      expect(requests.join('')).toMatch(/^POST \/token HTTP\/1\.1\r\nhost: provider\.test\r\n/);
    });

    it('is checked even where the environment says not to', async () => {
      const { url } = await behindProxy('provider.test');
      const outcome = await program({ HTTPS_PROXY: url, NODE_TLS_REJECT_UNAUTHORIZED: '0' });
      expect(outcome).toEqual({ kind: 'fault', sent: false, cause: 'tls' });
    });

    it('for another name is refused', async () => {
      const { url, requests } = await behindProxy('elsewhere.test');
      const outcome = await program({
        HTTPS_PROXY: url,
        NODE_EXTRA_CA_CERTS: join(folder, 'elsewhere.test.crt'),
      });
      expect(outcome).toEqual({ kind: 'fault', sent: false, cause: 'tls' });
      expect(requests).toEqual([]);
    });

    it('is not needed where NO_PROXY leaves the name to DNS, which does not know it', async () => {
      const { url } = await behindProxy('provider.test');
      const outcome = await program({ HTTPS_PROXY: url, NO_PROXY: '.test' });
      expect(outcome).toEqual({ kind: 'fault', sent: false, cause: 'dns' });
    });
  });
});
