import type { IncomingMessage, ServerResponse } from 'node:http';
import type { KeyServiceId } from '../../../src/core/keys/services.ts';

/** What a service answers instead of looking at the key. */
export type KeyFault =
  | { readonly status: number; readonly body?: string; readonly location?: string }
  /** Nothing, until the stand-in is closed. */
  | 'silent'
  /** The connection ends. */
  | 'cut';

/** One request, with the key that it showed. */
export interface KeyRequest {
  readonly service: KeyServiceId;
  readonly method: string;
  readonly url: string;
  readonly key: string | null;
  readonly userAgent: string;
}

/** Where each service has its list, and where it looks for the key. */
const SHAPES: Readonly<
  Record<KeyServiceId, { path: string; key(request: IncomingMessage): string | null; ok: object }>
> = {
  openai: { path: '/v1/models', key: bearerOf, ok: { object: 'list', data: [{ id: 'gpt-x' }] } },
  anthropic: {
    path: '/v1/models',
    // It refuses a request without its version.
    key: (request) => {
      return request.headers['anthropic-version'] === '2023-06-01'
        ? headerOf(request, 'x-api-key')
        : null;
    },
    ok: { data: [{ id: 'claude-x' }], has_more: false },
  },
  grok: { path: '/v1/models', key: bearerOf, ok: { object: 'list', data: [{ id: 'grok-x' }] } },
  gemini: {
    path: '/v1beta/models',
    key: (request) => headerOf(request, 'x-goog-api-key'),
    ok: { models: [{ name: 'models/gemini-x' }] },
  },
};

/** How each refuses a key that it does not know. */
const REFUSALS: Readonly<Record<KeyServiceId, number>> = {
  openai: 401,
  anthropic: 401,
  grok: 400,
  gemini: 400,
};

const PREFIX = '/keys/';

/** The four services that give out API keys, as far as a key is shown to them. */
export class KeyStandIn {
  readonly requests: KeyRequest[] = [];
  readonly #origin: string;
  readonly #known = new Set<string>();
  readonly #secrets = new Set<string>();
  readonly #faults = new Map<KeyServiceId, KeyFault>();

  constructor(origin: string) {
    this.#origin = origin;
  }

  /** For a providers file. */
  get urls(): Readonly<Record<KeyServiceId, string>> {
    const of = (id: KeyServiceId) => `${this.#origin}${PREFIX}${id}${SHAPES[id].path}`;
    return {
      openai: of('openai'),
      anthropic: of('anthropic'),
      grok: of('grok'),
      gemini: of('gemini'),
    };
  }

  /** Every key so far, those that were refused too. */
  get secrets(): readonly string[] {
    return [...this.#secrets];
  }

  /** A key that works from now on. */
  accept(service: KeyServiceId, key: string): void {
    this.#secrets.add(key);
    this.#known.add(`${service} ${key}`);
  }

  /** What a service answers from now on; `null`: as it should. */
  arm(service: KeyServiceId, fault: KeyFault | null): void {
    if (fault === null) this.#faults.delete(service);
    else this.#faults.set(service, fault);
  }

  /** Whether it is for us; then it is answered. */
  serve(request: IncomingMessage, response: ServerResponse): boolean {
    const { url = '', method = 'GET', headers } = request;
    if (!url.startsWith(PREFIX)) return false;
    const id = (Object.keys(SHAPES) as KeyServiceId[]).find(
      (each) => new URL(url, this.#origin).pathname === `${PREFIX}${each}${SHAPES[each].path}`,
    );
    if (!id) {
      response.writeHead(404).end();
      return true;
    }
    const key = SHAPES[id].key(request);
    this.requests.push({ service: id, method, url, key, userAgent: headers['user-agent'] ?? '' });
    if (key !== null) this.#secrets.add(key);
    request.resume();
    this.#answer(id, key, response);
    return true;
  }

  #answer(id: KeyServiceId, key: string | null, response: ServerResponse): void {
    const fault = this.#faults.get(id);
    if (fault === 'silent') return;
    if (fault === 'cut') {
      response.destroy();
      return;
    }
    const works = key !== null && this.#known.has(`${id} ${key}`);
    const status = fault?.status ?? (works ? 200 : REFUSALS[id]);
    // Careless servers repeat what they were sent.
    const usual = works ? SHAPES[id].ok : { error: { message: `Incorrect API key: ${key}` } };
    response.writeHead(status, {
      'content-type': 'application/json',
      ...(fault?.location && { location: fault.location }),
    });
    response.end(fault?.body ?? JSON.stringify(usual));
  }
}

function bearerOf(request: IncomingMessage): string | null {
  return /^Bearer (\S+)$/.exec(request.headers.authorization ?? '')?.[1] ?? null;
}

function headerOf(request: IncomingMessage, name: string): string | null {
  const value = request.headers[name];
  return typeof value === 'string' ? value : null;
}
