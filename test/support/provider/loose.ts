import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { onTestFinished } from 'vitest';

type Json = Readonly<Record<string, unknown>>;
type Answer = (res: ServerResponse, req: IncomingMessage) => void;

/** A server that says whatever a test wants, in the places of an OpenID provider. */
export interface LooseIssuer {
  readonly issuer: string;
  /** Every request so far: `POST /token`. */
  readonly requests: readonly string[];
  /** The forms that the token endpoint was sent. */
  readonly forms: readonly URLSearchParams[];
  /** The description, or what answers in its place. */
  description: Json | Answer;
  /** The token endpoint's answer. */
  tokens: Json;
  /** The userinfo endpoint's. */
  person: Json;
  /** Resolves with the next request whose path ends like this. */
  asked(path: string): Promise<void>;
}

/** A description with nothing wrong in it. */
export function soundDescription(issuer: string): Json {
  return {
    issuer,
    authorization_endpoint: `${issuer}/authorize`,
    token_endpoint: `${issuer}/token`,
    revocation_endpoint: `${issuer}/revoke`,
    userinfo_endpoint: `${issuer}/userinfo`,
    response_types_supported: ['code'],
    code_challenge_methods_supported: ['plain', 'S256'],
    authorization_response_iss_parameter_supported: true,
  };
}

/** Starts one on a free port of 127.0.0.1, until the test ends. */
export async function startLooseIssuer(): Promise<LooseIssuer> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeAllConnections();
    await closed;
  });
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const requests: string[] = [];
  const forms: URLSearchParams[] = [];
  const waiting: { path: string; resolve: () => void }[] = [];
  const loose: LooseIssuer = {
    issuer,
    requests,
    forms,
    description: soundDescription(issuer),
    tokens: {},
    person: {},
    asked: (path) => new Promise((resolve) => waiting.push({ path, resolve })),
  };
  server.on('request', async (req, res) => {
    const url = req.url ?? '';
    requests.push(`${req.method} ${url}`);
    if (req.method === 'POST') forms.push(new URLSearchParams(await text(req)));
    if (url.includes('/.well-known/')) {
      const { description } = loose;
      if (typeof description === 'function') description(res, req);
      else answerJson(res, description);
    } else if (url === '/token') answerJson(res, loose.tokens);
    else if (url === '/userinfo') answerJson(res, loose.person);
    else res.writeHead(200).end();
    for (const each of waiting.filter(({ path }) => url.endsWith(path))) each.resolve();
  });
  return loose;
}

/** An answer in JSON. */
export function answerJson(res: ServerResponse, body: unknown): void {
  res.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
