import * as v from 'valibot';
import { AppError } from '../../shared/errors.ts';
import { noSuch } from '../../shared/nearest.ts';

/** The services whose API keys are kept, in the order in which they are shown. */
export const KeyServiceIdSchema = v.picklist(['openai', 'anthropic', 'grok', 'gemini']);
/** The services whose API keys are kept. */
export type KeyServiceId = v.InferOutput<typeof KeyServiceIdSchema>;

/** A service that gives out API keys: constants only. */
export interface KeyService {
  readonly id: KeyServiceId;
  /** As people know it. */
  readonly name: string;
  /** Other names that a person may type. */
  readonly aliases: readonly string[];
  /** Answers any key that works, costs nothing and changes nothing. Only this may be replaced, for tests. */
  readonly pingUrl: string;
  /** The headers that show the key. It is never in an address: those end up in logs. */
  headers(key: string): Readonly<Record<string, string>>;
  /**
   * The variables that Tachikoma reads, the first that is set counts.
   * @see https://github.com/steipete/Tachikoma (`AuthManager.swift`, `resolveAuth`)
   */
  readonly variables: readonly string[];
  /** What a key begins with that can be no other service's; `null`: nothing does. */
  readonly prefix: string | null;
}

/** All of them by id. */
export type KeyServices = Readonly<Record<KeyServiceId, KeyService>>;

const bearer = (key: string) => ({ authorization: `Bearer ${key}` });

const BUILT_IN: KeyServices = {
  openai: {
    id: 'openai',
    name: 'OpenAI',
    aliases: [],
    pingUrl: 'https://api.openai.com/v1/models',
    headers: bearer,
    variables: ['OPENAI_API_KEY'],
    prefix: null,
  },
  anthropic: {
    id: 'anthropic',
    name: 'Anthropic',
    aliases: [],
    // Tachikoma posts a message to `claude-3-haiku-20241022`, a model that there is not: every key fails.
    // https://docs.anthropic.com/en/api/models-list needs the same headers and costs nothing.
    pingUrl: 'https://api.anthropic.com/v1/models',
    headers: (key) => ({ 'x-api-key': key, 'anthropic-version': '2023-06-01' }),
    variables: ['ANTHROPIC_API_KEY'],
    prefix: 'sk-ant-',
  },
  grok: {
    id: 'grok',
    name: 'Grok (xAI)',
    aliases: ['xai'],
    pingUrl: 'https://api.x.ai/v1/models',
    headers: bearer,
    variables: ['X_AI_API_KEY', 'XAI_API_KEY', 'GROK_API_KEY'],
    prefix: 'xai-',
  },
  gemini: {
    id: 'gemini',
    name: 'Gemini',
    aliases: [],
    // Tachikoma has the key in the query. https://ai.google.dev/gemini-api/docs/api-key takes this header.
    pingUrl: 'https://generativelanguage.googleapis.com/v1beta/models',
    headers: (key) => ({ 'x-goog-api-key': key }),
    variables: ['GEMINI_API_KEY'],
    prefix: 'AIza',
  },
};

/** Other addresses to ping, as `AUTHBAR_PROVIDERS_FILE` gives them. */
export type PingUrls = { readonly [Id in KeyServiceId]?: string | undefined };

/** The services, each with its address replaced where `urls` has another one. */
export function createKeyServices(urls: PingUrls = {}): KeyServices {
  const of = (id: KeyServiceId): KeyService => {
    const service = BUILT_IN[id];
    return { ...service, pingUrl: urls[id] ?? service.pingUrl };
  };
  return {
    openai: of('openai'),
    anthropic: of('anthropic'),
    grok: of('grok'),
    gemini: of('gemini'),
  };
}

/** The service of an id or alias, in any case of letters; `null`: there is none. */
export function keyServiceNamed(services: KeyServices, name: string): KeyService | null {
  const wanted = name.trim().toLowerCase();
  const all = Object.values(services);
  return all.find(({ id, aliases }) => id === wanted || aliases.includes(wanted)) ?? null;
}

/**
 * The service of an id or alias. @throws AppError `wrong-use`, which names the known ones and never what
 * was typed: that may be a key.
 */
export function findKeyService(services: KeyServices, name: string): KeyService {
  const found = keyServiceNamed(services, name);
  if (found) return found;
  const others = Object.values(services).flatMap(({ aliases }) => aliases);
  const hint = noSuch('service', name, Object.keys(services), others);
  throw new AppError('wrong-use', { hint });
}
