import { homedir } from 'node:os';
import { isAbsolute, resolve } from 'node:path';
import { AppError } from '../shared/errors.ts';
import { defaultHome } from './paths.ts';
import type { FileSystem } from './ports.ts';
import { type ProviderOverrides, parseProvidersFile } from './providers/index.ts';

/** What the environment decides, checked. */
export interface Environment {
  /** The state folder. */
  readonly home: string;
  /** Other endpoints, for tests. */
  readonly overrides: ProviderOverrides;
}

/**
 * Reads `AUTHBAR_HOME` and `AUTHBAR_PROVIDERS_FILE`, and refuses what would make every login unsafe.
 * @throws AppError `unsafe-setting` with a sentence that says which.
 */
export async function readEnvironment(
  fs: FileSystem,
  env: NodeJS.ProcessEnv,
  platform: NodeJS.Platform,
): Promise<Environment> {
  // Node itself would then trust anyone who answers in a provider's place.
  // https://nodejs.org/docs/latest-v20.x/api/cli.html#node_tls_reject_unauthorizedvalue
  if (env.NODE_TLS_REJECT_UNAUTHORIZED === '0') {
    throw unsafe(
      'NODE_TLS_REJECT_UNAUTHORIZED=0 turns certificate checks off. Unset it; a company’s own certificate goes into NODE_EXTRA_CA_CERTS.',
    );
  }
  const usual = defaultHome(env, platform, homedir());
  const home = env.AUTHBAR_HOME ? absolute(env.AUTHBAR_HOME) : usual;
  const file = env.AUTHBAR_PROVIDERS_FILE;
  if (!file) return { home, overrides: {} };
  if (resolve(home) === resolve(usual)) {
    throw unsafe(
      'AUTHBAR_PROVIDERS_FILE is for tests and works with an AUTHBAR_HOME of its own only.',
    );
  }
  return { home, overrides: parseProvidersFile(await readText(fs, file)) };
}

function absolute(path: string): string {
  if (isAbsolute(path)) return path;
  throw unsafe('AUTHBAR_HOME has to be an absolute path.');
}

async function readText(fs: FileSystem, path: string): Promise<string> {
  try {
    return (await fs.readFile(path)).toString('utf8');
  } catch (cause) {
    throw new AppError(
      'unsafe-setting',
      { path, hint: 'The file that AUTHBAR_PROVIDERS_FILE names can’t be read.' },
      cause,
    );
  }
}

function unsafe(hint: string): AppError {
  return new AppError('unsafe-setting', { hint });
}
