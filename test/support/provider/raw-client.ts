import { createHash, randomBytes } from 'node:crypto';
import type { BuiltInId } from '../../../src/core/grant.ts';
import type { StandIn } from './index.ts';
import { FACES } from './shapes.ts';
import { type SignInOptions, signInAt } from './user-agent.ts';

/** A token endpoint's 200, as it comes over the wire. */
export interface RawTokens {
  readonly access_token: string;
  readonly refresh_token: string;
  readonly id_token?: string;
  readonly expires_in: number;
  readonly scope: string;
}

/** A sign-in under way, as a client keeps it. */
export interface RawAttempt {
  readonly provider: BuiltInId;
  readonly url: string;
  readonly redirectUri: string;
  readonly state: string;
  readonly verifier: string;
}

/** An authorize URL with the parameters that existing tools send. Without `redirectUri`: nobody listens there. */
export function beginSignIn(
  { endpoints }: StandIn,
  provider: BuiltInId,
  redirectUri = `http://localhost:9${new URL(FACES[provider].redirects[0] ?? '').pathname}`,
): RawAttempt {
  const [state, verifier] = [randomSecret(), randomSecret()];
  const url = new URL(endpoints[provider].authorizeUrl);
  url.search = new URLSearchParams({
    ...(provider === 'anthropic' ? { code: 'true' } : { originator: 'raw' }),
    client_id: FACES[provider].clientId,
    response_type: 'code',
    redirect_uri: redirectUri,
    scope: FACES[provider].scopes.join(' '),
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
    state,
  }).toString();
  return { provider, url: url.href, redirectUri, state, verifier };
}

/** A login that came about without Authbar: what another tool would hold. */
export async function rawSignIn(
  standIn: StandIn,
  provider: BuiltInId,
  options: Pick<SignInOptions, 'person'> = {},
): Promise<RawTokens> {
  const attempt = beginSignIn(standIn, provider);
  const { url } = await signInAt(attempt.url, { ...options, fetchCallback: false });
  const answer = await rawExchange(standIn, attempt, new URL(url).searchParams.get('code') ?? '');
  if (!answer.ok) throw new Error(`signing in was answered with ${await answer.text()}`);
  return (await answer.json()) as RawTokens;
}

/** The code exchange, as the provider's other tools send it. */
export function rawExchange(
  standIn: StandIn,
  { provider, redirectUri, state, verifier }: RawAttempt,
  code: string,
): Promise<Response> {
  const fields = { code, redirect_uri: redirectUri, code_verifier: verifier };
  return provider === 'anthropic'
    ? postToken(standIn, provider, { ...fields, grant_type: 'authorization_code', state }, 'json')
    : postToken(standIn, provider, { ...fields, grant_type: 'authorization_code' }, 'form');
}

/** A renewal. */
export function rawRefresh(
  standIn: StandIn,
  provider: BuiltInId,
  refreshToken: string,
  kind: 'json' | 'form' = 'json',
): Promise<Response> {
  const fields = { grant_type: 'refresh_token', refresh_token: refreshToken };
  return postToken(standIn, provider, fields, kind);
}

function postToken(
  { endpoints }: StandIn,
  provider: BuiltInId,
  fields: Readonly<Record<string, string>>,
  kind: 'json' | 'form',
): Promise<Response> {
  const all = { ...fields, client_id: FACES[provider].clientId };
  return fetch(endpoints[provider].tokenUrl, {
    method: 'POST',
    redirect: 'manual',
    ...(kind === 'form'
      ? { body: new URLSearchParams(all) }
      : { body: JSON.stringify(all), headers: { 'content-type': 'application/json' } }),
  });
}

function randomSecret(): string {
  return randomBytes(32).toString('base64url');
}
