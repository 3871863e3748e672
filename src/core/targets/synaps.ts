import { join } from 'node:path';
import type { Context } from '../context.ts';
import { fileStore } from './file-store.ts';
import { synapsLock } from './locks.ts';
import { oauthEntryCodec } from './oauth-entry.ts';
import type { Target } from './target.ts';
import { isFolder, toolTarget } from './tool-file.ts';
import { toolFolder } from './tool-folder.ts';

const MINUTE = 60_000;

/**
 * SynapsCLI's `auth.json`, which looks like Pi's.
 * @see https://github.com/HaseebKhalid1507/SynapsCLI/blob/main/src/core/auth/storage.rs
 */
export const synapsCodec = oauthEntryCodec({
  anthropic: { key: 'anthropic', skew: 5 * MINUTE },
  openai: { key: 'openai-codex', skew: 5 * MINUTE },
});

/** SynapsCLI. @param folder Where `auth.json` is, absolute or below the person's home. */
export function synapsTarget(context: Context, folder?: string): Target {
  const usual = join('.synaps-cli', profile(context.env.SYNAPS_PROFILE));
  const place = toolFolder(context, { chosen: folder, usual });
  const path = join(place, 'auth.json');
  return toolTarget(context, {
    id: 'synaps',
    name: 'SynapsCLI',
    path,
    codec: synapsCodec,
    // While it renews, it locks the file itself: a new file in its place would be one without the lock.
    store: fileStore(context, path, { inPlace: true }),
    lock: synapsLock(context, path),
    defaultMode: 'shared',
    locksRenewals: false,
    installed: () => isFolder(context.fs, place),
  });
}

/** The folder's name of a profile; `''` for what is not one name. */
function profile(name = ''): string {
  return /[/\\\0]|^\.\.?$/.test(name) ? '' : name;
}
