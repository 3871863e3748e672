import type { Socket } from 'node:net';
import * as v from 'valibot';
import { AppError, asAppError } from '../../shared/errors.ts';
import type { Context } from '../context.ts';
import { linesOf } from './lines.ts';
import { findPlace, isOwnSocket, type Place } from './place.ts';
import { isProof, newNonce, prove } from './proof.ts';
import {
  AccessTokenSchema,
  ChallengeSchema,
  encodeRequest,
  MAX_ANSWER,
  type Message,
  NothingSchema,
  nobodyThere,
  ReportsSchema,
  type RequestInput,
  readMessage,
  StatusSchema,
} from './protocol.ts';
import type { BrokerService } from './server.ts';

/** How long an engine may take to say hello, ms. One that is stopped or hangs never does. */
const HELLO_TIMEOUT = 2000;
/** What an engine that is well knows at once, ms. */
const SHORT_TIMEOUT = 10_000;
/** Longer than a renewal that waits for another one's, ms. */
const RENEWAL_TIMEOUT = 120_000;

/** The engine that runs, from another process. Its errors are the engine's. */
export interface BrokerClient extends BrokerService {
  /** Whether it was asked for what would be done twice if somebody else did it as well. */
  readonly isCommitted: boolean;
  /** Resolves once the engine knows; it ends a little later. */
  yield(): Promise<void>;
  /** Resolves when the engine is gone, or this client is closed. */
  readonly closed: Promise<void>;
  close(): void;
}

/** What a client needs of the outside world. */
export type ClientContext = Pick<Context, 'paths' | 'fs' | 'clock' | 'log' | 'secrets'>;

/** Where a client connects to. */
export interface ConnectOptions {
  /** Another socket than the engine's own. */
  readonly path?: string;
  /** Whether the engine's key has to be proven; by default on Windows. */
  readonly withKey?: boolean;
}

/**
 * The engine that runs on this state folder, or what listens at `path`. `null`: nobody answers, or not in
 * our language, or somebody else could have put the socket there.
 */
export async function connectBroker(
  context: ClientContext,
  { path, withKey = process.platform === 'win32' }: ConnectOptions = {},
): Promise<BrokerClient | null> {
  try {
    if (path !== undefined) return await openBroker(context, path);
    const place = await findPlace(context, withKey);
    return place && (await open(context, place));
  } catch (error) {
    const { code } = asAppError(error);
    context.log({ level: 'debug', event: 'broker-unusable', fields: { code } });
    return null;
  }
}

/**
 * What listens at `path`.
 * @throws AppError `unreachable` when nobody answers there, `unsafe-setting`, `newer-version`.
 */
export async function openBroker(context: ClientContext, path: string): Promise<BrokerClient> {
  if (!(await isOwnSocket(context, path))) throw nobodyThere();
  return open(context, { path, key: null });
}

async function open(context: ClientContext, { path, key }: Place): Promise<BrokerClient> {
  const { connect } = await import('node:net');
  const client = new Client(connect(path), context);
  try {
    await (key ? client.proveBoth(key) : client.hello());
    return client;
  } catch (error) {
    client.close();
    throw error;
  }
}

interface Waiting {
  resolve(result: unknown): void;
  reject(error: AppError): void;
}

class Client implements BrokerClient {
  readonly closed: Promise<void>;
  readonly #socket: Socket;
  readonly #context: ClientContext;
  readonly #waiting = new Map<number, Waiting>();
  readonly #listeners = new Set<() => void>();
  #isCommitted = false;
  #lastId = 0;

  constructor(socket: Socket, context: ClientContext) {
    this.#socket = socket;
    this.#context = context;
    socket.on('error', () => {}); // Reading tells.
    this.closed = this.#read();
  }

  get isCommitted(): boolean {
    return this.#isCommitted;
  }

  async hello(): Promise<void> {
    await this.#ask({ method: 'hello' }, NothingSchema, HELLO_TIMEOUT);
  }

