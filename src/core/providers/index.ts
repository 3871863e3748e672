import * as v from 'valibot';
import { AppError } from '../../shared/errors.ts';
import type { ProviderId } from '../grant.ts';
import { safeUrl } from '../oauth/safe-url.ts';
import { anthropic } from './anthropic.ts';
import { openai } from './openai.ts';
import type { Provider } from './provider.ts';

const UrlSchema = v.pipe(
  v.string(),
  v.check(
    (text) => safeUrl(text) !== null,
    'must be https, or http on loopback, without user name, password or fragment',
  ),
);
const PortSchema = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(65_535));

const DeviceUrlsSchema = v.strictObject({
  code: UrlSchema,
  poll: UrlSchema,
  page: UrlSchema,
  redirect: UrlSchema,
});

/** The four URLs go together: half of them replaced would show one service's tokens to the other. */
const EndpointsSchema = v.pipe(
  v.strictObject({
    authorizeUrl: UrlSchema,
    tokenUrl: UrlSchema,
    revokeUrl: UrlSchema,
    profileUrl: v.nullable(UrlSchema),
    // Left out it is nowhere: the built-in one belongs to the service that is replaced.
    usageUrl: v.optional(v.nullable(UrlSchema), null),
    pasteRedirectUrl: v.optional(v.nullable(UrlSchema)),
    deviceUrls: v.optional(v.nullable(DeviceUrlsSchema)),
    redirectPorts: v.optional(v.pipe(v.array(PortSchema), v.minLength(1), v.maxLength(16))),
  }),
  v.forward(
    v.check(
      ({ tokenUrl, revokeUrl }) => areOf(tokenUrl, [revokeUrl]),
      'must have the origin of tokenUrl',
    ),
    ['revokeUrl'],
  ),
  v.forward(
    v.check(
      ({ tokenUrl, deviceUrls }) => areOf(tokenUrl, Object.values(deviceUrls ?? {})),
      'must have the origin of tokenUrl',
    ),
    ['deviceUrls'],
  ),
);

/** Where a key is shown to its service. Nothing else depends on it, so that each stands alone. */
const KeyUrlsSchema = v.strictObject({
  openai: v.optional(UrlSchema),
  anthropic: v.optional(UrlSchema),
  grok: v.optional(UrlSchema),
  gemini: v.optional(UrlSchema),
});

const OverridesSchema = v.strictObject({
  anthropic: v.optional(EndpointsSchema),
  openai: v.optional(EndpointsSchema),
  keys: v.optional(KeyUrlsSchema),
});

/** One that is no address has been refused already, and is not told a second time. */
function areOf(tokenUrl: string, urls: readonly string[]): boolean {
  const origins = urls.map((url) => safeUrl(url)?.origin);
  return origins.every((each) => each === undefined || each === safeUrl(tokenUrl)?.origin);
}

/** Other endpoints per provider, as `AUTHBAR_PROVIDERS_FILE` gives them. */
export type ProviderOverrides = v.InferOutput<typeof OverridesSchema>;

/** All providers by id. */
export type Providers = Readonly<Record<ProviderId, Provider>>;

/**
 * Reads the text of a providers file. Throws `unsafe-setting`, with a hint that names the field but never
 * shows its value: a URL with a password in it is one of the things that are refused.
 */
export function parseProvidersFile(text: string): ProviderOverrides {
  const value = parseJson(text);
  // An object schema lets a list pass, as one without any endpoints: the real ones would be used.
  if (Array.isArray(value))
    throw new AppError('unsafe-setting', { hint: 'the providers file is a list' });
  const parsed = v.safeParse(OverridesSchema, value);
  if (parsed.success) return parsed.output;
  const [issue] = parsed.issues;
  const field = v.getDotPath(issue) ?? 'the providers file';
  const problem = issue.type === 'check' ? issue.message : 'is not as expected';
  throw new AppError('unsafe-setting', { hint: `${field} ${problem}` });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The parser's message quotes the text.
    throw new AppError('unsafe-setting', { hint: 'the providers file is not JSON' });
  }
}

/** The providers, each with its endpoints replaced where `overrides` has other ones. */
export function createProviders(overrides: ProviderOverrides = {}): Providers {
  return {
    anthropic: withEndpoints(anthropic, overrides.anthropic),
    openai: withEndpoints(openai, overrides.openai),
  };
}

function withEndpoints(
  provider: Provider,
  override: ProviderOverrides[ProviderId] | undefined,
): Provider {
  if (override === undefined) return provider;
  const builtIn = provider.endpoints;
  const { pasteRedirectUrl = builtIn.pasteRedirectUrl, redirectPorts = builtIn.redirectPorts } =
    override;
  // Left out, there are none: the real ones would give out codes for the real service.
  const { deviceUrls = null } = override;
  return { ...provider, endpoints: { ...override, pasteRedirectUrl, deviceUrls, redirectPorts } };
}

/** The provider of an id or alias, in any case of letters. Throws `wrong-use`, naming the known ones. */
export function findProvider(providers: Providers, name: string): Provider {
  const wanted = name.trim().toLowerCase();
  const all = Object.values(providers);
  const found = all.find(({ id, aliases }) => id === wanted || aliases.includes(wanted));
  if (found !== undefined) return found;
  const known = all.flatMap(({ id, aliases }) => [id, ...aliases]).join(', ');
  throw new AppError('wrong-use', { hint: `unknown provider; known are ${known}` });
}
