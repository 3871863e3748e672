import type { KeyService } from './services.ts';

/** What there is for one service. */
export interface Available {
  /** The environment of whoever asks. */
  readonly env: NodeJS.ProcessEnv;
  /** A login of ours, which the tools are given. */
  readonly login: boolean;
  /** An API key that we keep. */
  readonly key: boolean;
}

/** What a tool would use. A value is never told, only the name that it goes by. */
export type Used =
  | { readonly source: 'environment'; readonly variable: string }
  | { readonly source: 'login' }
  | { readonly source: 'key' }
  | { readonly source: 'nothing' };

/**
 * What a tool that reads Tachikoma's file, as Peekaboo, would use for a service: a variable of the
 * environment, else a login, else a key. The environment is only looked at: nothing is taken from it.
 * @see https://github.com/steipete/Tachikoma (`AuthManager.swift`, `resolveAuth`)
 */
export function usedBy({ variables }: Pick<KeyService, 'variables'>, available: Available): Used {
  const variable = variables.find((name) => Boolean(available.env[name]));
  if (variable) return { source: 'environment', variable };
  if (available.login) return { source: 'login' };
  return { source: available.key ? 'key' : 'nothing' };
}