  /** Nothing else is said before both sides have shown that they know the key. */
  async proveBoth(key: Buffer): Promise<void> {
    const nonce = newNonce();
    const theirs = await this.#ask({ method: 'hello', nonce }, ChallengeSchema, HELLO_TIMEOUT);
    const nonces = { client: nonce, server: theirs.nonce };
    if (!isProof(key, 'server', nonces, theirs.proof)) {
      throw new AppError('unsafe-setting', { hint: 'Somebody else listens in Authbar’s place.' });
    }
    const proof = prove(key, 'client', nonces);
    await this.#ask({ method: 'hello', proof }, NothingSchema, HELLO_TIMEOUT);
  }

  async token(name: string, minLife: number): ReturnType<BrokerService['token']> {
    const request = { method: 'token', name, minLife } as const;
    const token = await this.#ask(request, AccessTokenSchema, RENEWAL_TIMEOUT);
    this.#context.secrets.add(token.accessToken);
    return token;
  }

  status(): ReturnType<BrokerService['status']> {
    return this.#ask({ method: 'status' }, StatusSchema, SHORT_TIMEOUT);
  }

  refresh(
    name: string | null,
    { force }: { readonly force: boolean },
  ): ReturnType<BrokerService['refresh']> {
    // What is not forced is not due any more once it is done.
    if (force && !this.#socket.destroyed) this.#isCommitted = true;
    return this.#ask({ method: 'refresh', name, force }, ReportsSchema, RENEWAL_TIMEOUT);
  }

  subscribe(listener: () => void): () => void {
    const first = this.#listeners.size === 0;
    this.#listeners.add(listener);
    if (first) void this.#subscribe();
    return () => this.#listeners.delete(listener);
  }

  async yield(): Promise<void> {
    await this.#ask({ method: 'yield' }, NothingSchema, SHORT_TIMEOUT);
  }

  close(): void {
    this.#socket.destroy();
  }

  /** An engine to which nobody can subscribe is as good as gone: `closed` tells. */
  async #subscribe(): Promise<void> {
    const done = this.#ask({ method: 'subscribe' }, NothingSchema, SHORT_TIMEOUT);
    await done.catch(() => this.close());
  }

  async #ask<const S extends v.GenericSchema>(
    request: RequestInput,
    schema: S,
    timeout: number,
  ): Promise<v.InferOutput<S>> {
    this.#lastId += 1;
    const id = this.#lastId;
    const line = encodeRequest({ id, ...request });
    const answered = new AbortController();
    try {
      const answer = new Promise<unknown>((resolve, reject) => {
        if (this.#socket.destroyed) return reject(nobodyThere());
        this.#waiting.set(id, { resolve, reject });
        this.#socket.write(line);
      });
      void this.#closeAfter(timeout, answered.signal);
      const result = v.safeParse(schema, await answer);
      if (result.success) return result.output;
      this.close();
      throw new AppError('unexpected', { hint: 'The engine’s answer is not as expected.' });
    } finally {
      this.#waiting.delete(id);
      answered.abort();
    }
  }

  /** An engine that does not answer one request will hardly answer the others. */
  async #closeAfter(timeout: number, answered: AbortSignal): Promise<void> {
    const silent = this.#context.clock.sleep(timeout, answered).then(
      () => true,
      () => false,
    );
    if (await silent) this.close();
  }

  async #read(): Promise<void> {
    let why = nobodyThere();
    try {
      for await (const line of linesOf(this.#socket, MAX_ANSWER)) this.#take(readMessage(line));
    } catch (error) {
      if (error instanceof AppError) why = error;
    }
    this.close();
    for (const { reject } of this.#waiting.values()) reject(why);
  }

  #take(message: Message): void {
    if ('event' in message) {
      for (const listener of this.#listeners) listener();
    } else if ('result' in message) {
      this.#waiting.get(message.id)?.resolve(message.result);
    } else if (message.id === null) {
      throw message.error;
    } else {
      this.#waiting.get(message.id)?.reject(message.error);
    }
  }
}
