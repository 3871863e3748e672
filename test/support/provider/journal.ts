import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { BuiltInId } from '../../../src/core/grant.ts';
import type { Endpoint, Fault } from './faults.ts';

/** One request that reached the provider. It is filled in while the request is worked off. */
export interface JournalEntry {
  readonly provider: BuiltInId;
  /** `broken-off`: the client was gone before its body was here. */
  readonly endpoint: Endpoint | 'broken-off';
  /** Epoch ms. */
  readonly at: number;
  /** Without cookies and bearer tokens. */
  readonly headers: IncomingHttpHeaders;
  /** Names of the body's fields. */
  readonly fields: readonly string[];
  /** Fingerprint of the token that was sent to be renewed or revoked. */
  readonly token: string | null;
  fault: Fault['kind'] | null;
  /** Whether this request spent its refresh token. */
  rotated: boolean;
  /** When it did, epoch ms. */
  rotatedAt: number | null;
  /** Fingerprint of the refresh token that this request made. */
  issued: string | null;
  /** `null` as long as there was no answer. */
  status: number | null;
  /** Whether the whole answer was handed to the OS while the client was there. */
  answered: boolean;
}

/** What the provider saw. */
export class Journal {
  readonly #entries: JournalEntry[] = [];
  readonly #open = new Set<Promise<unknown>>();

  get entries(): readonly JournalEntry[] {
    return this.#entries;
  }

  /** How many requests of this kind there were. */
  requests(provider: BuiltInId, endpoint: JournalEntry['endpoint']): number {
    return this.of(provider, endpoint).length;
  }

  /** The requests of this kind, oldest first. */
  of(provider: BuiltInId, endpoint: JournalEntry['endpoint']): readonly JournalEntry[] {
    return this.#entries.filter((e) => e.provider === provider && e.endpoint === endpoint);
  }

  add(entry: JournalEntry): JournalEntry {
    this.#entries.push(entry);
    return entry;
  }

  clear(): void {
    this.#entries.length = 0;
  }

  /** Keeps `settled` waiting for this piece of work. */
  track(work: Promise<unknown>): void {
    this.#open.add(work);
    const done = () => this.#open.delete(work);
    work.then(done, done);
  }

  /** Resolves once every request that has arrived is worked off, so that its entry is final. */
  async settled(): Promise<void> {
    while (this.#open.size > 0) await Promise.allSettled(this.#open);
  }
}

/** How the journal names a token without holding it. */
export function fingerprint(token: string): string {
  return createHash('sha256').update(token).digest('hex').slice(0, 12);
}
