import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AccountView } from '../../shared/account-view.ts';
import { AppError, hasCode } from '../../shared/errors.ts';
import { accountNamed } from '../choose.ts';
import type { Context } from '../context.ts';
import type { RefreshReport } from '../engine.ts';
import { errnoOf, mapFileError } from '../files/durable.ts';
import { heldBy } from '../files/flock.ts';
import type { Providers } from '../providers/index.ts';
import type { Status } from '../survey.ts';
import type { AccessToken } from '../token.ts';
import { Connection } from './connection.ts';
import { enginePlace, extraPlace, type OwnPlace } from './place.ts';
import { nobodyThere } from './protocol.ts';
import { sweepShares } from './sweep.ts';

const MINUTE = 60_000;
/** More than anybody has programs that ask; the next ones are turned away. */
const MAX_CONNECTIONS = 256;
/** How long clients may take to read their last answers when the broker closes, ms. */
const LAST_WORDS = 1000;

/** What a broker hands on. The engine's own work; a client's connection to it does as well. */
export interface BrokerService {
  /** As `Engine.token`. */
  token(name: string, minLife: number): Promise<AccessToken>;
  status(): Promise<Status>;
  /** As `Engine.refresh`, for a person who asks. */
  refresh(name: string | null, options: { readonly force: boolean }): Promise<RefreshReport[]>;
  /** Calls `listener` whenever the accounts may have changed, until the function that is returned is called. */
  subscribe(listener: () => void): () => void;
  /** Asks the engine to make way for another one. */
  yield(): void;
}

/** What is offered on one socket; what is missing cannot be asked there. */
export type Offer = Pick<BrokerService, 'token'> & Partial<BrokerService>;

/** One account's access token, and nothing else. */
export interface Only {
  /** The account's id. */
  readonly account: string;
  /** When it ends, epoch ms; the broker then closes itself. */
  readonly until?: number;
}

/** How a broker is started. */
export interface BrokerOptions {
  /** Another place for the socket: free, in a folder that is ours alone. */
  readonly path?: string;
  readonly only?: Only;
  /** Whether a key has to be proven; by default on Windows. */
  readonly withKey?: boolean;
}

/** A broker that listens. */
export interface Broker {
  /** Where it listens. */
  readonly path: string;
  /** Resolves once it listens no more and no connection is left. */
  readonly closed: Promise<void>;
  /** Lets clients read what was answered, for a second at most. May be called again. */
  close(): Promise<void>;
}

/**
 * Listens for other programs of this user. Without `only` and `path` it is the engine's own broker: then
 * this process holds `engine.lock`, and a socket that was left there is replaced.
 * @param service Of which `only` leaves one account's token.
 * @throws AppError `engine-running` when somebody else, or nobody, holds `engine.lock`; `unsafe-setting`
 *   for a place that is not ours alone; `wrong-use` for a `path` that is taken; otherwise as `mapFileError` says.
 */
export async function startBroker(
  context: Context,
  service: Offer & Pick<BrokerService, 'status'>,
  options: BrokerOptions = {},
): Promise<Broker> {
  const place = await placeFor(context, options);
  await sweepShares(context);
  const { only } = options;
  const broker = new ListeningBroker(
    context,
    place,
    only ? offerOf(context, service, only) : service,
  );
  await broker.listen();
  if (only?.until !== undefined) void broker.closeAt(only.until);
  return broker;
}

async function placeFor(context: Context, options: BrokerOptions): Promise<OwnPlace> {
  const { path, only, withKey = process.platform === 'win32' } = options;
  if (path !== undefined || only) {
    // A pipe without a key is everybody's.
    if (!withKey) return extraPlace(context, path);
    throw new AppError('wrong-use', { hint: 'A login can’t be shared from Windows yet.' });
  }
  const pid = await heldBy(context.paths.engineLock);
  if (pid === process.pid) return enginePlace(context, withKey);
  throw new AppError('engine-running', pid === null ? {} : { pid });
}

class ListeningBroker implements Broker {
  readonly closed: Promise<void>;
  readonly #context: Context;
  readonly #place: OwnPlace;
  readonly #server = createServer({ allowHalfOpen: true });
  readonly #connections = new Set<Connection>();
  readonly #closing = new AbortController();

  constructor(context: Context, place: OwnPlace, offer: Offer) {
    this.#context = context;
    this.#place = place;
    this.#server.maxConnections = MAX_CONNECTIONS;
    this.#server.on('connection', (socket) => {
      const connection = new Connection(socket, offer, place.key, context);
      this.#connections.add(connection);
      socket.once('close', () => this.#connections.delete(connection));
    });
    const end = new Promise<void>((resolve) => this.#server.once('close', resolve));
    this.closed = end.then(() => place.leave());
  }

  get path(): string {
    return this.#place.path;
  }

  async listen(): Promise<void> {
    const { fs, log } = this.#context;
    try {
      this.#server.listen(this.path);
      await once(this.#server, 'listening');
      this.#server.on('error', () => log({ level: 'error', event: 'broker-cannot-accept' }));
      // Until here the folder alone keeps others out.
      if (process.platform !== 'win32') await fs.chmod(this.path, 0o600);
    } catch (error) {
      await this.#place.leave();
      this.#server.close();
      if (errnoOf(error) !== 'EADDRINUSE') throw mapFileError(error, this.path);
      throw new AppError('wrong-use', { path: this.path, hint: 'that socket is there already' });
    }
  }

  async close(): Promise<void> {
    if (!this.#closing.signal.aborted) {
      this.#closing.abort();
      this.#server.close();
      for (const connection of this.#connections) connection.close();
      const read = new AbortController();
      void this.closed.then(() => read.abort());
      await this.#context.clock.sleep(LAST_WORDS, read.signal).catch(() => {});
      for (const connection of this.#connections) connection.drop('closing');
    }
    await this.closed;
  }

  /** In steps, because timers stand still while the machine sleeps. Epoch ms. */
  async closeAt(until: number): Promise<void> {
    const { clock } = this.#context;
    const left = () => until - clock.now();
    try {
      while (left() > 0) await clock.sleep(Math.min(left(), MINUTE), this.#closing.signal);
      await this.close();
    } catch {
      // It is closed already.
    }
  }
}

/** One account's token for those who name it, and not a word about the others. */
function offerOf(
  { clock, providers }: Context,
  service: Pick<BrokerService, 'token' | 'status'>,
  { account, until = Number.POSITIVE_INFINITY }: Only,
): Offer {
  return {
    token: async (name, minLife) => {
      if (clock.now() >= until) throw nobodyThere();
      const { accounts } = await service.status();
      const shared = accounts.filter(({ id }) => id === account);
      return service.token(idOf(shared, name, providers), minLife);
    },
  };
}

/** The account that a name means. Whoever asks by another name is not told what it is called. */
function idOf(shared: readonly AccountView[], name: string, providers: Providers): string {
  try {
    return accountNamed(shared, name, providers).id;
  } catch (error) {
    if (!hasCode(error, 'no-such-login')) throw error;
    const { service } = error.details;
    throw new AppError('no-such-login', service === undefined ? {} : { service });
  }
}
