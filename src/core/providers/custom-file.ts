import * as v from 'valibot';
import { isCustomId } from '../../shared/custom-id.ts';
import { AppError, asAppError } from '../../shared/errors.ts';
import type { Context } from '../context.ts';
import { ensurePrivateFolder } from '../files/durable.ts';
import { acquireLock } from '../files/flock.ts';
import { isNewer, parseJson, readOptional, SCHEMA, writeState } from '../files/json-file.ts';
import type { CustomProvider } from './custom.ts';
import type { Providers } from './index.ts';
import type { Provider } from './provider.ts';

/** How long a process waits for another one that changes the same folder, ms. */
const LOCK_WAIT = 60_000;

type Deps = Pick<Context, 'fs' | 'paths'>;

/** What `providers.json` holds. Keys that a newer minor version added are kept. */
export interface CustomFile {
  readonly schema: typeof SCHEMA;
  readonly providers: readonly CustomProvider[];
}

/**
 * The services that the person added. Unlike other files of ours, one that cannot be understood stays where
 * it is: the person can mend it, and until then nothing may be added over it.
 * @throws AppError `providers-damaged`, `newer-version`.
 */
export async function readCustomFile({ fs, paths }: Deps): Promise<CustomFile> {
  const bytes = await readOptional(fs, paths.providers);
  return bytes === null
    ? { schema: SCHEMA, providers: [] }
    : parseCustomFile(bytes, paths.providers);
}

/**
 * Changes the list under the setup lock, durably.
 * @throws AppError as `readCustomFile`, `login-busy`, `folder-protected`, `disk-full`.
 */
export async function changeCustomFile(
  context: Deps & Pick<Context, 'clock'>,
  change: (
    providers: readonly CustomProvider[],
  ) => readonly CustomProvider[] | Promise<readonly CustomProvider[]>,
): Promise<void> {
  const { fs, paths, clock } = context;
  await ensurePrivateFolder(fs, paths.home);
  const lock = await acquireLock(paths.setupLock, { deadline: clock.now() + LOCK_WAIT, clock });
  try {
    const file = await readCustomFile(context);
    const providers = await change(file.providers);
    await writeState(fs, paths.providers, { ...file, providers });
  } finally {
    await lock.release();
  }
}

/** All providers, as the file had them when it could be read last. */
export class CustomProviders {
  /** The same object for ever, with what is known now in it. */
  readonly all: Providers;
  readonly #all: Record<string, Provider>;
  readonly #deps: Deps & Pick<Context, 'log'>;
  #seen: Buffer | null = null;

  constructor(deps: Deps & Pick<Context, 'log'>, builtIn: Providers) {
    this.#deps = deps;
    const all = { ...builtIn };
    this.all = all;
    this.#all = all;
  }

  /** Reads the file, if it has changed. Never throws: what cannot be read leaves the list as it was. */
  async reload(): Promise<void> {
    const { fs, paths, log } = this.#deps;
    try {
      const bytes = await readOptional(fs, paths.providers);
      if (bytes === this.#seen || (bytes && this.#seen?.equals(bytes))) return;
      this.#put(bytes === null ? [] : await providersIn(bytes, paths.providers));
      this.#seen = bytes;
    } catch (error) {
      const { code } = asAppError(error);
      log({ level: 'warn', event: 'providers-unread', fields: { code } });
    }
  }

  #put(providers: readonly Provider[]): void {
    for (const id of Object.keys(this.#all)) if (isCustomId(id)) delete this.#all[id];
    for (const provider of providers) this.#all[provider.id] = provider;
  }
}

async function providersIn(bytes: Buffer, path: string): Promise<Provider[]> {
  const { toProvider } = await import('./custom.ts');
  return (await parseCustomFile(bytes, path)).providers.map(toProvider);
}

/** Loads the schema only where there is something to read: most people add nothing. */
async function parseCustomFile(bytes: Buffer, path: string): Promise<CustomFile> {
  const { CustomSchema } = await import('./custom.ts');
  const FileSchema = v.pipe(
    v.looseObject({ schema: v.literal(SCHEMA), providers: v.array(CustomSchema) }),
    v.check(({ providers }) => new Set(providers.map(({ id }) => id)).size === providers.length),
  );
  const value = parseJson(bytes);
  if (isNewer(value)) throw new AppError('newer-version', { path });
  const parsed = v.safeParse(FileSchema, value);
  if (parsed.success) return parsed.output;
  throw new AppError('providers-damaged', { path });
}
