import { writeFile } from 'node:fs/promises';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { BuiltInId } from '../../../src/core/grant.ts';
import { control } from './control.ts';
import { Faults } from './faults.ts';
import { createFront } from './front.ts';
import { Journal } from './journal.ts';
import { KeyStandIn } from './keys.ts';
import { createAuthority, type Settings } from './oidc.ts';
import { PEOPLE, type Person } from './people.ts';
import { StandInProvider } from './provider.ts';
import { endpointsOf, FACES, type StandInEndpoints } from './shapes.ts';
import { forward } from './transport.ts';
import type { PlayedWindow } from './usage.ts';

export { enterDeviceCode } from './device.ts';
export { type Endpoint, FAULTS, type Fault } from './faults.ts';
export { fingerprint, type JournalEntry } from './journal.ts';
export { PEOPLE, type Person } from './people.ts';
export { signInAt, type UserAgentEnd } from './user-agent.ts';

/** Seconds. */
export type Ttl = Partial<Settings['ttl']>;

export interface StandInOptions {
  /** Who can sign in; the first one is the default. */
  readonly people?: readonly Person[];
  /** Default: an hour, 30 days, a minute. */
  readonly ttl?: Ttl;
  /** The ports that Authbar's callback server tries. Default: any free one. */
  readonly redirectPorts?: Partial<Readonly<Record<BuiltInId, readonly number[]>>>;
  /** How often a device is told to ask whether its code was entered, s. Default: 5. */
  readonly deviceInterval?: number;
}

/** Both providers, running on one loopback port. */
export interface StandIn {
  readonly origin: string;
  /** The content of a providers file. */
  readonly endpoints: Readonly<Record<BuiltInId, StandInEndpoints>>;
  readonly people: readonly Person[];
  readonly journal: Journal;
  readonly faults: Faults;
  /** The services that give out API keys. */
  readonly keys: KeyStandIn;
  /** Every secret so far: codes, verifiers, access, refresh and id tokens, also of answers that nobody heard, and API keys. */
  readonly tokens: readonly string[];
  /** Writes the providers file and returns its path. */
  providersFile(path: string): Promise<string>;
  /** For what is issued from now on. Without `provider`: at both. */
  setTtl(ttl: Ttl, provider?: BuiltInId): void;
  /** Puts the provider's clock ahead of ours by `offBy` ms (behind, if negative). */
  setClock(offBy: number, provider?: BuiltInId): void;
  /**
   * Whether a refresh token that comes a second time is only refused, or ends the login as RFC 9700
   * §4.14.2 wants it, which is the default.
   */
  setForgiving(on: boolean, provider?: BuiltInId): void;
  /** Ends the family of a refresh token, or all of a person (`key`). Returns how many families ended. */
  revokeFamily(provider: BuiltInId, refreshTokenOrPerson: string): number;
  /** What the usage endpoint tells from now on; `null`: it refuses everybody. */
  setUsage(provider: BuiltInId, windows: readonly PlayedWindow[] | null): void;
  /** Whether this refresh token would work now. */
  active(refreshToken: string): boolean;
  /** Breaks every connection and frees the ports. */
  close(): Promise<void>;
}

const DEFAULT_TTL = { accessToken: 3600, refreshToken: 30 * 24 * 3600, code: 60 };

/** Starts the stand-in on a free port of 127.0.0.1. */
export async function startStandIn(options: StandInOptions = {}): Promise<StandIn> {
  const { people = PEOPLE } = options;
  const secrets = new Set<string>();
  const outer = await listen();
  const inner = await listen();
  const origin = `http://127.0.0.1:${outer.port}`;

  const start = async (id: BuiltInId) => {
    const face = FACES[id];
    const settings = {
      ttl: { ...DEFAULT_TTL, ...options.ttl },
      clockOffBy: 0,
      forgivesReuse: false,
    };
    const { store, listener } = await createAuthority(face, origin, people, settings);
    const mine: RequestListener = (req, res) => {
      if (req.url?.startsWith(`/${id}/`)) listener(req, res);
    };
    inner.server.on('request', mine);
    const ask = forward.bind(undefined, inner.port);
    const { deviceInterval = 5 } = options;
    return new StandInProvider({ face, store, settings, people, secrets, deviceInterval, ask });
  };
  const providers = { anthropic: await start('anthropic'), openai: await start('openai') };
  return new Running(origin, options, people, providers, secrets, [outer.server, inner.server]);
}

class Running implements StandIn {
  readonly origin: string;
  readonly people: readonly Person[];
  readonly endpoints: StandIn['endpoints'];
  readonly journal = new Journal();
  readonly faults = new Faults();
  readonly keys: KeyStandIn;
  readonly #providers: Readonly<Record<BuiltInId, StandInProvider>>;
  readonly #secrets: ReadonlySet<string>;
  readonly #servers: readonly [Server, Server];
  readonly #closing = new AbortController();

  constructor(
    origin: string,
    { redirectPorts = {} }: StandInOptions,
    people: readonly Person[],
    providers: Readonly<Record<BuiltInId, StandInProvider>>,
    secrets: ReadonlySet<string>,
    servers: readonly [outer: Server, inner: Server],
  ) {
    this.origin = origin;
    this.people = people;
    this.keys = new KeyStandIn(origin);
    this.endpoints = {
      anthropic: endpointsOf(FACES.anthropic, origin, redirectPorts.anthropic ?? [0]),
      openai: endpointsOf(FACES.openai, origin, redirectPorts.openai ?? [0]),
    };
    this.#providers = providers;
    this.#secrets = secrets;
    this.#servers = servers;
    const front = createFront({
      origin,
      providers: Object.values(providers),
      journal: this.journal,
      faults: this.faults,
      keys: this.keys,
      control: (verb, body) => control(this, verb, body),
      closing: this.#closing.signal,
    });
    servers[0].on('request', front);
  }

  get tokens(): readonly string[] {
    return [...this.#secrets, ...this.keys.secrets];
  }

  async providersFile(path: string): Promise<string> {
    await writeFile(path, JSON.stringify({ ...this.endpoints, keys: this.keys.urls }, null, 2));
    return path;
  }

  setTtl(ttl: Ttl, provider?: BuiltInId): void {
    for (const { settings } of this.#chosen(provider)) Object.assign(settings.ttl, ttl);
  }

  setClock(offBy: number, provider?: BuiltInId): void {
    for (const { settings } of this.#chosen(provider)) settings.clockOffBy = offBy;
  }

  setForgiving(on: boolean, provider?: BuiltInId): void {
    for (const { settings } of this.#chosen(provider)) settings.forgivesReuse = on;
  }

  revokeFamily(provider: BuiltInId, refreshTokenOrPerson: string): number {
    const { store, bare } = this.#providers[provider];
    return store.revoke(bare(refreshTokenOrPerson));
  }

  setUsage(provider: BuiltInId, windows: readonly PlayedWindow[] | null): void {
    this.#providers[provider].usage.set(windows);
  }

  active(refreshToken: string): boolean {
    return this.#chosen().some(({ store, bare }) => store.fate(bare(refreshToken)) === 'active');
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await Promise.all(this.#servers.map(stop));
  }

  #chosen(provider?: BuiltInId): readonly StandInProvider[] {
    return provider ? [this.#providers[provider]] : Object.values(this.#providers);
  }
}

async function listen(): Promise<{ server: Server; port: number }> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  return { server, port: (server.address() as AddressInfo).port };
}

async function stop(server: Server): Promise<void> {
  const closed = new Promise((resolve) => server.close(resolve));
  server.closeAllConnections();
  await closed;
}
