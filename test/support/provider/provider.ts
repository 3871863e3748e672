import type { IncomingHttpHeaders } from 'node:http';
import { DeviceCodes } from './device.ts';
import type { Endpoint } from './faults.ts';
import { fingerprint, type JournalEntry } from './journal.ts';
import type { Settings } from './oidc.ts';
import { codePage } from './pages.ts';
import type { Person } from './people.ts';
import { type Face, type Json, type JsonAnswer, profile } from './shapes.ts';
import type { Store } from './store.ts';
import { type Answer, type Forwarded, html, json } from './transport.ts';
import { USAGE_PATHS, UsageDesk } from './usage.ts';

/** A request to a provider, read and understood. */
export interface Incoming {
  readonly endpoint: Endpoint;
  readonly method: string;
  readonly url: URL;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  /** The body's fields, be it JSON or a form. */
  readonly params: Readonly<Record<string, string>>;
}

export interface ProviderParts {
  readonly face: Face;
  readonly store: Store;
  readonly settings: Settings;
  readonly people: readonly Person[];
  /** Every secret that is issued or met is put in here. */
  readonly secrets: Set<string>;
  /** How often a device may ask whether its code was entered, s. */
  readonly deviceInterval: number;
  /** Asks the authorization server itself. */
  readonly ask: (what: Forwarded) => Promise<Answer>;
}

const NO_SUCH_GRANT: JsonAnswer = { status: 400, body: { error: 'invalid_grant' } };

