import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { BUNDLE_HEADERS, typeOf } from '../../src/main/security/bundle-request.ts';
import { BUNDLE } from './build.ts';

/** The page's own server, with the headers that the app gives it. */
export interface Site {
  readonly url: string;
  readonly close: () => void;
}

/** Serves what was built, on loopback. */
export async function serve(): Promise<Site> {
  const server = createServer(async ({ url = '' }, response) => {
    const { pathname } = new URL(url, 'http://localhost');
    // Chromium asks for it of every web site; of the app's own scheme it does not.
    if (pathname === '/favicon.ico') return response.writeHead(204).end();
    const body = await readFile(join(BUNDLE, pathname)).catch(() => null);
    const headers = { ...BUNDLE_HEADERS, 'Content-Type': typeOf(pathname) ?? 'text/plain' };
    return response.writeHead(body ? 200 : 404, headers).end(body);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return { url: `${originOf(server)}/index.html`, close: () => server.close() };
}

function originOf(server: Server): string {
  const { port } = server.address() as AddressInfo;
  return `http://127.0.0.1:${port}`;
}
