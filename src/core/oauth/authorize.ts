import type { Provider } from '../providers/provider.ts';

/** The secrets of one attempt to sign in. Only the challenge and the state leave this machine before the exchange. */
export interface Authorization {
  readonly verifier: string;
  /** SHA-256 of the verifier (PKCE `S256`, RFC 7636). */
  readonly challenge: string;
  readonly state: string;
}

/**
 * Verifier and state: 32 random bytes each and independent of each other. Tools that use the verifier as
 * the state put it into the browser's history, where PKCE has nothing left to protect.
 */
export async function beginAuthorization(): Promise<Authorization> {
  const oauth = await import('oauth4webapi');
  const verifier = oauth.generateRandomCodeVerifier();
  const challenge = await oauth.calculatePKCECodeChallenge(verifier);
  return { verifier, challenge, state: oauth.generateRandomState() };
}

/** The address at which a person signs in. It holds the state, and is to be shown to that person only. */
export function authorizeUrl(
  provider: Provider,
  attempt: { readonly challenge: string; readonly state: string; readonly redirectUri: string },
): string {
  const url = new URL(provider.endpoints.authorizeUrl);
  const parameters = {
    ...provider.authorizeExtras,
    client_id: provider.clientId,
    response_type: 'code',
    redirect_uri: attempt.redirectUri,
    // At least one where it is sent (RFC 6749 section 3.3); without it the service decides.
    ...(provider.scopes.length > 0 && { scope: provider.scopes.join(' ') }),
    code_challenge: attempt.challenge,
    code_challenge_method: 'S256',
    state: attempt.state,
  };
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
  return url.href;
}
