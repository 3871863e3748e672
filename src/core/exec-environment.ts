import { bareId } from '../shared/custom-id.ts';
import { type BuiltInId, type CustomId, isBuiltIn, type ProviderId } from './grant.ts';
import type { KeyService, KeyServiceId } from './keys/services.ts';

/** What a command is told of a login, and what it must not be told beside it. */
interface Variables {
  /** Each gets the access token, or the key. */
  readonly given: readonly string[];
  /** What tools use in the place of this login, or what sends it to somebody else. */
  readonly withheld: readonly string[];
}

/**
 * The names that tools have published, as far as they were read or run. What is not here is not given on
 * purpose: a tool takes `ANTHROPIC_API_KEY`, `ANTHROPIC_AUTH_TOKEN` and `OPENAI_API_KEY` for another kind
 * of key and is refused with it, and Codex takes `CODEX_ACCESS_TOKEN` for an agent's identity and does
 * not start with a plan's token in it.
 */
const VARIABLES: Readonly<Record<BuiltInId, Variables>> = {
  anthropic: {
    given: [
      // https://code.claude.com/docs/en/env-vars
      'CLAUDE_CODE_OAUTH_TOKEN',
      // https://github.com/badlogic/pi-mono/blob/main/packages/ai/src/env-api-keys.ts
      'ANTHROPIC_OAUTH_TOKEN',
    ],
    withheld: [
      'ANTHROPIC_API_KEY',
      'ANTHROPIC_AUTH_TOKEN',
      // The gateway's that such a key is for.
      'ANTHROPIC_BASE_URL',
      'CLAUDE_CODE_API_KEY_FILE_DESCRIPTOR',
      'CLAUDE_CODE_OAUTH_REFRESH_TOKEN',
      'CLAUDE_CODE_OAUTH_SCOPES',
      'CLAUDE_CODE_OAUTH_TOKEN_FILE_DESCRIPTOR',
      'CLAUDE_CODE_USE_BEDROCK',
      'CLAUDE_CODE_USE_FOUNDRY',
      'CLAUDE_CODE_USE_VERTEX',
    ],
  },
  openai: {
    // No tool is known to read a plan's token from a variable. It is called as in Peekaboo's file.
    given: ['OPENAI_ACCESS_TOKEN'],
    withheld: ['CODEX_ACCESS_TOKEN', 'CODEX_API_KEY', 'OPENAI_API_KEY', 'OPENAI_BASE_URL'],
  },
};

/** No tool is known for a service that the person added: one name for all, and one of its own. */
function variablesOf(provider: CustomId): Variables {
  const name = bareId(provider).toUpperCase().replaceAll('-', '_');
  return { given: ['AUTHBAR_ACCESS_TOKEN', `AUTHBAR_${name}_ACCESS_TOKEN`], withheld: [] };
}

/**
 * The environment of a command that is to use this login: `env` with it, and without what outranks it.
 * `AUTHBAR_SOCKET` stays: a command that asks Authbar itself is to be answered by whoever answered here.
 */
export function commandEnvironment(
  env: NodeJS.ProcessEnv,
  provider: ProviderId,
  accessToken: string,
  platform: NodeJS.Platform = process.platform,
): NodeJS.ProcessEnv {
  const variables = isBuiltIn(provider) ? VARIABLES[provider] : variablesOf(provider);
  return changed(env, variables, accessToken, platform);
}

/** What a tool would use in the place of a key, or what would send it to somebody else. */
const BESIDE_A_KEY: Readonly<Record<KeyServiceId, readonly string[]>> = {
  openai: [...VARIABLES.openai.given, ...VARIABLES.openai.withheld],
  anthropic: [...VARIABLES.anthropic.given, ...VARIABLES.anthropic.withheld],
  grok: [],
  // Google's own libraries take this one first: https://ai.google.dev/gemini-api/docs/api-key
  gemini: ['GOOGLE_API_KEY'],
};

/** The environment of a command that is to use this API key: all of the service's variables have it. */
export function keyEnvironment(
  env: NodeJS.ProcessEnv,
  { id, variables }: Pick<KeyService, 'id' | 'variables'>,
  key: string,
  platform: NodeJS.Platform = process.platform,
): NodeJS.ProcessEnv {
  return changed(env, { given: variables, withheld: BESIDE_A_KEY[id] }, key, platform);
}

function changed(
  env: NodeJS.ProcessEnv,
  { given, withheld }: Variables,
  secret: string,
  platform: NodeJS.Platform,
): NodeJS.ProcessEnv {
  const replaced = [...given, ...withheld];
  // To Windows a name is the same however it is written, and of two it takes one.
  const nameOf = (name: string) => (platform === 'win32' ? name.toUpperCase() : name);
  const kept = Object.entries(env).filter(([name]) => !replaced.includes(nameOf(name)));
  const added = given.map((name) => [name, secret]);
  return Object.fromEntries([...kept, ...added]);
}
