import type { Adapter, AdapterPayload } from 'oidc-provider';

/** What has become of a refresh token. */
export type Fate = 'active' | 'spent' | 'expired' | 'revoked' | 'unknown';

interface Issued {
  readonly accountId: string;
  readonly grantId: string;
}

const NO_TABLE: ReadonlyMap<string, AdapterPayload> = new Map();

/**
 * What one provider remembers. oidc-provider's own in-memory adapter keeps the last 1000 entries and
 * then forgets which tokens were spent; this one forgets nothing.
 */
export class Store {
  readonly #tables = new Map<string, Map<string, AdapterPayload>>();
  readonly #issued = new Map<string, Issued>();
  readonly #spent = new Set<string>();
  /** How far ahead the clock was when an access token was issued, ms. */
  readonly #issuedAhead = new Map<string, number>();
  readonly #ahead: () => number;

  /** @param ahead How far ahead the provider's clock is now, ms. */
  constructor(ahead: () => number = () => 0) {
    this.#ahead = ahead;
  }

  /** oidc-provider's `adapter`: one for each of its models. */
  readonly adapter = (model: string): Adapter => {
    const table = new Map<string, AdapterPayload>();
    this.#tables.set(model, table);
    return {
      upsert: async (id, payload) => {
        table.set(id, payload);
        if (model === 'RefreshToken') this.#remember(id, payload);
        if (model === 'AccessToken') this.#issuedAhead.set(id, this.#ahead());
      },
      find: async (id) => table.get(id),
      findByUid: async (uid) => find(table, (payload) => payload.uid === uid),
      findByUserCode: async (code) => find(table, (payload) => payload.userCode === code),
      consume: async (id) => {
        const payload = table.get(id);
        if (payload) payload.consumed = epochSeconds();
        if (model === 'RefreshToken') this.#spent.add(id);
      },
      destroy: async (id) => {
        table.delete(id);
      },
      revokeByGrantId: async (grantId) => dropGrant(table, grantId),
    };
  };

  fate(refreshToken: string): Fate {
    const payload = this.#table('RefreshToken').get(refreshToken);
    if (this.#spent.has(refreshToken)) return 'spent';
    if (payload) return expired(payload) ? 'expired' : 'active';
    return this.#issued.has(refreshToken) ? 'revoked' : 'unknown';
  }

  /** Whose refresh token this is or was. */
  owner(refreshToken: string): string | null {
    return this.#issued.get(refreshToken)?.accountId ?? null;
  }

  /** Whether the login that this refresh token is or was of has not been ended. */
  lives(refreshToken: string): boolean {
    return this.#table('Grant').has(this.#issued.get(refreshToken)?.grantId ?? '');
  }

  /** What an opaque access token gives access to, or `null` once it is over by the provider's clock. */
  access(accessToken: string): { accountId: string; scopes: readonly string[] } | null {
    const payload = this.#table('AccessToken').get(accessToken);
    const moved = this.#ahead() - (this.#issuedAhead.get(accessToken) ?? 0);
    if (!payload?.accountId || expired(payload, moved)) return null;
    return { accountId: payload.accountId, scopes: payload.scope?.split(' ') ?? [] };
  }

  /** Ends the family of a refresh token, or every family of an account. Returns how many there were. */
  revoke(refreshTokenOrAccount: string): number {
    const grants = new Set<string>();
    for (const [id, { accountId, grantId }] of this.#issued) {
      const meant = id === refreshTokenOrAccount || accountId === refreshTokenOrAccount;
      if (meant && this.#table('Grant').has(grantId)) grants.add(grantId);
    }
    for (const grantId of grants) {
      this.#tables.get('Grant')?.delete(grantId);
      for (const table of this.#tables.values()) dropGrant(table, grantId);
    }
    return grants.size;
  }

  #table(model: string): ReadonlyMap<string, AdapterPayload> {
    return this.#tables.get(model) ?? NO_TABLE;
  }

  #remember(id: string, { accountId, grantId }: AdapterPayload): void {
    if (accountId && grantId) this.#issued.set(id, { accountId, grantId });
  }
}

function find(
  table: ReadonlyMap<string, AdapterPayload>,
  wanted: (payload: AdapterPayload) => boolean,
): AdapterPayload | undefined {
  for (const payload of table.values()) if (wanted(payload)) return payload;
  return undefined;
}

function dropGrant(table: Map<string, AdapterPayload>, grantId: string): void {
  for (const [id, payload] of table) if (payload.grantId === grantId) table.delete(id);
}

function expired({ exp }: AdapterPayload, moved = 0): boolean {
  return exp !== undefined && exp <= epochSeconds() + moved / 1000;
}

function epochSeconds(): number {
  return Math.floor(Date.now() / 1000);
}
