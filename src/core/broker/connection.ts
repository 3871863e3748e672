import { once } from 'node:events';
import type { Socket } from 'node:net';
import { AppError, asAppError } from '../../shared/errors.ts';
import type { Context } from '../context.ts';
import { linesOf } from './lines.ts';
import { isProof, type Nonces, newNonce, prove } from './proof.ts';
import { type Answer, encodeAnswer, MAX_REQUEST, type Request, readRequest } from './protocol.ts';
import type { Offer } from './server.ts';

/** Requests of one connection that are worked on at a time. The next ones wait in the socket, unread. */
const MAX_PENDING = 16;
/** A client that has said nothing whole for so long, and waits for nothing, is let go; ms. */
const LONGEST_SILENCE = 60_000;

type Hello = Extract<Request, { readonly method: 'hello' }>;
type Question = Exclude<Request, Hello>;

/** One client, from its first byte to its last. Nothing that it does gets further than this. */
export class Connection {
  readonly #socket: Socket;
  readonly #offer: Offer;
  readonly #context: Pick<Context, 'clock' | 'log'>;
  readonly #key: Buffer | null;
  readonly #closed = new AbortController();
  #trusted: boolean;
  #nonces: Nonces | null = null;
  #pending = 0;
  #onLess = () => {};
  /** When it last said something whole, or was answered. */
  #activeAt: number;
  #unsubscribe: (() => void) | null = null;
  /** Whether a change is to be told as soon as the client has read what was sent before. */
  #changeWaits = false;

  constructor(
    socket: Socket,
    offer: Offer,
    key: Buffer | null,
    context: Pick<Context, 'clock' | 'log'>,
  ) {
    this.#socket = socket;
    this.#offer = offer;
    this.#context = context;
    this.#key = key;
    this.#trusted = key === null;
    this.#activeAt = context.clock.now();
    socket.on('error', () => {}); // It closes, and that is all that there is to do.
    socket.once('close', () => {
      this.#closed.abort();
      this.#unsubscribe?.();
    });
    void this.#serve();
    void this.#watch();
  }

  /** What was answered still goes out, if the client reads it. */
  close(): void {
    this.#socket.destroySoon();
  }

  /** Ends it now. */
  drop(why: string): void {
    if (this.#socket.destroyed) return;
    this.#context.log({ level: 'debug', event: 'broker-dropped', fields: { why } });
    this.#socket.destroy();
  }

  /** A client that closes its side still gets its answers. */
  async #serve(): Promise<void> {
    try {
      for await (const line of linesOf(this.#socket, MAX_REQUEST)) {
        this.#activeAt = this.#context.clock.now();
        await this.#take(line);
        if (!this.#socket.writable) return;
        if (this.#socket.writableNeedDrain) await this.#drained();
      }
      this.#unsubscribe?.();
      this.#unsubscribe = null;
      while (this.#pending > 0) await this.#lessPending();
      this.close();
    } catch (error) {
      // Whoever just left is told nothing.
      if (!this.#socket.destroyed) this.#refuse(null, asAppError(error));
    }
  }

  /** Resolves when there is room for the next line's request. */
  async #take(line: string): Promise<void> {
    const { id, request } = readRequest(line);
    if (id === null) {
      this.#refuse(id, request);
    } else if (request instanceof AppError) {
      this.#send({ id, error: request });
    } else if (request.method === 'hello') {
      this.#hello(id, request);
    } else if (!this.#trusted) {
      this.#refuse(id, unproven());
    } else {
      void this.#answer(id, request);
      while (this.#pending >= MAX_PENDING) await this.#lessPending();
    }
  }

  async #answer(id: number, question: Question): Promise<void> {
    const { method } = question;
    this.#pending += 1;
    try {
      this.#send({ id, result: await this.#resultOf(question) });
      // Only now: whoever makes way may close this connection at once.
      if (method === 'yield') this.#offer.yield?.();
    } catch (error) {
      const coded = asAppError(error);
      const fields = { method, code: coded.code };
      this.#context.log({ level: 'debug', event: 'broker-could-not', fields });
      this.#send({ id, error: coded });
    } finally {
      this.#pending -= 1;
      this.#activeAt = this.#context.clock.now();
      this.#onLess();
    }
  }

  async #resultOf(question: Question): Promise<unknown> {
    const offer = this.#offer;
    if (!offer[question.method]) {
      throw new AppError('wrong-use', { hint: 'That can’t be asked on this socket.' });
    }
    switch (question.method) {
      case 'token':
        return offer.token(question.name, question.minLife);
      case 'status':
        return offer.status?.();
      case 'refresh':
        return offer.refresh?.(question.name, { force: question.force });
      case 'subscribe':
        this.#unsubscribe ??= offer.subscribe?.(() => this.#tellChange()) ?? null;
        return {};
      case 'yield':
        return {};
    }
  }

  /** The server proves first. A wrong proof, or one of another hello, is the last that a client says. */
  #hello(id: number, { nonce, proof }: Hello): void {
    const [key, nonces] = [this.#key, this.#nonces];
    if (key === null || (proof && nonces && isProof(key, 'client', nonces, proof))) {
      this.#trusted = true;
      this.#send({ id, result: {} });
    } else if (proof === undefined && nonce !== undefined) {
      this.#nonces = { client: nonce, server: newNonce() };
      const result = { nonce: this.#nonces.server, proof: prove(key, 'server', this.#nonces) };
      this.#send({ id, result });
    } else {
      this.#refuse(id, unproven());
    }
  }

  #send(answer: Answer): void {
    if (!this.#socket.writable) return;
    this.#socket.write(encodeAnswer(answer));
  }

  /** A client that has not read of a change yet need not hear of the next one: there is something new. */
  #tellChange(): void {
    if (!this.#socket.writableNeedDrain) {
      this.#send({ event: 'changed' });
    } else if (!this.#changeWaits) {
      this.#changeWaits = true;
      this.#socket.once('drain', () => {
        this.#changeWaits = false;
        this.#send({ event: 'changed' });
      });
    }
  }

  /** Says why, and ends it. */
  #refuse(id: number | null, error: AppError): void {
    this.#send({ id, error });
    this.close();
    this.#context.log({ level: 'debug', event: 'broker-refused', fields: { code: error.code } });
  }

  /** Resolves when the client has read; rejects when it is gone. */
  async #drained(): Promise<void> {
    await once(this.#socket, 'drain', { signal: this.#closed.signal });
  }

  /** Resolves when one request less is worked on. */
  #lessPending(): Promise<void> {
    return new Promise((resolve) => {
      this.#onLess = resolve;
    });
  }

  /** Lets go of those who left without a word, or never say a whole one. */
  async #watch(): Promise<void> {
    const { clock } = this.#context;
    try {
      for (;;) {
        const busy = this.#pending > 0 || this.#unsubscribe !== null;
        const silence = busy ? 0 : clock.now() - this.#activeAt;
        if (silence >= LONGEST_SILENCE) return this.drop('silent');
        await clock.sleep(
          Math.min(LONGEST_SILENCE, LONGEST_SILENCE - silence),
          this.#closed.signal,
        );
      }
    } catch {
      // It is closed.
    }
  }
}

function unproven(): AppError {
  return new AppError('wrong-use', { hint: 'The key of this socket has to be proven first.' });
}
