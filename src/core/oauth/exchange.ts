import type { IncomingHttpHeaders } from 'node:http';
import type { Dispatcher } from 'undici';
import { causeOf, type Fault, type FaultCause, type Progress } from './fault.ts';

/** An answer as it came off the wire. */
export interface Received {
  readonly kind: 'received';
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/**
 * What undici tells about one request, gathered. The first end counts; whatever follows it is the noise of
 * closing down.
 */
export class Exchange implements Dispatcher.DispatchHandler {
  /** Never rejects. */
  readonly result: Promise<Received | Fault>;
  readonly #maxBytes: number;
  readonly #chunks: Buffer[] = [];
  #settle!: (end: Received | Fault) => void;
  #over = false;
  #progress: Progress = 'unsent';
  #status = 0;
  #headers: Readonly<Record<string, string>> = {};
  #size = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
    this.result = new Promise((resolve) => {
      this.#settle = (end) => {
        this.#over = true;
        resolve(end);
      };
    });
  }

  /** Whether any byte of the request may have left. */
  get sent(): boolean {
    return this.#progress !== 'unsent';
  }

  get over(): boolean {
    return this.#over;
  }

  /** Grows with everything that is read. */
  get heard(): number {
    return this.#status + this.#size;
  }

  fail(cause: FaultCause, error: unknown): void {
    this.#settle({ kind: 'fault', sent: this.sent, cause, error });
  }

  onRequestStart(): void {
    this.#progress = 'sent';
  }

  onResponseStart(_: unknown, status: number, headers: IncomingHttpHeaders): void {
    this.#progress = 'answering';
    this.#status = status;
    this.#headers = joined(headers);
  }

  onResponseData(_: unknown, chunk: Buffer): void {
    this.#size += chunk.length;
    if (this.#size > this.#maxBytes) this.fail('too-large', undefined);
    else this.#chunks.push(chunk);
  }

  onResponseEnd(): void {
    this.#settle({
      kind: 'received',
      status: this.#status,
      headers: this.#headers,
      body: Buffer.concat(this.#chunks),
    });
  }

  onResponseError(_: unknown, error: Error): void {
    this.fail(causeOf(error, this.#progress), error);
  }
}

function joined(headers: IncomingHttpHeaders): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, [value ?? ''].flat().join(', ')]),
  );
}
