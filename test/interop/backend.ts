import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

/** Where the programs take their requests instead of to the internet: the services behind the logins. */
export interface Backend {
  readonly origin: string;
  /** The access tokens that requests came with, each once, in the order of their first use. */
  readonly used: ReadonlySet<string>;
  /** From now on a request with this access token is answered by a 401. */
  refuse(accessToken: string): void;
}

/** Starts it on loopback, for the running test. It knows whose token it sees and has nothing to give. */
export async function startBackend(): Promise<Backend> {
  const used = new Set<string>();
  const refused = new Set<string>();
  const server = createServer((request, response) => {
    const token = bearer(request);
    if (token) used.add(token);
    request.resume();
    const status = token && refused.has(token) ? 401 : 400;
    const error = { type: 'invalid_request_error', message: 'there is nothing here' };
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ error }));
  });
  // As a proxy: what was to go past the settings ends here too.
  server.on('connect', (_request, socket) => {
    // A program that has ended meanwhile resets it.
    socket.on('error', () => {});
    socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const origin = `http://127.0.0.1:${port}`;
  return { origin, used, refuse: (token) => refused.add(token) };
}

function bearer({ headers }: IncomingMessage): string | null {
  return /^Bearer (.+)$/.exec(headers.authorization ?? '')?.[1] ?? null;
}
