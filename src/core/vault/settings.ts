import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import * as v from 'valibot';
import type { Context } from '../context.ts';
import { readOptional, readState, SCHEMA, writeState } from '../files/json-file.ts';
import { KEY_ID_BYTES, sealedKeyId } from './seal.ts';

/** Where the vault's key is. */
export const VaultKindSchema = v.picklist(['keychain', 'file']);
export type VaultKind = v.InferOutput<typeof VaultKindSchema>;

/** How much of a login a target gets: both tokens, the access token alone, nothing. */
export const ModeSchema = v.picklist(['shared', 'access-only', 'off']);
/** How much of a login a target gets. */
export type Mode = v.InferOutput<typeof ModeSchema>;

const SettingsSchema = v.looseObject({
  schema: v.literal(SCHEMA),
  /** Where the vault's key is. `null`: nobody has signed in yet. */
  vault: v.nullable(VaultKindSchema),
  /** The random name of the vault's key, so that two state folders can share a keychain. */
  keyId: v.string(),
  targets: v.record(
    v.string(),
    v.looseObject({
      mode: v.optional(ModeSchema),
      path: v.optional(v.string()),
      /** The accounts that it alone gets: `choices.ts`. */
      accounts: v.optional(v.unknown()),
    }),
  ),
  /** Several accounts of one service: `choices.ts`. No damage in it may cost the choices above. */
  accounts: v.optional(v.unknown()),
  /** What the window remembers: `app/prefs.ts`. No damage in it may cost the choices above. */
  app: v.optional(v.unknown()),
});
export type Settings = v.InferOutput<typeof SettingsSchema>;

type Deps = Pick<Context, 'fs' | 'clock' | 'paths'>;

/** The person's choices, or what follows from the folder where there are none (or they were damaged). */
export async function readSettings(deps: Deps): Promise<Settings> {
  const saved = await readState(deps, deps.paths.settings, SettingsSchema);
  return saved ?? { schema: SCHEMA, targets: {}, ...(await inferVault(deps)) };
}

/** The caller holds the setup lock. Keys that a newer minor version added are kept. */
export async function writeSettings(deps: Deps, settings: Settings): Promise<void> {
  await writeState(deps.fs, deps.paths.settings, settings);
}

/** A random name for a key. */
export function newKeyId(): string {
  return randomBytes(KEY_ID_BYTES).toString('hex');
}

/**
 * Lost settings must not orphan the logins: each sealed file names its key, and a key file says that
 * the vault is of that kind.
 */
async function inferVault({ fs, paths }: Deps): Promise<Pick<Settings, 'vault' | 'keyId'>> {
  const folders = await fs.readdir(paths.accounts).catch(() => [] as string[]);
  for (const folder of folders) {
    const sealed = await readOptional(fs, join(paths.accounts, folder, 'grant')).catch(() => null);
    const keyId = sealed && sealedKeyId(sealed);
    if (keyId) {
      const keyFile = await readOptional(fs, paths.key);
      return { vault: keyFile ? 'file' : 'keychain', keyId };
    }
  }
  return { vault: null, keyId: newKeyId() };
}
