import * as v from 'valibot';
import { bareId } from '../../shared/custom-id.ts';
import { AppError } from '../../shared/errors.ts';
import { noSuch } from '../../shared/nearest.ts';
import { nameOfGone } from '../../shared/ui/names.ts';
import {
  type BuiltInId,
  type CustomId,
  CustomIdSchema,
  type ProviderId,
  ProviderIdSchema,
} from '../grant.ts';
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

/** All providers by id: those that are built in, and those that the person added. */
export type Providers = Readonly<Record<BuiltInId, Provider>> &
  Readonly<{ [id: CustomId]: Provider }>;

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
  override: ProviderOverrides[BuiltInId] | undefined,
): Provider {
  if (override === undefined) return provider;
  const builtIn = provider.endpoints;
  const { pasteRedirectUrl = builtIn.pasteRedirectUrl, redirectPorts = builtIn.redirectPorts } =
    override;
  // Left out, there are none: the real ones would give out codes for the real service.
  const { deviceUrls = null } = override;
  return { ...provider, endpoints: { ...override, pasteRedirectUrl, deviceUrls, redirectPorts } };
}

/**
 * The provider of a login. One that the person added and that is not known any more is `gone`: it has a
 * name to be shown by, and no address, so that nothing can be sent for it.
 */
export function providerOf(providers: Providers, id: ProviderId): Provider {
  return providers[id] ?? goneProvider(id);
}

/** As `providerOf`, by the id that screens have. */
export function providerShown(providers: Providers, id: string): Provider {
  return v.is(ProviderIdSchema, id) ? providerOf(providers, id) : findProvider(providers, id);
}

/** A reserved name (RFC 6761): it leads nowhere, and no grant comes from there. */
const NOWHERE = 'https://gone.invalid/';

function goneProvider(id: ProviderId): Provider {
  const service = nameOfGone(id);
  return {
    id,
    service,
    aliases: [bareId(id)],
    clientId: '',
    scopes: [],
    endpoints: {
      authorizeUrl: NOWHERE,
      tokenUrl: NOWHERE,
      revokeUrl: null,
      profileUrl: null,
      usageUrl: null,
      deviceUrls: null,
      pasteRedirectUrl: null,
      redirectPorts: [0],
    },
    redirectPath: '/callback',
    cancelPath: null,
    authorizeExtras: {},
    exchangeBody: 'form',
    refreshBody: 'form',
    revokeBody: 'form',
    stateInExchange: false,
    bareCode: false,
    expiryFrom: 'expires_in',
    overCodes: {},
    gone: true,
    errorCode: () => null,
    saysPaused: () => false,
    identityFromTokens: () => null,
    identityFromProfile: () => null,
    usageHeaders: () => ({}),
    usageFrom: () => null,
  };
}

/**
 * The provider of an id or alias, in any case of letters. Throws `wrong-use`, naming the known ones, and
 * `provider-missing` for the id of one that was added once.
 */
export function findProvider(providers: Providers, name: string): Provider {
  const wanted = name.trim().toLowerCase();
  const all = Object.values(providers);
  // An id is nobody else's, whatever a person calls another one.
  const found =
    all.find(({ id }) => id === wanted) ?? all.find(({ aliases }) => aliases.includes(wanted));
  if (found !== undefined) return found;
  if (v.is(CustomIdSchema, wanted)) {
    throw new AppError('provider-missing', { service: goneProvider(wanted).service });
  }
  const others = all.flatMap(({ id, aliases }) => [id, ...aliases]);
  throw new AppError('wrong-use', { hint: noSuch('service', name, all.map(typedAs), others) });
}

/** What a person types for a provider: `claude`. */
export function typedAs({ id, aliases }: Pick<Provider, 'id' | 'aliases'>): string {
  return aliases[0] ?? id;
}
