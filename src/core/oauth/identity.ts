import { type Grant, type Identity, NO_IDENTITY } from '../grant.ts';
import type { Provider } from '../providers/provider.ts';
import { parseBody } from './answer-body.ts';
import type { Send } from './transport.ts';

const LIMITS = { timeout: 10_000, maxBytes: 256 * 1024 };

/** Whose login it is. `known` is false, and every field `null`, when that could not be read. */
export interface Identification {
  readonly identity: Identity;
  readonly known: boolean;
}

/**
 * Reads whose login a grant is: from its tokens' claims, and where those leave the address out from the
 * provider's profile endpoint, which is shown the access token. Never throws: a login whose owner is unknown is still a login.
 */
export async function identify(
  provider: Provider,
  grant: Pick<Grant, 'accessToken' | 'idToken'>,
  deps: { readonly send: Send; readonly signal?: AbortSignal },
): Promise<Identification> {
  const told = provider.identityFromTokens(grant);
  const asked = told?.email ? null : await fromProfile(provider, grant, deps);
  const identity = told === null ? asked : completed(told, asked);
  return { identity: identity ?? NO_IDENTITY, known: identity !== null };
}

/** OpenID Connect Core section 5.3.2: an answer about another person is not used. */
function completed(told: Identity, asked: Identity | null): Identity {
  const same = asked !== null && told.userId !== null && asked.userId === told.userId;
  return same ? { ...told, email: asked.email } : told;
}

async function fromProfile(
  provider: Provider,
  { accessToken }: Pick<Grant, 'accessToken'>,
  { send, signal }: { readonly send: Send; readonly signal?: AbortSignal },
): Promise<Identity | null> {
  const url = provider.endpoints.profileUrl;
  if (url === null) return null;
  try {
    const outcome = await send(
      { url, method: 'GET', headers: { authorization: `Bearer ${accessToken}` }, body: null },
      signal === undefined ? LIMITS : { ...LIMITS, signal },
    );
    if (outcome.kind === 'fault' || outcome.status !== 200) return null;
    return provider.identityFromProfile(parseBody(outcome.body));
  } catch {
    return null;
  }
}