/** One provider's public side: what its endpoints make of a request. */
export class StandInProvider {
  readonly face: Face;
  readonly store: Store;
  readonly settings: Settings;
  readonly usage: UsageDesk;
  readonly #parts: ProviderParts;
  readonly #device: DeviceCodes;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(parts: ProviderParts) {
    this.face = parts.face;
    this.store = parts.store;
    this.settings = parts.settings;
    this.#parts = parts;
    const { face, store, settings, secrets, deviceInterval: interval } = parts;
    const now = () => Date.now() + settings.clockOffBy;
    this.usage = new UsageDesk(face.id, store, now);
    this.#device = new DeviceCodes({ face, now, interval, secrets });
  }

  /** Which endpoint a path is, or `null`. */
  endpoint(path: string, params: Incoming['params']): Endpoint | null {
    const { paths } = this.face;
    if (path === paths.authorize) return 'authorize';
    if (path.startsWith(`${paths.authorize}/`) || path.startsWith(`${paths.signIn}/`))
      return 'sign-in';
    if (path === paths.token) return params.grant_type === 'refresh_token' ? 'refresh' : 'exchange';
    if (path === paths.revoke) return 'revoke';
    if (path === paths.profile) return 'profile';
    if (path === USAGE_PATHS[this.face.id]) return 'usage';
    if (path === paths.codePage) return 'code-page';
    return this.#device.endpoint(path);
  }

  /** The provider's answer. What it changes is noted in `entry`. */
  async workOff(request: Incoming, entry: JournalEntry): Promise<Answer> {
    switch (request.endpoint) {
      case 'exchange':
      case 'refresh':
        return json(await this.#inTurn(() => this.#token(request, entry)));
      case 'revoke':
        return this.#inTurn(() => this.#revoke(request));
      case 'profile':
        return json(this.#profile(request));
      case 'usage':
        return json(this.usage.answer(request));
      case 'code-page':
        return html(200, codePage(request.url.searchParams));
      case 'device-code':
      case 'device-poll':
      case 'device-page':
        return this.#device.workOff(request);
      case 'authorize':
      case 'sign-in':
        return this.#browser(request);
    }
  }

  /** The token as oidc-provider knows it. */
  readonly bare = (token: string): string => {
    const { access, refresh } = this.face.prefixes;
    const prefix = [access, refresh].find((p) => p !== '' && token.startsWith(p)) ?? '';
    return token.slice(prefix.length);
  };

  /**
   * One request at a time, as a provider's database has it: oidc-provider looks and marks in two steps,
   * between which a second request with the same refresh token would go unnoticed.
   */
  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.#turn.then(work);
    this.#turn = mine.catch(() => {});
    return mine;
  }

  async #token({ params, headers, endpoint }: Incoming, entry: JournalEntry): Promise<JsonAnswer> {
    const { face, store } = this;
    const given = endpoint === 'refresh' ? this.bare(params.refresh_token ?? '') : null;
    const fate = given === null ? null : store.fate(given);
    if (fate === 'spent' && this.settings.forgivesReuse) return face.refusal(NO_SUCH_GRANT, fate);
    const bare = given === null ? params : { ...params, refresh_token: given };
    if (params.code_verifier) this.#parts.secrets.add(params.code_verifier);

    const { status, body } = await this.#post(face.paths.token, bare, headers);
    const answer = JSON.parse(body.toString()) as Json;
    if (status !== 200) return face.refusal({ status, body: answer }, fate);
    const issued = this.#dress(answer);
    entry.rotated = given !== null;
    entry.rotatedAt = given === null ? null : Date.now();
    entry.issued = fingerprint(String(issued.refresh_token));
    return { status, body: issued };
  }

  /** The answer's tokens as this provider's look, with what it adds to them. */
  #dress(answer: Json): Json {
    const { prefixes } = this.face;
    const owner = this.store.owner(String(answer.refresh_token));
    const person = this.#parts.people.find(({ key }) => key === owner);
    if (!person) throw new Error('a token was issued to nobody');
    const dressed: Json = {
      ...this.face.tokens(answer, person),
      access_token: `${prefixes.access}${answer.access_token}`,
      refresh_token: `${prefixes.refresh}${answer.refresh_token}`,
    };
    for (const name of ['access_token', 'refresh_token', 'id_token']) {
      const token = dressed[name];
      if (typeof token === 'string') this.#parts.secrets.add(token);
    }
    const { refresh_token, expires_in } = answer;
    this.usage.note(String(dressed.access_token), String(refresh_token), Number(expires_in));
    return dressed;
  }

  async #revoke({ params, headers }: Incoming): Promise<Answer> {
    const bare = { ...params, token: this.bare(params.token ?? '') };
    const answer = await this.#post(this.face.paths.revoke, bare, headers);
    if (answer.status === 200) return answer;
    const body = JSON.parse(answer.body.toString()) as Json;
    return json(this.face.refusal({ status: answer.status, body }, null));
  }

  #profile({ headers }: Incoming): JsonAnswer {
    const token = /^Bearer (.+)$/.exec(headers.authorization ?? '')?.[1] ?? '';
    const access = this.store.access(this.bare(token));
    const person = this.#parts.people.find(({ key }) => key === access?.accountId);
    return profile(person ?? null, access?.scopes ?? []);
  }

  /** A page, or a redirect that leads to one. */
  async #browser({ method, url, headers, body, endpoint }: Incoming): Promise<Answer> {
    const asked = new URL(url);
    // Plain OpenID gives `offline_access` only to a request that says so; OpenAI gives it to all.
    if (endpoint === 'authorize' && this.face.scopes.includes('offline_access')) {
      asked.searchParams.set('prompt', 'consent');
    }
    const path = asked.pathname + asked.search;
    const answer = await this.#parts.ask({ method, path, headers, body });
    return { ...answer, headers: this.#plain(answer.headers, url) };
  }

  /**
   * Takes away what the real providers do not send (`iss`, RFC 9207), and the session: each sign-in asks
   * anew who it is, so that one browser can be many people.
   */
  #plain(headers: Answer['headers'], base: URL): Answer['headers'] {
    const cookies = [headers['set-cookie'] ?? []].flat();
    const kept = cookies.filter((cookie) => !String(cookie).startsWith(`${this.face.id}_session`));
    const plain = { ...headers, 'set-cookie': kept.map(String) };
    if (typeof headers.location !== 'string') return plain;
    const location = new URL(headers.location, base);
    location.searchParams.delete('iss');
    const code = location.searchParams.get('code');
    if (code) this.#parts.secrets.add(code);
    return { ...plain, location: location.href };
  }

  #post(path: string, params: Incoming['params'], headers: IncomingHttpHeaders): Promise<Answer> {
    const { host } = headers;
    const body = Buffer.from(new URLSearchParams(params).toString());
    const form = { host, 'content-type': 'application/x-www-form-urlencoded' };
    return this.#parts.ask({ method: 'POST', path, headers: form, body });
  }
}
