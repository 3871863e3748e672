import type { IncomingMessage, ServerResponse } from 'node:http';
import { AppError } from '../../shared/errors.ts';
import type { Clock } from '../ports.ts';
import type { Provider } from '../providers/provider.ts';
import { type Answer, type Expected, readRequest } from './callback-request.ts';
import { type Loopback, listenOnLoopback } from './loopback.ts';
import { callbackPage, type Page, type PageKind, type PageNames } from './pages.ts';
import { portHolder } from './port-holder.ts';

/** One sign-in's place to come back to. */
export interface CallbackOptions extends Omit<Expected, 'port'>, PageNames {
  /** In the order in which they are tried; 0 is any free port. */
  readonly ports: readonly number[];
  /** Host of the redirect, `localhost` where it is left out. */
  readonly host?: '127.0.0.1';
  readonly clock: Clock;
  /** How long a reload is still answered after the end, ms; 2000 when absent. */
  readonly linger?: number;
  /** When the browser stops waiting for the end and is told "almost done", ms; 8000 when absent. */
  readonly pageAfter?: number;
}

/** The place that a provider sends the browser back to. */
export function callbackOf(
  provider: Provider,
): Omit<CallbackOptions, 'state' | 'place' | 'clock' | 'linger' | 'pageAfter'> {
  const { endpoints, redirectPath, redirectHost, cancelPath, service, issuer } = provider;
  return {
    ports: endpoints.redirectPorts,
    path: redirectPath,
    ...(redirectHost && { host: redirectHost }),
    cancelPath,
    ...(issuer && { issuer, issuerInAnswer: provider.issuerInAnswer === true }),
    service,
  };
}

/**
 * Sends the page that tells how it ended to the browser, which waits for it, and lets the server close
 * itself after its linger. Only the first call counts.
 */
export type Finish = (page: PageKind) => void;

/** How the wait for the browser ended. */
export type CallbackAnswer =
  | (Answer & { readonly finish: Finish })
  | { readonly kind: 'cancelled' };

/** A place to come back to that is listening. */
export interface CallbackServer {
  readonly port: number;
  /** Where the provider is asked to send the browser. */
  readonly redirectUrl: string;
  /** The one answer. It stays pending when the server is closed first. */
  readonly answer: Promise<CallbackAnswer>;
  /** Resolves once nothing listens and no connection is left. */
  readonly closed: Promise<void>;
  /** Stops at once; only a page that is on its way out still arrives. */
  close(): Promise<void>;
}

/**
 * Waits for the browser on the first of the ports that is free on both loopback addresses. One answer
 * with our `state` is taken; whatever else comes gets a plain page and ends nothing. Throws `port-busy`
 * when every port is taken, with the program that holds one where the system tells.
 */
export async function openCallbackServer(options: CallbackOptions): Promise<CallbackServer> {
  for (const port of options.ports) {
    const server = new LoopbackCallback(options);
    if (await server.listen(port)) return server;
  }
  const { service, ports } = options;
  throw new AppError('port-busy', { service, ...(await holderOfOne(ports)) });
}

async function holderOfOne(ports: readonly number[]): Promise<{ program?: string }> {
  for (const port of ports) {
    const program = await portHolder(port);
    if (program !== null) return { program };
  }
  return {};
}

class LoopbackCallback implements CallbackServer {
  readonly answer: Promise<CallbackAnswer>;
  readonly closed: Promise<void>;
  readonly #options: CallbackOptions;
  readonly #closing = new AbortController();
  readonly #onTheirWay = new Set<Promise<unknown>>();
  #settle!: (answer: CallbackAnswer) => void;
  #allClosed!: () => void;
  #loopback: Loopback = { port: 0, servers: [] };
  #phase: 'waiting' | 'answered' | 'finished' = 'waiting';

  constructor(options: CallbackOptions) {
    this.#options = options;
    this.answer = new Promise((resolve) => {
      this.#settle = resolve;
    });
    this.closed = new Promise((resolve) => {
      this.#allClosed = resolve;
    });
  }

  /** False when the port is busy. */
  async listen(port: number): Promise<boolean> {
    const loopback = await listenOnLoopback(port, (request, response) => {
      this.#handle(request, response);
    });
    if (loopback) this.#loopback = loopback;
    return loopback !== null;
  }

  get port(): number {
    return this.#loopback.port;
  }

  get redirectUrl(): string {
    const { host = 'localhost', path } = this.#options;
    return `http://${host}:${this.port}${path}`;
  }

  async close(): Promise<void> {
    if (this.#closing.signal.aborted) return this.closed;
    this.#closing.abort();
    const { servers } = this.#loopback;
    const ends = servers.map((server) => new Promise((resolve) => server.close(resolve)));
    await Promise.all(this.#onTheirWay);
    for (const server of servers) server.closeAllConnections();
    await Promise.all(ends);
    this.#allClosed();
  }

  #handle(request: IncomingMessage, response: ServerResponse): void {
    const arrival = readRequest(request, { ...this.#options, port: this.port });
    if (this.#phase === 'finished') this.#sendPage(response, 'already-used');
    else if (arrival.kind === 'stray') this.#turnAway(response, arrival.status);
    else if (arrival.kind === 'wrong-state') this.#sendPage(response, 'wrong-state');
    else if (this.#phase === 'answered') this.#sendPage(response, 'already-used');
    else if (arrival.kind === 'cancel') this.#cancel(response);
    else this.#take(arrival, response);
  }

  #take(answer: Answer, response: ServerResponse): void {
    this.#phase = 'answered';
    const tell = (page: PageKind): void => {
      if (!response.headersSent) this.#sendPage(response, page);
    };
    const finish: Finish = (page) => {
      if (this.#phase === 'finished') return;
      this.#phase = 'finished';
      tell(page);
      this.#after(this.#options.linger ?? 2000, () => void this.close());
    };
    this.#after(this.#options.pageAfter ?? 8000, () => tell('almost'));
    this.#settle({ ...answer, finish });
  }

  /** Codex asks whoever is on its port to give the sign-in up, and then takes the port over. */
  #cancel(response: ServerResponse): void {
    this.#phase = 'finished';
    this.#send(response, CANCELLED);
    this.#settle({ kind: 'cancelled' });
    void this.close();
  }

  #after(ms: number, act: () => void): void {
    // A sleep that closing cuts short has nothing left to do.
    void this.#options.clock.sleep(ms, this.#closing.signal).then(act, () => {});
  }

  #turnAway(response: ServerResponse, status: number): void {
    if (status === 405) response.setHeader('Allow', 'GET');
    this.#send(response, { ...callbackPage('not-found', this.#options), status });
  }

  #sendPage(response: ServerResponse, kind: PageKind): void {
    this.#send(response, callbackPage(kind, this.#options));
  }

  #send(response: ServerResponse, { status, headers, body }: Page): void {
    // The tab was closed meanwhile: nobody is left to tell.
    if (response.destroyed) return;
    const sent = new Promise((resolve) => response.once('finish', resolve).once('close', resolve));
    this.#onTheirWay.add(sent);
    void sent.then(() => this.#onTheirWay.delete(sent));
    response.writeHead(status, { ...headers, Connection: 'close' }).end(body);
  }
}

const CANCELLED: Page = {
  status: 200,
  headers: {
    'Content-Type': 'text/plain; charset=utf-8',
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
  },
  body: 'Login cancelled',
};
