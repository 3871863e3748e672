import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { NO_IDENTITY } from '../../src/core/grant.ts';
import { identify } from '../../src/core/oauth/identity.ts';
import { type Send, sendSecret } from '../../src/core/oauth/transport.ts';
import { createProviders } from '../../src/core/providers/index.ts';

const { anthropic, openai } = createProviders();
const GRANT = { accessToken: 'sk-ant-oat01-a', idToken: null };
const UNKNOWN = { identity: NO_IDENTITY, known: false };

const clock = {
  now: () => Date.now(),
  sleep: async (ms: number, signal?: AbortSignal) => {
    await sleep(ms, undefined, signal && { signal });
  },
};
const send: Send = (request, limits) => sendSecret(request, { clock, ...limits });

let server: Server | undefined;
afterEach(() => server?.closeAllConnections());
afterEach(() => server?.close());

async function withProfile(listener: RequestListener) {
  server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const endpoints = { ...anthropic.endpoints, profileUrl: `http://127.0.0.1:${port}/profile` };
  return { ...anthropic, endpoints };
}

describe("a login's owner", () => {
  it('is asked for at the profile endpoint, with the access token', async () => {
    const provider = await withProfile((request, response) => {
      const authorized = request.headers.authorization === `Bearer ${GRANT.accessToken}`;
      response.end(
        JSON.stringify({ account: { uuid: authorized ? 'u-1' : 'nobody', email: 'a@b.test' } }),
      );
    });
    expect(await identify(provider, GRANT, { send })).toEqual({
      identity: { ...NO_IDENTITY, userId: 'u-1', email: 'a@b.test' },
      known: true,
    });
  });

  it('is read from the tokens, without a request, where they tell', async () => {
    const claims = Buffer.from('{"sub":"u-2"}').toString('base64url');
    const forbidden: Send = () => Promise.reject(new Error('no request is needed'));
    const grant = { accessToken: `e30.${claims}.x`, idToken: null };
    expect(await identify(openai, grant, { send: forbidden })).toEqual({
      identity: { ...NO_IDENTITY, userId: 'u-2' },
      known: true,
    });
  });

  it.each<[string, RequestListener]>([
    ['a refusal', (_, response) => response.writeHead(403).end('{"account":{"uuid":"u"}}')],
    ['a page', (_, response) => response.end('<html>')],
    ['another shape', (_, response) => response.end('{"account":null}')],
    ['too much', (_, response) => response.end(Buffer.alloc(300 * 1024, ' '))],
    ['nothing', (request) => request.socket.destroy()],
  ])('is unknown after %s', async (_, listener) => {
    expect(await identify(await withProfile(listener), GRANT, { send })).toEqual(UNKNOWN);
  });

  it('is unknown when the caller gives up, or the address is refused', async () => {
    const signal = AbortSignal.abort();
    expect(await identify(anthropic, GRANT, { send, signal })).toEqual(UNKNOWN);
    const endpoints = { ...anthropic.endpoints, profileUrl: 'http://profile.test/' };
    expect(await identify({ ...anthropic, endpoints }, GRANT, { send })).toEqual(UNKNOWN);
  });

  it('is unknown where neither tokens nor an endpoint tell', async () => {
    expect(await identify(openai, GRANT, { send })).toEqual(UNKNOWN);
  });
});
