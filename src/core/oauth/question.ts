import type { Context } from '../context.ts';
import { providerOf } from '../providers/index.ts';
import type { Provider } from '../providers/provider.ts';
import type { AccessToken } from '../token.ts';
import { assertSameOrigin } from './token-endpoint.ts';
import type { Outcome } from './transport.ts';

/** Larger than any answer to a question about an account. */
const MAX_BYTES = 256 * 1024;

/** What a provider is asked with an access token, and where. */
export interface Question {
  readonly url: string;
  /** Beside the token. */
  readonly headers: Readonly<Record<string, string>>;
}

/** Who was asked, and how that went. */
export interface Asked {
  readonly host: string;
  /** Of the answer; `null`: there was none. */
  readonly status: number | null;
  /** From the question to its end, ms. */
  readonly ms: number;
}

/** A question whose answer only a login that works gets; `null`: this provider has none. */
export function checkQuestion(provider: Provider, accessToken: string): Question | null {
  const { profileUrl } = provider.endpoints;
  return profileUrl === null
    ? usageQuestion(provider, accessToken)
    : { url: profileUrl, headers: {} };
}

/** How much of the plan is used; `null`: this provider is not asked that. */
export function usageQuestion(provider: Provider, accessToken: string): Question | null {
  const { usageUrl } = provider.endpoints;
  return usageUrl === null ? null : { url: usageUrl, headers: provider.usageHeaders(accessToken) };
}

/**
 * Asks once, with the account's own access token, for `timeout` ms at most.
 * @throws AppError `unsafe-setting` when the login was issued by another address than the one set now: its
 * token is shown to nobody else.
 */
export async function putQuestion(
  { providers, send, secrets, clock }: Pick<Context, 'providers' | 'send' | 'secrets' | 'clock'>,
  { provider: id, accessToken, origin }: AccessToken,
  { url, headers }: Question,
  timeout: number,
): Promise<{ readonly outcome: Outcome; readonly asked: Asked }> {
  assertSameOrigin({ origin }, providerOf(providers, id));
  secrets.add(accessToken);
  const begun = clock.now();
  const outcome = await send(
    {
      url,
      method: 'GET',
      headers: { ...headers, authorization: `Bearer ${accessToken}` },
      body: null,
    },
    { timeout, maxBytes: MAX_BYTES },
  );
  const status = outcome.kind === 'answer' ? outcome.status : null;
  return { outcome, asked: { host: new URL(url).host, status, ms: clock.now() - begun } };
}
